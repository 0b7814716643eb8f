//! Single calls: run, submit, status, result, cancel.

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{Call, Output, Request, RetryPolicy};
use fal_wasm::protocol::{EndpointId, Method, Submission};
use serde_json::{Value, json};

use super::{Dice, Life, answers, leaves_at_once, prove, tries};
use crate::world::{Scenario, enqueue, fal, live_at};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Run,
    Submit,
    Status,
    Result,
    Cancel,
}

#[derive(Debug)]
struct Plan {
    kind: Kind,
    endpoint: &'static str,
    /// The request that a call is about.
    about: Option<String>,
    policy: RetryPolicy,
    timeout: Option<u64>,
}

fn input() -> Value {
    json!({"seconds": 1, "words": ["a", "b"]})
}

fn lead(seed: u64) -> Life<Plan> {
    let mut dice = Dice(seed);
    let kind = dice.pick(&[Kind::Run, Kind::Run, Kind::Submit, Kind::Submit, Kind::Status, Kind::Result, Kind::Cancel]);
    let endpoint =
        dice.pick(&["emulator/echo", "emulator/echo", "emulator/slow", "emulator/refuses", "emulator/fails"]);
    let (policy, timeout) = (dice.policy(), dice.chance(40).then(|| 1 + dice.roll(20_000)));
    // A result is there at once when nobody is in front and the run takes no time.
    let queue =
        QueueSettings { ahead: dice.roll(2) as u32, step_ms: 10, run_ms: Some(dice.roll(2) * 100), concurrency: 1 };
    let mut fal = fal(seed, queue);
    let id = EndpointId::parse(endpoint).unwrap();
    let mut old = || enqueue(&mut fal, endpoint, &input());
    let (request, about) = match kind {
        Kind::Run => (Request::run(id, Method::Post), None),
        Kind::Submit => (Request::submit(id, Method::Post, Submission::default()), None),
        Kind::Status => {
            let about = old();
            (Request::status(id.app(), about.clone(), false), Some(about))
        }
        Kind::Result => {
            let about = old();
            (Request::result(id.app(), about.clone()), Some(about))
        }
        Kind::Cancel => {
            let about = old();
            (Request::cancel(id.app(), about.clone()), Some(about))
        }
    };
    let about = about.map(|id| id.as_str().to_owned());
    let scenario = Scenario { queue, ..dice.scenario(60, 2_000) };
    let clock = scenario.clock;
    let story = live_at(fal, Call::new(request, policy.clone(), timeout), &input(), seed, scenario);
    Life { plan: Plan { kind, endpoint, about, policy, timeout }, clock, story }
}

fn judge(life: &Life<Plan>) {
    let Life { plan: Plan { kind, endpoint, about, policy, timeout }, story, .. } = life;
    assert!(story.sent.len() <= tries(policy), "{} requests", story.sent.len());
    assert!(story.jobs <= 1, "{} jobs from one call", story.jobs);
    leaves_at_once(life, *timeout);
    match (kind, story.outcome.as_ref().unwrap()) {
        (Kind::Run, Ok(Output::Result(None))) => {
            assert_eq!(story.runs, 1);
            answers(endpoint, &input(), &story.result);
        }
        (Kind::Result, Ok(Output::Result(id))) => {
            assert_eq!(id.as_ref().map(|id| id.as_str()), about.as_deref());
            answers(endpoint, &input(), &story.result);
        }
        (Kind::Submit, Ok(Output::Value)) => {
            assert!(story.result["request_id"].is_string() && story.jobs == 1, "{}", story.result);
        }
        (Kind::Status, Ok(Output::Value)) => assert!(story.result["status"].is_string(), "{}", story.result),
        (Kind::Cancel, Ok(Output::Nothing)) => assert_eq!(story.open_jobs, 0, "it was said to be cancelled"),
        (_, Ok(output)) => panic!("{kind:?} ended with {output:?}"),
        (_, Err(failure)) => {
            assert_eq!(failure.request.as_ref().map(|id| id.as_str()), about.as_deref(), "the request id is lost");
        }
    }
}

#[test]
fn no_call_hangs_or_buys_twice_or_loses_its_id() {
    prove("no_call", 20_000, lead, judge);
}
