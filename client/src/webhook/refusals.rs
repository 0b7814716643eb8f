//! Why a webhook was refused. Nothing of the webhook is repeated: anybody may have sent it.

use std::fmt;

use fal_wasm::webhook::Refusal;
use http::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderMap, HeaderValue, Response};

use crate::marker::Source;
use crate::service::{AnswerBody, composed};

/// A webhook was refused, or could not be handled.
#[derive(Debug)]
pub struct WebhookError {
    pub(super) refusal: Refusal,
    pub(super) source: Option<Source>,
}

impl From<Refusal> for WebhookError {
    fn from(refusal: Refusal) -> Self {
        Self { refusal, source: None }
    }
}

/// What the app, or its store, failed with.
pub(super) fn not_handled(cause: Source) -> WebhookError {
    WebhookError { refusal: Refusal::NotHandled, source: Some(cause) }
}

impl WebhookError {
    /// Stable, for programs: those of the npm package.
    pub fn code(&self) -> &'static str {
        said(self.refusal).0
    }

    /// The HTTP status that fal was answered with.
    pub fn status(&self) -> u16 {
        self.refusal.status()
    }
}

impl fmt::Display for WebhookError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(said(self.refusal).1)
    }
}

impl std::error::Error for WebhookError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|source| source as _)
    }
}

/// Code and sentence.
fn said(refusal: Refusal) -> (&'static str, &'static str) {
    match refusal {
        Refusal::Method => ("method_not_allowed", "A webhook is a POST."),
        Refusal::HeaderMissing => (
            "webhook_header_missing",
            "At least one of the headers X-Fal-Webhook-Request-Id, -User-Id, -Timestamp and -Signature is missing. This is no \
             webhook of fal's.",
        ),
        Refusal::HeaderInvalid => (
            "webhook_header_invalid",
            "One of the X-Fal-Webhook headers is there twice, or is not what fal sends. This is no webhook of fal's.",
        ),
        Refusal::TooOld => (
            "webhook_too_old",
            "The webhook was signed more than 5 minutes ago. It may be a recording; fal signs anew for every delivery. If all \
             are too old, the clock of this machine is fast.",
        ),
        Refusal::TooNew => (
            "webhook_too_new",
            "The webhook was signed more than 5 minutes in the future. If all are too new, the clock of this machine is slow.",
        ),
        Refusal::Signature => (
            "webhook_signature_invalid",
            "No key of fal's made this signature of this body. If it did come from fal, the body has been changed on its way.",
        ),
        Refusal::KeysUnavailable => (
            "webhook_keys_unavailable",
            "fal's public keys could not be fetched, so the webhook could not be verified. fal delivers again.",
        ),
        Refusal::TooLarge => (
            "webhook_too_large",
            "The body is larger than `max_body_bytes` allows. Raise it if your results are that large.",
        ),
        Refusal::Unreadable => ("webhook_unreadable", "The body could not be read: the connection broke."),
        Refusal::Payload => (
            "webhook_payload_invalid",
            "fal signed this, but it is not JSON with a `request_id` and a `status` of OK or ERROR.",
        ),
        Refusal::Busy => ("webhook_busy", "The same webhook is being handled at this moment. fal delivers again."),
        Refusal::Late => {
            ("webhook_late", "The app has not handled the webhook in time, and goes on with it. fal delivers again.")
        }
        Refusal::Account => (
            "webhook_account_unknown",
            "fal signed this for an account that is not in `accounts`: somebody else's request, or an account of yours that is \
             missing there.",
        ),
        Refusal::RequestMismatch => {
            ("webhook_request_mismatch", "The header and the body name different requests. fal does not send that.")
        }
        Refusal::RequestUnknown => (
            "webhook_request_unknown",
            "The app says that it has not submitted this request. fal delivers again, in case it is recorded late.",
        ),
        // Nothing else happens here.
        _ => ("webhook_not_handled", "The app could not handle the webhook. fal delivers again."),
    }
}

/// What the sender is told: which rule it was, and nothing of what it sent.
pub(super) fn response(refusal: Option<Refusal>) -> Response<AnswerBody> {
    let body = refusal.map(|refusal| {
        let (code, message) = said(refusal);
        serde_json::json!({ "error": { "code": code, "message": message } }).to_string()
    });
    let status = refusal.map_or(200, Refusal::status);
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if refusal.is_some() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert("x-content-type-options", HeaderValue::from_static("nosniff"));
    }
    if status == 405 {
        headers.insert(ALLOW, HeaderValue::from_static("POST"));
    }
    if status == 503 {
        headers.insert(RETRY_AFTER, HeaderValue::from_static("30"));
    }
    composed(status, headers, AnswerBody::whole(body.unwrap_or_default()))
}
