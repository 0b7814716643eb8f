//! What JavaScript knows of JSON and what would take some kilobytes to know again: whether a text is some, and how a number is
//! read and written.

#[cfg(target_arch = "wasm32")]
mod place {
    use js_sys::{JSON, parse_float};
    use wasm_bindgen::JsValue;

    /// Whether a text is JSON.
    pub fn is_json(text: &str) -> bool {
        JSON::parse(text).is_ok()
    }

    /// The number that a text of JSON stands for.
    pub fn parse(text: &str) -> f64 {
        parse_float(text)
    }

    /// A number as JSON; `null` for one that has no digits.
    pub fn written(number: f64) -> String {
        let text = JSON::stringify(&JsValue::from_f64(number));
        text.ok().and_then(|text| text.as_string()).unwrap_or_default()
    }
}

/// For the tests, which run where there is no JavaScript.
#[cfg(not(target_arch = "wasm32"))]
mod place {
    pub fn is_json(text: &str) -> bool {
        crate::json::is_json(text)
    }

    pub fn parse(text: &str) -> f64 {
        text.parse().unwrap_or_default()
    }

    pub fn written(number: f64) -> String {
        crate::json::encode(&number).unwrap_or_default()
    }
}

pub(super) use place::{is_json, parse, written};
