//! What many calls of one client do to a fal that is in trouble.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fal_wasm::client::{
    Call, Effect, Event, Facts, FailureKind, Machine, Request, RetryPolicy, Spent, Upload, UploadPlan,
};
use fal_wasm::protocol::{EndpointId, Head, Media, Method, RequestId, Submission};

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
    let endpoint = EndpointId::parse("emulator/echo").unwrap();
    let id = RequestId::parse("r-1").unwrap();
    let request = match number % 4 {
        0 => Request::run(endpoint, Method::Post),
        1 => Request::submit(endpoint, Method::Post, Submission::default()),
        2 => Request::status(endpoint.app(), id, false),
        _ if matches!(weather, Weather::Patchy(_)) => Request::cancel(endpoint.app(), id),
        _ => {
            let plan = UploadPlan::new(3, false, RetryPolicy { max_retries: 5, ..policy.clone() }).unwrap();
            return Machine::new(Upload::new(plan), number);
        }
    };
    Machine::new(Call::new(request, policy.clone(), None), number)
}

/// Lets all calls live, one every `pace` milliseconds; returns how many requests there were, and how many calls failed.
fn live(weather: Weather, pace: u64, policy: &RetryPolicy) -> (u64, u64) {
    let mut machines: Vec<_> = (0..CALLS).map(|number| machine(weather, number, policy)).collect();
    let mut spent = Spent::default();
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
        let event = events[event as usize].clone();
        let machine = &mut machines[index];
        *machine.spent() = spent;
        let effects = machine.handle(now, event);
        spent = *machine.spent();
        for effect in effects {
            match effect {
                Effect::Send(token, _) => {
                    requests += 1;
                    let head = |status, retry_after| Head {
                        status,
                        media: Media::Json,
                        retry_after,
                        retryable: None,
                        user_timeout: false,
                    };
                    let event = match weather {
                        Weather::Unreachable => Event::Failed(token, FailureKind::Unreachable),
                        Weather::Broken => Event::Failed(token, FailureKind::ConnectionLost),
                        Weather::Patchy(every) if requests % every == 0 => {
                            Event::Failed(token, FailureKind::Unreachable)
                        }
                        Weather::Patchy(_) => Event::Answered(token, head(200, None)),
                        Weather::Answer(status, retry_after) => Event::Answered(token, head(status, retry_after)),
                    };
                    at(&mut coming, &mut events, now + 50, index, event);
                }
                Effect::Read(token, ..) => {
                    let event = match weather {
                        Weather::Patchy(_) => Event::Read(token, Facts::Nothing),
                        _ => Event::Failed(token, FailureKind::ConnectionLost),
                    };
                    at(&mut coming, &mut events, now + 1, index, event);
                }
                Effect::Rest(token, duration) => {
                    at(&mut coming, &mut events, now + duration, index, Event::Woke(token))
                }
                Effect::Done(outcome) => failures += u64::from(outcome.is_err()),
                _ => {}
            }
        }
    }
    (requests, failures)
}

/// Without a budget a client with three retries sends an outage four times what its users ask for.
#[test]
fn an_outage_gets_at_most_a_tenth_more_than_was_called() {
    let policies = [
        RetryPolicy::default(),
        #[cfg(feature = "server")]
        RetryPolicy { backup_hosts: true, ..RetryPolicy::default() },
    ];
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
                let (requests, failures) = live(weather, pace, policy);
                assert_eq!(failures, CALLS);
                assert!(requests * 100 <= CALLS * 110, "{requests} requests: {weather:?}, one call in {pace} ms");
            }
        }
    }
    let endless = RetryPolicy { budget: u64::MAX, ..RetryPolicy::default() };
    let (requests, _) = live(Weather::Unreachable, 10, &endless);
    assert!(requests >= CALLS * 4, "the caller's own numbers win: {requests}");
}

/// A budget that is not earned back would leave a client without retries after its first bad hour.
#[test]
fn calls_that_go_well_earn_back_what_retries_cost() {
    let (requests, failures) = live(Weather::Patchy(10), 10, &RetryPolicy::default());
    assert_eq!(failures, 0);
    assert!((CALLS * 110 / 100..CALLS * 113 / 100).contains(&requests), "{requests}");
}
