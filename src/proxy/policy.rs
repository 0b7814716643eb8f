//! Who comes in, and where to.

use alloc::string::String;
use alloc::vec::Vec;

use super::origin::{Origin, authority};
use super::refusal::Refusal;
use super::token_policy::TokenPolicy;
use crate::credentials::{EndpointPatterns, EndpointTable};
use crate::protocol::{EndpointId, Method, Route, RouteError, TokenContract};

/// What a proxy allows.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Policy {
    /// The endpoints that may be called. Nothing else may.
    pub endpoints: EndpointPatterns,
    /// Origins of pages, other than the proxy's own, that may call it.
    pub trusted_origins: Vec<Origin>,
    /// Whether places for uploads may be asked for.
    pub uploads: bool,
    /// Whether short-lived tokens may be asked for, and which.
    pub tokens: Option<TokenPolicy>,
    /// The endpoints of which inputs are held to rules.
    pub ruled: Option<EndpointTable>,
    /// The endpoints that are called with a grant of the app's server only.
    pub granted: Option<EndpointTable>,
}

/// What is looked at before anybody is asked who this is. Absent headers are none; header values as they came.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct IncomingCall<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The URL under which the proxy was called.
    pub url: &'a str,
    /// `Origin`.
    pub origin: Option<&'a str>,
    /// `Sec-Fetch-Site`.
    pub fetch_site: Option<&'a str>,
    /// `Content-Type`.
    pub content_type: Option<&'a str>,
    /// Whether something in the headers or the URL has the shape of a fal key.
    pub leaks_key: bool,
}

/// What to do with a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Answer that a page may ask; nothing else happens.
    Preflight,
    /// Go on: find out who asks.
    Proceed,
    /// Say no.
    Refuse(Refusal),
}

impl<'a> IncomingCall<'a> {
    /// A call with this method to this URL, without headers.
    pub fn new(method: &'a str, url: &'a str) -> Self {
        Self { method, url, ..Self::default() }
    }
}

impl Policy {
    /// A policy that allows these endpoints and nothing else: no other origin, no uploads, no tokens.
    pub fn new(endpoints: EndpointPatterns) -> Self {
        Self { endpoints, trusted_origins: Vec::new(), uploads: false, tokens: None, ruled: None, granted: None }
    }

    /// Adds origins of pages, other than the proxy's own, that may call it.
    #[must_use]
    pub fn with_trusted_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.trusted_origins.extend(origins);
        self
    }

    /// Says whether uploads may be started.
    #[must_use]
    pub fn with_uploads(mut self, allowed: bool) -> Self {
        self.uploads = allowed;
        self
    }

    /// Says which short-lived tokens may be issued.
    #[must_use]
    pub fn with_tokens(mut self, allowed: impl Into<Option<TokenPolicy>>) -> Self {
        self.tokens = allowed.into();
        self
    }

    /// Says of which endpoints the inputs are held to rules.
    #[must_use]
    pub fn with_rules(mut self, ruled: EndpointTable) -> Self {
        self.ruled = Some(ruled);
        self
    }

    /// Says which endpoints are called with a grant of the app's server only.
    #[must_use]
    pub fn with_grants(mut self, granted: EndpointTable) -> Self {
        self.granted = Some(granted);
        self
    }

    /// Whether a call to an endpoint needs a grant, by whatever way it is called.
    pub fn needs_grant(&self, endpoint: &str, streamed: bool) -> bool {
        self.granted.as_ref().is_some_and(|granted| !granted.about(endpoint, streamed).is_empty())
    }

    /// Looks at a call as it comes in.
    pub fn admit(&self, call: &IncomingCall<'_>) -> Decision {
        if call.method == "OPTIONS" {
            return Decision::Preflight;
        }
        let Some(method @ (Method::Get | Method::Post | Method::Put)) = Method::parse(call.method) else {
            return Decision::Refuse(Refusal::Method);
        };
        if !self.is_own_page(call) {
            return Decision::Refuse(Refusal::CrossOrigin);
        }
        if call.leaks_key {
            return Decision::Refuse(Refusal::KeyLeaked);
        }
        // A form of another page cannot say JSON.
        if method == Method::Post && !call.content_type.is_some_and(is_json) {
            return Decision::Refuse(Refusal::ContentType);
        }
        Decision::Proceed
    }

    /// Whether answers may be read by a page of this origin.
    pub fn trusts(&self, origin: Option<&str>) -> bool {
        self.reader(origin).is_some()
    }

    /// The trusted origin that this one is.
    pub fn reader(&self, origin: Option<&str>) -> Option<&Origin> {
        self.trusted_origins.iter().find(|trusted| origin.is_some_and(|origin| trusted.is(origin)))
    }

    /// Cross-origin protection as in Go's `http.CrossOriginProtection`, for every method: a GET is private here, too.
    ///
    /// Browsers say in `Sec-Fetch-Site` where a call comes from; older ones only in `Origin`. Who sends neither is no
    /// browser, and has to pass `authenticate` like everybody.
    fn is_own_page(&self, call: &IncomingCall<'_>) -> bool {
        match (call.fetch_site, call.origin) {
            (Some("same-origin" | "none"), _) | (None, None) => true,
            (Some(_), origin) => self.trusts(origin),
            (None, Some(origin)) => {
                // A page of an app on a device names any host it likes.
                let is_web = origin.starts_with("https://") || origin.starts_with("http://");
                let same = match (authority(origin).filter(|_| is_web), authority(call.url)) {
                    (Some(page), Some(own)) => page.eq_ignore_ascii_case(own),
                    _ => false,
                };
                same || self.trusts(Some(origin))
            }
        }
    }

    /// Where a call may go: reads the target, and holds the route against the policy.
    pub fn route(&self, method: &str, target: Option<&str>) -> Result<Route, Refusal> {
        let target = target.map(str::trim_ascii).filter(|target| !target.is_empty()).ok_or(Refusal::TargetMissing)?;
        let method = Method::parse(method).ok_or(Refusal::Method)?;
        let route = Route::parse(method, target).map_err(|error| match error {
            RouteError::Form | RouteError::Host | RouteError::Path => Refusal::TargetInvalid,
            RouteError::Query => Refusal::Query,
            RouteError::Method => Refusal::Method,
        })?;
        let allowed = match (&route, route.endpoint(), route.app()) {
            (Route::Token(contract), ..) => {
                self.tokens.is_some_and(|tokens| tokens.older || *contract == TokenContract::Newer)
            }
            (Route::Initiate | Route::InitiateMultipart, ..) => self.uploads,
            (Route::Stream(endpoint), ..) => self.allows_stream(endpoint),
            (_, Some(endpoint), _) => self.endpoints.allows_endpoint(endpoint.as_str()),
            (_, None, Some(app)) => self.endpoints.allows_app(app.as_str()),
            (_, None, None) => false,
        };
        if allowed { Ok(route) } else { Err(Refusal::Endpoint) }
    }

    /// A stream is open with its endpoint, and can be opened alone, under its own name.
    fn allows_stream(&self, endpoint: &EndpointId) -> bool {
        let mut own = String::from(endpoint.as_str());
        own.push_str("/stream");
        self.endpoints.allows_endpoint(endpoint.as_str()) || self.endpoints.allows_endpoint(&own)
    }
}

/// JSON, and in UTF-8 where it says in what: a reader that believes another charset would read something else than was
/// judged here. (WHATWG calls it "utf-8" and "utf8".)
fn is_json(content_type: &str) -> bool {
    let mut parts = content_type.split(';').map(str::trim_ascii);
    let essence = parts.next().unwrap_or_default();
    essence.eq_ignore_ascii_case("application/json")
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, charset)) if name.trim_ascii().eq_ignore_ascii_case("charset") => {
                let charset = charset.trim_ascii().trim_matches('"');
                charset.eq_ignore_ascii_case("utf-8") || charset.eq_ignore_ascii_case("utf8")
            }
            _ => true,
        })
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    fn policy() -> Policy {
        Policy {
            endpoints: EndpointPatterns::parse(["fal-ai/flux/**".to_string()]).unwrap(),
            trusted_origins: [Origin::parse("https://other.example").unwrap()].into(),
            uploads: true,
            tokens: None,
            ruled: None,
            granted: None,
        }
    }

    fn call(method: &'static str, origin: Option<&'static str>, site: Option<&'static str>) -> IncomingCall<'static> {
        IncomingCall {
            method,
            url: "https://app.example/api/fal/proxy",
            origin,
            fetch_site: site,
            content_type: Some("application/json"),
            leaks_key: false,
        }
    }

    /// The rows of Go's cross-origin protection table that concern us, with two differences: safe methods are checked,
    /// and `same-site` is not trusted.
    #[test]
    fn another_page_cannot_spend_a_visitors_money() {
        let (own, other, evil) = ("https://app.example", "https://other.example", "https://evil.example");
        for (site, origin, enters) in [
            (Some("same-origin"), None, true),
            (Some("none"), None, true),
            (Some("cross-site"), None, false),
            (Some("same-site"), None, false),
            (Some("cross-site"), Some(evil), false),
            (Some("cross-site"), Some(other), true),
            (Some("same-site"), Some(other), true),
            (Some("nonsense"), Some(evil), false),
            (None, None, true),
            (None, Some(own), true),
            (None, Some("http://app.example"), true),
            (None, Some("capacitor://app.example"), false),
            (None, Some(other), true),
            (None, Some(evil), false),
            (None, Some("null"), false),
            (None, Some("https://app.example.evil.example"), false),
        ] {
            for method in ["GET", "POST", "PUT"] {
                let admission = policy().admit(&call(method, origin, site));
                let expected = if enters { Decision::Proceed } else { Decision::Refuse(Refusal::CrossOrigin) };
                assert_eq!(admission, expected, "{method} {site:?} {origin:?}");
            }
        }
    }

    #[test]
    fn a_key_from_a_browser_is_not_used() {
        let leaking = IncomingCall { leaks_key: true, ..call("POST", None, None) };
        assert_eq!(policy().admit(&leaking), Decision::Refuse(Refusal::KeyLeaked));
    }

    #[test]
    fn a_form_cannot_post() {
        for content_type in [None, Some("text/plain"), Some("multipart/form-data"), Some("application/jsonx")] {
            let form = IncomingCall { content_type, ..call("POST", None, None) };
            assert_eq!(policy().admit(&form), Decision::Refuse(Refusal::ContentType), "{content_type:?}");
        }
        let charset =
            IncomingCall { content_type: Some("Application/JSON; charset=utf-8"), ..call("POST", None, None) };
        assert_eq!(policy().admit(&charset), Decision::Proceed);
        for content_type in [
            "application/json; charset=utf-7",
            "application/json;a=b;CHARSET = \"utf-16\"",
            "application/json;charset=",
        ] {
            let other = IncomingCall { content_type: Some(content_type), ..call("POST", None, None) };
            assert_eq!(policy().admit(&other), Decision::Refuse(Refusal::ContentType), "{content_type}");
        }
    }

    #[test]
    fn methods_that_no_route_has_do_not_come_in() {
        for method in ["DELETE", "PATCH", "HEAD", "TRACE", "CONNECT", "", "get "] {
            assert_eq!(policy().admit(&call(method, None, None)), Decision::Refuse(Refusal::Method), "{method}");
        }
        assert_eq!(policy().admit(&call("OPTIONS", None, None)), Decision::Preflight);
    }

    #[test]
    fn uploads_can_be_closed() {
        for route in [Route::Initiate, Route::InitiateMultipart] {
            let url = route.url();
            assert_eq!(policy().route("POST", Some(&url)), Ok(route));
            let closed = Policy { uploads: false, ..policy() };
            assert_eq!(closed.route("POST", Some(&url)), Err(Refusal::Endpoint));
        }
    }

    #[test]
    fn a_stream_is_open_with_its_endpoint_or_alone() {
        let passes = |pattern: &str| {
            let policy = Policy { endpoints: EndpointPatterns::parse([pattern.to_string()]).unwrap(), ..policy() };
            policy.route("POST", Some("https://fal.run/fal-ai/any-llm/stream")).is_ok()
        };
        assert!(passes("fal-ai/any-llm") && passes("fal-ai/any-llm/stream") && passes("fal-ai/**"));
        assert!(!passes("fal-ai/any-llm/vision") && !passes("fal-ai/flux"));
    }

    #[test]
    fn no_target_and_a_foreign_target_are_told_apart() {
        assert_eq!(policy().route("POST", None), Err(Refusal::TargetMissing));
        assert_eq!(policy().route("POST", Some(" ")), Err(Refusal::TargetMissing));
        assert_eq!(policy().route("POST", Some("https://evil.example/")), Err(Refusal::TargetInvalid));
        assert_eq!(policy().route("POST", Some("https://fal.run/fal-ai/veo3")), Err(Refusal::Endpoint));
    }
}
