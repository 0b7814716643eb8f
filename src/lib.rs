//! A fal.ai client that holds no key in a browser, and the edge worker and proxy that hold it instead.
//!
//! Rust decides, JavaScript does: this crate says what to send, what an answer means, whether to try again and what a
//! proxy lets through; the skin around it (`js/`) awaits promises.
//!
//! # The rooms
//!
//! | room | what it is for | what it must never do |
//! |---|---|---|
//! | [`protocol`] | what fal's wire looks like | I/O, clocks, JavaScript |
//! | [`access`] | who may call what, with what | hold a key |
//! | [`client`] | what happens next: one state machine per operation | wait, or know what time it is |
//! | `platform` | (`edge`) what fal's Platform APIs are, and who may call them | be reachable from a browser |
//! | `proxy` | (`edge`) what happens to a browser's call | pass anything on that it did not build |
//! | `webhook` | (`edge`) whether a webhook comes from fal | take what is not certain |
//! | `bindings` | the only room that JavaScript sees | contain logic |
//!
//! Dependencies point down only: bindings → proxy, webhook → client → platform, access → protocol. All but `bindings` are pure, and are
//! what a native program gets.
//!
//! # Features
//!
//! * `browser`: bindings for what runs where everybody can read it. There is no code in it that could use a key.
//! * `edge`: bindings for what runs in a worker or on a server, and the proxy.
//!
//! The npm package is built from `wasm/`, which adds an allocator and a panic handler.

#![no_std]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod access;
#[cfg(any(feature = "browser", feature = "edge"))]
mod bindings;
pub mod client;
#[cfg(feature = "edge")]
pub mod platform;
pub mod protocol;
#[cfg(feature = "edge")]
pub mod proxy;
#[cfg(feature = "edge")]
pub mod webhook;
