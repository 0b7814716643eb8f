//! The Platform APIs: `https://api.fal.ai/v1`, every operation of fal's document.
//!
//! Who may call, what a request has to look like and what an answer looks like is read from the document's schemas
//! (`shapes`). Models, prices, requests, usage, keys, collections, files and settings behave; everything else is answered
//! with the same plausible value each time (`fake`).

mod answers;
mod check;
mod fake;
mod files;
mod history;
mod keys;
mod models;
mod pages;
mod shapes;
mod shelf;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Fal;
use super::auth::Caller;
use super::http::{Millis, Request, Response};
use super::settings::Scope;
use files::Files;
pub use history::Run;
use keys::Made;
use shapes::Shape;
use shelf::Shelf;

/// How long an answer is given again for the same `Idempotency-Key`.
const KEPT_MS: Millis = 600_000;

/// What the Platform APIs know beyond the models, the queue and the credentials.
#[derive(Debug, Default)]
pub struct Platform {
    /// Keys that were made here, by their ids.
    made: BTreeMap<String, Made>,
    /// Direct calls, oldest first; the queue remembers its own.
    runs: Vec<Run>,
    /// Things that are made, listed and deleted, by the path of their list.
    shelves: BTreeMap<String, Shelf>,
    /// Settings and access lists, by account and what they are of.
    settings: BTreeMap<(String, String), Value>,
    files: Files,
    /// Answers to calls with an `Idempotency-Key`, and when they were given.
    answered: BTreeMap<String, (Millis, Response)>,
}

/// A call that may be made and is well-formed.
struct Ask<'a> {
    now: Millis,
    shape: &'a Shape,
    /// Whose it is; empty for one without a key.
    account: String,
    /// Parameters of path and query, as the values their schemas describe.
    parameters: Map<String, Value>,
    /// The body, when it is JSON.
    body: Value,
    request: &'a Request,
}

impl Ask<'_> {
    /// A parameter that is a text; empty when it is not there.
    fn text(&self, name: &str) -> &str {
        self.parameters.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// A parameter that may come several times, or as a list with commas.
    fn list(&self, name: &str) -> Vec<&str> {
        let value = self.parameters.get(name);
        let each: Vec<&str> = match value {
            Some(Value::Array(values)) => values.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => vec![text],
            _ => Vec::new(),
        };
        each.into_iter().flat_map(|text| text.split(',')).filter(|text| !text.is_empty()).collect()
    }

    /// A field of the body.
    fn said(&self, name: &str) -> &Value {
        self.body.get(name).unwrap_or(&Value::Null)
    }

    fn number(&self, name: &str) -> Option<u64> {
        self.parameters.get(name).and_then(Value::as_u64)
    }

    /// Whether more of something was asked for.
    fn expands(&self, what: &str) -> bool {
        self.list("expand").contains(&what)
    }

    /// An answer as the document has it: with its status, and with what is always the same where nothing was said.
    fn answer(&self, body: &Value) -> Response {
        Response::json(self.shape.status, body)
    }
}

impl Fal {
    /// Everything on `api.fal.ai`.
    pub(super) fn platform(&mut self, now: Millis, request: &Request, path: &str) -> Result<Response, Response> {
        let id = self.ids.uuid();
        let refused = |refusal: Refusal| refusal.response(&id);
        let path = path.strip_prefix("/v1").unwrap_or_default();
        let (shape, in_path) = shapes::find(&request.method, path)
            .ok_or_else(|| refused(Refusal::new(404, "not_found", "No such operation")))?;
        let account = self.platform_account(request, shape).map_err(refused)?;
        let parameters = check::parameters(shape, request, &in_path).map_err(refused)?;
        let body = check::body(shape, request).map_err(refused)?;
        let ask = Ask { now, shape, account, parameters, body, request };
        let key = request.header("idempotency-key").filter(|_| shape.keyed);
        let name = key.map(|key| format!("{} {} {path} {key}", ask.account, request.method));
        self.platform.answered.retain(|_, (at, _)| now < *at + KEPT_MS);
        if let Some((_, response)) = name.as_ref().and_then(|name| self.platform.answered.get(name)) {
            return Ok(response.clone());
        }
        let response = self.answer_platform(&ask).map_err(refused)?;
        if let Some(name) = name {
            self.platform.answered.insert(name, (now, response.clone()));
        }
        Ok(response)
    }

    /// Whose call it is, when they may make it.
    fn platform_account(&self, request: &Request, shape: &Shape) -> Result<String, Refusal> {
        let unauthorized = |message: &str| Refusal::new(401, "authorization_error", message);
        let caller = match self.credentials.identify(request) {
            Ok(caller) => caller,
            Err(response) if response.status == 403 => {
                let said = response.body_json();
                let message = said.get("detail").and_then(Value::as_str).unwrap_or("Access denied").to_owned();
                return Err(Refusal::new(403, "authorization_error", &message));
            }
            Err(_) => return Err(unauthorized("Invalid API key or malformed Authorization header")),
        };
        let Some(Caller { account, scope }) = caller else {
            return if shape.needs_key() { Err(unauthorized("Authentication required")) } else { Ok(String::new()) };
        };
        if shape.admin && scope != Scope::Admin {
            return Err(Refusal::new(403, "authorization_error", "Access denied"));
        }
        if self.credentials.access.forbidden {
            return Err(Refusal::new(403, "authorization_error", "Missing permission models:requests:read"));
        }
        Ok(account)
    }
}

/// Sets a field of an object.
fn put(object: &mut Value, name: &str, value: impl Into<Value>) {
    if let Some(fields) = object.as_object_mut() {
        fields.insert(name.to_owned(), value.into());
    }
}

/// Why a call is not answered.
#[derive(Debug)]
struct Refusal {
    status: u16,
    kind: &'static str,
    message: String,
}

impl Refusal {
    fn new(status: u16, kind: &'static str, message: &str) -> Self {
        Self { status, kind, message: message.to_owned() }
    }

    fn not_found(what: &str) -> Self {
        Self::new(404, "not_found", &format!("{what} not found"))
    }

    fn invalid(message: &str) -> Self {
        Self::new(400, "validation_error", message)
    }

    fn response(self, id: &str) -> Response {
        let docs = "https://docs.fal.ai/platform-apis/errors";
        let error = json!({ "type": self.kind, "message": self.message, "docs_url": docs, "request_id": id });
        Response::json(self.status, &json!({ "error": error })).with_header("x-fal-request-id", id)
    }
}
