//! The WebAssembly module of the npm package: what JavaScript calls, and what std would bring along, an allocator and a
//! panic handler. A third smaller than with std.
//!
//! The bindings contain no logic:
//!
//! * [`memory`]: the places that JavaScript shares with this module;
//! * [`operation`]: an operation or a realtime connection, opened from its options and told what happens;
//! * `attach_credential`: (`edge`) the one place where a credential is attached, and `key_check`: whether it is a key;
//! * `upstream_request`: (`edge`) a call that goes to fal without a machine, and `route_kind`: what it is about;
//! * `proxy`: (`edge`) the decisions of the proxy, and `patterns`: what an app says about single endpoints;
//! * `key_leak`: (`edge`) when keys from browsers are reported, and how slowly a body may come;
//! * `sealed_key`: (`edge`) keys of visitors, sealed into cookies;
//! * `call`: (`edge`) a call of the proxy's on its way, and what it takes of the limits;
//! * `grant`: (`edge`) calls that the app's server allows one by one;
//! * `bridge`: (`edge`) calls to fal's bridge for sessions, and whose a session is;
//! * `token_issue`: (`edge`) a short-lived token on its way;
//! * `audit`: (`edge`) records of the proxy;
//! * `limits`: (`edge`) the account of limits, read for one decision;
//! * `platform`: (`edge`) operations of the Platform APIs;
//! * `webhook`: (`edge`) the decisions about webhooks.
//!
//! What both builds have takes and gives numbers only: what they are stands in
//! [`fal_wasm::wire`], from which the TypeScript side is written. The caller's inputs, results, files, and keys never
//! come here. Where a credential must be looked at, it is a handle to a JavaScript string, or one character at a time.

#![no_std]
// Natively, only the tests of what needs no JavaScript are compiled.
#![cfg(any(target_arch = "wasm32", test))]

extern crate alloc;
#[cfg(test)]
extern crate std;

#[cfg(feature = "edge")]
mod admission;
#[cfg(feature = "edge")]
mod attach_credential;
#[cfg(feature = "edge")]
mod audit;
#[cfg(feature = "edge")]
mod bridge;
#[cfg(feature = "edge")]
mod call;
#[cfg(feature = "edge")]
mod grant;
#[cfg(feature = "edge")]
mod key_check;
#[cfg(feature = "edge")]
mod key_leak;
#[cfg(feature = "edge")]
mod limits;
#[cfg(feature = "edge")]
mod line;
mod memory;
mod operation;
#[cfg(feature = "edge")]
mod patterns;
#[cfg(feature = "edge")]
mod platform;
#[cfg(feature = "edge")]
mod problem;
#[cfg(feature = "edge")]
mod proxy;
#[cfg(feature = "edge")]
mod route_kind;
#[cfg(target_arch = "wasm32")]
mod runtime;
#[cfg(feature = "edge")]
mod sealed_key;
#[cfg(feature = "edge")]
mod token_issue;
#[cfg(feature = "edge")]
mod upstream_request;
#[cfg(feature = "edge")]
mod webhook;
