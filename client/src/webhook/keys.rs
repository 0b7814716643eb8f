//! fal's public keys, and what they signed. The core decides when keys are used, asked for and dropped, and which of them may
//! be used at all.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ed25519_dalek::{Signature as RawSignature, VerifyingKey};
use fal_wasm::webhook::keys::{Known, Step, TIMEOUT, URL};
use fal_wasm::webhook::{PublicKey, Refusal, Signature};
use serde::Deserialize;
use serde_json::Value;

use super::refusals::WebhookError;
use crate::local::LocalServer;
use crate::marker::Source;
use crate::native::wall;
use crate::service::read_at_most;

/// The largest answer: this many bytes, this many keys.
const MAX_BYTES: usize = 65_536;
const MAX_KEYS: usize = 16;
/// How long to wait before looking again whether another question was answered.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// The keys that are known.
pub(super) struct Keys {
    http: reqwest::Client,
    url: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    known: Known,
    keys: Arc<[VerifyingKey]>,
    /// Why the last question failed.
    failure: Option<String>,
}

#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

impl Keys {
    pub fn new(http: reqwest::Client, local: Option<&LocalServer>) -> Self {
        let url = local.map_or(URL.into(), |local| local.take(URL.into()));
        Self { http, url, state: Mutex::default() }
    }

    /// Whether one of fal's keys made this signature.
    pub async fn have_signed(&self, signature: &Signature, message: &[u8]) -> Result<bool, WebhookError> {
        let signature = RawSignature::from_bytes(signature.bytes());
        let is_of_one = |keys: &[VerifyingKey]| keys.iter().any(|key| key.verify_strict(message, &signature).is_ok());
        let keys = self.get(false).await?;
        if is_of_one(&keys) {
            return Ok(true);
        }
        // fal may have new keys.
        let newer = self.get(true).await?;
        Ok(!Arc::ptr_eq(&keys, &newer) && is_of_one(&newer))
    }

    /// Keys that can be used now. `missed`: none of those at hand made the signature.
    async fn get(&self, missed: bool) -> Result<Arc<[VerifyingKey]>, WebhookError> {
        loop {
            let now = wall();
            let step = {
                let mut state = self.state();
                let step = state.known.next(now, missed);
                match step {
                    Step::Use => return Ok(Arc::clone(&state.keys)),
                    Step::Ask => (state.known.asked, state.known.open) = (Some(now), true),
                    Step::Wait => {}
                    Step::Fail => {
                        let source = state.failure.clone().map(Source::from);
                        return Err(WebhookError { refusal: Refusal::KeysUnavailable, source });
                    }
                }
                step
            };
            if step == Step::Wait {
                tokio::time::sleep(LOOK_AGAIN).await;
                continue;
            }
            let fetched = tokio::time::timeout(Duration::from_millis(TIMEOUT), self.fetch()).await;
            let fetched = fetched.unwrap_or_else(|_| Err("fal's keys did not come in time.".into()));
            let mut state = self.state();
            // A question that took so long that another was asked since is out of date.
            if state.known.asked != Some(now) {
                continue;
            }
            state.known.open = false;
            match fetched {
                Ok(keys) => (state.keys, state.known.since, state.failure) = (keys, Some(now), None),
                Err(why) => (state.failure, state.known.asked) = (Some(why), Some(wall())),
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn fetch(&self) -> Result<Arc<[VerifyingKey]>, String> {
        let request = self.http.get(&self.url).header("accept", "application/json");
        let mut response = request.send().await.map_err(|error| error.without_url().to_string())?;
        if response.status() != http::StatusCode::OK {
            return Err(format!("fal's keys were answered with status {}.", response.status().as_u16()));
        }
        let body = read_at_most(&mut response, MAX_BYTES).await.ok_or("fal's keys broke off, or are too many.")?;
        let published: Option<Published> = serde_json::from_slice(&body).ok();
        let list = published.map(|published| published.keys).filter(|list| list.len() <= MAX_KEYS).unwrap_or_default();
        let keys: Arc<[VerifyingKey]> = list.iter().filter_map(usable).collect();
        if keys.is_empty() { Err("fal's answer has no Ed25519 keys, or too many.".into()) } else { Ok(keys) }
    }
}

/// A JSON Web Key as a key to verify with, when it is one that may be used.
fn usable(jwk: &Value) -> Option<VerifyingKey> {
    let text = |name: &str| jwk.get(name)?.as_str();
    let is_for_signatures = jwk.get("use").is_none_or(|purpose| purpose == "sig");
    let key = PublicKey::from_jwk(text("kty")?, text("crv")?, text("x")?).filter(|_| is_for_signatures)?;
    VerifyingKey::from_bytes(key.bytes()).ok()
}
