//! Reading types of the caller's, by serde. A type is read from one kind of value alone, whatever an answer is made of, so that
//! a page has the code of each of its types once.

use std::borrow::Cow;

use serde::de::{DeserializeSeed, EnumAccess, Error, MapAccess, SeqAccess, Unexpected, VariantAccess, Visitor};
use serde::{Deserializer, forward_to_deserialize_any};

use super::number;
use super::scan::{self, Parts, Token, token};
use crate::decode_error::DecodeError;

/// The largest whole number up to which each has a float of its own.
const MAX_SAFE: f64 = 9_007_199_254_740_991.0;
/// What a variant without a value is read from.
const NULL: Value<'static> = Value::Json("null");

/// What a type is read from.
#[derive(Clone, Copy)]
pub(super) enum Value<'a> {
    /// A value of a text that is JSON.
    Json(&'a str),
    /// A text that says what it says.
    Text(&'a str),
    Bytes(&'a [u8]),
    Byte(u8),
}

/// The same, as serde tells values apart.
enum Seen<'a> {
    Null,
    Bool(bool),
    Unsigned(u64),
    Signed(i64),
    Float(f64),
    Text(Cow<'a, str>),
    Bytes(&'a [u8]),
    List(Items<'a>),
    Object(Items<'a>),
}

impl<'a> Value<'a> {
    #[inline(never)]
    fn seen(self) -> Seen<'a> {
        match self {
            Self::Json(text) => match token(text) {
                Token::Null => Seen::Null,
                Token::Bool(says) => Seen::Bool(says),
                Token::Number(text) => seen_number(text),
                Token::Text(quoted) => Seen::Text(scan::text(quoted)),
                Token::List(parts) => Seen::List(Items::Parts(parts)),
                Token::Object(parts) => Seen::Object(Items::Parts(parts)),
            },
            Self::Text(text) => Seen::Text(Cow::Borrowed(text)),
            Self::Bytes(bytes) => Seen::Bytes(bytes),
            Self::Byte(byte) => Seen::Unsigned(byte.into()),
        }
    }
}

/// A whole number is one however it is written, as in JavaScript.
fn seen_number<'a>(text: &str) -> Seen<'a> {
    let (is_negative, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let digit = |byte: u8| byte.is_ascii_digit().then(|| u64::from(byte - b'0'));
    let whole = digits.bytes().try_fold(0_u64, |number, byte| number.checked_mul(10)?.checked_add(digit(byte)?));
    match whole {
        Some(number) if !is_negative => return Seen::Unsigned(number),
        Some(number) if number <= i64::MAX as u64 => return Seen::Signed(-(number as i64)),
        _ => {}
    }
    let number = number::parse(text);
    if number.abs() <= MAX_SAFE && number as i64 as f64 == number {
        return Seen::Signed(number as i64);
    }
    Seen::Float(number)
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = DecodeError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.seen() {
            Seen::Null => visitor.visit_unit(),
            Seen::Bool(says) => visitor.visit_bool(says),
            Seen::Unsigned(number) => visitor.visit_u64(number),
            Seen::Signed(number) => visitor.visit_i64(number),
            Seen::Float(number) => visitor.visit_f64(number),
            Seen::Text(text) => visitor.visit_str(&text),
            Seen::Bytes(bytes) => visitor.visit_bytes(bytes),
            Seen::List(items) => visitor.visit_seq(items),
            Seen::Object(items) => visitor.visit_map(items),
        }
    }

    /// Bytes are a list for whoever asks for one.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self {
            Self::Bytes(bytes) => visitor.visit_seq(Items::Bytes(bytes)),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        match self.seen() {
            Seen::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_newtype_struct(self)
    }

    /// A text is a variant without a value; an object of one field is a variant and its value.
    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, DecodeError> {
        match self.seen() {
            Seen::Text(_) => visitor.visit_enum(Variant { name: self, value: NULL }),
            Seen::Object(mut items) => match (items.take(), items.take(), items.take()) {
                (Some(name), Some(value), None) => visitor.visit_enum(Variant { name, value }),
                _ => Err(DecodeError::invalid_length(0, &visitor)),
            },
            _ => Err(DecodeError::invalid_type(Unexpected::Other(""), &visitor)),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, DecodeError> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct tuple
        tuple_struct map struct identifier
    }
}

/// What is left of a list or an object.
enum Items<'a> {
    Parts(Parts<'a>),
    Bytes(&'a [u8]),
}

impl<'a> Items<'a> {
    #[inline(never)]
    fn take(&mut self) -> Option<Value<'a>> {
        match self {
            Self::Parts(parts) => parts.take().map(Value::Json),
            Self::Bytes(bytes) => bytes.split_off_first().copied().map(Value::Byte),
        }
    }

    fn seed<'de, T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        self.take().map(|value| seed.deserialize(value)).transpose()
    }
}

impl<'de> SeqAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, DecodeError> {
        self.seed(seed)
    }
}

impl<'de> MapAccess<'de> for Items<'_> {
    type Error = DecodeError;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, DecodeError> {
        self.seed(seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, DecodeError> {
        seed.deserialize(self.take().unwrap_or(NULL))
    }
}

/// A variant of an enum.
struct Variant<'a> {
    name: Value<'a>,
    value: Value<'a>,
}

impl<'de, 'a> EnumAccess<'de> for Variant<'a> {
    type Error = DecodeError;
    type Variant = Value<'a>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Value<'a>), DecodeError> {
        Ok((seed.deserialize(self.name)?, self.value))
    }
}

impl<'de> VariantAccess<'de> for Value<'_> {
    type Error = DecodeError;

    fn unit_variant(self) -> Result<(), DecodeError> {
        serde::Deserialize::deserialize(self)
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, DecodeError> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_any(visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], visitor: V) -> Result<V::Value, DecodeError> {
        self.deserialize_any(visitor)
    }
}
