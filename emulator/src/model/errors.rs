//! fal's error bodies.
//!
//! Three shapes: `{"detail": "…"}` from the gateway, `{"detail": "…", "error_type": "…"}` for what went wrong around a
//! model (documented as request errors), and `{"detail": [{loc, msg, type, …}]}` from a model itself (Pydantic's shape).

use serde_json::{Value, json};

use super::http::Response;

/// Every documented request error, with its HTTP status.
pub const REQUEST_ERRORS: [(&str, u16); 13] = [
    ("request_timeout", 504),
    ("startup_timeout", 504),
    ("runner_scheduling_failure", 503),
    ("runner_connection_timeout", 503),
    ("runner_disconnected", 503),
    ("runner_connection_refused", 503),
    ("runner_connection_error", 503),
    ("runner_incomplete_response", 502),
    ("runner_server_error", 500),
    ("client_disconnected", 499),
    ("client_cancelled", 499),
    ("bad_request", 400),
    ("internal_error", 500),
];

/// `{"detail": "<sentence>"}`.
pub fn detail(status: u16, sentence: &str) -> Response {
    Response::json(status, &json!({ "detail": sentence }))
}

/// A request error: string detail, `error_type`, and the `X-Fal-Error-Type` header.
pub fn request_error(error_type: &str, sentence: &str) -> Response {
    let status = REQUEST_ERRORS.iter().find(|(name, _)| *name == error_type).map_or(500, |(_, status)| *status);
    Response::json(status, &json!({ "detail": sentence, "error_type": error_type }))
        .with_header("x-fal-error-type", error_type)
}

/// A model error: a list of [`item`]s, and the two headers that tell whether a retry can help and what it cost.
pub fn model_error(status: u16, retryable: bool, items: Vec<Value>) -> Response {
    Response::json(status, &json!({ "detail": items }))
        .with_header("x-fal-retryable", if retryable { "true" } else { "false" })
        .with_header("x-fal-billable-units", "0")
}

/// One entry of a model error's `detail`. `loc` starts with `"body"` or `"header"`.
pub fn item(loc: &[&str], kind: &str, msg: &str) -> Value {
    json!({ "loc": loc, "msg": msg, "type": kind, "url": format!("https://docs.fal.ai/errors#{kind}") })
}

/// An entry with more fields: `ctx`, or the caller's `input`.
pub fn item_with(loc: &[&str], kind: &str, msg: &str, more: impl IntoIterator<Item = (&'static str, Value)>) -> Value {
    let mut item = item(loc, kind, msg);
    if let Some(fields) = item.as_object_mut() {
        fields.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    item
}

/// A 422 with a single entry.
pub fn validation_error(loc: &[&str], kind: &str, msg: &str) -> Response {
    model_error(422, false, vec![item(loc, kind, msg)])
}

/// 405, as FastAPI words it.
pub fn method_not_allowed() -> Response {
    detail(405, "Method Not Allowed")
}

/// 404 for a path that is nothing, as FastAPI words it.
pub fn not_found() -> Response {
    detail(404, "Not Found")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_error_names_its_type_in_body_and_header_so_either_can_be_read() {
        let response = request_error("runner_disconnected", "Runner disconnected");
        assert_eq!(response.status, 503);
        assert_eq!(response.header("x-fal-error-type"), Some("runner_disconnected"));
        assert_eq!(response.body_json(), json!({"detail": "Runner disconnected", "error_type": "runner_disconnected"}));
    }

    #[test]
    fn a_model_error_is_a_list_with_a_link_to_its_type() {
        let response = validation_error(&["body", "prompt"], "sequence_too_long", "Too long");
        assert_eq!(response.status, 422);
        assert_eq!(response.header("x-fal-retryable"), Some("false"));
        let body = response.body_json();
        assert_eq!(body["detail"][0]["loc"], json!(["body", "prompt"]));
        assert_eq!(body["detail"][0]["url"], "https://docs.fal.ai/errors#sequence_too_long");
    }
}
