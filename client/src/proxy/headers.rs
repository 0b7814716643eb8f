//! The headers of the proxy's answers, and what a page may send.

use fal_wasm::proxy::{Origin, headers};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ALLOW,
};
use http::{HeaderMap, HeaderName, HeaderValue, Response};

use crate::capabilities::CAPABILITY;
use crate::service::{AnswerBody, composed};

/// For every answer: it is private, must not be stored, and nothing in it runs on the origin of the app.
const PROTECTION: [(&str, &str); 5] = [
    ("cache-control", "private, no-store, no-transform"),
    ("content-security-policy", "sandbox; default-src 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
    ("vary", "origin, cookie, authorization, x-fal-target-url"),
    ("x-content-type-options", "nosniff"),
];

/// What the proxy answers to.
pub(super) const METHODS: &str = "GET, POST, PUT, OPTIONS";
/// What a page asks for permission for.
const CALLS: &str = "GET, POST, PUT";

/// What a trusted page may send: what the client sends, what the app may need to authenticate, and what tools that trace
/// requests add to every one.
const REQUEST_HEADERS: &str = "accept, authorization, content-type, idempotency-key, x-fal-capability, x-fal-grant, \
    x-fal-no-retry, x-fal-object-lifecycle, x-fal-object-lifecycle-preference, x-fal-queue-priority, \
    x-fal-request-start-timeout, x-fal-request-timeout, x-fal-runner-hint, x-fal-store-io, x-fal-tags, x-fal-target-url, \
    b3, baggage, newrelic, sentry-trace, traceparent, tracestate, uber-trace-id, x-amzn-trace-id, x-b3-flags, \
    x-b3-parentspanid, x-b3-sampled, x-b3-spanid, x-b3-traceid, x-cloud-trace-context, x-datadog-origin, \
    x-datadog-parent-id, x-datadog-sampling-priority, x-datadog-tags, x-datadog-trace-id";

/// The headers of an answer. With a `reader`, a trusted page, that page may read it.
pub(super) fn answer_headers(reader: Option<(&Origin, &str)>) -> HeaderMap {
    let mut all = HeaderMap::new();
    for (name, value) in PROTECTION {
        all.insert(name, HeaderValue::from_static(value));
    }
    let Some((origin, named)) = reader else { return all };
    // It is one of the origins that were checked, so it fits into a header.
    let Ok(named) = HeaderValue::from_str(named) else { return all };
    all.insert(ACCESS_CONTROL_ALLOW_ORIGIN, named);
    if origin.sends_cookies() {
        all.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    let exposed = [&headers::RETURNED.join(", "), ", ", CAPABILITY].concat();
    if let Ok(exposed) = HeaderValue::from_str(&exposed) {
        all.insert(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
    }
    all.insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    all
}

/// The answer to a preflight. A page that is not trusted only learns that it may not ask.
pub(super) fn preflight(mut headers: HeaderMap, allowed: &[HeaderName]) -> Response<AnswerBody> {
    headers.insert(ALLOW, HeaderValue::from_static(METHODS));
    if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
        let named = allowed.iter().map(HeaderName::as_str);
        let names: Vec<&str> = [REQUEST_HEADERS].into_iter().chain(named).collect();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(CALLS));
        if let Ok(names) = HeaderValue::from_str(&names.join(", ")) {
            headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, names);
        }
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
    }
    composed(204, headers, AnswerBody::whole(""))
}

/// Copies the headers of these names that are there.
pub(super) fn copy<'a>(from: &HeaderMap, to: &mut HeaderMap, names: impl IntoIterator<Item = &'a str>) {
    for name in names {
        let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
        for value in from.get_all(&name) {
            to.append(&name, value.clone());
        }
    }
}
