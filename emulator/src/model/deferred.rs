//! Bodies that are computed outside the model: drawing takes tens of milliseconds, the model answers in microseconds.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use super::codec::Codec;
use fal_emulator_painter::Picture;

/// A body still to be computed. Pure: the same work always gives the same bytes.
#[derive(Debug)]
pub enum DeferredBody {
    /// The bytes of one picture, for the CDN.
    Picture(Arc<Picture>),
    /// A model's answer whose pictures go inline as data URIs (`sync_mode: true`).
    Inline {
        /// The answer; `images[i].url` is still to be filled in.
        answer: Value,
        /// One order per entry of `images`.
        pictures: Vec<Arc<Picture>>,
    },
    /// A realtime app's answer whose pictures go inline.
    Realtime {
        /// How it is written.
        codec: Codec,
        /// The answer; what `images[i]` shows is still to be filled in.
        answer: rmpv::Value,
        /// One order per entry of `images`.
        pictures: Vec<Arc<Picture>>,
    },
}

impl DeferredBody {
    /// Computes the body. Call it outside any lock around the model: it may take 150 ms.
    pub fn compute(&self) -> Vec<u8> {
        match self {
            Self::Picture(order) => order.render(),
            Self::Inline { answer, pictures } => {
                let mut answer = answer.clone();
                let images = answer.get_mut("images").and_then(Value::as_array_mut).into_iter().flatten();
                for (image, order) in images.zip(pictures) {
                    if let Some(image) = image.as_object_mut() {
                        image.insert("url".to_owned(), data_uri(order).into());
                    }
                }
                answer.to_string().into_bytes()
            }
            Self::Realtime { codec, answer, pictures } => {
                let mut answer = answer.clone();
                for (image, order) in images_of(&mut answer).zip(pictures) {
                    // JSON has no bytes: there the picture is a data URI.
                    image.push(match codec {
                        Codec::MessagePack => ("content".into(), rmpv::Value::Binary(order.render())),
                        Codec::Text | Codec::Bytes => ("url".into(), data_uri(order).into()),
                    });
                }
                codec.encode(&answer)
            }
        }
    }
}

fn data_uri(order: &Picture) -> String {
    format!("data:{};base64,{}", order.format.content_type(), BASE64_STANDARD.encode(order.render()))
}

/// The fields of each entry of `images`.
fn images_of(answer: &mut rmpv::Value) -> impl Iterator<Item = &mut Vec<(rmpv::Value, rmpv::Value)>> {
    let fields = if let rmpv::Value::Map(fields) = answer { fields.as_mut_slice() } else { &mut [] };
    let images = fields.iter_mut().filter(|(name, _)| name.as_str() == Some("images"));
    let entries =
        images.filter_map(|(_, value)| if let rmpv::Value::Array(entries) = value { Some(entries) } else { None });
    entries.flatten().filter_map(|entry| if let rmpv::Value::Map(fields) = entry { Some(fields) } else { None })
}
