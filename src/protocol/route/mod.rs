//! Everything that can be asked of fal, as one type that builds its URL and is read back from it.

mod read;

use alloc::string::String;

pub use read::RouteError;

use super::endpoint::{AppId, EndpointId};
use super::host::Host;
use super::request_id::RequestId;
use super::text::{PushText, push_decimal, push_encoded};

/// What a submit may carry in its URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Submission {
    /// `fal_webhook`: where fal posts the result.
    pub webhook: Option<String>,
    /// `fal_max_queue_length`: beyond it fal refuses the request with 429 instead of letting it wait.
    pub max_queue_length: Option<u32>,
}

/// One thing to ask of fal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route {
    /// Run a model and wait for its answer on the same connection.
    Run(EndpointId),
    /// Run a model and get its answer as it comes, as server-sent events: `{endpoint}/stream`.
    Stream(EndpointId),
    /// Put a request into the queue.
    Submit(EndpointId, Submission),
    /// Ask where a request is.
    Status {
        /// The app that owns the queue.
        app: AppId,
        /// Which request.
        request: RequestId,
        /// Whether log lines come along.
        logs: bool,
    },
    /// Be told where a request is whenever that changes, as server-sent events.
    Follow {
        /// The app that owns the queue.
        app: AppId,
        /// Which request.
        request: RequestId,
        /// Whether log lines come along.
        logs: bool,
    },
    /// Fetch the answer of a completed request.
    Result(AppId, RequestId),
    /// Take a request out of the queue, or ask its runner to stop.
    Cancel(AppId, RequestId),
    /// Ask for a place to upload one file to.
    Initiate,
    /// Ask for a place to upload one file to, in parts.
    InitiateMultipart,
    /// Ask for a short-lived token.
    Token(TokenContract),
    /// Run a model again and again on one WebSocket. It needs a key on the handshake, which a browser cannot send.
    Requests(EndpointId),
}

/// How fal is asked for a short-lived token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenContract {
    /// For the bare names of apps; fal's own clients ask like this.
    Older,
    /// For full endpoint ids; fal's newest documentation asks like this.
    Newer,
}

/// What an endpoint has after its id where it answers as it goes.
const STREAM: &str = "/stream";
/// Paths of the routes of tokens below [`Host::Rest`].
const TOKENS: &str = "tokens/";
const REALTIME_TOKENS: &str = "tokens/realtime";
/// The parameter of a submit that may come from outside.
const MAX_QUEUE_LENGTH: &str = "fal_max_queue_length=";
/// Paths of the upload routes below [`Host::Rest`].
const INITIATE: &str = "storage/upload/initiate";
const INITIATE_MULTIPART: &str = "storage/upload/initiate-multipart";
/// The storage fal's own clients upload to.
const STORAGE_TYPE: &str = "storage_type=fal-cdn-v3";
/// What stands between the app and the id of a request.
const REQUESTS: &str = "/requests/";

/// What a route is, without the texts it is about: enough to spell its URL from them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteName {
    /// [`Route::Run`].
    Run,
    /// [`Route::Stream`].
    Stream,
    /// [`Route::Submit`].
    Submit,
    /// [`Route::Status`].
    Status {
        /// Whether log lines come along.
        logs: bool,
    },
    /// [`Route::Follow`].
    Follow {
        /// Whether log lines come along.
        logs: bool,
    },
    /// [`Route::Result`].
    Result,
    /// [`Route::Cancel`].
    Cancel,
    /// [`Route::Initiate`].
    Initiate,
    /// [`Route::InitiateMultipart`].
    InitiateMultipart,
    /// [`Route::Token`].
    Token(TokenContract),
    /// [`Route::Requests`].
    Requests,
}

impl RouteName {
    /// The host it is served by.
    pub const fn host(self) -> Host {
        match self {
            Self::Run | Self::Stream => Host::Run,
            Self::Initiate | Self::InitiateMultipart | Self::Token(_) => Host::Rest,
            Self::Requests => Host::Socket,
            _ => Host::Queue,
        }
    }

    /// What follows the origin in its URL. The texts are checked already: an endpoint id, the app that owns the queue, a
    /// request id. Always the same four pieces, some of them empty: one way to put them together is smaller than twelve.
    pub fn path<'a>(self, endpoint: &'a str, app: &'a str, request: &'a str) -> [&'a str; 4] {
        match self {
            Self::Run | Self::Submit | Self::Requests => [endpoint, "", "", ""],
            Self::Stream => [endpoint, "", "", STREAM],
            Self::Status { logs } => [app, REQUESTS, request, if logs { "/status?logs=1" } else { "/status?logs=0" }],
            Self::Follow { logs } => {
                [app, REQUESTS, request, if logs { "/status/stream?logs=1" } else { "/status/stream?logs=0" }]
            }
            Self::Result => [app, REQUESTS, request, ""],
            Self::Cancel => [app, REQUESTS, request, "/cancel"],
            Self::Initiate => [INITIATE, "?", STORAGE_TYPE, ""],
            Self::InitiateMultipart => [INITIATE_MULTIPART, "?", STORAGE_TYPE, ""],
            Self::Token(TokenContract::Older) => [TOKENS, "", "", ""],
            Self::Token(TokenContract::Newer) => [REALTIME_TOKENS, "", "", ""],
        }
    }
}

/// Writes what a submit carries in its URL.
pub fn push_submission(out: &mut impl PushText, webhook: Option<&str>, max_queue_length: Option<u32>) {
    let mut separator = "?";
    if let Some(webhook) = webhook {
        out.push_text("?fal_webhook=");
        push_encoded(out, webhook);
        separator = "&";
    }
    if let Some(length) = max_queue_length {
        out.push_text(separator);
        out.push_text(MAX_QUEUE_LENGTH);
        push_decimal(out, length.into());
    }
}

impl Route {
    /// What it is, without its texts.
    pub fn name(&self) -> RouteName {
        match self {
            Self::Run(_) => RouteName::Run,
            Self::Stream(_) => RouteName::Stream,
            Self::Submit(..) => RouteName::Submit,
            Self::Status { logs, .. } => RouteName::Status { logs: *logs },
            Self::Follow { logs, .. } => RouteName::Follow { logs: *logs },
            Self::Result(..) => RouteName::Result,
            Self::Cancel(..) => RouteName::Cancel,
            Self::Initiate => RouteName::Initiate,
            Self::InitiateMultipart => RouteName::InitiateMultipart,
            Self::Token(contract) => RouteName::Token(*contract),
            Self::Requests(_) => RouteName::Requests,
        }
    }

    /// The host this route is served by.
    pub fn host(&self) -> Host {
        self.name().host()
    }

    /// The endpoint this route runs; none for a route about a request that exists, or about storage.
    pub fn endpoint(&self) -> Option<&EndpointId> {
        match self {
            Self::Run(endpoint) | Self::Stream(endpoint) | Self::Submit(endpoint, _) | Self::Requests(endpoint) => {
                Some(endpoint)
            }
            _ => None,
        }
    }

    /// The request this route is about.
    pub fn request(&self) -> Option<&RequestId> {
        match self {
            Self::Status { request, .. }
            | Self::Follow { request, .. }
            | Self::Result(_, request)
            | Self::Cancel(_, request) => Some(request),
            _ => None,
        }
    }

    /// The app this route is about; none for storage.
    pub fn app(&self) -> Option<AppId> {
        match self {
            Self::Status { app, .. } | Self::Follow { app, .. } | Self::Result(app, _) | Self::Cancel(app, _) => {
                Some(app.clone())
            }
            _ => self.endpoint().map(EndpointId::app),
        }
    }

    /// The URL, put together from checked parts.
    pub fn url(&self) -> String {
        let mut url = String::from(self.host().origin());
        let app = self.app();
        let endpoint = self.endpoint().map_or("", EndpointId::as_str);
        let app = app.as_ref().map_or("", AppId::as_str);
        for piece in self.name().path(endpoint, app, self.request().map_or("", RequestId::as_str)) {
            url.push_str(piece);
        }
        if let Self::Submit(_, submission) = self {
            push_submission(&mut url, submission.webhook.as_deref(), submission.max_queue_length);
        }
        url
    }
}
