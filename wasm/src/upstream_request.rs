//! A call that goes to fal without a machine: through the proxy, or as a socket.

use alloc::format;
use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::attach_credential::{Headers, Text, attach};
use super::problem::endpoint_id;
use fal_wasm::protocol::{Host, Method, Route};

/// A call on its way to fal.
#[wasm_bindgen]
pub struct UpstreamRequest(pub(super) Route);

impl From<Route> for UpstreamRequest {
    fn from(route: Route) -> Self {
        Self(route)
    }
}

#[wasm_bindgen]
impl UpstreamRequest {
    /// The URL to call, rebuilt.
    pub fn url(&self) -> String {
        self.0.url()
    }

    /// Attaches a credential; false when the URL is not that of this call.
    pub fn authorize(&self, url: &str, headers: &Headers, credential: &Text) -> bool {
        attach(self.0.host().origin(), url, headers, credential)
    }
}

/// The way to a socket with a key on its handshake: a realtime session of this endpoint, or requests to it one after the
/// other.
#[wasm_bindgen(js_name = socketRequest)]
pub fn socket_request(endpoint: &str, requests: bool) -> Result<UpstreamRequest, JsValue> {
    let endpoint = endpoint_id(endpoint)?;
    Ok(if requests { Route::Requests(endpoint) } else { Route::Run(endpoint) }.into())
}

/// A question of the proxy's own about a job: its result, or where it is; undefined when the texts name no job.
#[wasm_bindgen(js_name = jobRequest)]
pub fn job_request(app: &str, request: &str, result: bool) -> Option<UpstreamRequest> {
    let end = if result { "" } else { "/status?logs=0" };
    let url = format!("{}{app}/requests/{request}{end}", Host::Queue.origin());
    Route::parse(Method::Get, &url).ok().map(UpstreamRequest)
}
