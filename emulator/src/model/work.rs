//! Work the model hands out instead of doing it: drawing takes tens of milliseconds, and the model answers in microseconds.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde_json::Value;

use crate::picture::Order;

/// A body still to be computed. Pure: the same work always gives the same bytes.
#[derive(Debug)]
pub enum Work {
    /// The bytes of one picture, for the CDN.
    Picture(Arc<Order>),
    /// A model's answer whose pictures go inline as data URIs (`sync_mode: true`).
    Inline {
        /// The answer; `images[i].url` is still to be filled in.
        answer: Value,
        /// One order per entry of `images`.
        pictures: Vec<Arc<Order>>,
    },
}

impl Work {
    /// Does the work. Call it outside any lock around the model: it may take 150 ms.
    pub fn perform(&self) -> Vec<u8> {
        match self {
            Self::Picture(order) => order.draw(),
            Self::Inline { answer, pictures } => {
                let mut answer = answer.clone();
                let images = answer.get_mut("images").and_then(Value::as_array_mut).into_iter().flatten();
                for (image, order) in images.zip(pictures) {
                    let encoded = BASE64_STANDARD.encode(order.draw());
                    if let Some(image) = image.as_object_mut() {
                        let url = format!("data:{};base64,{encoded}", order.format.content_type());
                        image.insert("url".to_owned(), url.into());
                    }
                }
                answer.to_string().into_bytes()
            }
        }
    }
}
