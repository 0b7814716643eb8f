//! What fal's wire looks like.
//!
//! Pure: no I/O, no clock, no JavaScript. A value of a type in this module cannot hold something fal would not understand:
//! text from outside is parsed into an [`EndpointId`], a [`RequestId`] or a [`Route`], and a URL is always rebuilt from
//! those parts, never passed on.

#![forbid(unsafe_code)]

mod address;
mod answer;
#[cfg(feature = "server")]
mod bridge;
mod endpoint;
pub mod grammar;
mod host;
mod http_date;
mod media;
mod queue;
mod request_id;
mod route;
mod sse;
mod text;
mod upload;

pub use address::{Address, AddressError, before_path};
pub use answer::{Fields, Head, Millis};
#[cfg(feature = "server")]
pub use bridge::BridgeRoute;
pub use endpoint::{
    AppId, EndpointError, EndpointId, EndpointShape, MAX_ENDPOINT_BYTES, NAMESPACES, below, without_stream,
};
pub use host::{Host, Method};
pub use media::Media;
pub use queue::{QueueState, QueueStatus, Submitted};
pub use request_id::{RequestId, RequestIdError};
pub use route::{Route, RouteError, RouteName, Submission, TokenContract, push_submission};
pub use sse::{MAX_EVENT_BYTES, SseEvent, SseOverflow, SseParser};
#[cfg(feature = "server")]
pub(crate) use text::is_segment;
pub use text::{PushText, find, push_decimal, push_encoded, split_once};
pub use upload::{Initiated, Receipt, UploadPlace, UploadUrl};
