//! Keys that came from browsers, and bodies that come slowly.

use wasm_bindgen::prelude::*;

use fal_wasm::protocol::Millis;
use fal_wasm::proxy::{KeyLeaks, body_time_left};

/// When keys from browsers are reported.
#[wasm_bindgen]
#[derive(Default)]
pub struct KeyLeakAlarm(KeyLeaks);

#[wasm_bindgen]
impl KeyLeakAlarm {
    /// None has come.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// One has come: whether to look up whose it is.
    pub fn came(&mut self, now: f64) -> bool {
        self.0.came(now as Millis)
    }

    /// It is known whose it is. How many were in no report before this one; undefined when this is in none either.
    pub fn identified(&mut self, now: f64, is_own: bool) -> Option<f64> {
        self.0.identified(now as Millis, is_own).map(|unreported| unreported as f64)
    }
}

/// For how many milliseconds the next bytes of a body may be waited for.
#[wasm_bindgen(js_name = bodyTimeLeft)]
pub fn body_time_left_for(waited: f64, received: f64) -> f64 {
    body_time_left(waited as Millis, received as u64) as f64
}
