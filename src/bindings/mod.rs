//! The only room that JavaScript sees. No logic: text and numbers in, text and numbers out.
//!
//! * [`task`]: an operation under way, between a machine and the hands that do what it asks (`js/shared/drive.js`);
//! * [`hands`]: what can be done outside;
//! * [`open`]: the operations themselves, from the options of a call: [`numbers`] and texts, or a [`refusal`];
//! * [`realtime`]: the same for a realtime connection;
//! * [`shape`]: questions the skin asks about single texts;
//! * `sink`: (`edge`) the one place where a credential is attached;
//! * `passage`: (`edge`) a call that goes to fal without a machine, and `errand`: what it is about;
//! * `proxy`: (`edge`) the decisions of the proxy, and `policy`: what an app says about single endpoints;
//! * `platform`: (`edge`) operations of the Platform APIs;
//! * `webhook`: (`edge`) the decisions about webhooks.
//!
//! Values of the caller's (inputs, results, files, keys) never come here; where a credential must be looked at, it is
//! a handle to a JavaScript string, read one character at a time.

#[cfg(feature = "edge")]
mod errand;
mod hands;
mod numbers;
mod open;
#[cfg(feature = "edge")]
mod passage;
#[cfg(feature = "edge")]
mod platform;
#[cfg(feature = "edge")]
mod policy;
#[cfg(feature = "edge")]
mod problem;
#[cfg(feature = "edge")]
mod proxy;
mod realtime;
mod refusal;
mod shape;
#[cfg(feature = "edge")]
mod sink;
mod task;
#[cfg(feature = "edge")]
mod webhook;
