//! What happens next: one state machine per operation.
//!
//! An [`Event`] goes in with the time it happened at, [`Effect`]s come out, and that is all: no clock, no I/O, no async,
//! no text. A [`Machine`] is a plain `Copy` value, so it is `Send`, can be saved, compared and replayed, and can go on in
//! another instance of the program after the first one is lost.
//!
//! Whoever drives a machine keeps the texts (endpoint id, request id, URLs): a request is *named* by a machine
//! ([`Request::Status`]) and *spelled* by [`Spelling`].

#![forbid(unsafe_code)]

mod body;
mod budget;
mod call;
mod call_options;
mod effects;
mod event_reader;
mod failure;
mod follow;
#[cfg(feature = "server")]
mod line;
mod machine;
mod random;
pub mod realtime;
mod request;
mod retry;
mod retrying_request;
mod spelling;
mod stream;
mod subscribe;
mod upload;

pub use body::{Body, BodyKind};
pub use budget::RetryBudget;
pub use call::Call;
pub use call_options::CallOptions;
pub use effects::{Effect, Effects, List, MAX_EFFECTS, Notice, Output, Sink};
pub use failure::{Cancelled, Failure, FailureKind};
pub use follow::FollowMode;
#[cfg(feature = "server")]
pub use line::{Line, LineEffects, LineEvent, LineNext, LineTell};
pub use machine::{Event, Machine, Operation, Steps, Token};
pub use random::Random;
pub use request::{Idempotency, Payload, Request};
pub use retry::{RetryPolicy, StatusSet};
pub use spelling::Spelling;
pub use stream::Stream;
pub use subscribe::{Goal, Start, Subscribe, SubscribeOptions};
pub use upload::{Upload, UploadOptions};
