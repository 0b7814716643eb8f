//! What a call through the proxy is about, whose it is.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::upstream_request::UpstreamRequest;
use fal_wasm::protocol::{RequestId, Route};
use fal_wasm::proxy::{Capability, RouteKind};
use fal_wasm::wire::Word;

#[wasm_bindgen]
impl UpstreamRequest {
    /// What it is about: the number of a [`RouteKind`].
    pub fn kind(&self) -> f64 {
        RouteKind::of(&self.0).to_word()
    }

    /// What it is about, a line each, empty where there is none: the endpoint it runs, the app that owns the queue, the
    /// request; then its URL. Texts that cross one by one would cost more than all that is decided about a call.
    pub fn names(&self) -> String {
        let (endpoint, app) = (self.0.endpoint(), self.0.app());
        let endpoint = endpoint.as_ref().map_or("", |endpoint| endpoint.as_str());
        let app = app.as_ref().map_or("", |app| app.as_str());
        [endpoint, app, self.0.request().map_or("", |request| request.as_str()), &self.0.url()].join("\n")
    }

    /// Has the result of a submit sent there. Only the server says where.
    #[wasm_bindgen(js_name = setWebhook)]
    pub fn set_webhook(&mut self, url: String) {
        if let Route::Submit(_, submission) = &mut self.0 {
            submission.webhook = Some(url);
        }
    }

    /// What is signed to say that a new request is somebody's own. What `request` names was read from an answer, and is
    /// looked at once more: undefined when it is no id.
    pub fn capability(&self, request: &str, principal: &str, expires: f64) -> Option<CapabilityText> {
        let app = self.0.app()?;
        let request = RequestId::parse(request).ok()?;
        let request = request.as_str();
        let capability = Capability { principal, app: app.as_str(), request, expires: expires as u64 };
        Some(CapabilityText { message: capability.message(), text: capability.with_signature("") })
    }

    /// What a capability says that was sent along; undefined when it is not for this request, or too old. `text` is its
    /// signature, which is still to be checked.
    #[wasm_bindgen(js_name = readCapability)]
    pub fn read_capability(&self, capability: &str, principal: &str, now: f64) -> Option<CapabilityText> {
        let app = self.0.app()?;
        let read = Capability::read(&self.0, &app, principal, capability, now as u64)?;
        Some(CapabilityText { message: read.capability.message(), text: read.signature.into() })
    }
}

/// Something to be signed or checked, and the text around the signature.
#[wasm_bindgen(getter_with_clone)]
pub struct CapabilityText {
    /// What is signed.
    pub message: String,
    /// What stands before the signature, or the signature.
    pub text: String,
}

/// What options and reports call a kind of route.
#[wasm_bindgen(js_name = routeKindName)]
pub fn route_kind_name(number: f64) -> String {
    kind(number).name().into()
}

/// How long the first byte of an answer may take, in milliseconds.
#[wasm_bindgen(js_name = routeKindPatience)]
pub fn route_kind_patience(number: f64) -> u32 {
    kind(number).patience_ms()
}

/// Whether a kind of route counts as a request.
#[wasm_bindgen(js_name = isCounted)]
pub fn is_counted(number: f64) -> bool {
    kind(number).is_counted()
}

/// Whether a kind of route puts a model to work.
#[wasm_bindgen(js_name = isJob)]
pub fn is_job(number: f64) -> bool {
    kind(number).is_job()
}

/// Whether a kind of route has a price.
#[wasm_bindgen(js_name = isPriced)]
pub fn is_priced(number: f64) -> bool {
    kind(number).is_priced()
}

fn kind(number: f64) -> RouteKind {
    RouteKind::from_word(number).unwrap_or(RouteKind::Run)
}
