//! An async client of [fal](https://fal.ai) that never buys twice, never hangs, and never loses a request id.
//!
//! ```no_run
//! # #[cfg(feature = "reqwest")]
//! # async fn example() -> Result<(), fal_wasm_client::FalError> {
//! use fal_wasm_client::{Credentials, FalClient};
//!
//! #[derive(serde::Serialize)]
//! struct Input {
//!     prompt: &'static str,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Flux {
//!     images: Vec<Image>,
//! }
//!
//! #[derive(serde::Deserialize)]
//! struct Image {
//!     url: String,
//! }
//!
//! let fal = FalClient::server(Credentials::from_env()?)?;
//! let flux = fal.subscribe::<Flux>("fal-ai/flux/dev", &Input { prompt: "a cat" }).await?;
//! println!("{}", flux.data.images[0].url);
//! # Ok(())
//! # }
//! ```
//!
//! What is sent, what an answer means, and whether to try again is decided by the state machines of
//! [`fal_wasm::client`], which run under a simulation with 100,000 hostile networks. This crate does what they ask for.
//!
//! # Where it runs
//!
//! | feature | for | constructor |
//! |---|---|---|
//! | `native` | servers and desktops: reqwest with rustls, on tokio | `FalClient::server`, `FalClient::through_proxy` |
//! | `reqwest` | the same, with a TLS of your own choice | |
//! | `web` | pages (Leptos, Yew, Dioxus): `fetch`, through your own proxy | `FalClient::browser` |
//! | `edge` | workers that hold a key (workers-rs) | `FalClient::edge` |
//! | `platform` | fal's Platform APIs, beside a feature that holds a key: models, usage, keys | `FalClient::platform` |
//! | `proxy` | your own proxy, as a service of tower (axum, hyper) | `proxy::FalProxy::builder` |
//! | `webhook` | what fal posts to you, the same way | `webhook::FalWebhook::builder` |
//! | `tracing` | a span for each operation, in each of these places | |
//! | `realtime` | connections for many small inputs, in each of these places | `FalClient::realtime` |
//!
//! Features only add, and each place takes its own: in WebAssembly `native`, `reqwest`, `proxy` and `webhook` do
//! nothing, natively `web` and `edge`. Natively every future and stream of this crate is `Send`. A page that is built with `web` alone has no code that
//! could use a key: there is no `Credentials`.
//!
//! ```compile_fail,E0308
//! # use fal_wasm_client::{Credentials, FalClient};
//! // What runs at your users' takes the address of a proxy, and no key.
//! let fal = FalClient::through_proxy(Credentials::key("id:secret").unwrap());
//! ```
//!
//! # Calls
//!
//! A call is a value that says what is wanted: options are methods, it begins when it is awaited, and ends when it is
//! dropped: its requests are aborted then. A model that may have begun is never run twice, unless the call says that this
//! does no harm ([`Run::idempotent`]).
//!
//! # Errors
//!
//! Every error has a stable [`code`](FalError::code), says whether trying again can help
//! ([`retryable`](FalError::retryable)), and after submitting under which id the request goes on
//! ([`request_id`](FalError::request_id)). An answer that is good JSON and not of your type has been paid for, so it is in
//! [`body`](FalError::body).
//!
//! # Keys
//!
//! A key is attached in one place, to requests for fal's own hosts. It is in no `Debug`, no error, no [`Job`], and no
//! redirect is followed.

#![deny(unsafe_code)]
// Without a place there is no client, and much of it is never made.
#![cfg_attr(not(any(feature = "reqwest", feature = "edge")), allow(dead_code))]
#![cfg_attr(docsrs, feature(doc_cfg))]

#[cfg(all(target_arch = "wasm32", not(feature = "web")))]
compile_error!("In WebAssembly this crate needs the feature `web` (a page) or `edge` (a worker).");

mod access;
mod answers;
mod capabilities;
mod client;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
mod credentials;
#[cfg(not(target_arch = "wasm32"))]
mod decode_error;
mod draft;
mod driver;
mod error;
mod exchange;
mod explain;
mod file;
mod input_files;
mod job;
#[cfg_attr(target_arch = "wasm32", path = "web/json.rs")]
mod json;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
mod local;
#[cfg(any(test, target_arch = "wasm32"))]
#[path = "web/lossy.rs"]
mod lossy;
mod marker;
#[cfg(all(feature = "reqwest", not(target_arch = "wasm32")))]
mod native;
#[cfg(all(feature = "reqwest", feature = "realtime", not(target_arch = "wasm32")))]
mod native_socket;
mod net;
mod options;
mod plan;
#[cfg(all(feature = "platform", any(not(target_arch = "wasm32"), feature = "edge")))]
pub mod platform;
#[cfg(all(feature = "proxy", not(target_arch = "wasm32")))]
pub mod proxy;
mod queue;
#[cfg(feature = "realtime")]
mod realtime;
mod run;
mod safe;
mod sent_file;
#[cfg(all(any(feature = "proxy", feature = "webhook"), not(target_arch = "wasm32")))]
mod service;
#[cfg(all(feature = "_simulation", not(target_arch = "wasm32")))]
#[doc(hidden)]
pub mod simulation;
mod status;
mod stream;
mod subscribe;
#[cfg(any(feature = "realtime", all(feature = "proxy", not(target_arch = "wasm32"))))]
mod token_answer;
mod trace;
mod upload;
#[cfg(any(feature = "platform", all(feature = "proxy", not(target_arch = "wasm32"))))]
mod uuid;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
mod web;
#[cfg(all(feature = "webhook", not(target_arch = "wasm32")))]
pub mod webhook;

pub use answers::{CallOutput, FalResult};
pub use client::FalClient;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
pub use credentials::{Credentials, KeyRejected};
pub use error::FalError;
pub use fal_wasm::client::{Cancelled, RetryPolicy, StatusSet};
pub use fal_wasm::credentials::{ProxyUrl, ProxyUrlError};
pub use fal_wasm::protocol::{Method, QueueState};
pub use file::File;
pub use job::Job;
pub use options::{Lifecycle, Priority};
pub use queue::Queue;
#[cfg(feature = "realtime")]
pub use realtime::{DropReason, Outbox, Realtime, RealtimeConnection, RealtimeSender, RealtimeState};
pub use run::{Ask, Run, Submit};
pub use status::{LogLine, QueueStatus};
pub use stream::{Items, Statuses};
pub use subscribe::{Subscribe, Update, Updates};
pub use upload::{Upload, UploadProgress};
