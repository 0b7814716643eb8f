//! JSON, where JavaScript has a reader and a writer of its own: a caller's types are read from its values, so no reader of
//! numbers and no writer of texts is added to a page.

use fal_wasm::protocol::push_decimal;
use js_sys::{Array, JSON, Object, Reflect, Uint8Array};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::{Error, Serializer};
use wasm_bindgen::{JsCast, JsValue};

use crate::lossy::lossy;
use crate::safe::safe;

/// JSON that was read.
pub(crate) struct Doc(JsValue);

impl Doc {
    /// Reads a text; none when it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        JSON::parse(text).ok().map(Self)
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Self> {
        // A text or a number has no fields that could be asked for: JavaScript throws.
        let value = Reflect::get(&self.0, &name.into()).ok()?;
        (!value.is_undefined()).then_some(Self(value))
    }

    /// It as a list, when it is one.
    fn array(&self) -> Option<&Array> {
        Array::is_array(&self.0).then(|| self.0.unchecked_ref())
    }

    /// All items of a list.
    pub fn list(&self) -> Vec<Self> {
        let mut items = Vec::new();
        while let Some(item) = self.at(items.len()) {
            items.push(item);
        }
        items
    }

    /// An item of a list.
    pub fn at(&self, index: usize) -> Option<Self> {
        let list = self.array()?;
        let index = u32::try_from(index).ok().filter(|index| *index < list.length())?;
        Some(Self(list.get(index)))
    }

    /// Its text, when it is one and not empty.
    pub fn text(&self) -> Option<String> {
        self.string().filter(|text| !text.is_empty())
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
        self.array().map_or(0, |list| list.length() as usize)
    }

    /// Whether it says yes, when it says either.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A type of the caller's. The error goes on after a sentence, and quotes nothing.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        read(self.0)
    }

    /// It as part of a path: a name, or a place in a list.
    pub fn segment(&self) -> Option<String> {
        self.text().or_else(|| {
            let mut digits = String::new();
            push_decimal(&mut digits, self.number()? as u64);
            Some(digits)
        })
    }

    /// The names of an object, with their values as a query has them: texts as they are, everything else as JSON.
    pub fn query(&self) -> Vec<(String, String)> {
        let Some(object) = self.0.is_object().then(|| self.0.unchecked_ref::<Object>()) else { return Vec::new() };
        let mut pairs = Vec::new();
        for pair in Object::entries(object).iter() {
            let pair: Array = pair.unchecked_into();
            let value = pair.get(1);
            let text = value.as_string().or_else(|| written(&value)).unwrap_or_default();
            pairs.push((pair.get(0).as_string().unwrap_or_default(), text));
        }
        pairs
    }
}

/// Whether a text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    JSON::parse(text).is_ok()
}

/// Reads a type of the caller's. The error goes on after a sentence, and quotes nothing.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    JSON::parse(text).map_err(|_| String::new()).and_then(read)
}

/// Reads a type of the caller's from a text that is no JSON.
pub(crate) fn decode_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    read(text.into())
}

/// Reads a type of the caller's from bytes. What takes no bytes may take a text, when they are one.
pub(crate) fn decode_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    read(Uint8Array::from(bytes).into()).or_else(|why| {
        let text = lossy(bytes);
        if text.as_bytes() == bytes { decode_text(&text) } else { Err(why) }
    })
}

/// The one place where a type of the caller's is read, so that the code for it is in a page once.
#[inline(never)]
fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, String> {
    serde_wasm_bindgen::from_value(value).map_err(why)
}

/// What an error says. It is an `Error` of JavaScript: its text is taken as it is there, without anything that would format it.
#[cold]
fn why(error: Error) -> String {
    let message = Reflect::get(&error.into(), &"message".into()).ok().and_then(|message| message.as_string());
    safe(&message.unwrap_or_default())
}

/// Writes a value of the caller's. What the error says is of no use: it may quote the value.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let value = value.serialize(&Serializer::json_compatible()).ok();
    value.and_then(|value| written(&value)).ok_or_else(String::new)
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    written(&text.into()).unwrap_or_default()
}

/// A value as JSON; none for what is none, such as a `BigInt`.
fn written(value: &JsValue) -> Option<String> {
    JSON::stringify(value).ok()?.as_string()
}
