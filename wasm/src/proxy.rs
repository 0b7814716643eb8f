//! The decisions of the proxy.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::token_issue::TokenIssuing;
use super::upstream_request::UpstreamRequest;
use fal_wasm::credentials::{EndpointPatterns, EndpointTable, Scope};
use fal_wasm::protocol::TokenContract;
use fal_wasm::proxy::{
    Decision, IncomingCall, MediaRange, Origin, Policy, Refusal, TokenPolicy, answer, headers, passed_status,
};
use fal_wasm::wire::{Reader, Verdict, Word};

/// What a proxy allows, ready to decide.
#[wasm_bindgen]
pub struct ProxyPolicy(Policy);

#[wasm_bindgen]
impl ProxyPolicy {
    /// Checks a policy; throws the name of the option that is wrong. `ruled` are the patterns of which inputs are held to
    /// rules.
    #[wasm_bindgen(constructor)]
    pub fn new(endpoints: Vec<String>, uploads: bool, ruled: Vec<String>) -> Result<ProxyPolicy, JsValue> {
        let endpoints = EndpointPatterns::parse(endpoints).map_err(|_| JsValue::from_str("allowedEndpoints"))?;
        let ruled = EndpointTable::parse(ruled, Scope::Covered).map_err(|_| JsValue::from_str("inputs"))?;
        Ok(Self(Policy::new(endpoints).with_uploads(uploads).with_rules(ruled)))
    }

    /// Allows short-lived tokens: for endpoints with rules, too, and by the older contract, too.
    #[wasm_bindgen(js_name = allowTokens)]
    pub fn allow_tokens(&mut self, unruled: bool, older: bool) {
        self.0.tokens = Some(TokenPolicy::new(unruled, older));
    }

    /// Has these endpoints called with a grant only.
    #[wasm_bindgen(js_name = requireGrants)]
    pub fn require_grants(&mut self, granted: Vec<String>) -> Result<(), JsValue> {
        let granted = EndpointTable::parse(granted, Scope::Covered);
        self.0.granted = Some(granted.map_err(|_| JsValue::from_str("grantedEndpoints"))?);
        Ok(())
    }

    /// Whether a call to an endpoint needs a grant.
    #[wasm_bindgen(js_name = needsGrant)]
    pub fn needs_grant(&self, endpoint: &str, streamed: bool) -> bool {
        self.0.needs_grant(endpoint, streamed)
    }

    /// Looks at a call as it comes in: the number of a [`Verdict`], or of a [`Refusal`].
    pub fn admit(
        &self,
        method: &str,
        url: &str,
        origin: Option<String>,
        fetch_site: Option<String>,
        content_type: Option<String>,
        leaks_key: bool,
    ) -> f64 {
        let (origin, fetch_site) = (origin.as_deref(), fetch_site.as_deref());
        let content_type = content_type.as_deref();
        let mut call = IncomingCall::new(method, url);
        (call.origin, call.fetch_site, call.content_type) = (origin, fetch_site, content_type);
        call.leaks_key = leaks_key;
        match self.0.admit(&call) {
            Decision::Proceed => Verdict::Proceed.to_word(),
            Decision::Preflight => Verdict::Preflight.to_word(),
            Decision::Refuse(refusal) => refusal.to_word(),
        }
    }

    /// Trusts the pages of another origin, which was checked before. Those with `cookies` may send them along.
    pub fn trust(&mut self, origin: &str, cookies: bool) {
        if let Ok(origin) = Origin::parse(origin) {
            self.0.trusted_origins.push(if cookies { origin.with_cookies() } else { origin });
        }
    }

    /// Whether answers may be read by a page of this origin: the number of a [`Reader`].
    pub fn reader(&self, origin: Option<String>) -> f64 {
        let reader = self.0.reader(origin.as_deref()).map(Origin::sends_cookies);
        reader.map_or(Reader::Nobody, |cookies| if cookies { Reader::PageWithCookies } else { Reader::Page }).to_word()
    }

    /// Begins to issue a token for names: those of endpoints in the newer contract, of apps in the older. Throws the number
    /// of a [`Refusal`].
    #[wasm_bindgen(js_name = issueToken)]
    pub fn issue_token(&self, newer: bool, names: Vec<String>) -> Result<TokenIssuing, JsValue> {
        let contract = if newer { TokenContract::Newer } else { TokenContract::Older };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let issue = self.0.issue_token(contract, &names);
        issue.map(TokenIssuing::from).map_err(|refusal| JsValue::from_f64(refusal.to_word()))
    }

    /// Where a call may go; throws the number of a [`Refusal`].
    pub fn upstream(&self, method: &str, target: Option<String>) -> Result<UpstreamRequest, JsValue> {
        let route = self.0.route(method, target.as_deref());
        route.map(UpstreamRequest::from).map_err(|refusal| JsValue::from_f64(refusal.to_word()))
    }
}

/// Why a text is no origin, in words; undefined when it is one.
#[wasm_bindgen(js_name = originProblem)]
pub fn origin_problem(text: &str) -> Option<String> {
    Origin::parse(text).err().map(|error| error.to_string())
}

/// Why a text names no media types, in words; undefined when it does.
#[wasm_bindgen(js_name = mediaRangeProblem)]
pub fn media_range_problem(text: &str) -> Option<String> {
    MediaRange::parse(text).err().map(|error| error.to_string())
}

/// Whether a content type is in one of these ranges.
#[wasm_bindgen(js_name = isInMediaRanges)]
pub fn is_in_media_ranges(content_type: &str, ranges: Vec<String>) -> bool {
    ranges.iter().any(|range| MediaRange::parse(range).is_ok_and(|range| range.has(content_type)))
}

/// The HTTP status of a refusal.
#[wasm_bindgen(js_name = refusalStatus)]
pub fn refusal_status(number: f64) -> u16 {
    Refusal::from_word(number).map_or(500, Refusal::status)
}

/// What is wrong with fal's answer: the number of a [`Refusal`], or -1.
#[wasm_bindgen(js_name = answerProblem)]
pub fn answer_problem(status: u16) -> f64 {
    answer(status).err().to_word()
}

/// The status with which an answer of fal's is passed on.
#[wasm_bindgen(js_name = passedStatus)]
pub fn passed_status_of(status: u16) -> u16 {
    passed_status(status)
}

/// The headers of the browser's that a policy may let through.
#[wasm_bindgen(js_name = forwardableHeaders)]
pub fn forwardable_headers() -> Vec<String> {
    headers::FORWARDABLE.map(String::from).into()
}

/// The response headers of fal that reach the browser, when a call has succeeded and when it has not.
#[wasm_bindgen(js_name = returnedHeaders)]
pub fn returned_headers(succeeded: bool) -> Vec<String> {
    headers::returned(succeeded).iter().copied().map(String::from).collect()
}
