//! JSON of which some fields are judged, and which is written anew: what is sent is what was judged, so that no second reader can
//! understand it differently. Of a field that occurs twice the last counts. What is not judged stays as it was written, numbers
//! above all, which keep every digit.

use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// Deeper is no input of a model, and more than many readers take.
const MAX_DEPTH: usize = 64;
/// More fields than any input has, in an object that is looked into.
const MAX_FIELDS: usize = 1024;

/// The fields of an object, in the order in which they were named first.
#[derive(Default)]
pub(super) struct Fields<'a> {
    places: HashMap<String, usize>,
    list: Vec<(String, Field<'a>)>,
}

/// The text of a value, or what was looked into.
enum Field<'a> {
    Text(&'a str),
    Inside(Fields<'a>),
}

/// What a value is judged as.
pub(super) enum Judged {
    /// A text, true, false or null.
    Plain(Value),
    Number(f64),
    /// A list of so many items.
    List(usize),
    /// An object, or a number to which no `f64` is equal.
    Other,
}

/// Why a field has no fields of its own.
pub(super) enum NotInside {
    NoObject,
    /// It is an object that is not taken.
    Json(String),
}

/// Why JSON is not taken. The only fault of its data is the one that is found here.
fn why(error: &serde_json::Error) -> String {
    if error.is_data() {
        return format!("The body has an object with more than {MAX_FIELDS} fields");
    }
    format!("The body is not JSON at line {}, column {}", error.line(), error.column())
}

impl<'a> Fields<'a> {
    /// Reads the body of a call; else says why it is not taken.
    pub fn of_body(bytes: &'a [u8]) -> Result<Self, String> {
        let none = "The body is not one JSON object in UTF-8";
        let text = std::str::from_utf8(bytes).map_err(|_| none)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if !text.trim_ascii_start().starts_with('{') {
            serde_json::from_str::<IgnoredAny>(text).map_err(|error| why(&error))?;
            return Err(none.into());
        }
        let fields = serde_json::from_str(text).map_err(|error| why(&error))?;
        check(text)?;
        Ok(fields)
    }

    /// The field with this name.
    fn get(&self, name: &str) -> Option<&Field<'a>> {
        self.list.get(*self.places.get(name)?).map(|(_, field)| field)
    }

    /// What the field with this name is judged as.
    pub fn judged(&self, name: &str) -> Option<Judged> {
        self.get(name).map(|field| match field {
            Field::Text(text) => judged(text),
            Field::Inside(_) => Judged::Other,
        })
    }

    /// The fields of a field, which are written anew from now on: none where there is no such field.
    pub fn inside(&mut self, name: &str) -> Result<Option<&mut Self>, NotInside> {
        let Some((_, field)) = self.places.get(name).and_then(|place| self.list.get_mut(*place)) else {
            return Ok(None);
        };
        if let Field::Text(text) = field {
            if !text.starts_with('{') {
                return Err(NotInside::NoObject);
            }
            *field = Field::Inside(serde_json::from_str(text).map_err(|error| NotInside::Json(why(&error)))?);
        }
        match field {
            Field::Inside(fields) => Ok(Some(fields)),
            Field::Text(_) => Err(NotInside::NoObject),
        }
    }

    /// Writes the fields, after those of `first` that were not given.
    pub fn write(&self, first: &[(&str, String)]) -> String {
        let mut written = String::from("{");
        let mut write = |name: &str, value: &str| {
            let comma = if written.len() > 1 { "," } else { "" };
            written.extend([comma, &Value::from(name).to_string(), ":", value]);
        };
        let text = |field: &Field<'_>| match field {
            Field::Text(text) => (*text).to_owned(),
            Field::Inside(fields) => fields.write(&[]),
        };
        for (name, value) in first {
            write(name, &self.get(name).map_or_else(|| value.clone(), text));
        }
        for (name, field) in self.list.iter().filter(|(name, _)| !first.iter().any(|(known, _)| known == name)) {
            write(name, &text(field));
        }
        written.push('}');
        written
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Fields<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields<'de>, A::Error> {
                let mut fields = Fields::default();
                while let Some((name, value)) = map.next_entry::<String, &RawValue>()? {
                    let field = Field::Text(value.get());
                    match fields.places.get(&name).and_then(|place| fields.list.get_mut(*place)) {
                        Some(known) => known.1 = field,
                        None => {
                            fields.places.insert(name.clone(), fields.list.len());
                            fields.list.push((name, field));
                        }
                    }
                    if fields.list.len() > MAX_FIELDS {
                        return Err(A::Error::custom("too many fields"));
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// Looks through JSON for what other readers would understand differently: too deep, or a number beyond all `f64`.
fn check(text: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'"' => rest = after_text(after),
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'-' | b'0'..=b'9' => {
                let more =
                    after.iter().take_while(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-'));
                let start = text.len() - after.len() - 1;
                let end = start + 1 + more.count();
                let number: Option<f64> = text.get(start..end).and_then(|number| number.parse().ok());
                if !number.is_some_and(f64::is_finite) {
                    return Err("The body has a number that is too large".into());
                }
                rest = text.as_bytes().get(end..).unwrap_or_default();
            }
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("The body is nested deeper than {MAX_DEPTH} levels"));
        }
    }
    Ok(())
}

/// What follows a text of which the first quotation mark was read.
fn after_text(mut rest: &[u8]) -> &[u8] {
    loop {
        match rest {
            [b'\\', _, after @ ..] => rest = after,
            [b'"', after @ ..] => return after,
            [_, after @ ..] => rest = after,
            [] => return rest,
        }
    }
}

/// What the text of a value is judged as.
fn judged(text: &str) -> Judged {
    match text.bytes().next() {
        Some(b'[') => {
            serde_json::from_str::<Vec<IgnoredAny>>(text).map_or(Judged::Other, |items| Judged::List(items.len()))
        }
        Some(b'-' | b'0'..=b'9') => exact(text).map_or(Judged::Other, Judged::Number),
        Some(b'{') => Judged::Other,
        _ => serde_json::from_str(text).map_or(Judged::Other, Judged::Plain),
    }
}

/// The number that a text is; none when there is only one that is near.
pub(super) fn exact(text: &str) -> Option<f64> {
    let value: f64 = text.parse().ok()?;
    (digits(text)? == digits(&format!("{value:e}"))?).then_some(value)
}

/// A number as its sign, its digits without zeros at the ends, and where they begin: two spellings of a number have the same.
fn digits(text: &str) -> Option<(bool, String, i64)> {
    let (number, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let exponent: i64 = exponent.parse().ok()?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let all = [whole.trim_start_matches('-'), part].concat();
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some((false, String::new(), 0));
    }
    let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
    let begins = exponent.checked_sub(i64::try_from(part.len()).ok()?)?.checked_add(zeros)?;
    Some((number.starts_with('-'), significant.to_owned(), begins))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_spelling_of_a_number_is_the_same_number_and_a_near_one_is_none() {
        for (text, value) in [
            ("100", 100.0),
            ("100.0", 100.0),
            ("1e2", 100.0),
            ("1000e-1", 100.0),
            ("-0", 0.0),
            ("0.10", 0.1),
            ("1E+5", 1e5),
        ] {
            assert_eq!(exact(text), Some(value), "{text}");
        }
        for text in ["9007199254740993", "9007199254740992.1", "12345678901234567890", "1e99999999999999999999"] {
            assert_eq!(exact(text), None, "{text}");
        }
    }

    #[test]
    fn brackets_and_digits_in_a_text_are_text() {
        let text = format!(r#"{{"a":"{}\\\"1e400","b":"\\"}}"#, "[".repeat(100));
        assert!(Fields::of_body(text.as_bytes()).is_ok());
    }
}
