//! The WebAssembly module of the npm package: what JavaScript calls, and what std would bring along, an allocator and a
//! panic handler. A third smaller than with std.
//!
//! The bindings contain no logic. Text and numbers go in, text and numbers come out:
//!
//! * [`task`]: an operation under way, between a machine and the hands that do what it asks (`js/driver/operation.ts`);
//! * [`hands`]: what can be done outside;
//! * [`open`]: the operations themselves, from the options of a call: [`numbers`] and texts, or a [`refusal`];
//! * [`realtime`]: the same for a realtime connection;
//! * [`shape`]: questions the JavaScript layer asks about single texts;
//! * `attach_credential`: (`edge`) the one place where a credential is attached;
//! * `upstream_request`: (`edge`) a call that goes to fal without a machine, and `route_kind`: what it is about;
//! * `proxy`: (`edge`) the decisions of the proxy, and `patterns`: what an app says about single endpoints;
//! * `platform`: (`edge`) operations of the Platform APIs;
//! * `webhook`: (`edge`) the decisions about webhooks.
//!
//! The caller's inputs, results, files, and keys never come here. Where a credential must be looked at, it is a handle
//! to a JavaScript string, read one character at a time.

#![no_std]
// Natively, only the tests of what needs no JavaScript are compiled.
#![cfg(any(target_arch = "wasm32", test))]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "edge")]
mod attach_credential;
mod hands;
mod numbers;
mod open;
#[cfg(feature = "edge")]
mod patterns;
#[cfg(feature = "edge")]
mod platform;
#[cfg(feature = "edge")]
mod problem;
#[cfg(feature = "edge")]
mod proxy;
mod realtime;
mod refusal;
#[cfg(feature = "edge")]
mod route_kind;
#[cfg(target_arch = "wasm32")]
mod runtime;
mod shape;
mod task;
#[cfg(feature = "edge")]
mod upstream_request;
#[cfg(feature = "edge")]
mod webhook;
