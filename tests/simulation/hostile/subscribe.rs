//! Subscriptions: submitted or picked up again, streamed or polled, to the result or to the last status.

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{Cancelled, FailureKind, Goal, Mode, Output, Start, Subscribe, SubscribePlan};
use serde_json::{Value, json};

use super::{Dice, Life, answers, count, prove, tries};
use crate::subscribe::plan;
use crate::world::{Scenario, enqueue, fal, live_at};

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
struct Wish {
    endpoint: &'static str,
    plan: SubscribePlan,
}

fn input() -> Value {
    json!({"seconds": SLOW / 1_000})
}

fn lead(seed: u64) -> Life<Wish> {
    let mut dice = Dice(seed);
    let endpoint = if dice.chance(70) { dice.pick(&GOOD) } else { dice.pick(&BAD) };
    let queue = QueueSettings {
        ahead: dice.roll(4) as u32,
        step_ms: dice.roll(2_000),
        run_ms: dice.chance(50).then(|| dice.roll(20_000)),
        concurrency: 1,
    };
    let mut fal = fal(seed, queue);
    let usual = plan(endpoint);
    let start =
        if dice.chance(25) { Start::Resume(enqueue(&mut fal, endpoint, &input())) } else { usual.start.clone() };
    let resumes = matches!(start, Start::Resume(_));
    let plan = SubscribePlan {
        start,
        goal: if resumes && dice.chance(30) { Goal::Status } else { Goal::Result },
        mode: if dice.chance(70) { Mode::Streaming } else { Mode::Polling },
        poll_interval: 50 + dice.roll(1_000),
        timeout: dice.chance(40).then(|| 500 + dice.roll(60_000)),
        cancel_on_timeout: dice.chance(80),
        cancel_on_abort: dice.chance(50),
        policy: dice.policy(),
        status_policy: dice.policy(),
        ..usual
    };
    let scenario = Scenario { queue, ..dice.scenario(40, 30_000) };
    let clock = scenario.clock;
    let story = live_at(fal, Subscribe::new(plan.clone()), &input(), seed, scenario);
    Life { plan: Wish { endpoint, plan }, clock, story }
}

/// The id that the caller knows.
fn known(life: &Life<Wish>) -> Option<&str> {
    match &life.plan.plan.start {
        Start::Resume(id) => Some(id.as_str()),
        Start::Submit(_) => life.story.told.first().map(String::as_str),
    }
}

fn judge(life: &Life<Wish>) {
    let Life { plan: Wish { endpoint, plan }, story, .. } = life;
    assert!(story.jobs <= 1, "{} jobs from one call", story.jobs);
    let id = known(life);
    match story.outcome.as_ref().unwrap() {
        Ok(output) => {
            assert_eq!(story.told.last().map(String::as_str), Some("COMPLETED"));
            match (output, plan.goal) {
                (Output::Result(request), Goal::Result) => {
                    assert_eq!(request.as_ref().map(|request| request.as_str()), id);
                    answers(endpoint, &input(), &story.result);
                }
                (Output::Value, Goal::Status) => assert_eq!(story.result["status"], "COMPLETED"),
                _ => panic!("it ended with {output:?}"),
            }
        }
        Err(failure) => {
            let told = failure.request.as_ref().map(|request| request.as_str());
            assert!(id.is_none() || told == id, "the request id is lost");
            if failure.cancelled == Cancelled::Accepted {
                assert_eq!(story.open_jobs, 0, "it was said to be cancelled");
            }
        }
    }
    told_in_order(life);
    sent_in_bounds(life);
    leaves_in_time(life);
}

/// A status never goes back.
fn told_in_order(life: &Life<Wish>) {
    let rank = |status: &String| ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"].iter().position(|name| name == status);
    let skipped = usize::from(matches!(life.plan.plan.start, Start::Submit(_)));
    let ranks: Vec<_> = life.story.told.iter().skip(skipped).map(rank).collect();
    assert!(ranks.iter().all(Option::is_some) && ranks.is_sorted(), "{:?}", life.story.told);
}

/// No step is repeated without end, and asking has its pace.
fn sent_in_bounds(Life { plan: Wish { plan, .. }, story, clock }: &Life<Wish>) {
    assert!(count(story, |line| line.starts_with("POST")) <= tries(&plan.policy));
    assert!(count(story, |line| line.starts_with("PUT")) <= tries(&plan.policy));
    let streams = count(story, |line| line.contains("/stream?"));
    let streamed = plan.mode == Mode::Streaming;
    assert!(streams <= if streamed { STREAMS } else { 0 }, "{streams} streams");
    let asked = count(story, |line| line.contains("/status?"));
    // Once for every interval, and once for every stream that broke; nothing while the caller sleeps.
    let awake =
        story.ended_at - clock.sleep.map_or(0, |(start, length)| story.ended_at.saturating_sub(start).min(length));
    let turns = 1 + STREAMS + (awake / plan.poll_interval) as usize;
    assert!(asked <= turns * tries(&plan.status_policy), "asked {asked} times in {awake} ms");
    let fetched = story.sent.len() - asked - streams - count(story, |line| !line.starts_with("GET"));
    assert!(fetched <= tries(&plan.policy), "fetched {fetched} times");
}

fn leaves_in_time(Life { plan: Wish { plan, .. }, story, clock }: &Life<Wish>) {
    let deadline = plan.timeout.map_or(u64::MAX, |timeout| clock.awake(timeout));
    let left_at = deadline.min(story.aborted_at.unwrap_or(u64::MAX));
    let submitted = story.sent.iter().rfind(|(_, line)| line.starts_with("POST")).map_or(0, |(time, _)| *time);
    assert!(submitted <= left_at, "submitted at {submitted} for a caller who left at {left_at}");
    let cancels =
        (left_at == deadline && plan.cancel_on_timeout) || (Some(left_at) == story.aborted_at && plan.cancel_on_abort);
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
    prove("no_subscription", 45_000, lead, judge);
}
