//! What the Platform APIs say about an error.

use fal_wasm::client::FailureKind;
use fal_wasm::platform::{Operation, Who};

use super::draft::name_of;
use crate::error::{FalError, Said};
use crate::json::Doc;

/// An error with what these APIs say of it, and why fal refused a key that is good.
pub(super) fn explained(mut error: FalError, operation: &Operation) -> FalError {
    if error.failure().kind != FailureKind::Http {
        return error;
    }
    let said = error.body().and_then(Doc::parse).and_then(|doc| doc.get("error"));
    let text = |name: &str| said.as_ref().and_then(|said| said.get(name)).and_then(|value| value.text());
    let (error_type, request_id, message) = (text("type"), text("request_id"), text("message").unwrap_or_default());
    let is_forbidden = error.status() == Some(403) && ["forbidden", "permission_missing"].contains(&error.code());
    let facts = error.facts_mut();
    facts.error_type = error_type.or(facts.error_type.take());
    facts.request_id = facts.request_id.take().or(request_id);
    let is_named = message.to_ascii_lowercase().contains("permission ");
    if is_forbidden && (is_named || operation.who == Who::Admin) {
        let needs = if is_named { " needs more than the key may do" } else { " needs a key of scope ADMIN" };
        let said = if message.is_empty() { String::new() } else { [" (", &message, ")"].concat() };
        facts.code = Some("scope_required".into());
        facts.said = Some(Said::Words([&name_of(operation), needs, &said].concat()));
    }
    error
}
