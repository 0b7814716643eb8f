//! Questions the JavaScript layer asks about single texts.

use wasm_bindgen::prelude::*;

use super::hands::{Act, Hands};
use super::refusal::{accepted, endpoint_id, lines};
use fal_wasm::credentials::{KeyScan, ProxyUrl, is_key_credential};
use fal_wasm::protocol::EndpointId;

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

/// What is wrong with the URL of a proxy: a [`ProxyUrlError`](fal_wasm::credentials::ProxyUrlError), or 0.
#[wasm_bindgen(js_name = proxyUrlProblem)]
pub fn proxy_url_problem(text: &str) -> u8 {
    ProxyUrl::parse(text).err().map_or(0, |error| error as u8)
}

/// The canonical spelling of an endpoint id, or why it is refused. The second line may be a path below it, the third what
/// stands there usually: with that it is about what is below.
#[wasm_bindgen(js_name = endpointId)]
pub fn canonical_endpoint_id(hands: &Hands, texts: &str) {
    let [id, path, usual] = lines(texts);
    let wanted = endpoint_id(id).and_then(|id| match usual {
        "" => Ok(id),
        _ => endpoint_id(&EndpointId::below(id.as_str(), path, usual)),
    });
    if let Some(id) = accepted(hands, wanted) {
        hands.act(Act::Answer, 0, 0, id.as_str());
    }
}
