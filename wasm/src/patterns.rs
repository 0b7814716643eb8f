//! What an app says about single endpoints: tables by pattern.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::credentials::EndpointPatterns;

/// Endpoint patterns, parsed once and asked as often as there are calls.
#[wasm_bindgen]
pub struct PatternTable(Vec<EndpointPatterns>);

#[wasm_bindgen]
impl PatternTable {
    /// Parses the patterns; throws the place of the first that is none.
    #[wasm_bindgen(constructor)]
    pub fn new(patterns: Vec<String>) -> Result<PatternTable, JsValue> {
        let mut table = Vec::with_capacity(patterns.len());
        for (place, pattern) in patterns.into_iter().enumerate() {
            table.push(EndpointPatterns::parse([pattern]).map_err(|_| JsValue::from(place as u32))?);
        }
        Ok(Self(table))
    }

    /// The places of the patterns that match an endpoint.
    pub fn matching(&self, endpoint: &str) -> Vec<u32> {
        let matches = self.0.iter().enumerate().filter(|(_, pattern)| pattern.allows_endpoint(endpoint));
        matches.map(|(place, _)| place as u32).collect()
    }
}
