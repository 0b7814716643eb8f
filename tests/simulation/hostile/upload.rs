//! Uploads, whole and in parts.

use fal_wasm::client::{CallOptions, Output, RetryPolicy, Upload, UploadOptions};
use serde_json::Value;

use super::{Dice, Run, leaves_at_once, prove, tries};
use crate::upload::{file, options};
use crate::world::{Scenario, run};

fn start(seed: u64) -> Run<(UploadOptions, CallOptions)> {
    let mut dice = Dice(seed);
    let bytes = dice.roll(150) as usize;
    let retry = RetryPolicy { max_retries: Some(dice.roll(7) as u32), ..RetryPolicy::default() };
    let call = CallOptions { retry, timeout: dice.chance(20).then(|| 1 + dice.roll(20_000)), idempotent: false };
    let options = options(bytes);
    let scenario = Scenario { call, file: (file(bytes), options.part_bytes as usize), ..dice.scenario(30, 5_000) };
    let clock = scenario.clock;
    let story = run(Upload::new(options), &Value::Null, seed, scenario);
    Run { setup: (options, call), clock, story }
}

fn judge(run: &Run<(UploadOptions, CallOptions)>) {
    let Run { setup: (options, call), story, .. } = run;
    let requests = (options.bytes as usize).div_ceil(10) + 2;
    assert!(story.sent.len() <= requests * tries(&call.retry), "{} requests", story.sent.len());
    assert!(story.most_parts <= 4, "{} parts at once", story.most_parts);
    leaves_at_once(run, call.timeout);
    match story.outcome.as_ref().unwrap() {
        Ok(Output::File) => assert_eq!(story.file, Some(file(options.bytes as usize)), "another file came out"),
        Ok(output) => panic!("an upload ended with {output:?}"),
        Err(_) => {}
    }
}

#[test]
fn no_upload_hangs_or_floods_or_stores_another_file() {
    prove("no_upload", 15_000, start, judge);
}
