//! The decisions about webhooks.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::protocol::Millis;
use fal_wasm::webhook::keys::{self, Known, Step};
use fal_wasm::webhook::lease::{LEASE_SECONDS, Lease, LeaseEffect, LeaseEvent, PROBE_SECONDS, REMEMBERED_SECONDS};
use fal_wasm::webhook::{Delivery, Headers, PublicKey, Refusal};
use fal_wasm::wire::Word;

/// One webhook whose headers are well-formed and of now.
#[wasm_bindgen]
pub struct WebhookDelivery(Delivery);

#[wasm_bindgen]
impl WebhookDelivery {
    /// Reads headers; throws the number of a [`Refusal`]. `wall_ms` is the time since 1970.
    #[wasm_bindgen(constructor)]
    pub fn new(
        request_id: Option<String>,
        user_id: Option<String>,
        timestamp: Option<String>,
        signature: Option<String>,
        wall_ms: f64,
    ) -> Result<WebhookDelivery, JsValue> {
        let (request_id, user_id) = (request_id.as_deref(), user_id.as_deref());
        let (timestamp, signature) = (timestamp.as_deref(), signature.as_deref());
        let delivery = Delivery::read(&Headers { request_id, user_id, timestamp, signature }, wall_ms as Millis);
        delivery.map(Self).map_err(|refusal| JsValue::from_f64(refusal.to_word()))
    }

    /// What fal signed, when this is the SHA-256 of the body; undefined when it is no SHA-256.
    pub fn message(&self, digest: &[u8]) -> Option<Vec<u8>> {
        digest.try_into().ok().map(|digest| self.0.message(digest))
    }

    /// What is wrong with what fal signed: the number of a [`Refusal`], or -1.
    pub fn refusal(&self, request_id: &str, attempt: Option<String>, accounts: Option<Vec<String>>) -> f64 {
        self.0.check(request_id, attempt.as_deref(), accounts.as_deref()).err().to_word()
    }

    /// The signature.
    pub fn signature(&self) -> Vec<u8> {
        self.0.signature().bytes().into()
    }
}

/// The bytes of an Ed25519 key, from fields of a JSON Web Key; undefined when it is not one, or weak.
#[wasm_bindgen(js_name = webhookKey)]
pub fn webhook_key(kty: &str, crv: &str, x: &str) -> Option<Vec<u8>> {
    PublicKey::from_jwk(kty, crv, x).map(|key| key.bytes().into())
}

/// Whether keys can be used: the number of a [`Step`]. Times are since 1970; `NaN` is never.
#[wasm_bindgen(js_name = webhookKeysStep)]
pub fn webhook_keys_step(wall_ms: f64, since: f64, asked: f64, open: bool, missed: bool) -> f64 {
    let time = |ms: f64| (!ms.is_nan()).then_some(ms as Millis);
    let known = Known { since: time(since), asked: time(asked), open };
    let step: Step = known.next(wall_ms as Millis, missed);
    step.to_word()
}

/// Where fal's keys are.
#[wasm_bindgen(js_name = webhookKeysUrl)]
pub fn webhook_keys_url() -> String {
    keys::URL.into()
}

/// How long a response from fal is waited for, in milliseconds.
#[wasm_bindgen(js_name = webhookKeysTimeout)]
pub fn webhook_keys_timeout() -> f64 {
    keys::TIMEOUT as f64
}

/// The HTTP status of a refusal.
#[wasm_bindgen(js_name = webhookStatus)]
pub fn webhook_status(number: f64) -> u16 {
    Refusal::from_word(number).map_or(500, Refusal::status)
}

/// What a delivery does next: the number of a [`LeaseEffect`], and the numbers that are its state. `state` is empty at first,
/// then what the last call gave; `event` is the number of a [`LeaseEvent`]; `now` is a time that only goes on.
#[wasm_bindgen(js_name = webhookLease)]
pub fn webhook_lease(state: &[f64], event: f64, now: f64) -> Vec<f64> {
    let mut lease = match *state {
        [waits_for, end, since, probed] => (|| {
            let effect = LeaseEffect::from_word;
            Some(Lease::from_parts((effect(waits_for)?, effect(end)?, since as Millis, probed != 0.0)))
        })(),
        _ => None,
    }
    .unwrap_or_default();
    let effect = LeaseEvent::from_word(event).map_or(LeaseEffect::Nothing, |event| lease.on(now as Millis, event));
    let (waits_for, end, since, probed) = lease.parts();
    [effect.to_word(), waits_for.to_word(), end.to_word(), since as f64, probed.to_word()].into()
}

/// For how many seconds a lease, a mark that is made to look, and a handled webhook are marked in the store.
#[wasm_bindgen(js_name = webhookMarkSeconds)]
pub fn webhook_mark_seconds(effect: f64) -> u32 {
    match LeaseEffect::from_word(effect) {
        Some(LeaseEffect::Take) => LEASE_SECONDS,
        Some(LeaseEffect::Look) => PROBE_SECONDS,
        _ => REMEMBERED_SECONDS,
    }
}
