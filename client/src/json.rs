//! JSON, natively: by serde_json. Bodies stay text until somebody wants a type of their own from them.

use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IgnoredAny, Visitor};
use serde::{Serialize, forward_to_deserialize_any};
use serde_json::Value;

use crate::decode_error::DecodeError;
use crate::safe::safe;

/// JSON that was read.
pub(crate) struct Doc(Value);

impl Doc {
    /// Reads a text; none when it is not JSON.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok().map(Self)
    }

    /// A field of an object.
    pub fn get(&self, name: &str) -> Option<Self> {
        self.0.get(name).cloned().map(Self)
    }

    /// All items of a list.
    pub fn list(&self) -> Vec<Self> {
        self.0.as_array().into_iter().flatten().cloned().map(Self).collect()
    }

    /// An item of a list.
    pub fn at(&self, index: usize) -> Option<Self> {
        self.0.as_array()?.get(index).cloned().map(Self)
    }

    /// Its text, when it is one and not empty.
    pub fn text(&self) -> Option<String> {
        self.0.as_str().filter(|text| !text.is_empty()).map(String::from)
    }

    /// Its text, when it is one.
    pub fn string(&self) -> Option<String> {
        self.0.as_str().map(String::from)
    }

    /// Its number, when it is one.
    pub fn number(&self) -> Option<f64> {
        self.0.as_f64()
    }

    /// How many items a list has.
    #[cfg(feature = "platform")]
    pub fn len(&self) -> usize {
        self.0.as_array().map_or(0, Vec::len)
    }

    /// Whether it says yes, when it says either.
    #[cfg(feature = "platform")]
    pub fn flag(&self) -> Option<bool> {
        self.0.as_bool()
    }

    /// A type of the caller's. The error goes on after a sentence, and quotes nothing.
    #[cfg(feature = "platform")]
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        serde_json::from_value(self.0).map_err(|error| safe(&error.to_string()))
    }

    /// It as part of a path: a name, or a place in a list.
    pub fn segment(&self) -> Option<String> {
        self.text().or_else(|| self.0.as_u64().map(|number| number.to_string()))
    }

    /// The names of an object, with their values as a query has them: texts as they are, everything else as JSON.
    pub fn query(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), String::from);
        self.0.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value))).collect()
    }
}

/// Whether a text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// Reads a type of the caller's. The error goes on after a sentence, and quotes nothing.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| safe(&error.to_string()))
}

/// Reads a type of the caller's from a text that is no JSON.
pub(crate) fn decode_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    T::deserialize(StrDeserializer::new(text)).map_err(DecodeError::into_text)
}

/// Reads a type of the caller's from bytes.
pub(crate) fn decode_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    T::deserialize(Bytes(bytes)).map_err(DecodeError::into_text)
}

/// Writes a value of the caller's. The error may quote the value.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    serde_json::to_string(value).map_err(|error| error.to_string())
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Bytes, as whatever takes some.
struct Bytes<'a>(&'a [u8]);

impl<'de> Deserializer<'de> for Bytes<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_bytes(self.0)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_seq(SeqDeserializer::new(self.0.iter().copied()))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct tuple
        tuple_struct map struct enum identifier ignored_any
    }
}
