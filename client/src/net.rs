//! Where a client runs: how requests are sent there, and what time it is.

use std::fmt;

use fal_wasm::client::{FailureKind, Request};
use fal_wasm::protocol::Millis;

use crate::access::Authorization;
use crate::marker::{BoxFuture, MaybeSend, MaybeSync, Source};
#[cfg(feature = "realtime")]
use crate::realtime::socket::{Refused, Socket, SocketRequest};

/// What a request carries.
#[cfg(not(target_arch = "wasm32"))]
pub use bytes::Bytes as Carried;
/// Bytes of an answer.
#[cfg(not(target_arch = "wasm32"))]
pub use bytes::Bytes as Piece;

/// What a request carries.
#[cfg(target_arch = "wasm32")]
pub use crate::web::Carried;
/// Bytes of an answer.
#[cfg(target_arch = "wasm32")]
pub type Piece = Vec<u8>;

/// A place where a client runs. It sends, waits and tells the time, and decides nothing.
pub trait Net: MaybeSend + MaybeSync + 'static {
    /// Sends a request. Dropping the future aborts it. A redirect is shown, never followed.
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Trouble>>;
    /// Ends after so many milliseconds.
    fn sleep(&self, duration: Millis) -> BoxFuture<'static, ()>;
    /// Milliseconds since some moment; never runs backwards.
    fn now(&self) -> Millis;
    /// Milliseconds since 1970.
    fn wall(&self) -> Millis;
    /// A number that nobody can tell in advance.
    fn seed(&self) -> u64;
    /// Opens a websocket. Dropping the future, or what it gives, closes it.
    #[cfg(feature = "realtime")]
    fn open_socket(&self, _: SocketRequest) -> BoxFuture<'static, Result<Box<dyn Socket>, Refused>> {
        Box::pin(std::future::ready(Err(Refused::default())))
    }
    /// How many statuses may be followed by a stream at the same time: each holds a connection.
    fn status_streams(&self) -> usize {
        usize::MAX
    }
}

/// A request, ready to be sent.
pub struct HttpRequest {
    /// What it is for.
    pub request: Request,
    /// In capitals.
    pub method: &'static str,
    /// Where it goes.
    pub url: String,
    /// Names in lower case, and values. Never what says who asks.
    pub headers: Vec<(String, String)>,
    /// What says who asks, where it goes to fal itself.
    pub authorization: Option<Authorization>,
    /// What it carries.
    pub body: Option<Carried>,
}

/// Nothing of what it carries, which is a caller's input or file, and no query, which may be a signature.
impl fmt::Debug for HttpRequest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next();
        out.debug_struct("HttpRequest").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

/// The headers of an answer that say something, and no other is looked for: a place need not read the rest.
pub(crate) const HEADERS: [&str; 12] = [
    "content-type",
    "date",
    "etag",
    "retry-after",
    "retry-after-ms",
    "x-fal-billable-units",
    "x-fal-capability",
    "x-fal-error-type",
    "x-fal-needs-retry",
    "x-fal-request-id",
    "x-fal-request-timeout-type",
    "x-fal-retryable",
];

/// Status and headers of an answer, and its body, which has not come yet.
pub struct HttpResponse {
    /// 0 where a runtime hides a redirect.
    pub status: u16,
    /// Names in lower case, and values. Only `content-type`, `date`, `etag`, `retry-after`, `retry-after-ms` and those that begin
    /// with `x-fal-` are looked for: a place need not read the rest.
    pub headers: Vec<(String, String)>,
    /// Dropping it ends the connection.
    pub body: Box<dyn HttpBody>,
}

impl HttpResponse {
    /// The value of a header, by its name in lower case; of one that came twice, the first.
    pub fn header(&self, name: &str) -> Option<&str> {
        debug_assert!(HEADERS.contains(&name), "a place may not have read `{name}`");
        self.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
    }
}

/// A body that comes piece by piece, no faster than it is asked for.
pub trait HttpBody: MaybeSend {
    /// The next piece, and none at the end; with the body, so that the rest can be read.
    fn chunk(self: Box<Self>) -> BoxFuture<'static, Chunk>;
}

/// A body, and what came of it.
pub type Chunk = (Box<dyn HttpBody>, Result<Option<Piece>, Trouble>);

/// Why there is no answer, or not all of it.
#[derive(Debug)]
pub struct Trouble {
    /// What it means for the call.
    pub kind: FailureKind,
    /// What the runtime says about it, when that is known to name neither a key nor an input.
    pub source: Option<Source>,
}

impl From<FailureKind> for Trouble {
    fn from(kind: FailureKind) -> Self {
        Self { kind, source: None }
    }
}
