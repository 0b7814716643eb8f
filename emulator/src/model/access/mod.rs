//! Who is calling, and what they may call.
//!
//! The 401 and 403 bodies are the ones fal was observed to send; a sentence marked *chosen* stands where no observation
//! was found.

mod issue;

use serde_json::json;

use crate::model::endpoint::Endpoint;
use crate::model::errors::detail;
use crate::model::http::{Millis, Request, Response};
use crate::model::settings::{AccessSettings, Key, Lock, LoginToken, Scope};
use crate::model::tokens::Tokens;

/// Who may call a model (fal calls this `app_auth`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Anyone with a key.
    Shared,
    /// Anyone at all.
    Public,
    /// Its owner: here, any key of scope ADMIN.
    Private,
}

/// A caller whose credential was good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The account the request belongs to.
    pub account: String,
    /// What the credential may do.
    pub scope: Scope,
}

/// Keys, login tokens and short-lived tokens, and what they may call.
#[derive(Debug, Default)]
pub struct Access {
    keys: Vec<Key>,
    logins: Vec<LoginToken>,
    /// Short-lived tokens, made on request.
    tokens: Tokens,
    /// What is refused to everybody.
    pub settings: AccessSettings,
}

impl Access {
    /// These keys and login tokens, and no short-lived tokens yet.
    pub fn new(keys: Vec<Key>, logins: Vec<LoginToken>) -> Self {
        Self { keys, logins, tokens: Tokens::default(), settings: AccessSettings::default() }
    }

    /// The keys there are.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// Adds a key.
    pub fn add(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Removes keys.
    pub fn remove(&mut self, goes: impl Fn(&Key) -> bool) {
        self.keys.retain(|key| !goes(key));
    }

    /// The caller named by the `Authorization` header; `None` when there is no such header.
    ///
    /// # Errors
    /// The 401 or 403 answer, when the header is there and does not help.
    pub fn identify(&self, request: &Request) -> Result<Option<Caller>, Response> {
        let Some(value) = request.header("authorization") else {
            return Ok(None);
        };
        if let Some(token) = bearer(request) {
            return self.login(token).map(Some);
        }
        let (scheme, credential) = value.split_once(' ').unwrap_or((value, ""));
        let operation = credential.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        if !scheme.eq_ignore_ascii_case("key") || operation.is_none() {
            return Err(detail(401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."));
        }
        let key = self.keys.iter().find(|key| key.key == credential);
        let key = key.ok_or_else(|| detail(401, "invalid key credentials"))?;
        if let Some(lock) = self.settings.locked.or(key.locked.then_some(Lock::Balance)) {
            return Err(detail(403, &format!("User is locked. Reason: {}", lock.reason())));
        }
        Ok(Some(Caller { account: key.account.clone(), scope: key.scope }))
    }

    fn login(&self, token: &str) -> Result<Caller, Response> {
        let login = self.logins.iter().find(|login| login.token == token);
        // What a key sent as Bearer was observed to get.
        let login = login.ok_or_else(|| detail(401, "bearer: unable to decode issuer"))?;
        Ok(Caller { account: login.account.clone(), scope: Scope::Admin })
    }

    /// The caller of a model, when it may call it. `None` is an anonymous caller of a public model.
    ///
    /// # Errors
    /// 401 without a good credential, 403 when it is good but not for this model.
    pub fn authorize(
        &self,
        request: &Request,
        endpoint: &Endpoint,
        visibility: Visibility,
    ) -> Result<Option<Caller>, Response> {
        let caller = self.identify(request)?;
        if self.settings.forbidden && caller.is_some() {
            return Err(missing_permission(endpoint));
        }
        let app = &endpoint.app;
        match (visibility, &caller) {
            (Visibility::Public, _)
            | (Visibility::Shared, Some(_))
            | (Visibility::Private, Some(Caller { scope: Scope::Admin, .. })) => Ok(caller),
            (Visibility::Shared | Visibility::Private, None) => Err(detail(
                401,
                &format!("Cannot access application \"{app}\". Authentication is required to access this application."),
            )),
            // Chosen: no observation of a key without the scope was found.
            (Visibility::Private, Some(_)) => {
                Err(detail(403, &format!("Cannot access application \"{app}\". The key's scope does not allow it.")))
            }
        }
    }

    /// Like [`authorize`](Self::authorize), on the host where a short-lived token in the query counts too.
    ///
    /// # Errors
    /// As [`authorize`](Self::authorize); a token that is unknown, expired or for another app gets a 401 (chosen).
    pub fn authorize_with_token(
        &self,
        now: Millis,
        request: &Request,
        endpoint: &Endpoint,
        visibility: Visibility,
    ) -> Result<Option<Caller>, Response> {
        match request.param("fal_jwt_token") {
            Some(token) if visibility != Visibility::Private => {
                let token = self.tokens.get(now, &token).filter(|token| token.allows(endpoint));
                let token = token.ok_or_else(|| detail(401, "Invalid or expired token"))?;
                Ok(Some(Caller { account: token.account.clone(), scope: Scope::Api }))
            }
            _ => self.authorize(request, endpoint, visibility),
        }
    }

    /// Whether the credential of a request is good; `None` when it has none.
    pub fn is_authorized(&self, now: Millis, request: &Request) -> Option<bool> {
        if let Some(token) = request.param("fal_jwt_token") {
            return Some(self.tokens.get(now, &token).is_some());
        }
        request.header("authorization")?;
        Some(self.identify(request).is_ok())
    }

    /// Requires a credential on the REST host.
    ///
    /// # Errors
    /// 401 without a good credential.
    pub fn require(&self, request: &Request) -> Result<Caller, Response> {
        self.identify(request)?.ok_or_else(|| detail(401, "Authorization header is required"))
    }
}

/// The 403 of a key that lacks a permission, in the shape that the newer permission system was seen to give.
fn missing_permission(endpoint: &Endpoint) -> Response {
    let permission =
        if endpoint.path.starts_with("requests/") { "models:requests:read" } else { "models:requests:submit" };
    let error = json!({ "type": "authorization_error", "message": format!("Missing permission {permission}") });
    Response::json(403, &json!({ "error": error }))
}

/// What follows `Bearer` in the `Authorization` header.
pub fn bearer(request: &Request) -> Option<&str> {
    let (scheme, credential) = request.header("authorization")?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(credential)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn credentials() -> Access {
        let key = |key: &str, scope, locked| Key { key: key.into(), scope, locked, account: "ann".into() };
        let keys =
            vec![key("api:1", Scope::Api, false), key("admin:1", Scope::Admin, false), key("poor:1", Scope::Api, true)];
        Access::new(keys, vec![LoginToken { token: "login".into(), account: "ann".into() }])
    }

    fn authorize(authorization: Option<&str>, visibility: Visibility) -> Result<Option<Caller>, (u16, String)> {
        let request = Request::new("POST", "https://fal.run/fal-ai/flux/dev");
        let request = match authorization {
            Some(value) => request.with_header("authorization", value),
            None => request,
        };
        let endpoint = Endpoint::parse("/fal-ai/flux/dev").unwrap();
        let refused =
            |response: Response| (response.status, response.body_json()["detail"].as_str().unwrap().to_owned());
        credentials().authorize(&request, &endpoint, visibility).map_err(refused)
    }

    #[test]
    fn each_way_to_be_refused_has_the_body_fal_sends_so_clients_can_tell_them_apart() {
        let cases = [
            (
                None,
                401,
                "Cannot access application \"fal-ai/flux\". Authentication is required to access this application.",
            ),
            (Some("Key nonsense"), 401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."),
            (Some("Key undefined"), 401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."),
            (Some("api:1"), 401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."),
            (Some("Key api:2"), 401, "invalid key credentials"),
            (Some("Bearer api:1"), 401, "bearer: unable to decode issuer"),
            (
                Some("Key poor:1"),
                403,
                "User is locked. Reason: Exhausted balance. Top up your balance at fal.ai/dashboard/billing.",
            ),
        ];
        for (authorization, status, body) in cases {
            assert_eq!(
                authorize(authorization, Visibility::Shared),
                Err((status, body.to_owned())),
                "{authorization:?}"
            );
        }
        assert!(authorize(Some("Key api:1"), Visibility::Shared).is_ok());
        assert!(authorize(Some("Bearer login"), Visibility::Shared).is_ok());
    }

    #[test]
    fn scopes_decide_about_private_models_and_public_ones_need_no_key() {
        assert_eq!(authorize(Some("Key api:1"), Visibility::Private).unwrap_err().0, 403);
        assert_eq!(authorize(Some("Key admin:1"), Visibility::Private).unwrap().unwrap().scope, Scope::Admin);
        assert_eq!(authorize(None, Visibility::Private).unwrap_err().0, 401);
        assert_eq!(authorize(None, Visibility::Public), Ok(None));
    }
}
