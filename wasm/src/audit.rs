//! Records of the proxy, and the hash of its policy.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use fal_wasm::proxy::audit;

/// The hash of a record in its chain.
#[wasm_bindgen(js_name = auditHash)]
pub fn audit_hash(chain: &str, sequence: f64, previous: &str, record: &str) -> String {
    audit::hash(chain, sequence as u64, previous, record)
}

/// The SHA-256 of settings, in hexadecimal. Secrets do not come here.
#[wasm_bindgen(js_name = settingsDigest)]
pub fn settings_digest(text: &str) -> String {
    audit::digest(text)
}
