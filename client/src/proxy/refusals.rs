//! How the proxy says no: the codes and sentences of the npm package's, which browsers read. They say nothing about the key
//! or the policy.

use fal_wasm::protocol::Millis;
use fal_wasm::proxy::Refusal;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response};
use serde_json::{Value, json};

use super::headers::METHODS;
use crate::native::random;
use crate::service::{AnswerBody, Fault, composed};
use crate::uuid::uuid;

/// Code and sentence.
fn said(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Method => (
            "method_not_allowed",
            "This method is not allowed. Run, submit and upload are POST, status and result GET, cancel PUT.",
        ),
        Refusal::CrossOrigin => (
            "cross_origin",
            "Calls from pages of other origins are refused, but for those named in the proxy's `trustedOrigins`.",
        ),
        Refusal::KeyLeaked => (
            "credentials_in_browser",
            "A fal key was sent from a browser. It was not used. Remove it from the page and treat it as leaked: revoke it \
             and make a new one in the fal dashboard.",
        ),
        Refusal::Unauthenticated => ("unauthenticated", "The app does not know who is asking. Sign in first."),
        Refusal::TargetMissing => (
            "target_missing",
            "The header x-fal-target-url is missing. Call this URL through a fal client with `proxyUrl`.",
        ),
        Refusal::TargetInvalid => {
            ("target_invalid", "The header x-fal-target-url is not a URL of fal's that this proxy knows.")
        }
        Refusal::Query => (
            "query_not_allowed",
            "The target has a query parameter that is not passed on. A webhook is set on the server.",
        ),
        Refusal::Endpoint => (
            "endpoint_not_allowed",
            "This endpoint is not open. The proxy's `allowedEndpoints` names those that are; `realtimeTokens` allows tokens \
             for them, `sessions` sessions.",
        ),
        Refusal::ContentType => {
            ("content_type_not_allowed", "The body has to be JSON, and declared as application/json.")
        }
        Refusal::Misconfigured => (
            "misconfigured",
            "The proxy is not set up correctly, so nothing was run. Its operator is told what is missing.",
        ),
        Refusal::UpstreamAuth => (
            "upstream_auth",
            "fal refused the proxy's own key. This is not about your session; its operator has to look at it.",
        ),
        Refusal::UpstreamRedirect => ("upstream_redirect", "fal answered with a redirect, which is not followed."),
        Refusal::UpstreamUnreachable => {
            ("upstream_unreachable", "fal could not be reached, so nothing was run. Trying again may help.")
        }
        Refusal::RequestUnknown => {
            ("request_not_found", "There is no such request, or it was submitted by somebody else.")
        }
        Refusal::BodyTooLarge => {
            ("body_too_large", "The body is larger than this proxy takes. Upload files first, and send their URLs.")
        }
        Refusal::BodyIncomplete => ("body_incomplete", "The body broke off before its end. Nothing was run."),
        Refusal::BodyTooSlow => ("body_too_slow", "The body came too slowly. Nothing was run. Trying again may help."),
        Refusal::UpstreamTimeout => (
            "upstream_timeout",
            "fal did not begin to answer in time. A run may have been executed all the same; the queue is for what takes long.",
        ),
        Refusal::UpstreamBroken => (
            "upstream_broken",
            "fal gave no answer that can be used, or the connection broke before it did. The request may have been taken all \
             the same.",
        ),
        Refusal::AuthenticationUnavailable => (
            "authentication_unavailable",
            "The app could not find out who is asking, so nothing was run. Trying again may help.",
        ),
        Refusal::AppFailed => {
            ("app_failed", "The app's own code failed, so nothing was run. Its operator is told why.")
        }
        Refusal::Input => {
            ("input_not_allowed", "The input has a value that this app does not allow; `detail` says which.")
        }
        Refusal::Rate => ("rate_limited", "Too many requests. Try again later."),
        Refusal::Jobs => {
            ("too_many_jobs", "Too many requests are under way at once. Try again when one of them is done.")
        }
        Refusal::Budget => ("budget_exhausted", "The budget for now is used up. Try again later."),
        Refusal::PriceUnknown => (
            "price_unknown",
            "There is a budget, and no price for this endpoint. The proxy's `prices` names those that have one.",
        ),
        Refusal::LimitsUnavailable => (
            "limits_unavailable",
            "The limits cannot be looked up just now, so nothing was run. Trying again may help.",
        ),
        Refusal::KeyReused => (
            "idempotency_key_reused",
            "This idempotency key was sent before, with something else. Take a new one for a new request.",
        ),
        Refusal::KeyPending => (
            "idempotency_key_pending",
            "The request with this idempotency key is under way, or its end is not known. It was not run again.",
        ),
        Refusal::Stopped => ("app_stopped", "The app's operator has stopped it for now, so nothing was run."),
        // Nothing else is refused here.
        _ => ("internal", "The proxy failed. Its operator is told why."),
    }
}

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Self::from(match fault {
            Fault::TooLarge => Refusal::BodyTooLarge,
            Fault::TooSlow => Refusal::BodyTooSlow,
            Fault::Incomplete => Refusal::BodyIncomplete,
        })
    }
}

/// A call that ends with a refusal, when to come again, and what is wrong with an input, as fal says it.
pub(super) struct Refused {
    pub refusal: Refusal,
    retry_after: Option<Millis>,
    detail: Option<Value>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, retry_after: None, detail: None }
    }
}

impl Refused {
    /// A refusal that may be over by then.
    pub fn until(refusal: Refusal, retry_after: Option<Millis>) -> Self {
        Self { refusal, retry_after, detail: None }
    }

    /// A refusal of an input.
    pub fn with_detail(refusal: Refusal, detail: Value) -> Self {
        Self { refusal, retry_after: None, detail: Some(detail) }
    }

    /// What the browser gets.
    pub fn response(self, mut headers: HeaderMap) -> Response<AnswerBody> {
        let (code, message) = said(self.refusal);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if self.refusal == Refusal::Method {
            headers.insert(ALLOW, HeaderValue::from_static(METHODS));
        }
        // Whole seconds, and never before it is of use.
        let seconds = self.retry_after.map(|wait| wait.div_ceil(1000).max(1));
        if let Some(seconds) = seconds {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        let error = json!({ "code": code, "message": message, "requestId": uuid([random(), random()]) });
        let body = match self.detail {
            Some(detail) => json!({ "error": error, "detail": detail }),
            None => json!({ "error": error }),
        };
        composed(self.refusal.status(), headers, AnswerBody::whole(body.to_string()))
    }
}
