//! Calls to fal's bridge for sessions, and what shows whose a session is.

use alloc::string::{String, ToString};

use wasm_bindgen::prelude::*;

use super::attach_credential::{Headers, Text, attach};
use fal_wasm::protocol::{BridgeRoute, Method, RouteError};
use fal_wasm::proxy::{Refusal, SessionPass};
use fal_wasm::wire::Word;

/// A call to the bridge.
#[wasm_bindgen]
pub struct BridgeRequest(BridgeRoute);

#[wasm_bindgen]
impl BridgeRequest {
    /// The number of its [`BridgeRoute`].
    pub fn kind(&self) -> f64 {
        self.0.to_word()
    }

    /// The URL to call.
    pub fn url(&self) -> String {
        self.0.url().to_string()
    }

    /// Attaches a credential; false when the URL is not that of this call.
    pub fn authorize(&self, url: &str, headers: &Headers, credential: &Text) -> bool {
        attach(BridgeRoute::ORIGIN, url, headers, credential)
    }
}

/// Where a call to the bridge goes; undefined when it is for another of fal's hosts. Throws the number of a [`Refusal`].
#[wasm_bindgen(js_name = bridgeRequest)]
pub fn bridge_request(method: &str, target: &str) -> Result<Option<BridgeRequest>, JsValue> {
    let Some(method) = Method::parse(method) else { return Ok(None) };
    let Some(read) = BridgeRoute::parse(method, target.trim_ascii()) else { return Ok(None) };
    let refused = |error| match error {
        RouteError::Method => Refusal::Method,
        RouteError::Query => Refusal::Query,
        _ => Refusal::TargetInvalid,
    };
    read.map(|route| Some(BridgeRequest(route))).map_err(|error| JsValue::from_f64(refused(error).to_word()))
}

/// The text that a pass signs, and the pass without its signature; undefined when fal's name for the session cannot be one.
#[wasm_bindgen(js_name = sessionMessage)]
pub fn session_message(principal: &str, app: &str, session: &str, ticket: &str, opened: f64) -> Option<String> {
    SessionPass { principal, app, session, ticket, opened: opened as u64 }.message()
}

/// The pass with its signature.
#[wasm_bindgen(js_name = sessionPass)]
pub fn session_pass(app: &str, ticket: &str, opened: f64, mac: &str) -> String {
    SessionPass { principal: "", app, session: "", ticket, opened: opened as u64 }.with_signature(mac)
}

/// A pass that was read.
#[wasm_bindgen(getter_with_clone)]
pub struct ReadPass {
    /// What has to be signed.
    pub message: String,
    /// The signature, as base64url.
    pub signature: String,
    /// The app.
    pub app: String,
    /// What the session was reserved under.
    pub ticket: String,
    /// For how many seconds it is open; undefined when it is for too long.
    pub age: Option<f64>,
}

/// Reads a pass; undefined when it is none. Whether its signature is good is not known yet.
#[wasm_bindgen(js_name = readSessionPass)]
pub fn read_session_pass(text: &str, session: &str, principal: &str, now: f64, max: f64) -> Option<ReadPass> {
    let (pass, mac) = SessionPass::read(text, session, principal)?;
    Some(ReadPass {
        message: pass.message()?,
        signature: mac.to_string(),
        app: pass.app.to_string(),
        ticket: pass.ticket.to_string(),
        age: pass.age(now as u64, max as u64).map(|age| age as f64),
    })
}
