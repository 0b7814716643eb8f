//! One call to the Platform APIs, and how it is answered.

use serde_json::{Map, Value, json};

use super::document::Operation;
use crate::model::http::{Millis, Request, Response};

/// A call that may be made and is well-formed.
pub struct Call<'a> {
    /// When it came.
    pub now: Millis,
    /// The operation of the document.
    pub operation: &'a Operation,
    /// Whose it is; empty for one without a key.
    pub account: String,
    /// Parameters of path and query, as the values their schemas describe.
    pub parameters: Map<String, Value>,
    /// The body, when it is JSON.
    pub body: Value,
    /// The request itself.
    pub request: &'a Request,
}

impl Call<'_> {
    /// A parameter that is a text; empty when it is not there.
    pub fn text(&self, name: &str) -> &str {
        self.parameters.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A parameter that may come several times, or as a list with commas.
    pub fn list(&self, name: &str) -> Vec<&str> {
        let value = self.parameters.get(name);
        let each: Vec<&str> = match value {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => vec![text],
            _ => Vec::new(),
        };
        each.into_iter().flat_map(|text| text.split(',')).filter(|text| !text.is_empty()).collect()
    }

    /// A field of the body; `null` when it is absent.
    pub fn said(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    pub fn number(&self, name: &str) -> Option<u64> {
        self.parameters.get(name).and_then(Value::as_u64)
    }

    /// Whether more of something was asked for.
    pub fn expands(&self, what: &str) -> bool {
        self.list("expand").contains(&what)
    }

    /// An answer as the document has it: with its status, and with what is always the same where nothing was said.
    pub fn answer(&self, body: &Value) -> Response {
        Response::json(self.operation.status, body)
    }
}

/// Sets a field of an object.
pub fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Why a call is refused, in the shape of the Platform APIs.
#[derive(Debug)]
pub struct ApiError {
    status: u16,
    kind: &'static str,
    message: String,
}

impl ApiError {
    pub fn new(status: u16, kind: &'static str, message: &str) -> Self {
        Self { status, kind, message: message.to_owned() }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", &format!("{what} not found"))
    }

    pub fn invalid(message: &str) -> Self {
        Self::new(400, "validation_error", message)
    }

    pub fn response(self, id: &str) -> Response {
        let docs = "https://docs.fal.ai/platform-apis/errors";
        let error = json!({ "type": self.kind, "message": self.message, "docs_url": docs, "request_id": id });
        Response::json(self.status, &json!({ "error": error })).with_header("x-fal-request-id", id)
    }
}
