//! A fal.ai client that holds no key in a browser, and the edge worker and proxy that hold it instead.
//!
//! This crate decides what to send, what a response means, whether to try again, and what a proxy lets through. It does
//! no I/O and never reads a clock: whoever drives it sends the requests and passes the time in. The npm package drives it
//! from JavaScript (`js/`), the tests from a simulated network.
//!
//! # Modules
//!
//! | module | what it is for | what it must never do |
//! |---|---|---|
//! | [`protocol`] | fal's wire format: ids, routes, hosts, statuses, content types | I/O, clocks, JavaScript |
//! | [`credentials`] | where credentials come from and what they look like; proxy URLs | hold a key |
//! | [`client`] | what happens next: one state machine per operation | wait, or know what time it is |
//! | `platform` | (`server`) the operations of fal's Platform APIs and who may call them | be reachable from a browser |
//! | `proxy` | (`server`) what happens to a call from a browser | pass anything on that it did not build |
//! | `webhook` | (`server`) whether a webhook comes from fal | accept what is not certain |
//!
//! Dependencies point down only: proxy, webhook → client → platform, credentials → protocol.
//!
//! # Features
//!
//! The crate is `no_std` with `alloc`, and has no dependencies.
//!
//! * `server` adds the modules that only a server needs: `platform`, `proxy`, and `webhook`. It only adds: what compiles
//!   without it compiles with it.
//!
//! # Errors
//!
//! Every error implements [`core::error::Error`]. Errors and refusals may grow and are `#[non_exhaustive]`; enums that
//! tell a caller what to do next are not, so that the compiler finds every place that has to handle a new step.

#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod client;
pub mod credentials;
#[cfg(feature = "server")]
pub mod platform;
pub mod protocol;
#[cfg(feature = "server")]
pub mod proxy;
#[cfg(feature = "server")]
pub mod webhook;
pub mod wire;
