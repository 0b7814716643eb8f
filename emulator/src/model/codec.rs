//! The two encodings of realtime messages: MessagePack and JSON.
//!
//! fal's apps speak one of them, mostly MessagePack. The emulator answers each message in the language it came in: a text
//! frame is JSON; so is a binary frame that begins with `{`, because the official clients may only send bytes, and no map of
//! MessagePack begins with that byte. Every other binary frame is MessagePack.

use base64::prelude::{BASE64_STANDARD, Engine as _};
use rmpv::Value;
use serde_json::json;

/// How deep a message may be nested: as deep as JSON may be here.
const MAX_DEPTH: usize = 128;

/// How a message is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Codec {
    /// MessagePack in a binary frame.
    MessagePack,
    /// JSON in a text frame.
    Text,
    /// JSON in a binary frame.
    Bytes,
}

/// Reads a text message.
///
/// # Errors
/// Why it cannot be read.
pub fn decode_text(text: &str) -> Result<(Codec, Value), String> {
    Ok((Codec::Text, from_json_bytes(text.as_bytes())?))
}

/// Reads a binary message, and tells how it was written.
///
/// # Errors
/// Why it cannot be read.
pub fn decode_binary(bytes: &[u8]) -> Result<(Codec, Value), String> {
    if bytes.first() == Some(&b'{') {
        return Ok((Codec::Bytes, from_json_bytes(bytes)?));
    }
    let mut rest = bytes;
    let value = rmpv::decode::read_value_with_max_depth(&mut rest, MAX_DEPTH).map_err(|error| error.to_string())?;
    if rest.is_empty() { Ok((Codec::MessagePack, value)) } else { Err("unpack(b) received extra data.".into()) }
}

fn from_json_bytes(bytes: &[u8]) -> Result<Value, String> {
    serde_json::from_slice(bytes).map(of_json).map_err(|error| error.to_string())
}

impl Codec {
    /// Whether it goes out as text.
    pub fn is_text(self) -> bool {
        self == Self::Text
    }

    /// Writes a message.
    pub fn encode(self, value: &Value) -> Vec<u8> {
        if self != Self::MessagePack {
            return to_json(value).to_string().into_bytes();
        }
        let mut bytes = Vec::new();
        // Writing into memory does not fail.
        let _ = rmpv::encode::write_value(&mut bytes, value);
        bytes
    }
}

/// A JSON value as MessagePack has it.
pub fn of_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(yes) => yes.into(),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => number.into(),
            (None, Some(number)) => number.into(),
            (None, None) => number.as_f64().into_iter().map(Value::from).next().unwrap_or(Value::Nil),
        },
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(fields) => {
            Value::Map(fields.into_iter().map(|(name, value)| (name.into(), of_json(value))).collect())
        }
    }
}

/// A MessagePack value as JSON has it: bytes become base64, and what JSON cannot express becomes `null`.
pub fn to_json(value: &Value) -> serde_json::Value {
    match value {
        Value::Nil | Value::Ext(..) => serde_json::Value::Null,
        Value::Boolean(yes) => json!(yes),
        Value::Integer(number) => number.as_i64().map_or_else(|| json!(number.as_u64()), |number| json!(number)),
        Value::F32(number) => json!(number),
        Value::F64(number) => json!(number),
        Value::String(text) => json!(text.as_str()),
        Value::Binary(bytes) => json!(BASE64_STANDARD.encode(bytes)),
        Value::Array(items) => items.iter().map(to_json).collect(),
        Value::Map(fields) => {
            let name = |name: &Value| name.as_str().map_or_else(|| name.to_string(), str::to_owned);
            fields.iter().map(|(key, value)| (name(key), to_json(value))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_answered_in_the_language_it_came_in() {
        let (codec, value) = decode_text(r#"{"a":[1,-2,0.5,null,true,"x"]}"#).unwrap();
        assert_eq!((codec, codec.encode(&value)), (Codec::Text, br#"{"a":[1,-2,0.5,null,true,"x"]}"#.to_vec()));
        assert_eq!(decode_binary(br#"{"a":1}"#).unwrap().0, Codec::Bytes);
        let packed = [0x81, 0xa1, b'a', 0xc4, 0x02, 0xff, 0x00];
        let (codec, value) = decode_binary(&packed).unwrap();
        assert_eq!((codec, codec.encode(&value)), (Codec::MessagePack, packed.to_vec()));
        assert_eq!(to_json(&value), json!({ "a": "/wA=" }));
    }

    #[test]
    fn half_a_message_or_one_and_a_half_is_no_message() {
        for bytes in [&[0x81, 0xa1][..], &[0xc0, 0xc0], b"{\"a\":", &[0xdd, 0xff, 0xff, 0xff, 0xff], &[]] {
            assert!(decode_binary(bytes).is_err(), "{bytes:?}");
        }
        assert!(decode_binary(&vec![0x91; 100_000]).is_err(), "and a deep one does not end the process");
    }
}
