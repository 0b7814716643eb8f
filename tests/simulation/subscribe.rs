//! A subscription in calm weather, and with one thing going wrong.

use std::cell::Cell;

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{
    CallOptions, Cancelled, FailureKind, FollowMode, Output, Request, RetryPolicy, Subscribe, SubscribeOptions,
};
use serde_json::json;

use crate::world::{Fate, Scenario, Story, run};

pub fn options() -> SubscribeOptions {
    SubscribeOptions { logs: true, ..SubscribeOptions::default() }
}

fn subscribe(endpoint: &'static str, options: SubscribeOptions, scenario: Scenario) -> Story {
    run(Subscribe::new(options), &json!({"text": "hello"}), 1, Scenario { endpoint, ..scenario })
}

#[test]
fn a_request_is_followed_from_the_queue_to_its_result() {
    let story = subscribe("emulator/echo", options(), Scenario::calm());
    assert!(matches!(story.outcome, Some(Ok(Output::Result))), "{story:?}");
    assert_eq!(Some(&story.told[0]), story.request_id.as_ref());
    let mut states = story.told[1..].to_vec();
    states.dedup();
    assert_eq!(states, ["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
    assert_eq!(story.result["input"], json!({"text": "hello"}), "{}", story.result);
    assert_eq!(story.sent.iter().filter(|line| line.1.starts_with("POST")).count(), 1);
    assert!(story.ended_at < 3_000, "{}", story.ended_at);
}

#[test]
fn a_model_that_refuses_is_an_error_with_its_request_id() {
    let story = subscribe("emulator/refuses", options(), Scenario::calm());
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!(failure.kind, FailureKind::Http);
    assert_eq!(failure.head.as_ref().map(|head| head.status), Some(422));
    assert_eq!(story.request_id.as_ref(), Some(&story.told[0]));
}

#[test]
fn an_abort_is_at_once_and_leaves_the_request_alone() {
    let story = subscribe("emulator/slow", options(), Scenario { abort_at: Some(1_000), ..long() });
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.cancelled, story.ended_at), (FailureKind::Aborted, Cancelled::NotAsked, 1_000));
    assert!(story.request_id.is_some() && story.open_jobs == 1);
    assert!(!story.sent.iter().any(|line| line.1.ends_with("/cancel")));
}

#[test]
fn an_abort_cancels_the_request_when_asked() {
    let options = SubscribeOptions { cancel_on_abort: true, ..options() };
    let story = subscribe("emulator/slow", options, Scenario { abort_at: Some(1_000), ..long() });
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.cancelled), (FailureKind::Aborted, Cancelled::Accepted));
    assert_eq!(story.open_jobs, 0);
}

#[test]
fn an_abort_while_submitting_does_not_leave_a_request_nobody_knows_of() {
    let options = SubscribeOptions { cancel_on_abort: true, ..options() };
    let story = subscribe("emulator/slow", options, Scenario { abort_at: Some(5), ..long() });
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.cancelled), (FailureKind::Aborted, Cancelled::Accepted));
    assert_eq!((story.jobs, story.open_jobs), (1, 0));
    assert!(story.told.is_empty(), "a caller that has left is told nothing: {:?}", story.told);
}

/// A model that takes as long as it says: 30 seconds.
fn long() -> Scenario {
    let calm = Scenario::calm();
    Scenario { queue: QueueSettings { run_ms: None, ..calm.queue }, ..calm }
}

#[test]
fn a_timeout_cancels_the_request_and_says_so() {
    let story = subscribe("emulator/slow", options(), Scenario { call: CallOptions::within(2_000), ..long() });
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.cancelled), (FailureKind::TimedOut, Cancelled::Accepted));
    assert!(story.ended_at < 2_100, "{}", story.ended_at);
}

#[test]
fn a_cancel_that_is_never_answered_does_not_hold_the_caller() {
    let fate = |request: &Request| {
        if *request == Request::Cancel { Fate::DropAfter } else { Fate::Deliver }
    };
    let call = CallOptions::within(2_000);
    let scenario = Scenario { call, fate: Box::new(fate), latency: Box::new(|| 2_000), ..long() };
    let story = subscribe("emulator/slow", options(), scenario);
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.cancelled), (FailureKind::TimedOut, Cancelled::Unknown));
    assert!(story.ended_at <= 7_000, "{}", story.ended_at);
}

#[test]
fn a_lost_answer_to_a_submit_is_not_followed_by_a_second_submit() {
    for trouble in [Fate::DropAfter, Fate::Garble(502), Fate::Garble(503), Fate::Garble(504)] {
        let first = Cell::new(true);
        let fate = move |_: &Request| if first.replace(false) { trouble } else { Fate::Deliver };
        let story = subscribe("emulator/echo", options(), Scenario { fate: Box::new(fate), ..Scenario::calm() });
        assert!(matches!(story.outcome, Some(Err(_))), "{trouble:?}: {story:?}");
        assert_eq!((story.sent.len(), story.jobs), (1, 1), "{trouble:?}");
    }
}

#[test]
fn a_submit_that_provably_did_not_arrive_is_sent_again() {
    for trouble in [Fate::Refuse, Fate::Answer(429, None), Fate::Answer(503, Some(1))] {
        let first = Cell::new(true);
        let fate = move |_: &Request| if first.replace(false) { trouble } else { Fate::Deliver };
        let story = subscribe("emulator/echo", options(), Scenario { fate: Box::new(fate), ..Scenario::calm() });
        assert!(matches!(story.outcome, Some(Ok(_))), "{trouble:?}: {story:?}");
        assert_eq!(story.jobs, 1, "{trouble:?}");
    }
}

#[test]
fn no_retries_means_one_request() {
    let call = RetryPolicy { max_retries: Some(0), ..RetryPolicy::default() }.into();
    let scenario = Scenario { call, fate: Box::new(|_| Fate::Refuse), ..Scenario::calm() };
    let story = subscribe("emulator/echo", options(), scenario);
    assert_eq!(story.sent.len(), 1);
}

#[test]
fn a_connection_that_dies_without_a_word_is_not_waited_for() {
    let asked = Cell::new(0);
    let fate = move |request: &Request| {
        let is_status = matches!(request, Request::Status { .. });
        asked.set(asked.get() + u32::from(is_status));
        if is_status && asked.get() == 1 { Fate::Silence } else { Fate::Deliver }
    };
    let options = SubscribeOptions { mode: FollowMode::Polling, ..options() };
    let story = subscribe("emulator/echo", options, Scenario { fate: Box::new(fate), ..Scenario::calm() });
    assert!(matches!(story.outcome, Some(Ok(_))), "{story:?}");
    assert!((30_000..35_000).contains(&story.ended_at), "{}", story.ended_at);
}
