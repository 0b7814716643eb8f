//! Short-lived tokens: what an app gives its users instead of a key.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::Fal;
use super::catalogue::input::Fields;
use super::endpoint::Endpoint;
use super::errors::{method_not_allowed, not_found};
use super::http::{Millis, Request, Response};

/// How many tokens are remembered; the one that expires first is forgotten beyond that.
const MAX_TOKENS: usize = 10_000;
/// The lifetime the official clients ask for, in seconds; ours when a caller asks for none.
const DEFAULT_SECONDS: i64 = 120;
/// The longest lifetime given, in seconds (chosen: one day).
const MAX_SECONDS: i64 = 86_400;

/// Tokens, whom they act for, and until when. The CDN's tokens are kept the same way.
#[derive(Debug, Default)]
pub struct Grants(BTreeMap<String, Grant>);

/// What a token allows.
#[derive(Debug)]
pub struct Grant {
    /// The account it acts for.
    pub account: String,
    allowed_apps: Vec<String>,
    expires: Millis,
}

impl Grants {
    /// Remembers a token.
    pub fn add(&mut self, token: String, account: String, allowed_apps: Vec<String>, expires: Millis) {
        if self.0.len() >= MAX_TOKENS {
            let oldest = self.0.iter().min_by_key(|(_, grant)| grant.expires).map(|(name, _)| name.clone());
            oldest.and_then(|name| self.0.remove(&name));
        }
        self.0.insert(token, Grant { account, allowed_apps, expires });
    }

    /// What a token allows, while it lasts.
    pub fn get(&self, now: Millis, token: &str) -> Option<&Grant> {
        self.0.get(token).filter(|grant| now < grant.expires)
    }
}

impl Grant {
    /// Whether the token may call this endpoint. The official clients limit a token to the bare alias (`flux`), the
    /// newest documentation to an id: both count, and an id counts for everything under it.
    pub fn allows(&self, endpoint: &Endpoint) -> bool {
        let id = endpoint.id();
        let under = |app: &str| id.strip_prefix(app).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.allowed_apps.iter().any(|app| app == endpoint.alias() || (app.contains('/') && under(app)))
    }
}

impl Fal {
    /// `POST /tokens/` → a JSON string, as the official clients ask. `POST /tokens/realtime` → `{"token"}`, as the newest
    /// documentation asks.
    pub(super) fn token(&mut self, now: Millis, request: &Request, path: &str) -> Result<Response, Response> {
        let (lifetime, wrapped) = match path {
            "/tokens/" => ("token_expiration", false),
            "/tokens/realtime" => ("duration", true),
            _ => return Err(not_found()),
        };
        if request.method != "POST" {
            return Err(method_not_allowed());
        }
        let caller = self.credentials.require(request)?;
        let input = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let mut fields = Fields::of(&input);
        let allowed_apps = fields.required_texts("allowed_apps");
        let seconds = fields.integer(lifetime, 1..=MAX_SECONDS, DEFAULT_SECONDS);
        fields.finish()?;

        let expires = now.saturating_add(seconds.unsigned_abs() * 1000);
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "HS256", "typ": "JWT" }));
        let claims = part(&json!({ "apps": allowed_apps, "exp": expires / 1000 }));
        let token = format!("{header}.{claims}.{}", self.ids.secret());
        self.credentials.tokens.add(token.clone(), caller.account, allowed_apps, expires);
        Ok(Response::json(200, &if wrapped { json!({ "token": token }) } else { json!(token) }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_opens_the_apps_it_names_until_it_expires_and_nothing_else() {
        let mut grants = Grants::default();
        grants.add("t".into(), "ann".into(), vec!["flux".into(), "emulator/slow".into()], 1_000);
        let allows = |path: &str| grants.get(999, "t").unwrap().allows(&Endpoint::parse(path).unwrap());
        assert!(allows("/fal-ai/flux/dev") && allows("/emulator/slow"));
        assert!(allows("/emulator/slow/realtime") && !allows("/emulator/slower"));
        assert!(!allows("/emulator/echo") && !allows("/fal-ai/any-llm"));
        assert!(grants.get(1_000, "t").is_none() && grants.get(0, "u").is_none());
    }
}
