//! Subscriptions in a network that does its worst, life after life.

use std::cell::RefCell;
use std::rc::Rc;

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{Cancelled, FailureKind, Mode, Output, Request, RetryPolicy, Subscribe, SubscribePlan};
use serde_json::json;

use crate::subscribe::plan;
use crate::world::{Fate, Scenario, Story, live};

/// Lives in one run.
const SEEDS: u64 = 20_000;
/// How long a cancel may hold a caller who leaves.
const GRACE: u64 = 5_000;

/// A small generator (splitmix64): every life is its seed.
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % sides
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub fn fate(&mut self, trouble: u64) -> Fate {
        if !self.chance(trouble) {
            return Fate::Deliver;
        }
        let status = [500, 502, 503, 504][self.roll(4) as usize];
        match self.roll(11) {
            0 => Fate::Refuse,
            1 => Fate::DropBefore,
            2 => Fate::DropAfter,
            3 => Fate::Truncate,
            4 => Fate::Answer(429, None),
            5 => Fate::Answer(503, Some(1)),
            6 => Fate::Answer(302, None),
            7 => Fate::Answer(status, None),
            8 => Fate::Stall,
            9 => Fate::Collect,
            _ => Fate::Garble(status),
        }
    }
}

struct Life {
    plan: SubscribePlan,
    abort_at: Option<u64>,
    story: Story,
}

fn lead(seed: u64) -> Life {
    let mut dice = Dice(seed);
    let endpoint = ["emulator/echo", "emulator/refuses", "emulator/fails", "emulator/slow"][dice.roll(4) as usize];
    let policy = RetryPolicy { max_retries: dice.roll(5) as u32, ..RetryPolicy::default() };
    let plan = SubscribePlan {
        mode: if dice.chance(70) { Mode::Streaming } else { Mode::Polling },
        poll_interval: 50 + dice.roll(1_000),
        timeout: dice.chance(50).then(|| 500 + dice.roll(60_000)),
        cancel_on_timeout: dice.chance(80),
        cancel_on_abort: dice.chance(50),
        policy: policy.clone(),
        status_policy: policy,
        ..plan(endpoint)
    };
    let queue = QueueSettings {
        ahead: dice.roll(4) as u32,
        step_ms: dice.roll(2_000),
        run_ms: dice.chance(50).then(|| dice.roll(20_000)),
        concurrency: 1,
    };
    let abort_at = dice.chance(30).then(|| dice.roll(20_000));
    let trouble = dice.roll(40);
    let slowest = 1 + dice.roll(800);
    let shared = Rc::new(RefCell::new(dice));
    let (lag, luck, knife) = (Rc::clone(&shared), Rc::clone(&shared), shared);
    let scenario = Scenario {
        queue,
        latency: Box::new(move || 1 + lag.borrow_mut().roll(slowest)),
        fate: Box::new(move |_: &Request| luck.borrow_mut().fate(trouble)),
        cut: Box::new(move || 1 + knife.borrow_mut().roll(200) as usize),
        abort_at,
        ..Scenario::calm()
    };
    let story = live(Subscribe::new(plan.clone()), &json!({"seconds": 5}), seed, scenario);
    Life { plan, abort_at, story }
}

/// What must be true of every life.
fn judge(Life { plan, abort_at, story }: &Life) {
    let outcome = story.outcome.as_ref().expect("it hangs");
    assert!(story.jobs <= 1, "{} jobs from one call", story.jobs);
    let known = story.told.first();
    match outcome {
        Ok(Output::Result(id)) => assert_eq!(id.as_ref().map(|id| id.as_str()), known.map(String::as_str)),
        Ok(output) => panic!("a subscription ended with {output:?}"),
        Err(failure) => {
            let id = failure.request.as_ref().map(|id| id.as_str());
            assert!(known.is_none() || id == known.map(String::as_str), "the request id is lost");
            if failure.cancelled == Cancelled::Accepted {
                assert_eq!(story.open_jobs, 0, "it was said to be cancelled");
            }
            if failure.kind == FailureKind::Aborted && !plan.cancel_on_abort {
                assert_eq!(Some(story.ended_at), *abort_at, "an abort is at once");
            }
        }
    }
    let left_at = abort_at.unwrap_or(u64::MAX).min(plan.timeout.unwrap_or(u64::MAX));
    let submitted = story.sent.iter().rfind(|(_, line)| line.starts_with("POST")).map_or(0, |(time, _)| *time);
    assert!(submitted <= left_at, "submitted at {submitted} for a caller who left at {left_at}");
    if let Some(deadline) = plan.timeout {
        assert!(story.ended_at <= deadline + GRACE, "{} is past the deadline {deadline}", story.ended_at);
    }
    if let (Some(abort), true) = (abort_at, plan.cancel_on_abort) {
        assert!(story.ended_at <= abort + GRACE, "{} is past the abort {abort}", story.ended_at);
    }
}

#[test]
fn no_life_hangs_or_buys_twice_or_loses_its_id() {
    let seeds = match std::env::var("SEED").ok().and_then(|seed| seed.parse().ok()) {
        Some(seed) => seed..seed + 1,
        None => 0..SEEDS,
    };
    let mut good = 0;
    for seed in seeds.clone() {
        let life = lead(seed);
        let verdict = std::panic::catch_unwind(|| judge(&life));
        assert!(verdict.is_ok(), "SEED={seed}: {:#?}", life.story);
        good += u64::from(matches!(life.story.outcome, Some(Ok(_))));
    }
    // The network is bad, not dead: a simulation in which nothing ever succeeds would prove nothing.
    assert!(seeds.end - seeds.start == 1 || good > SEEDS / 10, "{good}");
}
