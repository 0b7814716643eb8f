//! What an app says about single endpoints: tables by pattern.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::credentials::{EndpointPattern, EndpointPatterns, EndpointTable, PatternError, Scope};

/// Endpoint patterns, parsed once and asked as often as there are calls.
#[wasm_bindgen]
pub struct PatternTable(EndpointTable);

#[wasm_bindgen]
impl PatternTable {
    /// Parses the patterns, which were checked before; throws the place of the first that is none. What is `covered` are
    /// also the endpoints below those that a pattern matches.
    #[wasm_bindgen(constructor)]
    pub fn new(patterns: Vec<String>, covered: bool) -> Result<PatternTable, JsValue> {
        let scope = if covered { Scope::Covered } else { Scope::Named };
        EndpointTable::parse(patterns, scope).map(Self).map_err(|(place, _)| JsValue::from(place as u32))
    }

    /// The places of the patterns that are about a call to an endpoint.
    pub fn about(&self, endpoint: &str, streamed: bool) -> Vec<u32> {
        self.0.about(endpoint, streamed).into_iter().map(|place| place as u32).collect()
    }

    /// The place of the first pattern that is about nothing of what a list opens; undefined when there is none.
    pub fn idle(&self, open: Vec<String>) -> Option<u32> {
        let open = EndpointPatterns::parse(open).ok()?;
        self.0.idle(&open).map(|place| place as u32)
    }
}

/// What is wrong with a pattern, in words; undefined when nothing is. One that `opens` endpoints has to name their owner.
#[wasm_bindgen(js_name = patternProblem)]
pub fn pattern_problem(pattern: &str, opens: bool) -> Option<String> {
    match EndpointPattern::parse(pattern) {
        Ok(parsed) if opens && !parsed.names_owner() => Some(PatternError::Owner.to_string()),
        Ok(_) => None,
        Err(error) => Some(error.to_string()),
    }
}
