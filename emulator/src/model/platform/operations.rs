//! Which function answers which operation.

use std::collections::VecDeque;

use serde_json::json;

use super::Backend;
use super::Platform;
use super::call::{ApiError, Call, put};
use super::{history, models, sample};
use crate::model::http::Response;
use crate::model::stream::{Stream, event};
use crate::model::time::timestamp;

/// How many lines a stream of logs has, and how far apart they are.
const LOG_LINES: u64 = 3;
const LOG_LINE_MS: u64 = 20;

impl Platform {
    /// Answers a call that may be made and is well-formed.
    pub(super) fn answer(&mut self, backend: &mut Backend, call: &Call) -> Result<Response, ApiError> {
        match (call.operation.method.as_str(), call.operation.path.as_str()) {
            ("GET", "/models") => models::list(call),
            ("GET", "/models/pricing") => models::pricing(call),
            ("POST", "/models/pricing/estimate") => models::estimate(call),
            ("GET", "/models/usage" | "/organization/usage") => self.summed(backend.queue, call, history::usage),
            ("GET", "/models/analytics" | "/serverless/analytics") => {
                self.summed(backend.queue, call, history::analytics)
            }
            ("GET", "/models/billing-events" | "/organization/billing-events") => {
                self.list_billing(backend.queue, call)
            }
            ("GET", "/models/requests/by-endpoint" | "/serverless/requests/by-endpoint") => {
                self.list_requests(backend.queue, call, "items")
            }
            ("GET", "/models/requests/search") => self.list_requests(backend.queue, call, "results"),
            ("GET", "/keys") => self.list_keys(backend.access, call),
            ("POST", "/keys") => Ok(self.create_key(backend, call)),
            ("DELETE", "/keys/{key_id}") => Ok(self.delete_key(backend.access, call)),
            ("GET", "/account/billing") => Ok(billing(call)),
            ("GET", "/storage/files/acl" | "/storage/settings") => Ok(self.setting(call)),
            ("PUT", "/storage/files/acl" | "/storage/settings") => Ok(self.set(call)),
            ("POST", "/storage/files/sign") => Ok(sign(call)),
            ("GET", "/serverless/files/list" | "/serverless/files/list/{dir}") => Ok(self.list_files(call)),
            ("GET", "/serverless/files/file/{file}") => self.get_file(call),
            ("POST", "/serverless/files/file/url/{file}") => Ok(self.fetch_file(call)),
            ("POST", "/serverless/files/file/local/{target_path}") => self.put_file(call),
            _ => self.resource(backend.ids, call).unwrap_or_else(|| Ok(plausible(call))),
        }
    }

    /// The stored setting, or its default.
    fn setting(&self, call: &Call) -> Response {
        let name = (call.account.clone(), format!("{} {}", call.operation.path, call.text("url")));
        call.answer(&self.settings.get(&name).cloned().unwrap_or_else(|| sample::answer(call)))
    }

    fn set(&mut self, call: &Call) -> Response {
        let mut value = sample::answer(call);
        if let (Some(own), Some(given)) = (value.as_object_mut(), call.body.as_object()) {
            own.retain(|name, _| name != "rules");
            own.extend(given.clone());
            if call.operation.path.ends_with("/acl") {
                own.entry("rules").or_insert_with(|| json!([]));
            }
        }
        let name = (call.account.clone(), format!("{} {}", call.operation.path, call.text("url")));
        self.settings.insert(name, value.clone());
        call.answer(&value)
    }
}

fn billing(call: &Call) -> Response {
    let mut body = json!({ "username": call.account });
    if call.expands("credits") {
        put(&mut body, "credits", json!({ "current_balance": 24.5, "currency": "USD" }));
    }
    call.answer(&body)
}

fn sign(call: &Call) -> Response {
    let seconds = call.said("expiration_seconds").as_u64().unwrap_or_default();
    let expires = call.now / 1000 + seconds;
    call.answer(&json!({ "signed_url": format!("{}?expires={expires}&signature=emulator", call.text("url")) }))
}

/// A sample answer: right by its schema and content type.
fn plausible(call: &Call) -> Response {
    let status = call.operation.status;
    let text = |kind: &str, text: &str| Response::bytes(status, kind, text.as_bytes().into());
    match call.operation.media() {
        None => Response::empty(status),
        Some(kind @ "text/csv") => text(kind, "BilledCost,BillingCurrency,ServiceName\n0.025,USD,fal-ai/flux/dev\n"),
        Some(kind @ "text/plain") => text(kind, "# TYPE fal_app_runners gauge\nfal_app_runners{app=\"emulator\"} 1\n"),
        Some("text/event-stream") => {
            let line = |number: u64| {
                let at = call.now + number * LOG_LINE_MS;
                let line = json!({
                    "timestamp": timestamp(at), "level": "info", "message": format!("line {number}"),
                    "app": "emulator", "revision": "1", "labels": {},
                });
                (at, event(&line))
            };
            Response::events(Stream::scheduled((0..LOG_LINES).map(line).collect::<VecDeque<_>>()))
        }
        Some(_) => call.answer(&sample::answer(call)),
    }
}
