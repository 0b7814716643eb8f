//! A fal.ai client that holds no key in a browser, and the edge worker and proxy that hold it instead.
//!
//! Rust decides, JavaScript does: this crate says what to send, what an answer means, whether to try again and what a
//! proxy lets through; the skin around it (`js/`) awaits promises.
//!
//! # Modules
//!
//! | module | what it is for | what it must never do |
//! |---|---|---|
//! | [`protocol`] | what fal's wire looks like | I/O, clocks, JavaScript |
//! | [`access`] | who may call what, with what | hold a key |
//! | [`client`] | what happens next: one state machine per operation | wait, or know what time it is |
//! | `platform` | (`server`) what fal's Platform APIs are, and who may call them | be reachable from a browser |
//! | `proxy` | (`server`) what happens to a browser's call | pass anything on that it did not build |
//! | `webhook` | (`server`) whether a webhook comes from fal | take what is not certain |
//!
//! Dependencies point down only: proxy, webhook → client → platform, access → protocol.
//!
//! # Features
//!
//! * `server`: what runs on a server only: the proxy, webhooks, and the Platform APIs.
//!
//! The npm package is built from `wasm/`, which has the bindings to JavaScript.

#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod access;
pub mod client;
#[cfg(feature = "server")]
pub mod platform;
pub mod protocol;
#[cfg(feature = "server")]
pub mod proxy;
#[cfg(feature = "server")]
pub mod webhook;
pub mod wire;
