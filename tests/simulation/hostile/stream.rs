//! Streams, of a model's answer and of a request's statuses.

use fal_wasm::client::{Failure, FailureKind, Output, Request, RetryPolicy, Stream};
use serde_json::{Value, json};

use super::{Dice, Run, leaves_at_once, prove, tries};
use crate::world::{Scenario, Story, enqueue, fal, run, run_with};

/// Longest silence of an answer that has begun, when the caller does not say.
const IDLE: u64 = 60_000;
/// Longest rest between two tries: what a server may ask for.
const REST: u64 = 60_000;

#[derive(Debug)]
struct Setup {
    policy: RetryPolicy,
    idle: Option<u64>,
    /// The request whose statuses come.
    about: Option<String>,
    /// What comes when nothing goes wrong; nothing for statuses, which depend on when they are asked for.
    whole: Option<Vec<Value>>,
}

const MODEL: &str = "fal-ai/any-llm";

fn input(words: u64) -> Value {
    json!({"prompt": format!("a cat, {words} times")})
}

fn start(seed: u64) -> Run<Setup> {
    let mut dice = Dice(seed);
    let (policy, idle) = (dice.policy(), dice.chance(50).then(|| 1 + dice.roll(20_000)));
    let input = input(dice.roll(50));
    let statuses = dice.chance(30);
    let scenario = dice.scenario(70, 3_000);
    let clock = scenario.clock;
    let mut fal = fal(seed, scenario.queue);
    let (request, about, whole) = if statuses {
        (Request::Follow { logs: false }, Some(enqueue(&mut fal, scenario.endpoint, &input)), None)
    } else {
        let calm = Scenario { endpoint: MODEL, ..Scenario::calm() };
        let calm = run(Stream::new(Request::Stream, None), &input, seed, calm);
        (Request::Stream, None, Some(calm.items))
    };
    let endpoint = if statuses { scenario.endpoint } else { MODEL };
    let scenario = Scenario { call: policy.into(), endpoint, request_id: about.clone(), ..scenario };
    let story = run_with(fal, Stream::new(request, idle), &input, seed, scenario);
    Run { setup: Setup { policy, idle, about, whole }, clock, story }
}

fn judge(run: &Run<Setup>) {
    let Run { setup: Setup { policy, idle, about, whole }, story, clock } = run;
    assert!(story.sent.len() <= tries(policy), "{} requests", story.sent.len());
    leaves_at_once(run, None);
    let ok = match story.outcome.as_ref().unwrap() {
        Ok(Output::Nothing) => true,
        Ok(output) => panic!("a stream ended with {output:?}"),
        Err(failure) => {
            // What broke off while it came is an error of its own, whatever a retry would have brought.
            let begun = !story.items.is_empty();
            assert!(!begun || failure.kind != FailureKind::Http, "{failure:?}");
            assert_eq!(&story.request_id, about, "the request id is lost");
            false
        }
    };
    match whole {
        Some(whole) if ok => assert_eq!(&story.items, whole, "it ended in order and something is missing"),
        Some(whole) => assert!(whole.starts_with(&story.items), "something else came"),
        None => statuses_in_order(story),
    }
    // Silence has an end. Before the answer begins only the caller can say how long it may be.
    let silence = story.ended_at - story.heard_at;
    let longest = match idle {
        Some(idle) => Some(idle + REST),
        None => (!story.items.is_empty()).then_some(IDLE),
    };
    let (slept, leapt) =
        (clock.sleep.map_or(0, |(_, length)| length), clock.leap.map_or(0, |(_, by)| by.unsigned_abs()));
    let longest = longest.unwrap_or(u64::MAX).saturating_add(slept + leapt);
    assert!(silence <= longest, "{silence} ms of silence");
    if let Some(Err(Failure { kind: FailureKind::Stalled, .. })) = &story.outcome {
        let heard = story.items.is_empty() || slept + leapt > 0 || silence >= idle.unwrap_or(IDLE);
        assert!(heard, "it was silent for {silence} ms only");
    }
}

fn statuses_in_order(story: &Story) {
    let rank = |item: &Value| ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].iter().position(|name| item["status"] == *name);
    let ranks: Vec<_> = story.items.iter().map(rank).collect();
    assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted(), "{:?}", story.items);
}

#[test]
fn no_stream_hangs_or_runs_twice_or_drops_an_item() {
    prove("no_stream", 20_000, start, judge);
}
