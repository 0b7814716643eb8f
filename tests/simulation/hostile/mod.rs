//! Runs in a network that does its worst, with callers who leave and clocks that jump: 100,000 of them.

mod call;
mod dice;
mod stream;
mod subscribe;
mod upload;

use std::fmt::Debug;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::client::{FailureKind, Idempotency, RetryPolicy};
use serde_json::Value;

use crate::world::{Clock, Fate, Story};

pub use dice::Dice;

/// One run: what was wanted, and what came of it.
#[derive(Debug)]
struct Run<Setup> {
    setup: Setup,
    clock: Clock,
    story: Story,
}

/// Makes this many runs, or the one that is asked for, and judges each.
fn prove<Setup: Debug>(name: &str, runs: u64, start: impl Fn(u64) -> Run<Setup>, judge: impl Fn(&Run<Setup>)) {
    let asked = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let mut good = 0;
    for seed in asked.map_or(0..runs, |seed: u64| seed..seed + 1) {
        let again = format!("SEED={seed} cargo test --features server --test simulation {name}");
        let run = catch_unwind(AssertUnwindSafe(|| start(seed))).unwrap_or_else(|_| panic!("{again}"));
        let verdict = catch_unwind(AssertUnwindSafe(|| {
            universal(&run);
            judge(&run);
        }));
        assert!(verdict.is_ok(), "{again}\n{run:#?}");
        good += u64::from(matches!(run.story.outcome, Some(Ok(_))));
    }
    // The network is bad, not dead: a simulation in which nothing ever succeeds would prove nothing.
    assert!(asked.is_some() || good > runs / 5, "{good}");
}

/// What must be true of every run there is.
fn universal<Setup>(Run { story, .. }: &Run<Setup>) {
    assert!(story.outcome.is_some(), "it hangs");
    assert!(story.runs <= 1, "{} runs from one call", story.runs);
    let again = |index: usize| {
        let (_, line) = &story.sent[index];
        story.sent.iter().enumerate().skip(index + 1).find(|(_, (_, other))| other == line).map(|(_, (time, _))| *time)
    };
    for (index, (idempotency, fate)) in story.fates.iter().enumerate() {
        let Some(next) = again(index) else { continue };
        let unbegun = matches!(fate, Fate::Refuse | Fate::Answer(429, _) | Fate::Answer(503, Some(_)));
        assert!(*idempotency == Idempotency::Safe || unbegun, "sent again after {fate:?}");
        if let (Fate::Answer(429 | 503, Some(seconds)), (time, _)) = (fate, &story.sent[index]) {
            assert!(next >= time + seconds * 1_000, "a server asked for {seconds} s, and got {} ms", next - time);
        }
    }
}

/// A model's answer is the one to its input.
fn answers(endpoint: &str, input: &Value, answer: &Value) {
    match endpoint {
        "emulator/echo" => assert_eq!(&answer["input"], input, "another answer"),
        "emulator/slow" => assert_eq!(answer["seconds"].as_f64(), input["seconds"].as_f64(), "another answer"),
        _ => panic!("a model that fails answered {answer}"),
    }
}

/// How many tries a request gets.
fn tries(policy: &RetryPolicy) -> usize {
    policy.max_retries.expect("the dice say how often") as usize + 1
}

/// How often something was sent.
fn count(story: &Story, is: impl Fn(&str) -> bool) -> usize {
    story.sent.iter().filter(|(_, line)| is(line)).count()
}

/// A caller who leaves is let go at once.
fn leaves_at_once<Setup>(Run { story, clock, .. }: &Run<Setup>, timeout: Option<u64>) {
    let deadline = timeout.map_or(u64::MAX, |timeout| clock.awake(timeout));
    assert!(story.ended_at <= deadline, "{} is past the deadline {deadline}", story.ended_at);
    if let Some(aborted) = story.aborted_at {
        assert_eq!(story.ended_at, aborted, "an abort is at once");
    }
    if let Some(Err(failure)) = &story.outcome {
        assert_eq!(failure.kind == FailureKind::Aborted, story.aborted_at.is_some());
        assert!(failure.kind != FailureKind::TimedOut || story.ended_at == deadline);
    }
}
