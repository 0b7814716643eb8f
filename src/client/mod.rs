//! What happens next.
//!
//! One state machine per operation. An [`Event`] goes in with the time it happened at, [`Effect`]s come out, and that is
//! all: no clock, no I/O, no async. Whoever drives a [`Machine`] does what the effects say and reports back; in the
//! package those are the hands in `js/driver/operation.ts`, in `tests/simulation` a virtual network.

#![forbid(unsafe_code)]

mod budget;
mod call;
mod exchange;
mod expect;
mod failure;
mod feed;
mod follow;
mod machine;
mod random;
pub mod realtime;
mod request;
mod retry;
mod stream;
mod subscribe;
mod upload;

pub use budget::Spent;
pub use call::Call;
pub use exchange::{Exchange, Reply};
pub use expect::{Expect, Facts};
pub use failure::{Cancelled, Failure, FailureKind};
pub use follow::Mode;
pub use machine::{Context, Effect, Event, Machine, Notice, Operation, Output, Token};
pub use random::Random;
pub use request::{Class, Destination, Payload, Request};
pub use retry::RetryPolicy;
pub use stream::Stream;
pub use subscribe::{Goal, Start, Subscribe, SubscribePlan};
pub use upload::{Upload, UploadPlan};
