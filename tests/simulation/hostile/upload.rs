//! Uploads, whole and in parts.

use fal_wasm::client::{Output, RetryPolicy, Upload, UploadPlan};
use serde_json::Value;

use super::{Dice, Life, leaves_at_once, prove, tries};
use crate::upload::{file, plan};
use crate::world::{Scenario, live};

fn lead(seed: u64) -> Life<UploadPlan> {
    let mut dice = Dice(seed);
    let bytes = dice.roll(150) as usize;
    let policy = RetryPolicy { max_retries: dice.roll(7) as u32, ..UploadPlan::policy() };
    let timeout = dice.chance(20).then(|| 1 + dice.roll(20_000));
    let plan = UploadPlan { policy, timeout, ..plan(bytes) };
    let scenario = Scenario { file: (file(bytes), plan.part_bytes as usize), ..dice.scenario(30, 5_000) };
    let clock = scenario.clock;
    let story = live(Upload::new(plan.clone()), &Value::Null, seed, scenario);
    Life { plan, clock, story }
}

fn judge(life: &Life<UploadPlan>) {
    let Life { plan, story, .. } = life;
    let requests = (plan.bytes as usize).div_ceil(10) + 2;
    assert!(story.sent.len() <= requests * tries(&plan.policy), "{} requests", story.sent.len());
    assert!(story.most_parts <= 4, "{} parts at once", story.most_parts);
    leaves_at_once(life, plan.timeout);
    match story.outcome.as_ref().unwrap() {
        Ok(Output::File(_)) => assert_eq!(story.file, Some(file(plan.bytes as usize)), "another file came out"),
        Ok(output) => panic!("an upload ended with {output:?}"),
        Err(_) => {}
    }
}

#[test]
fn no_upload_hangs_or_floods_or_stores_another_file() {
    prove("no_upload", 15_000, lead, judge);
}
