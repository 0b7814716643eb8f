//! Everything that can be asked of fal, as one type that builds its URL and is read back from it.

mod read;

use alloc::string::String;

pub use read::RouteError;

use super::endpoint::{AppId, EndpointId};
use super::host::Host;
use super::request_id::RequestId;
use super::text::{push_decimal, push_encoded};

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
        /// Whether the log lines shall come along.
        logs: bool,
    },
    /// Be told where a request is whenever that changes, as server-sent events.
    Follow {
        /// The app that owns the queue.
        app: AppId,
        /// Which request.
        request: RequestId,
        /// Whether the log lines shall come along.
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
    #[cfg(feature = "server")]
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

impl Route {
    /// The host this route is served by.
    pub fn host(&self) -> Host {
        match self {
            Route::Run(_) | Route::Stream(_) => Host::Run,
            Route::Initiate | Route::InitiateMultipart | Route::Token(_) => Host::Rest,
            #[cfg(feature = "server")]
            Route::Requests(_) => Host::Socket,
            _ => Host::Queue,
        }
    }

    /// The endpoint this route runs; none for a route about a request that exists, or about storage.
    pub fn endpoint(&self) -> Option<&EndpointId> {
        match self {
            Route::Run(endpoint) | Route::Stream(endpoint) | Route::Submit(endpoint, _) => Some(endpoint),
            #[cfg(feature = "server")]
            Route::Requests(endpoint) => Some(endpoint),
            _ => None,
        }
    }

    /// The request this route is about.
    #[cfg(feature = "server")]
    pub fn request(&self) -> Option<&RequestId> {
        match self {
            Route::Status { request, .. }
            | Route::Follow { request, .. }
            | Route::Result(_, request)
            | Route::Cancel(_, request) => Some(request),
            _ => None,
        }
    }

    /// The app this route is about; none for storage.
    pub fn app(&self) -> Option<AppId> {
        match self {
            Route::Status { app, .. } | Route::Follow { app, .. } | Route::Result(app, _) | Route::Cancel(app, _) => {
                Some(app.clone())
            }
            _ => self.endpoint().map(EndpointId::app),
        }
    }

    /// The URL, put together from checked parts.
    pub fn url(&self) -> String {
        self.url_at(self.host().origin())
    }

    /// The URL at an origin: that of its host, or that of its backup.
    pub fn url_at(&self, origin: &str) -> String {
        // Always the same four pieces, some of them empty: one way to put them together is smaller than twelve.
        let (path, between, which, end) = match self {
            Route::Run(endpoint) | Route::Submit(endpoint, _) => (endpoint.as_str(), "", "", ""),
            #[cfg(feature = "server")]
            Route::Requests(endpoint) => (endpoint.as_str(), "", "", ""),
            Route::Stream(endpoint) => (endpoint.as_str(), "", "", STREAM),
            Route::Status { app, request, logs } => {
                let end = if *logs { "/status?logs=1" } else { "/status?logs=0" };
                (app.as_str(), REQUESTS, request.as_str(), end)
            }
            Route::Follow { app, request, logs } => {
                let end = if *logs { "/status/stream?logs=1" } else { "/status/stream?logs=0" };
                (app.as_str(), REQUESTS, request.as_str(), end)
            }
            Route::Result(app, request) => (app.as_str(), REQUESTS, request.as_str(), ""),
            Route::Cancel(app, request) => (app.as_str(), REQUESTS, request.as_str(), "/cancel"),
            Route::Initiate => (INITIATE, "?", STORAGE_TYPE, ""),
            Route::InitiateMultipart => (INITIATE_MULTIPART, "?", STORAGE_TYPE, ""),
            Route::Token(TokenContract::Older) => (TOKENS, "", "", ""),
            Route::Token(TokenContract::Newer) => (REALTIME_TOKENS, "", "", ""),
        };
        let mut url = String::new();
        for piece in [origin, path, between, which, end] {
            url.push_str(piece);
        }
        if let Route::Submit(_, submission) = self {
            push_submission(&mut url, submission);
        }
        url
    }
}

fn push_submission(url: &mut String, submission: &Submission) {
    let mut separator = "?";
    if let Some(webhook) = &submission.webhook {
        url.push_str("?fal_webhook=");
        push_encoded(url, webhook);
        separator = "&";
    }
    if let Some(length) = submission.max_queue_length {
        url.push_str(separator);
        url.push_str(MAX_QUEUE_LENGTH);
        push_decimal(url, length.into());
    }
}
