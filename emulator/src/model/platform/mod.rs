//! The Platform APIs: `https://api.fal.ai/v1`, every operation of fal's document.
//!
//! Who may call, what a request has to look like and what an answer looks like is read from the document's schemas
//! (`document`). Models, prices, requests, usage, keys, collections, files and settings behave; everything else is answered
//! with the same plausible value each time (`sample`).

mod call;
mod document;
mod files;
mod history;
mod keys;
mod models;
mod operations;
mod pages;
mod resources;
mod sample;
mod validation;

use std::collections::BTreeMap;

use serde_json::Value;

use super::access::{Access, Caller};
use super::http::{Millis, Request, Response};
use super::ids::Ids;
use super::queue::Queue;
use super::settings::Scope;
use call::{ApiError, Call};
use document::Operation;
use files::Files;
pub use history::RunRecord;
use keys::Made;
use resources::ResourceList;

/// How long an answer is given again for the same `Idempotency-Key`.
const KEPT_MS: Millis = 600_000;

/// What the Platform APIs know beyond the models, the queue and the credentials.
#[derive(Debug, Default)]
pub struct Platform {
    /// Keys that were made here, by their ids.
    made: BTreeMap<String, Made>,
    /// Direct calls, oldest first; the queue remembers its own.
    runs: Vec<RunRecord>,
    /// Things that are made, listed and deleted, by the path of their list.
    resources: BTreeMap<String, ResourceList>,
    /// Settings and access lists, by account and what they are of.
    settings: BTreeMap<(String, String), Value>,
    files: Files,
    /// Answers to calls with an `Idempotency-Key`, and when they were given.
    answered: BTreeMap<String, (Millis, Response)>,
}

/// What the Platform APIs share with the rest of fal.
pub struct Backend<'a> {
    /// Keys are listed, made and deleted here.
    pub access: &'a mut Access,
    /// Jobs are listed from here.
    pub queue: &'a Queue,
    /// Randomness.
    pub ids: &'a mut Ids,
}

impl Platform {
    /// Everything on `api.fal.ai`.
    pub fn handle(
        &mut self,
        backend: &mut Backend,
        now: Millis,
        request: &Request,
        path: &str,
    ) -> Result<Response, Response> {
        let id = backend.ids.uuid();
        let refused = |refusal: ApiError| refusal.response(&id);
        let path = path.strip_prefix("/v1").unwrap_or_default();
        let (operation, in_path) = document::find(&request.method, path)
            .ok_or_else(|| refused(ApiError::new(404, "not_found", "No such operation")))?;
        let account = account_of(backend.access, request, operation).map_err(refused)?;
        let parameters = validation::parameters(operation, request, &in_path).map_err(refused)?;
        let body = validation::body(operation, request).map_err(refused)?;
        let call = Call { now, operation, account, parameters, body, request };
        let key = request.header("idempotency-key").filter(|_| operation.keyed);
        let name = key.map(|key| format!("{} {} {path} {key}", call.account, request.method));
        self.answered.retain(|_, (at, _)| now < *at + KEPT_MS);
        if let Some((_, response)) = name.as_ref().and_then(|name| self.answered.get(name)) {
            return Ok(response.clone());
        }
        let response = self.answer(backend, &call).map_err(refused)?;
        if let Some(name) = name {
            self.answered.insert(name, (now, response.clone()));
        }
        Ok(response)
    }
}

/// Whose call it is, when they may make it.
fn account_of(access: &Access, request: &Request, operation: &Operation) -> Result<String, ApiError> {
    let unauthorized = |message: &str| ApiError::new(401, "authorization_error", message);
    let caller = match access.identify(request) {
        Ok(caller) => caller,
        Err(response) if response.status == 403 => {
            let said = response.body_json();
            let message = said.get("detail").and_then(Value::as_str).unwrap_or("Access denied").to_owned();
            return Err(ApiError::new(403, "authorization_error", &message));
        }
        Err(_) => return Err(unauthorized("Invalid API key or malformed Authorization header")),
    };
    let Some(Caller { account, scope }) = caller else {
        return if operation.needs_key() { Err(unauthorized("Authentication required")) } else { Ok(String::new()) };
    };
    if operation.admin && scope != Scope::Admin {
        return Err(ApiError::new(403, "authorization_error", "Access denied"));
    }
    if access.settings.forbidden {
        return Err(ApiError::new(403, "authorization_error", "Missing permission models:requests:read"));
    }
    Ok(account)
}
