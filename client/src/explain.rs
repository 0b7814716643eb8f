//! What an answer with an error status means: what it is called, whether to try again, and what to do about it.

use fal_wasm::protocol::{find, split_once};

use crate::json::Doc;

/// Types of model errors that are codes of their own. They are fal's to name and stay as they are.
const MODEL_ERRORS: &str = "internal_server_error generation_timeout downstream_service_error downstream_service_unavailable \
    content_policy_violation no_media_generated image_too_small image_too_large image_load_error \
    file_download_error file_too_large face_detection_error greater_than greater_than_equal less_than \
    less_than_equal multiple_of sequence_too_short sequence_too_long one_of feature_not_supported invalid_archive \
    archive_file_count_below_minimum archive_file_count_exceeds_maximum audio_duration_too_long \
    audio_duration_too_short video_duration_too_long video_duration_too_short unsupported_audio_format \
    unsupported_image_format unsupported_video_format";

/// Nobody reads more of it in a message; the body has the rest.
const MAX_SAID: usize = 1_000;

/// What a body says of an error, as far as it is for people or names the error. Never its other fields: they may echo a
/// whole input.
#[derive(Default)]
pub(crate) struct Explanation {
    /// The proxy's own code.
    code: Option<String>,
    /// What fal calls the error.
    pub error_type: Option<String>,
    /// What the first entry of a model's explanation calls it.
    detail_type: Option<String>,
    /// The words for people.
    pub said: Option<String>,
}

impl Explanation {
    /// Reads the body of an answer. `header` is the type that its headers name.
    pub fn of(body: &str, header: Option<&str>) -> Self {
        let doc = Doc::parse(body);
        let (error, detail) = {
            let field = |name| doc.as_ref().and_then(|doc: &Doc| doc.get(name));
            (field("error"), field("detail"))
        };
        let first = detail.as_ref().and_then(|detail| detail.at(0));
        let detail_type = text(&first, "type");
        let said = first
            .as_ref()
            .and_then(about_field)
            .or_else(|| text(&error, "message"))
            .or_else(|| detail?.text())
            .or_else(|| text(&doc, "message"))
            .or_else(|| error.as_ref()?.text());
        Self {
            code: text(&error, "code"),
            error_type: text(&doc, "error_type")
                .or_else(|| header.map(String::from))
                .or_else(|| detail_type.clone())
                .or_else(|| text(&doc, "type")),
            detail_type,
            said: said.map(shortened),
        }
    }

    /// The code of an answer: the proxy's, or fal's own name for the error, or one for its status.
    pub fn code(&self, status: u16, is_user_timeout: bool) -> &str {
        if let Some(code) = &self.code {
            return code;
        }
        if is_user_timeout {
            return "start_timeout";
        }
        let error_type = self.error_type.as_deref();
        if error_type == Some("concurrent_requests_limit") {
            return "concurrency_limit";
        }
        if let Some(name) = error_type
            && (error_type != self.detail_type.as_deref() || is_among(MODEL_ERRORS, name))
        {
            return name;
        }
        let said = self.said.as_deref().unwrap_or_default().to_ascii_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| find(&said, word).is_some());
        match status {
            403 if says(&["is locked"]) && says(&["balance", "top up", "topup", "top-up"]) => "balance_exhausted",
            403 if says(&["is locked"]) => "account_locked",
            403 if says(&["permission", "scope"]) => "permission_missing",
            429 if says(&["concurrent requests limit"]) => "concurrency_limit",
            400 if says(&["still in progress"]) => "in_progress",
            400 => "bad_request",
            401 => "unauthorized",
            403 => "forbidden",
            404 => "not_found",
            405 => "method_not_allowed",
            413 => "payload_too_large",
            422 => "validation_error",
            429 => "rate_limited",
            0..500 => "request_failed",
            _ => "server_error",
        }
    }
}

/// What is said of it in a message.
fn shortened(said: String) -> String {
    let is_first = |byte: u8| byte & 0xc0 != 0x80;
    let beyond = said.bytes().enumerate().filter(|(_, byte)| is_first(*byte)).nth(MAX_SAID);
    match beyond.and_then(|(end, _)| said.get(..end)) {
        Some(beginning) => beginning.into(),
        None => said,
    }
}

#[inline(never)]
fn text(doc: &Option<Doc>, name: &str) -> Option<String> {
    doc.as_ref()?.get(name)?.text()
}

/// Whether a list with spaces between its words has this one.
fn is_among(mut words: &str, word: &str) -> bool {
    while let Some((first, rest)) = split_once(words, b' ') {
        if first == word {
            return true;
        }
        words = rest;
    }
    words == word
}

/// What a model says of a field.
fn about_field(first: &Doc) -> Option<String> {
    let said = first.get("msg")?.text()?;
    let mut place = String::new();
    // The first names what all of them are in: the body.
    for part in first.get("loc").map(|loc| loc.list()).unwrap_or_default().iter().skip(1) {
        let Some(segment) = part.segment() else { break };
        if !place.is_empty() {
            place.push('.');
        }
        place.push_str(&segment);
    }
    Some(if place.is_empty() { said } else { [&place, ": ", &said].concat() })
}

/// Whether trying again can help, where fal does not say so itself.
pub(crate) fn is_retryable(status: u16, is_user_timeout: bool, code: &str) -> bool {
    !is_user_timeout
        && code != "upstream_auth"
        && (code == "in_progress" || matches!(status, 408 | 429) || (500..1000).contains(&status))
}

/// What to do about an answer.
pub(crate) fn advice(code: &str) -> Option<&'static str> {
    Some(match code {
        "unauthorized" => {
            "Check that the key is whole (\"id:secret\"), of the right team, and not revoked: fal.ai/dashboard/keys."
        }
        "balance_exhausted" => "The key is good; the account has to be topped up: fal.ai/dashboard/billing.",
        "account_locked" => "The key is good; the account is locked. Write to support@fal.ai.",
        "permission_missing" => {
            "The key is good, and may not do this. Models need the scope API, private apps and the account ADMIN: \
             fal.ai/dashboard/keys."
        }
        "scope_required" => "Make a key that has it: fal.ai/dashboard/keys.",
        "forbidden" => "Check the scope of the key, and whether its team may use this endpoint.",
        "concurrency_limit" => {
            "The account has as many requests running as it may. `subscribe` and `queue().submit` wait for their turn."
        }
        "in_progress" => "The result is there when the status is COMPLETED; `resume` waits for it.",
        "request_not_found" => {
            "The id alone is not enough: keep the `Job`, which also shows the proxy that it is yours."
        }
        "start_timeout" => "It did not start within `start_timeout`.",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(status: u16, body: &str) -> String {
        Explanation::of(body, None).code(status, false).into()
    }

    #[test]
    fn an_error_is_called_what_fal_calls_it() {
        assert_eq!(
            code(422, r#"{"detail":[{"loc":["body","prompt"],"msg":"no","type":"missing"}]}"#),
            "validation_error"
        );
        assert_eq!(code(422, r#"{"detail":[{"msg":"no","type":"image_too_large"}]}"#), "image_too_large");
        assert_eq!(code(500, r#"{"error_type":"runner_oom"}"#), "runner_oom");
        assert_eq!(code(403, r#"{"detail":"User is locked. Reason: Exhausted balance."}"#), "balance_exhausted");
        assert_eq!(code(403, r#"{"error":{"code":"origin_not_allowed","message":"x"}}"#), "origin_not_allowed");
        assert_eq!(code(400, r#"{"detail":"Request is still in progress"}"#), "in_progress");
        assert_eq!(code(502, "<html>"), "server_error");
        assert_eq!(code(418, ""), "request_failed");
    }

    #[test]
    fn only_the_words_for_people_are_quoted() {
        let body = r#"{"detail":[{"loc":["body","size",0],"msg":"too big","type":"x","input":"my prompt"}]}"#;
        assert_eq!(Explanation::of(body, None).said.as_deref(), Some("size.0: too big"));
        assert_eq!(Explanation::of(r#"{"input":"my prompt"}"#, None).said, None);
        let long = Explanation::of(&format!(r#"{{"detail":"{}"}}"#, "é".repeat(1_001)), None);
        assert_eq!(long.said, Some("é".repeat(1_000)));
    }
}
