//! A fal.ai client that holds no key in a browser, and the edge worker and proxy that hold it instead.
//!
//! This crate decides what to send, what a response means, whether to try again, and what a proxy lets through. It does
//! no I/O and never reads a clock: whoever drives it sends the requests and passes the time in. The npm package drives it
//! from JavaScript (`js/`), the tests from a simulated network.
//!
//! # Driving it
//!
//! Time is an argument, because only whoever drives an operation knows what a moment is: a page, a worker, and a test
//! have different clocks, and some have none between two events. So an operation never waits; it asks for a timer and
//! goes on when it is told that the timer has fired. A test passes whatever time it likes, which makes an hour of retries
//! a matter of microseconds and every run the same again.
//!
//! The loop below drives a request through the queue, with a pretend network and a pretend clock. A real driver differs
//! in three places: it sends the requests, reads the bodies, and sets the timers.
//!
//! ```
//! use std::collections::BTreeMap;
//!
//! use fal_wasm::client::{
//!     BodyKind, CallOptions, Effect, Effects, Event, FailureKind, Machine, Output, Spelling, Subscribe, SubscribeOptions, Token,
//! };
//! use fal_wasm::protocol::{EndpointId, Fields, Head};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // The texts stay here: a machine only names its requests.
//! let endpoint = EndpointId::parse("fal-ai/flux/dev")?;
//! let app = endpoint.app();
//! let mut request_id = "";
//!
//! let mut machine = Machine::new(Subscribe::new(SubscribeOptions::default()), CallOptions::default(), 7);
//! let mut effects = Effects::default();
//! // What is going to happen, and when.
//! let mut coming = BTreeMap::from([((0, Token(0)), Event::Started)]);
//! let (mut urls, mut notices) = (Vec::new(), Vec::new());
//!
//! let output = 'operation: loop {
//!     let ((now, _), event) = coming.pop_first().ok_or("nothing is under way")?;
//!     machine.handle(now, event, &mut effects);
//!     for effect in effects.iter() {
//!         match effect {
//!             Effect::Send { token, request, to_backup } => {
//!                 let mut url = String::new();
//!                 let endpoint = endpoint.as_str();
//!                 Spelling { endpoint, app: app.as_str(), request_id, ..Spelling::default() }
//!                     .write(request, to_backup, &mut url);
//!                 urls.push(url);
//!                 let is_stream = request.body() == BodyKind::Stream;
//!                 let media = if is_stream { "text/event-stream" } else { "application/json" };
//!                 let head = Head::read(200, 0, |name| (name == "content-type").then_some(media));
//!                 coming.insert((now + 40, token), Event::Answered { token, head });
//!             }
//!             // The whole body: of its fields, those that decide something (`body.fields()`) are passed on.
//!             Effect::Read { token, body, .. } => {
//!                 let fields = match body {
//!                     BodyKind::Submitted => Fields { first: Some("r-1"), second: None },
//!                     _ => Fields::default(),
//!                 };
//!                 if body == BodyKind::Submitted {
//!                     request_id = "r-1";
//!                 }
//!                 let invalid = Event::Failed { token, kind: FailureKind::AnswerInvalid };
//!                 let event = body.read(fields).map_or(invalid, |body| Event::Read { token, body });
//!                 coming.insert((now + 1, token), event);
//!             }
//!             // A body that is read as it comes. This one has a single event.
//!             Effect::Open { token, items, .. } => {
//!                 let status = items.read(Fields { first: Some("COMPLETED"), second: None });
//!                 let body = status.ok_or("this is a status")?;
//!                 coming.insert((now + 2_000, token), Event::Read { token, body });
//!             }
//!             Effect::Sleep { token, duration } => {
//!                 coming.insert((now + duration, token), Event::TimerFired { token });
//!             }
//!             Effect::Cancel { token } => coming.retain(|(_, other), _| *other != token),
//!             Effect::Notify(notice) => notices.push(notice),
//!             Effect::Done(output) => break 'operation output,
//!             Effect::Failed(failure) => return Err(failure.into()),
//!         }
//!     }
//! };
//!
//! assert_eq!(output, Output::Result);
//! assert_eq!(notices.len(), 2, "in the queue, and completed");
//! assert_eq!(urls, [
//!     "https://queue.fal.run/fal-ai/flux/dev",
//!     "https://queue.fal.run/fal-ai/flux/requests/r-1/status/stream?logs=0",
//!     "https://queue.fal.run/fal-ai/flux/requests/r-1",
//! ]);
//! # Ok(())
//! # }
//! ```
//!
//! # Modules
//!
//! | module | what it is for | what it must never do |
//! |---|---|---|
//! | [`protocol`] | fal's wire format: ids, routes, hosts, statuses, content types | I/O, clocks, JavaScript |
//! | [`credentials`] | where credentials come from and what they look like; proxy URLs | hold a key |
//! | [`client`] | what happens next: one state machine per operation | wait, or know what time it is |
//! | `limits` | (`server`) how often, how much at once, and for how much money somebody may call | wait, store, or let time go back |
//! | `platform` | (`server`) the operations of fal's Platform APIs and who may call them | be reachable from a browser |
//! | `proxy` | (`server`) what happens to a call from a browser | pass anything on that it did not build |
//! | [`session`] | sessions with world models over WebRTC: a state machine of its own | hold media, messages or addresses |
//! | `webhook` | (`server`) whether a webhook comes from fal | accept what is not certain |
//!
//! Dependencies point down only: proxy, webhook → limits, session → client → platform, credentials → protocol.
//!
//! # Features
//!
//! The crate is `no_std` with `alloc`, and has no dependencies.
//!
//! * `server` adds the modules that only a server needs: `limits`, `platform`, `proxy`, and `webhook`. It only adds: what compiles
//!   without it compiles with it.
//!
//! # Errors
//!
//! Every error implements [`core::error::Error`]. Errors and refusals may grow and are `#[non_exhaustive]`; enums that
//! tell a caller what to do next are not, so that the compiler finds every place that has to handle a new step.

#![no_std]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

extern crate alloc;
#[cfg(test)]
extern crate std;

pub mod client;
pub mod credentials;
#[cfg(feature = "server")]
pub mod limits;
#[cfg(feature = "server")]
pub mod platform;
pub mod protocol;
#[cfg(feature = "server")]
pub mod proxy;
pub mod session;
#[cfg(feature = "server")]
pub mod webhook;
pub mod wire;
