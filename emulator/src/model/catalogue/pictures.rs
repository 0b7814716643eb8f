//! The picture models: text to image, and image to image.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Execution, Invocation, Outcome};
use crate::model::deferred::DeferredBody;
use crate::model::errors::{item_with, model_error};
use crate::model::fields::Fields;
use crate::model::http::{Body, Millis, Response};
use crate::model::storage::Unusable;
use fal_emulator_painter::{Format, Picture, SourceImage};

/// fal's named sizes.
const SIZES: [(&str, (u32, u32)); 6] = [
    ("square_hd", (1024, 1024)),
    ("square", (512, 512)),
    ("portrait_4_3", (768, 1024)),
    ("portrait_16_9", (576, 1024)),
    ("landscape_4_3", (1024, 768)),
    ("landscape_16_9", (1024, 576)),
];

/// The smallest and largest side of a picture. fal goes higher; an emulator that draws on the caller's machine does not have to.
const SIDES: std::ops::RangeInclusive<i64> = 64..=1536;

/// Seeds stay below 2^53, where JavaScript's numbers are exact.
const MAX_SEED: i64 = (1 << 53) - 1;

/// What differs between the picture models.
struct Kind {
    size: &'static str,
    steps: i64,
    step_ms: Millis,
    takes_image: bool,
}

/// `fal-ai/flux/dev`, from which the others differ.
const DEV: Kind = Kind { size: "landscape_4_3", steps: 28, step_ms: 80, takes_image: false };

/// `fal-ai/flux/schnell`.
pub fn schnell(invocation: &mut Invocation) -> Result<Execution, Response> {
    paint(invocation, &Kind { steps: 4, step_ms: 120, ..DEV })
}

/// `fal-ai/flux/dev`.
pub fn dev(invocation: &mut Invocation) -> Result<Execution, Response> {
    paint(invocation, &DEV)
}

/// `fal-ai/flux/dev/image-to-image`.
pub fn image_to_image(invocation: &mut Invocation) -> Result<Execution, Response> {
    paint(invocation, &Kind { steps: 40, step_ms: 60, takes_image: true, ..DEV })
}

/// `comfy/emulator/sketch` and `110602490/lcm`.
pub fn sketch(invocation: &mut Invocation) -> Result<Execution, Response> {
    paint(invocation, &Kind { size: "square", steps: 4, ..DEV })
}

fn paint(invocation: &mut Invocation, kind: &Kind) -> Result<Execution, Response> {
    let mut fields = Fields::of(invocation.input);
    let prompt = fields.required_text("prompt");
    let size = size(&mut fields, kind.size);
    let count = fields.integer("num_images", 1..=4, 1);
    let seed = fields.integer("seed", 0..=MAX_SEED, i64::from(invocation.ids.bits() as u32));
    let steps = fields.integer("num_inference_steps", 1..=50, kind.steps);
    fields.number("guidance_scale", 1.0..=20.0, 3.5);
    fields.boolean("enable_safety_checker", true);
    let format = fields.choice("output_format", &["jpeg", "png"], "jpeg");
    let inline = fields.boolean("sync_mode", false);
    let start =
        kind.takes_image.then(|| (fields.required_text("image_url"), fields.number("strength", 0.01..=1.0, 0.95)));
    fields.finish()?;

    let (image_url, strength) = start.unzip();
    let source = image_url.map(|url: String| source(invocation, &url)).transpose()?;
    let strength = strength.unwrap_or(1.0) as f32;
    let (width, height) = source.as_ref().map_or(size, |source| fit(source.dimensions()));
    let format = if format == "png" { Format::Png } else { Format::Jpeg };
    let orders: Vec<Arc<Picture>> = (0..count)
        .map(|index| {
            let seed = seed.wrapping_add(index) as u64;
            let (prompt, source) = (prompt.clone(), source.clone());
            Arc::new(Picture { prompt, seed, width, height, format, source, strength })
        })
        .collect();

    let run_ms = steps.unsigned_abs() * kind.step_ms;
    let mut answer = json!({
        "images": [],
        "timings": { "inference": run_ms as f64 / 1000.0 },
        "seed": seed,
        "has_nsfw_concepts": vec![false; orders.len()],
        "prompt": prompt,
    });
    let entry =
        |url: Value| json!({ "url": url, "width": width, "height": height, "content_type": format.content_type() });
    if let Some(images) = answer.get_mut("images").and_then(Value::as_array_mut) {
        for order in &orders {
            let url = if inline {
                Value::Null
            } else {
                invocation.storage.add_picture(invocation.ids, Arc::clone(order)).into()
            };
            images.push(entry(url));
        }
    }
    let response = if inline {
        let deferred = DeferredBody::Inline { answer, pictures: orders };
        let header = Response::empty(200).with_header("content-type", "application/json");
        Response { body: Body::Deferred(Arc::new(deferred)), ..header }
    } else {
        Response::json(200, &answer)
    };
    let response = response.with_header("x-fal-billable-units", &count.to_string());
    Ok(Execution { run_ms, steps: steps as u32, outcome: Outcome::plain(response) })
}

fn size(fields: &mut Fields, default: &str) -> (u32, u32) {
    let named = |name: &str| SIZES.iter().find(|(known, _)| *known == name).map(|(_, size)| *size);
    let default = named(default).unwrap_or((512, 512));
    let Some(value) = fields.get("image_size") else {
        return default;
    };
    if value.is_object() {
        return fields.inside("image_size", value, |size| {
            let mut side = |name| size.integer(name, SIDES, 512) as u32;
            (side("width"), side("height"))
        });
    }
    let found = value.as_str().and_then(named);
    if found.is_none() {
        fields.one_of("image_size", &SIZES.map(|(name, _)| name), value);
    }
    found.unwrap_or(default)
}

/// The uploaded picture behind `image_url`, or the 422 of a model that could not use it.
fn source(invocation: &mut Invocation, url: &str) -> Result<SourceImage, Response> {
    let refusal = |kind, msg, ctx: Option<Value>| {
        let more = ctx.map(|ctx| ("ctx", ctx));
        model_error(422, false, vec![item_with(&["body", "image_url"], kind, msg, more)])
    };
    invocation.storage.picture_at(url).map_err(|why| match why {
        Unusable::NotThere => refusal(
            "file_download_error",
            "Failed to download the file: it is neither on this CDN nor a data URI.",
            None,
        ),
        Unusable::NotAPicture => {
            refusal("image_load_error", "Failed to load the image: it is neither PNG nor JPEG.", None)
        }
        Unusable::TooLarge(side) => refusal(
            "image_too_large",
            "The image is too large.",
            Some(json!({ "max_height": side, "max_width": side })),
        ),
    })
}

/// The size of an answer to a picture: its own, scaled so that no side is longer than 1024 or shorter than 64.
fn fit((width, height): (u32, u32)) -> (u32, u32) {
    let scale = (1024.0 / f64::from(width.max(height).max(1))).min(1.0);
    let side = |side: u32| ((f64::from(side) * scale).round() as u32).max(64);
    (side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_keeps_the_proportions_of_the_picture_it_was_given() {
        assert_eq!(fit((4000, 3000)), (1024, 768));
        assert_eq!(fit((300, 200)), (300, 200));
        assert_eq!(fit((10, 4000)), (64, 1024));
    }
}
