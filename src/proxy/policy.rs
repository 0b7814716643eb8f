//! Who comes in, and where to.

use alloc::string::String;
use alloc::vec::Vec;

use super::origin::{Origin, authority};
use super::refusal::Refusal;
use super::token::TokenIssue;
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
}

/// Which short-lived tokens may be asked for. By default only those of the newer contract, for what has no rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct TokenPolicy {
    /// Also for endpoints with rules for inputs. What goes through such a connection nobody sees.
    pub unruled: bool,
    /// Also by the older contract, which opens all of an app.
    pub older: bool,
}

impl TokenPolicy {
    /// Tokens for endpoints with rules, too, or by the older contract, too.
    pub fn new(unruled: bool, older: bool) -> Self {
        Self { unruled, older }
    }
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
        Self { endpoints, trusted_origins: Vec::new(), uploads: false, tokens: None, ruled: None }
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

impl Policy {
    /// Whether a token may be asked for under this name. The newer contract names an endpoint, which has to be on the
    /// list, and a way on which a token is needed: `/realtime`, or `/stream`. The older one knows an app by its bare name
    /// and opens all of it, so all of it has to be. Neither opens what has rules, unless the policy says so.
    pub fn may_issue_token(&self, contract: TokenContract, name: &str) -> bool {
        let Some(TokenPolicy { unruled, older }) = self.tokens else { return false };
        let ruled = self.ruled.as_ref().filter(|_| !unruled);
        match contract {
            TokenContract::Newer => {
                let id = EndpointId::parse(name).ok().filter(|id| id.as_str() == name);
                let way = id.as_ref().and_then(|id| name.strip_prefix(id.app().as_str()));
                way.is_some_and(|way| way.ends_with("/realtime") || way.ends_with("/stream"))
                    && self.endpoints.allows_endpoint(name)
                    && ruled.is_none_or(|ruled| ruled.about(name, false).is_empty())
            }
            TokenContract::Older => {
                older && self.endpoints.opens_app(name) && ruled.is_none_or(|ruled| !ruled.is_about_app(name))
            }
        }
    }

    /// Begins to issue a token for all of these names: in the contract they were asked for in, and in the older one where
    /// fal does not know the newer, if the policy allows that for the apps of all of them.
    pub fn issue_token(&self, asked: TokenContract, names: &[&str]) -> Result<TokenIssue, Refusal> {
        let may = |contract, name: &str| self.may_issue_token(contract, name);
        if names.is_empty() || !names.iter().all(|name| may(asked, name)) {
            return Err(Refusal::Endpoint);
        }
        let has_fallback = asked == TokenContract::Newer
            && names.iter().all(|name| bare_name(name).is_some_and(|alias| may(TokenContract::Older, &alias)));
        Ok(TokenIssue::new(asked, has_fallback))
    }
}

/// The name by which the older contract knows the app of an endpoint.
pub fn bare_name(endpoint: &str) -> Option<String> {
    let app = EndpointId::parse(endpoint).ok()?.app();
    app.as_str().rsplit_once('/').map(|(_, alias)| alias.into())
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
    use crate::credentials::Scope;

    fn policy() -> Policy {
        Policy {
            endpoints: EndpointPatterns::parse(["fal-ai/flux/**".to_string()]).unwrap(),
            trusted_origins: [Origin::parse("https://other.example").unwrap()].into(),
            uploads: true,
            tokens: None,
            ruled: None,
        }
    }

    /// Every token that a policy may allow.
    fn all_tokens() -> Option<TokenPolicy> {
        Some(TokenPolicy::new(true, true))
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
    fn a_token_opens_no_more_than_the_list() {
        for url in ["https://rest.fal.ai/tokens/", "https://rest.fal.ai/tokens/realtime"] {
            assert_eq!(policy().route("POST", Some(url)), Err(Refusal::Endpoint), "not unless it is allowed");
            let open = Policy { tokens: all_tokens(), ..policy() };
            assert!(matches!(open.route("POST", Some(url)), Ok(Route::Token(_))));
            assert_eq!(open.route("GET", Some(url)), Err(Refusal::Method));
        }
        let one = EndpointPatterns::parse(["fal-ai/flux/realtime".to_string()]).unwrap();
        let all = Policy { tokens: all_tokens(), ..policy() };
        let one = Policy { endpoints: one, ..all.clone() };
        let may = |policy: &Policy, contract, name| policy.may_issue_token(contract, name);
        assert!(may(&all, TokenContract::Newer, "fal-ai/flux/realtime") && may(&all, TokenContract::Older, "flux"));
        assert!(may(&one, TokenContract::Newer, "fal-ai/flux/realtime") && !may(&one, TokenContract::Older, "flux"));
        for name in ["fal-ai/flux-pro/realtime", "flux", "*", "fal-ai/*/realtime", "", "fal-ai/flux/../veo3"] {
            assert!(!may(&all, TokenContract::Newer, name), "{name}");
        }
        for name in ["*", "", "veo3", "fal-ai", "fal-ai/flux", "**"] {
            assert!(!may(&all, TokenContract::Older, name), "{name}");
        }
    }

    #[test]
    fn tokens_go_round_no_rule_and_open_no_more_than_a_way() {
        let rules =
            |patterns: &[&str]| EndpointTable::parse(patterns.iter().map(ToString::to_string), Scope::Covered).unwrap();
        let open = Policy::new(policy().endpoints);
        let may = |tokens, ruled: &[&str], contract, name| {
            let policy = open.clone().with_tokens(tokens).with_rules(rules(ruled));
            policy.issue_token(contract, &[name]).is_ok()
        };
        let (newer, older) = (TokenContract::Newer, TokenContract::Older);
        let plain = TokenPolicy::default();
        let session = "fal-ai/flux/dev/realtime";
        assert!(may(plain, &["fal-ai/veo3"], newer, session) && may(plain, &[], newer, "fal-ai/flux/stream"));
        for name in
            ["fal-ai/flux", "fal-ai/flux/dev", "fal-ai/realtime", "fal-ai/flux/realtime/x", "110602490-realtime"]
        {
            assert!(!may(plain, &[], newer, name), "{name} is no way");
        }
        for ruled in ["fal-ai/flux", "fal-ai/**", "*/**", "fal-ai/flux/dev", "fal-ai/flux/*/realtime"] {
            assert!(!may(plain, &[ruled], newer, session), "{ruled}");
            assert!(may(TokenPolicy::new(true, false), &[ruled], newer, session), "{ruled}");
            assert!(!may(TokenPolicy::new(false, true), &[ruled], older, "flux"), "{ruled}");
            assert!(may(TokenPolicy::new(true, true), &[ruled], older, "flux"), "{ruled}");
        }
        assert!(!may(plain, &[], older, "flux") && may(TokenPolicy::new(false, true), &[], older, "flux"));
        let asked = "https://rest.fal.ai/tokens/";
        assert_eq!(open.clone().with_tokens(plain).route("POST", Some(asked)), Err(Refusal::Endpoint));
        assert_eq!(bare_name("workflows/me/card/realtime").as_deref(), Some("card"));
    }

    #[test]
    fn no_target_and_a_foreign_target_are_told_apart() {
        assert_eq!(policy().route("POST", None), Err(Refusal::TargetMissing));
        assert_eq!(policy().route("POST", Some(" ")), Err(Refusal::TargetMissing));
        assert_eq!(policy().route("POST", Some("https://evil.example/")), Err(Refusal::TargetInvalid));
        assert_eq!(policy().route("POST", Some("https://fal.run/fal-ai/veo3")), Err(Refusal::Endpoint));
    }
}
