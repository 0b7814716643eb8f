//! An emulator of fal.ai, tested with fal's official clients.
//!
//! - [`model`] is fal's behaviour as a pure state machine: a request and a time go in, a response comes out. No clock,
//!   no I/O, no threads. It is also the other side in the native simulation of the product.
//! - [`Emulator`] is the model with a clock, faults and its control: all that a server has to drive. The package
//!   `fal-emulator` on npm does so from JavaScript (`wasm/`, `npm/`).
//! - [`server`] (feature `server`, on by default) puts the model on a local port with a real or a manual clock.
//!
//! Pictures are drawn by the crate `fal-emulator-painter`.
//!
//! The emulator shares no code with the product, so that a mistake made in one is not hidden by the same mistake in the
//! other.

pub mod clock;
pub mod control;
mod emulator;
pub mod model;
#[cfg(feature = "server")]
pub mod server;

pub use emulator::{Answer, Emulator, Opening};
