//! What an app says about single endpoints: tables by pattern.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::credentials::EndpointPatterns;

/// Which of these patterns fit an endpoint, by their places; throws when one of them is no pattern.
#[wasm_bindgen(js_name = patternsFor)]
pub fn patterns_for(patterns: Vec<String>, endpoint: &str) -> Result<Vec<u32>, JsValue> {
    let mut fitting = Vec::new();
    for (place, pattern) in patterns.into_iter().enumerate() {
        let pattern = EndpointPatterns::parse([pattern]).map_err(|_| JsValue::from_str("allowedEndpoints"))?;
        if pattern.allows_endpoint(endpoint) {
            fitting.push(place as u32);
        }
    }
    Ok(fitting)
}
