//! Single calls: run, submit, status, result, cancel.

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{Call, CallOptions, Output, Request};
use serde_json::{Value, json};

use super::{Dice, Run, answers, leaves_at_once, prove, tries};
use crate::world::{Scenario, enqueue, fal, run_with};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    Submit,
    Status,
    Result,
    Cancel,
}

#[derive(Debug)]
struct Setup {
    kind: Kind,
    endpoint: &'static str,
    /// The request that a call is about.
    about: Option<String>,
    call: CallOptions,
}

fn input() -> Value {
    json!({"seconds": 1, "words": ["a", "b"]})
}

fn start(seed: u64) -> Run<Setup> {
    let mut dice = Dice(seed);
    let kind = dice.pick(&[Kind::Run, Kind::Run, Kind::Submit, Kind::Submit, Kind::Status, Kind::Result, Kind::Cancel]);
    let endpoint =
        dice.pick(&["emulator/echo", "emulator/echo", "emulator/slow", "emulator/refuses", "emulator/fails"]);
    let call =
        CallOptions { timeout: dice.chance(40).then(|| 1 + dice.roll(20_000)), ..CallOptions::from(dice.policy()) };
    // A result is there at once when nobody is in front and the run takes no time.
    let queue =
        QueueSettings { ahead: dice.roll(2) as u32, step_ms: 10, run_ms: Some(dice.roll(2) * 100), concurrency: 1 };
    let mut fal = fal(seed, queue);
    let request = match kind {
        Kind::Run => Request::Run,
        Kind::Submit => Request::Submit,
        Kind::Status => Request::Status { logs: false },
        Kind::Result => Request::Result,
        Kind::Cancel => Request::Cancel,
    };
    let about = request.is_about_request().then(|| enqueue(&mut fal, endpoint, &input()));
    let scenario = Scenario { call, endpoint, request_id: about.clone(), queue, ..dice.scenario(60, 2_000) };
    let clock = scenario.clock;
    let story = run_with(fal, Call::new(request), &input(), seed, scenario);
    Run { setup: Setup { kind, endpoint, about, call }, clock, story }
}

fn judge(run: &Run<Setup>) {
    let Run { setup: Setup { kind, endpoint, about, call }, story, .. } = run;
    assert!(story.sent.len() <= tries(&call.retry), "{} requests", story.sent.len());
    assert!(story.jobs <= 1, "{} jobs from one call", story.jobs);
    leaves_at_once(run, call.timeout);
    match (kind, story.outcome.as_ref().unwrap()) {
        (Kind::Run, Ok(Output::Result)) => {
            assert_eq!((story.runs, &story.request_id), (1, &None));
            answers(endpoint, &input(), &story.result);
        }
        (Kind::Result, Ok(Output::Result)) => {
            assert_eq!(&story.request_id, about);
            answers(endpoint, &input(), &story.result);
        }
        (Kind::Submit, Ok(Output::Value)) => {
            assert!(story.result["request_id"].is_string() && story.jobs == 1, "{}", story.result);
        }
        (Kind::Status, Ok(Output::Value)) => assert!(story.result["status"].is_string(), "{}", story.result),
        (Kind::Cancel, Ok(Output::Nothing)) => assert_eq!(story.open_jobs, 0, "it was said to be cancelled"),
        (_, Ok(output)) => panic!("{kind:?} ended with {output:?}"),
        (_, Err(_)) => assert_eq!(&story.request_id, about, "the request id is lost"),
    }
}

#[test]
fn no_call_hangs_or_buys_twice_or_loses_its_id() {
    prove("no_call", 20_000, start, judge);
}
