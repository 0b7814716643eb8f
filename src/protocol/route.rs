//! Everything that can be asked of fal, as one type that builds its URL and is read back from it.

use alloc::string::String;

use super::endpoint::{AppId, EndpointError, EndpointId};
use super::request_id::RequestId;
use super::text::{push_decimal, push_encoded};

/// Longest URL read from outside, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// The host a route is served by. The scheme is always https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Synchronous calls.
    Run,
    /// The queue.
    Queue,
    /// Storage.
    Rest,
    /// Requests over a WebSocket.
    #[cfg(feature = "edge")]
    Socket,
}

/// HTTP methods fal's model endpoints know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read; the input of a model goes into the query.
    Get,
    /// Create or run.
    Post,
    /// Replace; fal cancels with it.
    Put,
    /// Remove.
    Delete,
    /// Change.
    Patch,
}

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
    #[cfg(feature = "edge")]
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

/// Why a URL is not a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RouteError {
    /// Longer than 2048 bytes, or with a fragment.
    Form,
    /// Not https, or not exactly one of fal's hosts written in lower case without port.
    Host,
    /// The path names no endpoint and no request.
    Path,
    /// A query parameter that this route does not have, or a value it does not take.
    Query,
    /// The route exists, with another method.
    Method,
}

impl Host {
    const ALL: [Host; 3] = [Host::Run, Host::Queue, Host::Rest];

    /// The same host on another domain, for when the first one cannot be reached.
    ///
    /// Source: fal's page on reliability, and its Python client.
    #[cfg(feature = "edge")]
    pub const fn backup(self) -> Option<&'static str> {
        match self {
            Host::Run => Some("https://falrun.com/"),
            Host::Queue => Some("https://queue.falrun.com/"),
            Host::Rest | Host::Socket => None,
        }
    }

    /// Scheme and host, as every URL of this host starts; ends with a slash.
    pub const fn origin(self) -> &'static str {
        match self {
            Host::Run => "https://fal.run/",
            Host::Queue => "https://queue.fal.run/",
            Host::Rest => "https://rest.fal.ai/",
            #[cfg(feature = "edge")]
            Host::Socket => "https://ws.fal.run/",
        }
    }
}

impl Method {
    /// The method in capitals, as `fetch` takes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
        }
    }

    /// Reads a method in any case.
    pub fn parse(text: &str) -> Option<Self> {
        [Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch]
            .into_iter()
            .find(|method| text.eq_ignore_ascii_case(method.as_str()))
    }
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

impl Route {
    /// The host this route is served by.
    pub fn host(&self) -> Host {
        match self {
            Route::Run(_) | Route::Stream(_) => Host::Run,
            Route::Initiate | Route::InitiateMultipart | Route::Token(_) => Host::Rest,
            #[cfg(feature = "edge")]
            Route::Requests(_) => Host::Socket,
            _ => Host::Queue,
        }
    }

    /// The endpoint this route runs; none for a route about a request that exists, or about storage.
    pub fn endpoint(&self) -> Option<&EndpointId> {
        match self {
            Route::Run(endpoint) | Route::Stream(endpoint) | Route::Submit(endpoint, _) => Some(endpoint),
            #[cfg(feature = "edge")]
            Route::Requests(endpoint) => Some(endpoint),
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
        let mut url = String::from(origin);
        match self {
            Route::Run(endpoint) => url.push_str(endpoint.as_str()),
            Route::Stream(endpoint) => {
                url.push_str(endpoint.as_str());
                url.push_str(STREAM);
            }
            #[cfg(feature = "edge")]
            Route::Requests(endpoint) => url.push_str(endpoint.as_str()),
            Route::Submit(endpoint, submission) => {
                url.push_str(endpoint.as_str());
                let mut separator = '?';
                if let Some(webhook) = &submission.webhook {
                    url.push_str("?fal_webhook=");
                    push_encoded(&mut url, webhook);
                    separator = '&';
                }
                if let Some(length) = submission.max_queue_length {
                    url.push(separator);
                    url.push_str(MAX_QUEUE_LENGTH);
                    push_decimal(&mut url, length.into());
                }
            }
            Route::Status { app, request, logs } => {
                push_request(&mut url, app, request);
                url.push_str(if *logs { "/status?logs=1" } else { "/status?logs=0" });
            }
            Route::Follow { app, request, logs } => {
                push_request(&mut url, app, request);
                url.push_str(if *logs { "/status/stream?logs=1" } else { "/status/stream?logs=0" });
            }
            Route::Result(app, request) => push_request(&mut url, app, request),
            Route::Cancel(app, request) => {
                push_request(&mut url, app, request);
                url.push_str("/cancel");
            }
            Route::Initiate => push_storage(&mut url, INITIATE),
            Route::InitiateMultipart => push_storage(&mut url, INITIATE_MULTIPART),
            Route::Token(TokenContract::Older) => url.push_str(TOKENS),
            Route::Token(TokenContract::Newer) => url.push_str(REALTIME_TOKENS),
        }
        url
    }

    /// Reads a URL that came from outside. Only the spelling [`Route::url`] would give is understood, so there is
    /// nothing to normalise and no second parser to disagree with; the runtime's own `URL` is never asked.
    ///
    /// A webhook is refused: whoever may choose it may send results anywhere.
    pub fn parse(method: Method, url: &str) -> Result<Self, RouteError> {
        if url.len() > MAX_URL_BYTES || url.contains('#') {
            return Err(RouteError::Form);
        }
        let on_host = |host: Host| url.strip_prefix(host.origin()).map(|rest| (host, rest));
        let (host, rest) = Host::ALL.into_iter().find_map(on_host).ok_or(RouteError::Host)?;
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        let (route, expected) = match host {
            Host::Rest => {
                let contract = match path {
                    TOKENS => Some(TokenContract::Older),
                    REALTIME_TOKENS => Some(TokenContract::Newer),
                    _ => None,
                };
                if let Some(contract) = contract {
                    return match (query, method) {
                        (None, Method::Post) => Ok(Route::Token(contract)),
                        (None, _) => Err(RouteError::Method),
                        _ => Err(RouteError::Query),
                    };
                }
                let route = match path {
                    INITIATE => Route::Initiate,
                    INITIATE_MULTIPART => Route::InitiateMultipart,
                    _ => return Err(RouteError::Path),
                };
                return match (query, method) {
                    (Some(STORAGE_TYPE), Method::Post) => Ok(route),
                    (Some(STORAGE_TYPE), _) => Err(RouteError::Method),
                    _ => Err(RouteError::Query),
                };
            }
            Host::Run => (run_route(EndpointId::parse(path)?), Method::Post),
            #[cfg(feature = "edge")]
            Host::Socket => return Err(RouteError::Host),
            Host::Queue => queue_route(path, query)?,
        };
        if query.is_some() && !matches!(route, Route::Status { .. } | Route::Follow { .. } | Route::Submit(..)) {
            return Err(RouteError::Query);
        }
        if method == expected { Ok(route) } else { Err(RouteError::Method) }
    }
}

impl From<EndpointError> for RouteError {
    fn from(_: EndpointError) -> Self {
        RouteError::Path
    }
}

fn push_request(url: &mut String, app: &AppId, request: &RequestId) {
    url.push_str(app.as_str());
    url.push_str("/requests/");
    url.push_str(request.as_str());
}

fn push_storage(url: &mut String, path: &str) {
    url.push_str(path);
    url.push('?');
    url.push_str(STORAGE_TYPE);
}

/// A run, or a stream: an id that ends in `/stream` is the stream of what is before it.
fn run_route(endpoint: EndpointId) -> Route {
    let streamed = endpoint.clone().streamed();
    if streamed == endpoint { Route::Run(endpoint) } else { Route::Stream(streamed) }
}

/// Reads a path of the queue host: a submit, or one of the three things to ask about a request.
fn queue_route(path: &str, query: Option<&str>) -> Result<(Route, Method), RouteError> {
    let Some((app, request)) = path.split_once("/requests/") else {
        return Ok((Route::Submit(EndpointId::parse(path)?, submission(query)?), Method::Post));
    };
    let app = AppId::parse(app)?;
    let (id, action) = request.split_once('/').unwrap_or((request, ""));
    let request = RequestId::parse(id).map_err(|_| RouteError::Path)?;
    match action {
        "" if path.ends_with('/') => Err(RouteError::Path),
        "" => Ok((Route::Result(app, request), Method::Get)),
        "cancel" => Ok((Route::Cancel(app, request), Method::Put)),
        "status" | "status/stream" => {
            let logs = match query {
                Some("logs=1") => true,
                Some("logs=0") | None => false,
                Some(_) => return Err(RouteError::Query),
            };
            let route = if action == "status" {
                Route::Status { app, request, logs }
            } else {
                Route::Follow { app, request, logs }
            };
            Ok((route, Method::Get))
        }
        _ => Err(RouteError::Path),
    }
}

/// Reads the query of a submit: the longest queue that is acceptable, or nothing.
fn submission(query: Option<&str>) -> Result<Submission, RouteError> {
    let Some(query) = query else { return Ok(Submission::default()) };
    let digits = query.strip_prefix(MAX_QUEUE_LENGTH).ok_or(RouteError::Query)?;
    let canonical = digits == "0" || digits.starts_with(|first: char| matches!(first, '1'..='9'));
    let length = digits.parse().ok().filter(|_| canonical).ok_or(RouteError::Query)?;
    Ok(Submission { webhook: None, max_queue_length: Some(length) })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use proptest::prelude::*;

    use super::*;

    fn endpoint(text: &str) -> EndpointId {
        EndpointId::parse(text).unwrap()
    }

    #[test]
    fn urls_are_those_the_official_client_sends() {
        let app = endpoint("fal-ai/flux/dev").app();
        let id = RequestId::parse("764cabcf-b745-4b3e-ae38-1200304cf45b").unwrap();
        let status = Route::Status { app: app.clone(), request: id.clone(), logs: true };
        let base = "https://queue.fal.run/fal-ai/flux/requests/764cabcf-b745-4b3e-ae38-1200304cf45b";
        assert_eq!(Route::Run(endpoint("fal-ai/flux/dev")).url(), "https://fal.run/fal-ai/flux/dev");
        assert_eq!(status.url(), base.to_string() + "/status?logs=1");
        assert_eq!(Route::Result(app.clone(), id.clone()).url(), base);
        assert_eq!(Route::Cancel(app, id).url(), base.to_string() + "/cancel");
        let storage = "https://rest.fal.ai/storage/upload/";
        assert_eq!(Route::Initiate.url(), storage.to_string() + "initiate?storage_type=fal-cdn-v3");
        assert_eq!(Route::InitiateMultipart.url(), storage.to_string() + "initiate-multipart?storage_type=fal-cdn-v3");
        let webhook = Submission { webhook: Some("https://a.example/h".into()), max_queue_length: Some(40) };
        assert_eq!(
            Route::Submit(endpoint("workflows/me/card"), webhook).url(),
            "https://queue.fal.run/workflows/me/card?fal_webhook=https%3A%2F%2Fa.example%2Fh&fal_max_queue_length=40"
        );
        let short = Submission { max_queue_length: Some(0), ..Submission::default() };
        let url = Route::Submit(endpoint("a/b"), short).url();
        assert_eq!(url, "https://queue.fal.run/a/b?fal_max_queue_length=0");
    }

    #[test]
    fn a_method_belongs_to_its_route() {
        let submit = "https://queue.fal.run/fal-ai/flux/dev";
        assert!(Route::parse(Method::Post, submit).is_ok());
        assert_eq!(Route::parse(Method::Get, submit), Err(RouteError::Method));
        assert_eq!(Route::parse(Method::Put, "https://fal.run/fal-ai/flux"), Err(RouteError::Method));
    }

    #[test]
    fn a_webhook_from_outside_is_refused() {
        let url = "https://queue.fal.run/fal-ai/flux/dev?fal_webhook=https%3A%2F%2Fevil.example";
        assert_eq!(Route::parse(Method::Post, url), Err(RouteError::Query));
    }

    #[test]
    fn the_longest_queue_from_outside_has_one_spelling() {
        let parse = |query: &str| {
            let url = "https://queue.fal.run/a/b?".to_string() + query;
            Route::parse(Method::Post, &url).map(|route| route.url() == url)
        };
        for good in ["fal_max_queue_length=0", "fal_max_queue_length=17", "fal_max_queue_length=4294967295"] {
            assert_eq!(parse(good), Ok(true), "{good}");
        }
        for bad in [
            "",
            "fal_max_queue_length=",
            "fal_max_queue_length=007",
            "fal_max_queue_length=+7",
            "fal_max_queue_length=-1",
            "fal_max_queue_length=1e3",
            "fal_max_queue_length=4294967296",
            "fal_max_queue_length=1&fal_webhook=x",
            "fal_max_queue_length=1&fal_max_queue_length=2",
            "logs=1",
        ] {
            assert_eq!(parse(bad), Err(RouteError::Query), "{bad}");
        }
        assert_eq!(Route::parse(Method::Post, "https://fal.run/a/b?fal_max_queue_length=1"), Err(RouteError::Query));
    }

    proptest! {
        /// What we build we read back as the same thing; what we read we would build the same way. With both, no
        /// second spelling of a URL is ever accepted.
        #[test]
        fn reading_and_building_are_inverse(
            host in 0..3usize,
            path in "([a-z0-9./?=_-]|workflows/|/requests/|/status|/stream|/cancel|logs=1|fal_max_queue_length=|storage/upload/initiate|-multipart|storage_type=fal-cdn-v3){1,12}",
        ) {
            let url = Host::ALL[host].origin().to_string() + &path;
            for method in [Method::Get, Method::Post, Method::Put] {
                if let Ok(route) = Route::parse(method, &url) {
                    let same = route.url() == url || route.url() == url.clone() + "?logs=0";
                    prop_assert!(same || legacy(&path), "{url} became {}", route.url());
                    prop_assert_eq!(Route::parse(method, &route.url()), Ok(route));
                }
            }
        }

        #[test]
        fn no_text_makes_it_panic_or_leaves_fals_hosts(url in "\\PC*") {
            if let Ok(route) = Route::parse(Method::Post, &url) {
                prop_assert!(url.starts_with(route.host().origin()));
            }
        }
    }

    /// `123-app` is the one id with two spellings.
    fn legacy(path: &str) -> bool {
        path.starts_with(|first: char| first.is_ascii_digit()) && path.contains('-')
    }
}
