//! The decisions of the proxy.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::passage::Passage;
use fal_wasm::access::EndpointPatterns;
use fal_wasm::protocol::TokenContract;
use fal_wasm::proxy::{Admission, Gate, Inbound, Origin, Refusal, answer, headers};

/// What a proxy allows, ready to decide.
#[wasm_bindgen]
pub struct ProxyGate(Gate);

/// Answers of [`ProxyGate::admit`] that are no refusals.
const ENTER: i32 = -1;
const PREFLIGHT: i32 = -2;

#[wasm_bindgen]
impl ProxyGate {
    /// Checks a policy; throws the name of the option that is wrong.
    #[wasm_bindgen(constructor)]
    pub fn new(
        endpoints: Vec<String>,
        trusted_origins: Vec<String>,
        uploads: bool,
        tokens: bool,
    ) -> Result<ProxyGate, JsValue> {
        let endpoints = EndpointPatterns::parse(endpoints).map_err(|_| JsValue::from_str("allowedEndpoints"))?;
        let origins: Result<Vec<_>, _> = trusted_origins.iter().map(|origin| Origin::parse(origin)).collect();
        let trusted_origins = origins.map_err(|_| JsValue::from_str("trustedOrigins"))?;
        Ok(Self(Gate { endpoints, trusted_origins, uploads, tokens }))
    }

    /// Looks at a call as it comes in: -1 to go on, -2 for a preflight, else the number of a [`Refusal`].
    pub fn admit(
        &self,
        method: &str,
        url: &str,
        origin: Option<String>,
        fetch_site: Option<String>,
        content_type: Option<String>,
        leaks_key: bool,
    ) -> i32 {
        let (origin, fetch_site) = (origin.as_deref(), fetch_site.as_deref());
        let content_type = content_type.as_deref();
        match self.0.admit(&Inbound { method, url, origin, fetch_site, content_type, leaks_key }) {
            Admission::Enter => ENTER,
            Admission::Preflight => PREFLIGHT,
            Admission::Refuse(refusal) => refusal as i32,
        }
    }

    /// Whether answers may be read by a page of this origin.
    pub fn trusts(&self, origin: Option<String>) -> bool {
        self.0.trusts(origin.as_deref())
    }

    /// Whether a token may be asked for under this name: that of an endpoint in the newer contract, of an app in the older.
    #[wasm_bindgen(js_name = mayMint)]
    pub fn may_mint(&self, newer: bool, name: &str) -> bool {
        self.0.may_mint(if newer { TokenContract::Newer } else { TokenContract::Older }, name)
    }

    /// Where a call may go; throws the number of a [`Refusal`].
    pub fn passage(&self, method: &str, target: Option<String>) -> Result<Passage, JsValue> {
        let route = self.0.passage(method, target.as_deref());
        route.map(Passage::from).map_err(|refusal| (refusal as u32).into())
    }
}

/// The HTTP status of a refusal.
#[wasm_bindgen(js_name = refusalStatus)]
pub fn refusal_status(number: u8) -> u16 {
    Refusal::ALL.get(usize::from(number)).map_or(500, |refusal| refusal.status())
}

/// What is wrong with fal's answer: the number of a [`Refusal`], or -1.
#[wasm_bindgen(js_name = answerProblem)]
pub fn answer_problem(status: u16) -> i32 {
    answer(status).err().map_or(-1, |refusal| refusal as i32)
}

/// Whether a header of the browser's may be let through by a policy.
#[wasm_bindgen(js_name = isForwardable)]
pub fn is_forwardable(name: &str) -> bool {
    headers::FORWARDABLE.contains(&name)
}

/// The headers of fal's that reach the browser.
#[wasm_bindgen(js_name = returnedHeaders)]
pub fn returned_headers() -> Vec<String> {
    headers::RETURNED.map(String::from).into()
}
