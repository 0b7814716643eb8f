//! Writing values of the caller's, by serde, as `JSON.stringify` writes them.

use serde::Serialize;
use serde::ser::{
    Error, SerializeMap, SerializeSeq, SerializeStruct, SerializeStructVariant, SerializeTuple, SerializeTupleStruct,
    SerializeTupleVariant, Serializer,
};

use super::number;
use crate::decode_error::DecodeError;

type Result<T = ()> = std::result::Result<T, DecodeError>;

/// A whole number in decimal. The standard way would bring in the formatting machinery.
pub(super) fn decimal(number: impl Into<u64>) -> String {
    let mut out = String::new();
    fal_wasm::protocol::push_decimal(&mut out, number.into());
    out
}

/// Appends a text as JSON.
#[inline(never)]
pub(super) fn push_quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut written = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' | b'\\' => byte,
            8 => b'b',
            12 => b'f',
            b'\n' => b'n',
            b'\r' => b'r',
            b'\t' => b't',
            0..b' ' => b'u',
            _ => continue,
        };
        out.push_str(text.get(written..at).unwrap_or_default());
        written = at + 1;
        out.push('\\');
        out.push(char::from(escape));
        if escape == b'u' {
            let digit = byte & 15;
            out.push_str(if byte < 16 { "000" } else { "001" });
            out.push(char::from(if digit < 10 { b'0' + digit } else { b'a' - 10 + digit }));
        }
    }
    out.push_str(text.get(written..).unwrap_or_default());
    out.push('"');
}

/// Appends one value.
pub(super) struct Writer<'a>(pub &'a mut String);

/// Appends the parts of a list or an object, and what ends it.
pub(super) struct Parts<'a> {
    out: &'a mut String,
    has_some: bool,
    end: &'static str,
}

impl<'a> Writer<'a> {
    fn push(self, text: &str) -> Result {
        self.0.push_str(text);
        Ok(())
    }

    fn unsigned(self, number: u64) -> Result {
        fal_wasm::protocol::push_decimal(self.0, number);
        Ok(())
    }

    fn signed(self, number: i64) -> Result {
        if number < 0 {
            self.0.push('-');
        }
        self.unsigned(number.unsigned_abs())
    }

    fn parts(self, begin: &str, end: &'static str) -> Result<Parts<'a>> {
        self.0.push_str(begin);
        Ok(Parts { out: self.0, has_some: false, end })
    }

    /// The parts of a variant, which is an object of one field.
    fn variant(self, name: &str, begin: &str, end: &'static str) -> Result<Parts<'a>> {
        self.0.push('{');
        push_quoted(self.0, name);
        self.0.push(':');
        self.parts(begin, end)
    }
}

impl Parts<'_> {
    fn separate(&mut self) {
        if std::mem::replace(&mut self.has_some, true) {
            self.out.push(',');
        }
    }

    fn item<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        self.separate();
        value.serialize(Writer(self.out))
    }

    #[inline(never)]
    fn name(&mut self, name: &str) {
        self.separate();
        push_quoted(self.out, name);
        self.out.push(':');
    }

    fn field<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result {
        self.name(name);
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result {
        self.out.push_str(self.end);
        Ok(())
    }
}

impl<'a> Serializer for Writer<'a> {
    type Ok = ();
    type Error = DecodeError;
    type SerializeSeq = Parts<'a>;
    type SerializeTuple = Parts<'a>;
    type SerializeTupleStruct = Parts<'a>;
    type SerializeTupleVariant = Parts<'a>;
    type SerializeMap = Parts<'a>;
    type SerializeStruct = Parts<'a>;
    type SerializeStructVariant = Parts<'a>;

    fn serialize_bool(self, value: bool) -> Result {
        self.push(if value { "true" } else { "false" })
    }

    fn serialize_i8(self, value: i8) -> Result {
        self.signed(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result {
        self.signed(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result {
        self.signed(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result {
        self.signed(value)
    }

    fn serialize_i128(self, value: i128) -> Result {
        self.push(&value.to_string())
    }

    fn serialize_u8(self, value: u8) -> Result {
        self.unsigned(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result {
        self.unsigned(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result {
        self.unsigned(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result {
        self.unsigned(value)
    }

    fn serialize_u128(self, value: u128) -> Result {
        self.push(&value.to_string())
    }

    fn serialize_f32(self, value: f32) -> Result {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result {
        self.push(&number::written(value))
    }

    fn serialize_char(self, value: char) -> Result {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result {
        push_quoted(self.0, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result {
        self.push("null")
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result {
        self.push("null")
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result {
        self.push("null")
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result {
        let mut parts = self.parts("{", "}")?;
        parts.field(variant, value)?;
        parts.end()
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Parts<'a>> {
        self.parts("[", "]")
    }

    fn serialize_tuple(self, _: usize) -> Result<Parts<'a>> {
        self.parts("[", "]")
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>> {
        self.parts("[", "]")
    }

    fn serialize_tuple_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Parts<'a>> {
        self.variant(variant, "[", "]}")
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Parts<'a>> {
        self.parts("{", "}")
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Parts<'a>> {
        self.parts("{", "}")
    }

    fn serialize_struct_variant(self, _: &'static str, _: u32, variant: &'static str, _: usize) -> Result<Parts<'a>> {
        self.variant(variant, "{", "}}")
    }
}

impl SerializeMap for Parts<'_> {
    type Ok = ();
    type Error = DecodeError;

    /// Only a text can name a field.
    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result {
        self.separate();
        let start = self.out.len();
        key.serialize(Writer(self.out))?;
        match self.out.get(start..) {
            Some(written) if written.starts_with('"') => Ok(()),
            _ => Err(DecodeError::custom("a map needs texts as keys")),
        }
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result {
        self.out.push(':');
        value.serialize(Writer(self.out))
    }

    fn end(self) -> Result {
        self.end()
    }
}

/// What serde has many names for.
macro_rules! parts {
    ($($name:ident $method:ident($($field:ident: $type:ty)?) $as:ident;)*) => {
        $(impl $name for Parts<'_> {
            type Ok = ();
            type Error = DecodeError;

            fn $method<T: Serialize + ?Sized>(&mut self, $($field: $type,)? value: &T) -> Result {
                self.$as($($field,)? value)
            }

            fn end(self) -> Result {
                self.end()
            }
        })*
    };
}
parts! {
    SerializeSeq serialize_element() item;
    SerializeTuple serialize_element() item;
    SerializeTupleStruct serialize_field() item;
    SerializeTupleVariant serialize_field() item;
    SerializeStruct serialize_field(name: &'static str) field;
    SerializeStructVariant serialize_field(name: &'static str) field;
}
