//! Fal keys of visitors, sealed: what a seal is bound to.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::proxy::SealedKey;

/// What the seal of a key is bound to.
#[wasm_bindgen(js_name = sealBoundTo)]
pub fn seal_bound_to(principal: &str, expires: f64) -> String {
    SealedKey { principal, expires: expires as u64 }.bound_to()
}

/// The value of the cookie.
#[wasm_bindgen(js_name = sealedText)]
pub fn sealed_text(content: &str, expires: f64) -> String {
    SealedKey { principal: "", expires: expires as u64 }.with_content(content)
}

/// Reads the value of a cookie: what the seal has to be bound to, and what was sealed. Undefined when it is none, or expired.
#[wasm_bindgen(js_name = readSealed)]
pub fn read_sealed(text: &str, principal: &str, now: f64) -> Option<Vec<String>> {
    let (key, content) = SealedKey::read(text, principal, now as u64)?;
    Some([key.bound_to(), content.to_string()].into())
}
