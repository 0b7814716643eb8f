//! Issuing short-lived tokens.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use serde_json::{Value, json};

use super::Access;
use crate::model::errors::{method_not_allowed, not_found};
use crate::model::fields::Fields;
use crate::model::http::{Millis, Request, Response};
use crate::model::ids::Ids;

/// The lifetime the official clients call for, in seconds; ours when a caller asks for none.
const DEFAULT_SECONDS: i64 = 120;
/// The longest lifetime given, in seconds (chosen: one day).
const MAX_SECONDS: i64 = 86_400;

impl Access {
    /// `POST /tokens/` → a JSON string, as the official clients call. `POST /tokens/realtime` → `{"token"}`, as the newest
    /// documentation asks.
    pub fn issue_token(
        &mut self,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        path: &str,
    ) -> Result<Response, Response> {
        let (lifetime, wrapped) = match path {
            "/tokens/" => ("token_expiration", false),
            "/tokens/realtime" => ("duration", true),
            _ => return Err(not_found()),
        };
        if request.method != "POST" {
            return Err(method_not_allowed());
        }
        let caller = self.require(request)?;
        let input = serde_json::from_slice(&request.body).unwrap_or(Value::Null);
        let mut fields = Fields::of(&input);
        let allowed_apps = fields.required_texts("allowed_apps");
        let seconds = fields.integer(lifetime, 1..=MAX_SECONDS, DEFAULT_SECONDS);
        fields.finish()?;

        let expires = now.saturating_add(seconds.unsigned_abs() * 1000);
        let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(&json!({ "alg": "HS256", "typ": "JWT" }));
        let claims = part(&json!({ "apps": allowed_apps, "exp": expires / 1000 }));
        let token = format!("{header}.{claims}.{}", ids.secret());
        self.tokens.add(token.clone(), caller.account, allowed_apps, expires);
        Ok(Response::json(200, &if wrapped { json!({ "token": token }) } else { json!(token) }))
    }
}
