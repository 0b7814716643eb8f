//! JSON in a page. Whether a text is JSON, and what its numbers are, JavaScript knows; everything else is cut out of the
//! text itself: values of JavaScript would each need functions of their own in a page, and code to go there and back.

mod number;
mod read;
mod scan;
mod write;

use std::borrow::Cow;

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::decode_error::DecodeError;
use read::Value;
use scan::{Token, token};

/// JSON that was read.
#[derive(Clone, Copy)]
pub(crate) struct Doc<'a>(&'a str);

impl<'a> Doc<'a> {
    /// Reads a text; none when it is not JSON.
    pub fn parse(text: &'a str) -> Option<Self> {
        number::is_json(text).then(|| Self(text.trim_ascii()))
    }

    /// A field of an object; of one that comes twice, the last.
    pub fn get(&self, name: &str) -> Option<Self> {
        let Token::Object(mut parts) = token(self.0) else { return None };
        let mut found = None;
        while let (Some(key), Some(value)) = (parts.take(), parts.take()) {
            if scan::text(key) == name {
                found = Some(Self(value));
            }
        }
        found
    }

    /// All items of a list.
    pub fn list(&self) -> Vec<Self> {
        let Token::List(mut parts) = token(self.0) else { return Vec::new() };
        let mut items = Vec::new();
        while let Some(item) = parts.take() {
            items.push(Self(item));
        }
        items
    }

    /// An item of a list.
    pub fn at(&self, index: usize) -> Option<Self> {
        self.list().get(index).copied()
    }

    /// Its text, when it is one and not empty.
    pub fn text(&self) -> Option<String> {
        self.string().filter(|text| !text.is_empty())
    }

    /// Its text, when it is one.
    pub fn string(&self) -> Option<String> {
        self.0.starts_with('"').then(|| scan::text(self.0).into_owned())
    }

    /// Its number, when it is one.
    pub fn number(&self) -> Option<f64> {
        match token(self.0) {
            Token::Number(text) => Some(number::parse(text)),
            _ => None,
        }
    }

    /// How many items a list has.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn len(&self) -> usize {
        self.list().len()
    }

    /// Whether it says yes, when it says either.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn flag(&self) -> Option<bool> {
        match token(self.0) {
            Token::Bool(says) => Some(says),
            _ => None,
        }
    }

    /// A type of the caller's. The error goes on after a sentence, and quotes nothing.
    #[cfg(all(feature = "platform", feature = "edge"))]
    pub fn decode<T: DeserializeOwned>(self) -> Result<T, String> {
        read(Value::Json(self.0))
    }

    /// It as part of a path: a name, or a place in a list.
    pub fn segment(&self) -> Option<String> {
        self.text().or_else(|| self.number().map(|number| write::decimal(number as u32)))
    }

    /// The names of an object, with their values as a query has them: texts as they are, everything else as JSON.
    pub fn query(&self) -> Vec<(String, String)> {
        let Token::Object(mut parts) = token(self.0) else { return Vec::new() };
        let mut pairs = Vec::new();
        while let (Some(name), Some(value)) = (parts.take(), parts.take()) {
            let value = if value.starts_with('"') { scan::text(value) } else { Cow::Borrowed(value) };
            pairs.push((scan::text(name).into_owned(), value.into_owned()));
        }
        pairs
    }
}

/// Whether a text is JSON.
pub(crate) fn is_json(text: &str) -> bool {
    number::is_json(text)
}

/// Reads a type of the caller's. The error goes on after a sentence, and quotes nothing.
pub(crate) fn decode<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    match Doc::parse(text) {
        Some(Doc(text)) => read(Value::Json(text)),
        None => Err(String::new()),
    }
}

/// Reads a type of the caller's from a text that is no JSON.
pub(crate) fn decode_text<T: DeserializeOwned>(text: &str) -> Result<T, String> {
    read(Value::Text(text))
}

/// Reads a type of the caller's from bytes.
pub(crate) fn decode_bytes<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, String> {
    read(Value::Bytes(bytes))
}

/// The one place where a type of the caller's is read, so that the code for it is in a page once.
#[inline(never)]
fn read<T: DeserializeOwned>(value: Value<'_>) -> Result<T, String> {
    T::deserialize(value).map_err(DecodeError::into_text)
}

/// Writes a value of the caller's.
pub(crate) fn encode<T: Serialize + ?Sized>(value: &T) -> Result<String, String> {
    let mut text = String::new();
    value.serialize(write::Writer(&mut text)).map_err(DecodeError::into_text)?;
    Ok(text)
}

/// A text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::new();
    write::push_quoted(&mut out, text);
    out
}

#[cfg(test)]
mod tests;
