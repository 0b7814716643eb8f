//! What goes over a realtime connection: MessagePack or JSON of the caller's types, and the app's own words about the session.

use serde::de::{DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::socket::Frame;
use crate::error::FalError;
use crate::json;
use crate::safe::safe;
use fal_wasm::client::FailureKind;

/// How inputs are written. Results are read as what they are: bytes as MessagePack, text as JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    MessagePack,
    Json,
}

/// An input, as it is sent.
pub(super) fn encode(codec: Codec, input: &(impl Serialize + ?Sized)) -> Result<Frame, FalError> {
    let frame = match codec {
        Codec::Json => json::encode(input).ok().map(Frame::Text),
        Codec::MessagePack => rmp_serde::to_vec_named(input).ok().map(|bytes| Frame::Binary(bytes.into())),
    };
    // What a serializer says may quote the input.
    frame.ok_or_else(|| {
        let said = "The input cannot be written as a message (a file has to be uploaded before). Nothing was sent.";
        FalError::saying(FailureKind::InputInvalid, said.into())
    })
}

/// A result, as a type of the caller's.
pub(super) fn decode<T: DeserializeOwned>(frame: Frame) -> Result<T, FalError> {
    match frame {
        Frame::Text(text) => json::decode(&text).map_err(|why| FalError::of_another_type(&why, text)),
        Frame::Binary(bytes) => rmp_serde::from_slice(&bytes)
            .map_err(|why| FalError::of_another_type(&safe(&why.to_string()), String::new())),
    }
}

/// What a message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Result,
    /// An error, and what it says.
    Error(String),
    /// The token or the key is not taken any more.
    Unauthorized,
    /// The app has ended the session, in order.
    End,
    /// About the session, and for nobody.
    Note,
}

/// What a message may say about itself. It comes from the app: nothing of it can be relied on.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    r#type: Word,
    status: Word,
    error: Word,
    reason: Word,
}

/// Looks at what a message says about itself.
pub(super) fn kind_of(frame: &Frame) -> Kind {
    let said: Said = match frame {
        Frame::Text(text) => json::decode(text).unwrap_or_default(),
        Frame::Binary(bytes) => rmp_serde::from_slice(bytes).unwrap_or_default(),
    };
    let [kind, status, error] = [&said.r#type, &said.status, &said.error].map(|word| word.0.as_str());
    match (kind, status, error) {
        ("x-fal-message", ..) => Kind::Note,
        ("x-fal-error", _, "TIMEOUT") => Kind::End,
        (kind, "error", "Unauthorized") if kind != "x-fal-error" => Kind::Unauthorized,
        ("x-fal-error", ..) | (_, "error", _) => {
            let words: Vec<_> = [error, &said.reason.0].into_iter().filter(|word| !word.is_empty()).collect();
            Kind::Error(words.join(": "))
        }
        _ => Kind::Result,
    }
}

/// A text; of anything else nothing.
#[derive(Default)]
struct Word(String);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Lenient)
    }
}

struct Lenient;

impl<'de> Visitor<'de> for Lenient {
    type Value = Word;

    fn expecting(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("anything")
    }

    fn visit_str<E>(self, text: &str) -> Result<Word, E> {
        Ok(Word(text.into()))
    }

    fn visit_bool<E>(self, _: bool) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_i64<E>(self, _: i64) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_u64<E>(self, _: u64) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_f64<E>(self, _: f64) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_bytes<E>(self, _: &[u8]) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_unit<E>(self) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_none<E>(self) -> Result<Word, E> {
        Ok(Word::default())
    }

    fn visit_some<D: Deserializer<'de>>(self, from: D) -> Result<Word, D::Error> {
        from.deserialize_any(self)
    }

    /// An extension of MessagePack.
    fn visit_newtype_struct<D: Deserializer<'de>>(self, from: D) -> Result<Word, D::Error> {
        IgnoredAny::deserialize(from).map(|_| Word::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Word, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Word::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Word, A::Error> {
        while fields.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Word::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(said: serde_json::Value) -> Kind {
        let [json, packed] = [Codec::Json, Codec::MessagePack].map(|codec| kind_of(&encode(codec, &said).unwrap()));
        assert_eq!(json, packed, "{said}");
        json
    }

    #[test]
    fn a_message_is_what_it_says_it_is() {
        use serde_json::json;
        let cases = [
            (json!({"images": [], "error": {"a": [1]}}), Kind::Result),
            (json!({"type": 7, "status": ["error"], "error": null, "reason": 0.5}), Kind::Result),
            (json!([1, true]), Kind::Result),
            (json!({"type": "x-fal-message", "action": "timings"}), Kind::Note),
            (json!({"type": "x-fal-error", "error": "TIMEOUT"}), Kind::End),
            (json!({"type": "x-fal-error", "error": "A", "reason": "b"}), Kind::Error("A: b".into())),
            (json!({"status": "error", "error": "Unauthorized"}), Kind::Unauthorized),
            (json!({"status": "error", "reason": "why"}), Kind::Error("why".into())),
        ];
        for (said, kind) in cases {
            assert_eq!(kinds(said), kind);
        }
        assert_eq!(kind_of(&Frame::Text("no JSON".into())), Kind::Result);
        // An extension type, as a timestamp is one.
        assert_eq!(kind_of(&Frame::Binary(b"\x81\xa4type\xd4\x01\x02".as_slice().into())), Kind::Result);
    }

    #[test]
    fn bytes_of_a_result_are_read_as_bytes() {
        let packed = b"\x81\xa7content\xc4\x02\x01\xff".as_slice();
        let read: std::collections::HashMap<String, Vec<u8>> = decode(Frame::Binary(packed.into())).unwrap();
        assert_eq!(read["content"], [1, 255]);
        let error = decode::<u8>(Frame::Text("{\"a\":\"a prompt\"}".into())).unwrap_err();
        assert!(error.body().is_some() && !error.to_string().contains("a prompt"), "{error}");
    }
}
