//! What the realtime apps compute from one input.

use std::sync::Arc;

use rmpv::Value;

use super::{Invocation, Reply, text};
use crate::model::codec::of_json;
use crate::model::fields::Fields;
use crate::model::http::Response;
use fal_emulator_painter::{Format, Picture};

/// The sides of a realtime picture: small, because it is drawn for every frame.
const SIDES: std::ops::RangeInclusive<i64> = 32..=512;

/// Answers its input as it is, whatever it is.
pub fn echo(_: &mut Invocation, input: Value) -> Result<Reply, Response> {
    Ok(Reply { run_ms: 5, answer: input, pictures: Vec::new() })
}

/// Answers a prompt with a short text.
pub fn answer(invocation: &mut Invocation, input: Value) -> Result<Reply, Response> {
    let text = text::answer(invocation)?.join(" ");
    let fields = [("output", text.into()), ("partial", false.into())];
    Ok(Reply { run_ms: 40, answer: answering(&input, fields), pictures: Vec::new() })
}

/// Draws a small picture of a prompt. Its bytes come with the answer: in MessagePack as they are, in JSON as a data URI.
pub fn picture(invocation: &mut Invocation, input: Value) -> Result<Reply, Response> {
    let mut fields = Fields::of(invocation.input);
    let prompt = fields.required_text("prompt");
    let seed = fields.integer("seed", 0..=i64::from(u32::MAX), 42);
    let (width, height) = (fields.integer("width", SIDES, 128), fields.integer("height", SIDES, 128));
    let format = fields.choice("output_format", &["jpeg", "png"], "jpeg");
    fields.finish()?;
    let format = if format == "png" { Format::Png } else { Format::Jpeg };
    let order = Picture {
        prompt,
        seed: seed.unsigned_abs(),
        width: width as u32,
        height: height as u32,
        format,
        source: None,
        strength: 1.0,
    };
    // The bytes are still to be drawn: see `DeferredBody::Realtime`.
    let image = serde_json::json!({ "width": width, "height": height, "content_type": format.content_type() });
    let fields = [("images", Value::Array(vec![of_json(image)])), ("seed", seed.into())];
    Ok(Reply { run_ms: 60, answer: answering(&input, fields), pictures: vec![Arc::new(order)] })
}

/// An answer with these fields, and the `request_id` of its input.
fn answering<const N: usize>(input: &Value, fields: [(&str, Value); N]) -> Value {
    let is_id = |(name, _): &&(Value, Value)| name.as_str() == Some("request_id");
    let id = input.as_map().and_then(|fields| fields.iter().find(is_id)).cloned();
    let fields = fields.into_iter().map(|(name, value)| (name.into(), value));
    Value::Map(fields.chain(id).collect())
}
