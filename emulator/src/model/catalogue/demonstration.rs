//! Models that exist to show one behaviour of fal each, at will.

use serde_json::json;

use super::{Execution, Invocation, Outcome};
use crate::model::errors::{REQUEST_ERRORS, item, item_with, model_error};
use crate::model::fields::Fields;
use crate::model::http::{Millis, Response};

/// How long these take unless they say otherwise, in milliseconds.
const RUN_MS: Millis = 50;

/// The longest run of `emulator/slow`, in seconds.
const MAX_SLOW_SECONDS: f64 = 3600.0;

/// The largest answer of `emulator/bytes`.
const MAX_BYTES: i64 = 16 * 1024 * 1024;

fn quick(outcome: Outcome) -> Execution {
    Execution { run_ms: RUN_MS, steps: 1, outcome }
}

/// Answers its input, and the names of the `x-fal-*` headers that came with it.
pub fn echo(invocation: &mut Invocation) -> Result<Execution, Response> {
    let mut names: Vec<&str> = invocation.headers.iter().map(|(name, _)| name.as_str()).collect();
    names.sort_unstable();
    let answer = json!({ "input": invocation.input, "fal_headers": names });
    Ok(quick(Outcome::plain(Response::json(200, &answer))))
}

/// Takes as long as it is told: `seconds`, default 30.
pub fn slow(invocation: &mut Invocation) -> Result<Execution, Response> {
    let mut fields = Fields::of(invocation.input);
    let seconds = fields.number("seconds", 0.0..=MAX_SLOW_SECONDS, 30.0);
    fields.finish()?;
    let outcome = Outcome::plain(Response::json(200, &json!({ "seconds": seconds })));
    Ok(Execution { run_ms: (seconds * 1000.0) as Millis, steps: seconds.ceil() as u32, outcome })
}

/// Refuses every prompt, as a content checker does: with the caller's whole input in the answer.
pub fn refuses(invocation: &mut Invocation) -> Result<Execution, Response> {
    let msg = "The content could not be processed because it contained material flagged by a content checker.";
    let ctx = json!({ "extra_info": { "reason": "content_checker" } });
    let more = [("ctx", ctx), ("input", invocation.input.clone())];
    let refusal = item_with(&["body", "prompt"], "content_policy_violation", msg, more);
    Ok(quick(Outcome::plain(model_error(422, false, vec![refusal]))))
}

/// Fails with the request error named by `error_type` (default `runner_server_error`), or as a model does with
/// `internal_server_error`.
pub fn fails(invocation: &mut Invocation) -> Result<Execution, Response> {
    const OF_A_MODEL: &str = "internal_server_error";
    let mut fields = Fields::of(invocation.input);
    let mut types: Vec<&'static str> = REQUEST_ERRORS.iter().map(|(name, _)| *name).collect();
    types.push(OF_A_MODEL);
    let error_type = fields.choice("error_type", &types, "runner_server_error");
    fields.finish()?;
    if error_type == OF_A_MODEL {
        let response = model_error(500, true, vec![item(&["body"], OF_A_MODEL, "Internal server error")]);
        let failure = Some(("Internal server error".to_owned(), OF_A_MODEL.to_owned()));
        return Ok(quick(Outcome { response, failure }));
    }
    Ok(quick(Outcome::failed(error_type, "The emulator was asked to fail.")))
}

/// Answers `size` bytes (default 1024) that are no JSON: byte `i` is `i % 251`, so that a lost or doubled one shows.
pub fn bytes(invocation: &mut Invocation) -> Result<Execution, Response> {
    let mut fields = Fields::of(invocation.input);
    let size = fields.integer("size", 0..=MAX_BYTES, 1024);
    fields.finish()?;
    let body = (0..size).map(|i| (i % 251) as u8).collect();
    Ok(quick(Outcome::plain(Response::bytes(200, "application/octet-stream", body))))
}
