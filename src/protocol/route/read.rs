//! Reading a URL from outside back into a route.

use core::fmt;

use super::{
    INITIATE, INITIATE_MULTIPART, MAX_QUEUE_LENGTH, REALTIME_TOKENS, Route, STORAGE_TYPE, Submission, TOKENS,
    TokenContract,
};
use crate::protocol::{AppId, EndpointError, EndpointId, Host, Method, RequestId};

/// Longest URL read from outside, in bytes.
const MAX_URL_BYTES: usize = 2048;

/// Why a URL is not a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
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

impl fmt::Display for RouteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Form => "The URL is longer than 2048 bytes or has a fragment",
            Self::Host => "The URL is not at one of fal's hosts, spelled as fal spells it",
            Self::Path => "The path of the URL names no endpoint and no request",
            Self::Query => "The URL has a query that its route does not take",
            Self::Method => "The route takes another method",
        })
    }
}

impl core::error::Error for RouteError {}

impl From<EndpointError> for RouteError {
    fn from(_: EndpointError) -> Self {
        RouteError::Path
    }
}

impl Route {
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
            Host::Run => (on_run(path, query)?, Method::Post),
            Host::Queue => on_queue(path, query)?,
            Host::Rest => (on_rest(path, query)?, Method::Post),
            Host::Socket => return Err(RouteError::Host),
        };
        if method == expected { Ok(route) } else { Err(RouteError::Method) }
    }
}

/// A run, or a stream: an id that ends in `/stream` is the stream of what is before it.
fn on_run(path: &str, query: Option<&str>) -> Result<Route, RouteError> {
    let endpoint = canonical(path)?;
    let streamed = endpoint.clone().streamed();
    let route = if streamed == endpoint { Route::Run(endpoint) } else { Route::Stream(streamed) };
    if query.is_none() { Ok(route) } else { Err(RouteError::Query) }
}

/// An endpoint id in its one spelling: `123-app` is a second one of `123/app`, which clients turn into it.
fn canonical(text: &str) -> Result<EndpointId, RouteError> {
    let endpoint = EndpointId::parse(text)?;
    if endpoint.as_str() == text { Ok(endpoint) } else { Err(RouteError::Path) }
}

/// A submit, or one of the things to ask about a request.
fn on_queue(path: &str, query: Option<&str>) -> Result<(Route, Method), RouteError> {
    let Some((app, request)) = path.split_once("/requests/") else {
        return Ok((Route::Submit(canonical(path)?, submission(query)?), Method::Post));
    };
    canonical(app)?;
    let app = AppId::parse(app)?;
    let (id, action) = request.split_once('/').unwrap_or((request, ""));
    let request = RequestId::parse(id).map_err(|_| RouteError::Path)?;
    let (route, method, logs) = match action {
        "" if path.ends_with('/') => return Err(RouteError::Path),
        "" => (Route::Result(app, request), Method::Get, None),
        "cancel" => (Route::Cancel(app, request), Method::Put, None),
        "status" => (Route::Status { app, request, logs: query == Some("logs=1") }, Method::Get, query),
        "status/stream" => (Route::Follow { app, request, logs: query == Some("logs=1") }, Method::Get, query),
        _ => return Err(RouteError::Path),
    };
    let understood = query == logs && matches!(logs, None | Some("logs=0" | "logs=1"));
    if understood { Ok((route, method)) } else { Err(RouteError::Query) }
}

/// A place for an upload, or a token.
fn on_rest(path: &str, query: Option<&str>) -> Result<Route, RouteError> {
    let (route, expected) = match path {
        TOKENS => (Route::Token(TokenContract::Older), None),
        REALTIME_TOKENS => (Route::Token(TokenContract::Newer), None),
        INITIATE => (Route::Initiate, Some(STORAGE_TYPE)),
        INITIATE_MULTIPART => (Route::InitiateMultipart, Some(STORAGE_TYPE)),
        _ => return Err(RouteError::Path),
    };
    if query == expected { Ok(route) } else { Err(RouteError::Query) }
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
    fn the_old_form_of_an_id_is_no_second_way_to_its_endpoint() {
        for url in [
            "https://fal.run/110602490-lcm",
            "https://queue.fal.run/110602490-lcm",
            "https://queue.fal.run/110602490-lcm/requests/764cabcf-b745-4b3e-ae38-1200304cf45b",
        ] {
            let read = |url: &str| [Method::Post, Method::Get].map(|method| Route::parse(method, url).err());
            assert!(read(url).contains(&Some(RouteError::Path)), "{url}");
            assert!(read(&url.replace("0-l", "0/l")).contains(&None), "{url}");
        }
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
