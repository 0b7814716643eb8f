//! Subscriptions: submitted or picked up again, streamed or polled, to the result or to the last status.

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{
    CallOptions, Cancelled, FailureKind, FollowMode, Goal, Output, Start, Subscribe, SubscribeOptions,
};
use serde_json::{Value, json};

use super::{Dice, Run, answers, count, prove, tries};
use crate::subscribe::options;
use crate::world::{Scenario, enqueue, fal, run_with};

/// How long a cancel may hold a caller who leaves.
const GRACE: u64 = 5_000;
/// How often a stream of statuses is opened at most.
const STREAMS: usize = 4;
/// How long the runs of this model take by themselves.
const SLOW: u64 = 5_000;

const GOOD: [&str; 2] = ["emulator/echo", "emulator/slow"];
const BAD: [&str; 2] = ["emulator/refuses", "emulator/fails"];

/// What was wanted, and of whom.
#[derive(Debug)]
struct Setup {
    endpoint: &'static str,
    /// The request that is picked up again.
    resumed: Option<String>,
    call: CallOptions,
    options: SubscribeOptions,
}

fn input() -> Value {
    json!({"seconds": SLOW / 1_000})
}

fn start(seed: u64) -> Run<Setup> {
    let mut dice = Dice(seed);
    let endpoint = if dice.chance(70) { dice.pick(&GOOD) } else { dice.pick(&BAD) };
    let queue = QueueSettings {
        ahead: dice.roll(4) as u32,
        step_ms: dice.roll(2_000),
        run_ms: dice.chance(50).then(|| dice.roll(20_000)),
        concurrency: 1,
    };
    let mut fal = fal(seed, queue);
    let resumed = dice.chance(25).then(|| enqueue(&mut fal, endpoint, &input()));
    let resumes = resumed.is_some();
    let options = SubscribeOptions {
        start: if resumes { Start::Resume } else { Start::Submit },
        goal: if resumes && dice.chance(30) { Goal::Status } else { Goal::Result },
        mode: if dice.chance(70) { FollowMode::Streaming } else { FollowMode::Polling },
        poll_interval: 50 + dice.roll(1_000),
        cancel_on_timeout: dice.chance(80),
        cancel_on_abort: dice.chance(50),
        ..options()
    };
    let call =
        CallOptions { timeout: dice.chance(40).then(|| 500 + dice.roll(60_000)), ..CallOptions::from(dice.policy()) };
    let scenario = Scenario { call, endpoint, request_id: resumed.clone(), queue, ..dice.scenario(40, 30_000) };
    let clock = scenario.clock;
    let story = run_with(fal, Subscribe::new(options), &input(), seed, scenario);
    Run { setup: Setup { endpoint, resumed, call, options }, clock, story }
}

/// The id that the caller knows.
fn known(run: &Run<Setup>) -> Option<&String> {
    run.setup.resumed.as_ref().or(run.story.told.first())
}

fn judge(run: &Run<Setup>) {
    let Run { setup: Setup { endpoint, options, .. }, story, .. } = run;
    assert!(story.jobs <= 1, "{} jobs from one call", story.jobs);
    let id = known(run);
    match story.outcome.as_ref().unwrap() {
        Ok(output) => {
            assert_eq!(story.told.last().map(String::as_str), Some("COMPLETED"));
            match (output, options.goal) {
                (Output::Result, Goal::Result) => {
                    assert_eq!(story.request_id.as_ref(), id);
                    answers(endpoint, &input(), &story.result);
                }
                (Output::Value, Goal::Status) => assert_eq!(story.result["status"], "COMPLETED"),
                _ => panic!("it ended with {output:?}"),
            }
        }
        Err(failure) => {
            assert!(id.is_none() || story.request_id.as_ref() == id, "the request id is lost");
            if failure.cancelled == Cancelled::Accepted {
                assert_eq!(story.open_jobs, 0, "it was said to be cancelled");
            }
        }
    }
    told_in_order(run);
    sent_in_bounds(run);
    leaves_in_time(run);
}

/// A status never goes back.
fn told_in_order(run: &Run<Setup>) {
    let rank = |status: &String| ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].iter().position(|name| name == status);
    let skipped = usize::from(run.setup.options.start == Start::Submit);
    let ranks: Vec<_> = run.story.told.iter().skip(skipped).map(rank).collect();
    assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted(), "{:?}", run.story.told);
}

/// No step is repeated without end, and asking has its pace.
fn sent_in_bounds(Run { setup: Setup { call, options, .. }, story, clock }: &Run<Setup>) {
    assert!(count(story, |line| line.starts_with("POST")) <= tries(&call.retry));
    assert!(count(story, |line| line.starts_with("PUT")) <= tries(&call.retry));
    let streams = count(story, |line| line.contains("/stream?"));
    let streamed = options.mode == FollowMode::Streaming;
    assert!(streams <= if streamed { STREAMS } else { 0 }, "{streams} streams");
    let asked = count(story, |line| line.contains("/status?"));
    // Once for every interval, and once for every stream that broke; nothing while the caller sleeps.
    let awake =
        story.ended_at - clock.sleep.map_or(0, |(start, length)| story.ended_at.saturating_sub(start).min(length));
    let turns = 1 + STREAMS + (awake / options.poll_interval) as usize;
    assert!(asked <= turns * tries(&call.retry), "asked {asked} times in {awake} ms");
    let fetched = story.sent.len() - asked - streams - count(story, |line| !line.starts_with("GET"));
    assert!(fetched <= tries(&call.retry), "fetched {fetched} times");
}

fn leaves_in_time(Run { setup: Setup { call, options, .. }, story, clock }: &Run<Setup>) {
    let deadline = call.timeout.map_or(u64::MAX, |timeout| clock.awake(timeout));
    let left_at = deadline.min(story.aborted_at.unwrap_or(u64::MAX));
    let submitted = story.sent.iter().rfind(|(_, line)| line.starts_with("POST")).map_or(0, |(time, _)| *time);
    assert!(submitted <= left_at, "submitted at {submitted} for a caller who left at {left_at}");
    let cancels = (left_at == deadline && options.cancel_on_timeout)
        || (Some(left_at) == story.aborted_at && options.cancel_on_abort);
    let end = if cancels { clock.awake(left_at.saturating_add(GRACE)) } else { left_at };
    assert!(story.ended_at <= end, "{} is past {end}", story.ended_at);
    if let Some(Err(failure)) = &story.outcome {
        let left = matches!(failure.kind, FailureKind::Aborted | FailureKind::TimedOut);
        assert!(left || story.ended_at <= left_at, "{:?} came after {left_at}", failure.kind);
        assert!(!left || story.ended_at >= left_at, "it left before anybody wanted to");
    }
}

#[test]
fn no_subscription_hangs_or_buys_twice_or_loses_its_id() {
    prove("no_subscription", 45_000, start, judge);
}
