//! Questions the skin asks about single texts.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use crate::access::{KeyScan, ProxyUrl, is_key_credential};
use crate::protocol::file_name;

#[wasm_bindgen]
extern "C" {
    /// A string that stays in JavaScript. Its characters can be looked at; it cannot be copied.
    #[wasm_bindgen(typescript_type = "string")]
    pub type Text;

    #[wasm_bindgen(method, getter)]
    fn length(this: &Text) -> u32;

    #[wasm_bindgen(method, js_name = charCodeAt)]
    fn char_code_at(this: &Text, index: u32) -> u16;
}

/// The UTF-16 code units of a string, one after the other.
pub fn units(text: &Text) -> impl Iterator<Item = u16> {
    (0..text.length()).map(|index| text.char_code_at(index))
}

/// Whether a text hands over a fal key.
#[wasm_bindgen(js_name = isKey)]
pub fn is_key(text: &Text) -> bool {
    KeyScan::finds(units(text)) || is_key_credential(units(text))
}

/// What is wrong with the URL of a proxy: a [`ProxyUrlError`](crate::access::ProxyUrlError), or 0.
#[wasm_bindgen(js_name = proxyUrlProblem)]
pub fn proxy_url_problem(text: &str) -> u8 {
    ProxyUrl::parse(text).err().map_or(0, |error| error as u8)
}

/// The name a file is uploaded under. `wall_ms` is the time since 1970.
#[wasm_bindgen(js_name = fileName)]
pub fn name_of_file(own: &str, content_type: &str, wall_ms: f64) -> String {
    file_name(own, content_type, wall_ms as u64)
}
