//! Whole runs of operations, under a virtual clock, against the emulator's own model of fal.
//!
//! A seed that fails prints itself; `SEED=n cargo test --features server --test simulation` makes that run alone.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[cfg(feature = "server")]
mod admission;
mod hostile;
#[cfg(feature = "server")]
mod lease;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod line;
mod load;
mod realtime;
#[cfg(feature = "server")]
mod rotation;
mod session;
#[cfg(feature = "server")]
mod session_limits;
mod stream;
mod subscribe;
#[cfg(feature = "server")]
mod token;
mod upload;
mod world;
