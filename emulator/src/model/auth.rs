//! Who is calling, and whether they may.
//!
//! The 401 and 403 bodies are the ones fal was observed to send; a sentence marked *chosen* stands where no observation
//! was found.

use serde_json::json;

use super::endpoint::Endpoint;
use super::errors::detail;
use super::http::{Millis, Request, Response};
use super::settings::{AccessSettings, Key, Lock, LoginToken, Scope};
use super::tokens::Grants;

/// Who may call a model (`app_auth` in fal's own terms).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
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

/// The credentials that exist.
#[derive(Debug, Default)]
pub struct Credentials {
    keys: Vec<Key>,
    logins: Vec<LoginToken>,
    /// Short-lived tokens, made on request.
    pub tokens: Grants,
    /// What is refused to everybody.
    pub access: AccessSettings,
}

impl Credentials {
    /// These keys and login tokens, and no short-lived tokens yet.
    pub fn new(keys: Vec<Key>, logins: Vec<LoginToken>) -> Self {
        Self { keys, logins, tokens: Grants::default(), access: AccessSettings::default() }
    }

    /// The keys there are.
    pub fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// One more key.
    pub fn add(&mut self, key: Key) {
        self.keys.push(key);
    }

    /// Fewer keys.
    pub fn remove(&mut self, goes: impl Fn(&Key) -> bool) {
        self.keys.retain(|key| !goes(key));
    }

    /// Whoever the `Authorization` header names; `None` when there is no such header.
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
        let shape = credential.split_once(':').filter(|(id, secret)| !id.is_empty() && !secret.is_empty());
        if !scheme.eq_ignore_ascii_case("key") || shape.is_none() {
            return Err(detail(401, "Invalid Key Authorization header format. Expected '<key_id>:<key_secret>'."));
        }
        let key = self.keys.iter().find(|key| key.key == credential);
        let key = key.ok_or_else(|| detail(401, "invalid key credentials"))?;
        if let Some(lock) = self.access.locked.or(key.locked.then_some(Lock::Balance)) {
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

    /// Lets a caller through to a model, or says why not. `None` is an anonymous caller of a public model.
    ///
    /// # Errors
    /// 401 without a good credential, 403 when it is good but not for this model.
    pub fn admit(&self, request: &Request, endpoint: &Endpoint, access: Access) -> Result<Option<Caller>, Response> {
        let caller = self.identify(request)?;
        if self.access.forbidden && caller.is_some() {
            return Err(missing_permission(endpoint));
        }
        let app = &endpoint.app;
        match (access, &caller) {
            (Access::Public, _)
            | (Access::Shared, Some(_))
            | (Access::Private, Some(Caller { scope: Scope::Admin, .. })) => Ok(caller),
            (Access::Shared | Access::Private, None) => Err(detail(
                401,
                &format!("Cannot access application \"{app}\". Authentication is required to access this application."),
            )),
            // Chosen: no observation of a key without the scope was found.
            (Access::Private, Some(_)) => {
                Err(detail(403, &format!("Cannot access application \"{app}\". The key's scope does not allow it.")))
            }
        }
    }

    /// Like [`admit`](Self::admit), on the host where a short-lived token in the query counts too.
    ///
    /// # Errors
    /// As [`admit`](Self::admit); a token that is unknown, expired or for another app gets a 401 (chosen).
    pub fn admit_or_token(
        &self,
        now: Millis,
        request: &Request,
        endpoint: &Endpoint,
        access: Access,
    ) -> Result<Option<Caller>, Response> {
        match request.param("fal_jwt_token") {
            Some(token) if access != Access::Private => {
                let grant = self.tokens.get(now, &token).filter(|grant| grant.allows(endpoint));
                let grant = grant.ok_or_else(|| detail(401, "Invalid or expired token"))?;
                Ok(Some(Caller { account: grant.account.clone(), scope: Scope::Api }))
            }
            _ => self.admit(request, endpoint, access),
        }
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

    fn credentials() -> Credentials {
        let key = |key: &str, scope, locked| Key { key: key.into(), scope, locked, account: "ann".into() };
        let keys =
            vec![key("api:1", Scope::Api, false), key("admin:1", Scope::Admin, false), key("poor:1", Scope::Api, true)];
        Credentials::new(keys, vec![LoginToken { token: "login".into(), account: "ann".into() }])
    }

    fn admit(authorization: Option<&str>, access: Access) -> Result<Option<Caller>, (u16, String)> {
        let request = Request::new("POST", "https://fal.run/fal-ai/flux/dev");
        let request = match authorization {
            Some(value) => request.with_header("authorization", value),
            None => request,
        };
        let endpoint = Endpoint::parse("/fal-ai/flux/dev").unwrap();
        let refused =
            |response: Response| (response.status, response.body_json()["detail"].as_str().unwrap().to_owned());
        credentials().admit(&request, &endpoint, access).map_err(refused)
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
            assert_eq!(admit(authorization, Access::Shared), Err((status, body.to_owned())), "{authorization:?}");
        }
        assert!(admit(Some("Key api:1"), Access::Shared).is_ok());
        assert!(admit(Some("Bearer login"), Access::Shared).is_ok());
    }

    #[test]
    fn scopes_decide_about_private_models_and_public_ones_need_no_key() {
        assert_eq!(admit(Some("Key api:1"), Access::Private).unwrap_err().0, 403);
        assert_eq!(admit(Some("Key admin:1"), Access::Private).unwrap().unwrap().scope, Scope::Admin);
        assert_eq!(admit(None, Access::Private).unwrap_err().0, 401);
        assert_eq!(admit(None, Access::Public), Ok(None));
    }
}
