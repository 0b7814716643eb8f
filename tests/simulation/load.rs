//! What many calls of one client do to a fal that is in trouble.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fal_wasm::client::{
    Body, Call, Effect, Effects, Event, FailureKind, MAX_EFFECTS, Machine, Request, RetryBudget, RetryPolicy, Upload,
    UploadOptions,
};
use fal_wasm::protocol::{Head, Media};

/// Calls of one client.
const CALLS: u64 = 1_000;

/// What fal does with one request.
#[derive(Clone, Copy, Debug)]
enum Weather {
    /// No connection can be made.
    Unreachable,
    /// Connections break.
    Broken,
    /// Every answer is this status, with `Retry-After` milliseconds if there are any.
    Answer(u16, Option<u64>),
    /// One request in so many breaks, the others are answered well.
    Patchy(u64),
}

/// One kind of call each: safe and unsafe ones, and an upload.
fn machine(weather: Weather, number: u64, policy: &RetryPolicy) -> Machine {
    let request = match number % 4 {
        0 => Request::Run,
        1 => Request::Submit,
        2 => Request::Status { logs: false },
        _ if matches!(weather, Weather::Patchy(_)) => Request::Cancel,
        _ => {
            return Machine::new(Upload::new(UploadOptions::new(3, false).unwrap()), *policy, number);
        }
    };
    Machine::new(Call::new(request), *policy, number)
}

/// Runs all calls, one every `pace` milliseconds; returns how many requests there were, and how many calls failed.
fn run(weather: Weather, pace: u64, policy: &RetryPolicy) -> (u64, u64) {
    let mut machines: Vec<_> = (0..CALLS).map(|number| machine(weather, number, policy)).collect();
    let mut budget = RetryBudget::default();
    let mut effects = Effects::default();
    let (mut requests, mut failures) = (0, 0);
    let mut coming: BinaryHeap<Reverse<(u64, usize, u64)>> = BinaryHeap::new();
    let mut events = Vec::new();
    let at = |coming: &mut BinaryHeap<_>, events: &mut Vec<_>, time: u64, index: usize, event: Event| {
        coming.push(Reverse((time, index, events.len() as u64)));
        events.push(event);
    };
    for index in 0..machines.len() {
        at(&mut coming, &mut events, index as u64 * pace, index, Event::Started);
    }
    while let Some(Reverse((now, index, event))) = coming.pop() {
        let event = events[event as usize];
        let machine = &mut machines[index];
        *machine.budget() = budget;
        machine.handle(now, event, &mut effects);
        budget = *machine.budget();
        assert!(effects.len() < MAX_EFFECTS, "{event:?} has too many effects: {effects:?}");
        for effect in effects.iter() {
            match effect {
                Effect::Send { token, .. } => {
                    requests += 1;
                    let head = |status, retry_after| Head {
                        status,
                        media: Media::Json,
                        retry_after,
                        retryable: None,
                        user_timeout: false,
                    };
                    let event = match weather {
                        Weather::Unreachable => Event::Failed { token, kind: FailureKind::Unreachable },
                        Weather::Broken => Event::Failed { token, kind: FailureKind::ConnectionLost },
                        Weather::Patchy(every) if requests % every == 0 => {
                            Event::Failed { token, kind: FailureKind::Unreachable }
                        }
                        Weather::Patchy(_) => Event::Answered { token, head: head(200, None) },
                        Weather::Answer(status, retry_after) => {
                            Event::Answered { token, head: head(status, retry_after) }
                        }
                    };
                    at(&mut coming, &mut events, now + 50, index, event);
                }
                Effect::Read { token, .. } => {
                    let event = match weather {
                        Weather::Patchy(_) => Event::Read { token, body: Body::Nothing },
                        _ => Event::Failed { token, kind: FailureKind::ConnectionLost },
                    };
                    at(&mut coming, &mut events, now + 1, index, event);
                }
                Effect::Sleep { token, duration } => {
                    at(&mut coming, &mut events, now + duration, index, Event::TimerFired { token });
                }
                Effect::Failed(_) => failures += 1,
                _ => {}
            }
        }
    }
    (requests, failures)
}

/// Without a budget a client with three retries sends an outage four times what its users ask for.
#[test]
fn an_outage_gets_at_most_a_tenth_more_than_was_called() {
    let policies = [RetryPolicy::default(), RetryPolicy { backup_hosts: true, ..RetryPolicy::default() }];
    for weather in [
        Weather::Unreachable,
        Weather::Broken,
        Weather::Answer(502, None),
        Weather::Answer(503, None),
        Weather::Answer(503, Some(2_000)),
        Weather::Answer(504, None),
        Weather::Answer(429, None),
        Weather::Answer(429, Some(30_000)),
    ] {
        for policy in &policies {
            for pace in [0, 10, 1_000] {
                let (requests, failures) = run(weather, pace, policy);
                assert_eq!(failures, CALLS);
                assert!(requests * 100 <= CALLS * 110, "{requests} requests: {weather:?}, one call in {pace} ms");
            }
        }
    }
    let endless = RetryPolicy { budget: u64::MAX, ..RetryPolicy::default() };
    let (requests, _) = run(Weather::Unreachable, 10, &endless);
    assert!(requests >= CALLS * 4, "the caller's own numbers win: {requests}");
}

/// A budget that is not earned back would leave a client without retries after its first bad hour.
#[test]
fn calls_that_go_well_earn_back_what_retries_cost() {
    let (requests, failures) = run(Weather::Patchy(10), 10, &RetryPolicy::default());
    assert_eq!(failures, 0);
    assert!((CALLS * 110 / 100..CALLS * 113 / 100).contains(&requests), "{requests}");
}
