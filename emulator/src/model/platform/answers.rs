//! Which operation behaves how.

use std::collections::VecDeque;

use serde_json::json;

use super::{Ask, Refusal, fake, history, models, put};
use crate::model::Fal;
use crate::model::http::Response;
use crate::model::stream::{Stream, event};
use crate::model::time::timestamp;

/// How many lines a stream of logs has, and how far apart they are.
const LOG_LINES: u64 = 3;
const LOG_LINE_MS: u64 = 20;

impl Fal {
    /// Answers a call that may be made and is well-formed.
    pub(super) fn answer_platform(&mut self, ask: &Ask) -> Result<Response, Refusal> {
        match (ask.shape.method.as_str(), ask.shape.path.as_str()) {
            ("GET", "/models") => models::list(ask),
            ("GET", "/models/pricing") => models::pricing(ask),
            ("POST", "/models/pricing/estimate") => models::estimate(ask),
            ("GET", "/models/usage" | "/organization/usage") => self.summed(ask, history::usage),
            ("GET", "/models/analytics" | "/serverless/analytics") => self.summed(ask, history::analytics),
            ("GET", "/models/billing-events" | "/organization/billing-events") => self.list_billing(ask),
            ("GET", "/models/requests/by-endpoint" | "/serverless/requests/by-endpoint") => {
                self.list_requests(ask, "items")
            }
            ("GET", "/models/requests/search") => self.list_requests(ask, "results"),
            ("GET", "/keys") => self.list_keys(ask),
            ("POST", "/keys") => Ok(self.create_key(ask)),
            ("DELETE", "/keys/{key_id}") => Ok(self.delete_key(ask)),
            ("GET", "/account/billing") => Ok(billing(ask)),
            ("GET", "/storage/files/acl" | "/storage/settings") => Ok(self.setting(ask)),
            ("PUT", "/storage/files/acl" | "/storage/settings") => Ok(self.set(ask)),
            ("POST", "/storage/files/sign") => Ok(sign(ask)),
            ("GET", "/serverless/files/list" | "/serverless/files/list/{dir}") => Ok(self.list_files(ask)),
            ("GET", "/serverless/files/file/{file}") => self.get_file(ask),
            ("POST", "/serverless/files/file/url/{file}") => Ok(self.fetch_file(ask)),
            ("POST", "/serverless/files/file/local/{target_path}") => self.put_file(ask),
            _ => self.shelved(ask).unwrap_or_else(|| Ok(plausible(ask))),
        }
    }

    /// What was set, or what is there when nothing was.
    fn setting(&self, ask: &Ask) -> Response {
        let name = (ask.account.clone(), format!("{} {}", ask.shape.path, ask.text("url")));
        ask.answer(&self.platform.settings.get(&name).cloned().unwrap_or_else(|| fake::answer(ask)))
    }

    fn set(&mut self, ask: &Ask) -> Response {
        let mut value = fake::answer(ask);
        if let (Some(own), Some(given)) = (value.as_object_mut(), ask.body.as_object()) {
            own.retain(|name, _| name != "rules");
            own.extend(given.clone());
            if ask.shape.path.ends_with("/acl") {
                own.entry("rules").or_insert_with(|| json!([]));
            }
        }
        let name = (ask.account.clone(), format!("{} {}", ask.shape.path, ask.text("url")));
        self.platform.settings.insert(name, value.clone());
        ask.answer(&value)
    }
}

fn billing(ask: &Ask) -> Response {
    let mut body = json!({ "username": ask.account });
    if ask.expands("credits") {
        put(&mut body, "credits", json!({ "current_balance": 24.5, "currency": "USD" }));
    }
    ask.answer(&body)
}

fn sign(ask: &Ask) -> Response {
    let seconds = ask.said("expiration_seconds").as_u64().unwrap_or_default();
    let expires = ask.now / 1000 + seconds;
    ask.answer(&json!({ "signed_url": format!("{}?expires={expires}&signature=emulator", ask.text("url")) }))
}

/// An answer of the right shape and the right type.
fn plausible(ask: &Ask) -> Response {
    let status = ask.shape.status;
    let text = |kind: &str, text: &str| Response::bytes(status, kind, text.as_bytes().into());
    match ask.shape.media() {
        None => Response::empty(status),
        Some(kind @ "text/csv") => text(kind, "BilledCost,BillingCurrency,ServiceName\n0.025,USD,fal-ai/flux/dev\n"),
        Some(kind @ "text/plain") => text(kind, "# TYPE fal_app_runners gauge\nfal_app_runners{app=\"emulator\"} 1\n"),
        Some("text/event-stream") => {
            let line = |number: u64| {
                let at = ask.now + number * LOG_LINE_MS;
                let line = json!({
                    "timestamp": timestamp(at), "level": "info", "message": format!("line {number}"),
                    "app": "emulator", "revision": "1", "labels": {},
                });
                (at, event(&line))
            };
            Response::events(Stream::script((0..LOG_LINES).map(line).collect::<VecDeque<_>>()))
        }
        Some(_) => ask.answer(&fake::answer(ask)),
    }
}
