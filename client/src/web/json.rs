//! JSON, where JavaScript has a reader and a writer of its own: a caller's types are read from its values, so no reader of
//! numbers and no writer of texts is added to a page.

use js_sys::{Array, JSON, Object, Reflect};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::{JsCast, JsValue};

/// JSON that was read.
pub(crate) struct Doc(JsValue);

impl Doc {
    /// Reads a text; none when it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Self> {
        let value = self.0.is_object().then(|| Reflect::get(&self.0, &name.into()).ok()).flatten()?;
        (!value.is_undefined()).then_some(Self(value))
    }

    /// An item of a list.
    pub fn at(&self, index: usize) -> Option<Self> {
        let list = self.0.dyn_ref::<Array>()?;
        let index = u32::try_from(index).ok().filter(|index| *index < list.length())?;
        Some(Self(list.get(index)))
    }

    /// Its text, when it is one and not empty.
    pub fn text(&self) -> Option<String> {
        self.0.as_string().filter(|text| !text.is_empty())
    }

    /// Its text, when it is one.
    pub fn string(&self) -> Option<String> {
        self.0.as_string()
    }

    /// Its number, when it is one.
    pub fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    /// How many items a list has.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn len(&self) -> usize {
        self.0.dyn_ref::<Array>().map_or(0, |list| list.length() as usize)
    }

    /// Whether it says yes, when it says either.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A type of the caller's. The error may quote it.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        serde_wasm_bindgen::from_value(self.0).map_err(|error| error.to_string())
    }

    /// It as part of a path: a name, or a place in a list.
    pub fn segment(&self) -> Option<String> {
        self.text().or_else(|| self.0.as_f64().map(|number| (number as u32).to_string()))
    }

    /// The names of an object, with their values as a query has them: texts as they are, everything else as JSON.
    pub fn query(&self) -> Vec<(String, String)> {
        let Some(object) = self.0.dyn_ref::<Object>() else { return Vec::new() };
        let text = |value: JsValue| {
            value.as_string().or_else(|| JSON::stringify(&value).ok()?.as_string()).unwrap_or_default()
        };
        let pair = |pair: JsValue| {
            let pair: Array = pair.unchecked_into();
            (pair.get(0).as_string().unwrap_or_default(), text(pair.get(1)))
        };
        Object::entries(object).iter().map(pair).collect()
    }
}

/// Whether a text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    JSON::parse(text).is_ok()
}

/// Reads a type of the caller's. The error may quote the text.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    let value = JSON::parse(text).map_err(|_| String::new())?;
    serde_wasm_bindgen::from_value(value).map_err(|error| error.to_string())
}

/// Writes a value of the caller's. The error may quote the value.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let value = value.serialize(&Serializer::json_compatible()).map_err(|error| error.to_string())?;
    JSON::stringify(&value).ok().and_then(|text| text.as_string()).ok_or_else(String::new)
}
