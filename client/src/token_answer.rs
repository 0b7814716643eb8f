//! What an answer to a question for a short-lived token says.

use crate::json::Doc;

/// The token, by what the contracts, and proxies in front of them, call it.
pub(crate) fn token_in(answer: &Doc) -> Option<String> {
    let named = |name| answer.get(name).and_then(|value| value.text());
    answer.text().or_else(|| named("token")).or_else(|| named("detail"))
}
