//! Streams, and statuses that come as one, with one thing going wrong.

use std::cell::Cell;

use fal_emulator::model::settings::QueueSettings;
use fal_wasm::client::{FailureKind, Output, Request, Stream, Subscribe};
use serde_json::json;

use crate::subscribe::options;
use crate::world::{Fate, Scenario, Story, run};

fn stream(idle: Option<u64>, scenario: Scenario) -> Story {
    let scenario = Scenario { endpoint: "fal-ai/any-llm", ..scenario };
    run(Stream::new(Request::Stream, idle), &json!({"prompt": "a cat"}), 1, scenario)
}

fn with(fate: impl FnMut(&Request) -> Fate + 'static) -> Scenario {
    Scenario { fate: Box::new(fate), ..Scenario::calm() }
}

#[test]
fn every_event_reaches_the_caller_however_it_is_cut() {
    let whole = stream(None, Scenario::calm());
    assert!(matches!(whole.outcome, Some(Ok(Output::Nothing))), "{whole:?}");
    assert!(whole.items.len() > 2, "{whole:?}");
    for cut in 1..12 {
        let story = stream(None, Scenario { cut: Box::new(move || cut), ..Scenario::calm() });
        assert_eq!(story.items, whole.items, "cut every {cut} bytes");
    }
}

#[test]
fn a_stream_that_breaks_is_an_error_and_runs_the_model_once() {
    let story = stream(None, with(|_| Fate::Truncate));
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, story.sent.len()), (FailureKind::ConnectionLost, 1));
}

#[test]
fn a_silent_stream_ends_when_the_caller_said() {
    let story = stream(Some(700), with(|_| Fate::Stall));
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!(failure.kind, FailureKind::Stalled);
    assert!((700..=800).contains(&story.ended_at), "{}", story.ended_at);
}

#[test]
fn a_server_that_never_answers_ends_when_the_caller_said() {
    let scenario = Scenario { latency: Box::new(|| 100_000), ..Scenario::calm() };
    let story = stream(Some(700), scenario);
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, story.ended_at), (FailureKind::Stalled, 700));
}

fn is_stream(request: &Request) -> bool {
    matches!(request, Request::Follow { .. })
}

/// How long after its completion the caller of a job has its result, and what was sent for it.
fn follow(fate: impl FnMut(&Request) -> Fate + 'static) -> Story {
    let queue = QueueSettings { ahead: 1, step_ms: 400, run_ms: Some(5_000), concurrency: 1 };
    let story = run(Subscribe::new(options()), &json!({}), 1, Scenario { queue, ..with(fate) });
    assert!(matches!(story.outcome, Some(Ok(Output::Result))) && story.request_id.is_some(), "{story:?}");
    assert_eq!(story.told.last().map(String::as_str), Some("COMPLETED"));
    story
}

#[test]
fn a_result_is_there_as_soon_as_it_can_be() {
    let story = follow(|_| Fate::Deliver);
    // Submit, one stream, result.
    assert_eq!(story.sent.len(), 3, "{:?}", story.sent);
    let (fetched, _) = story.sent.last().unwrap();
    assert!(*fetched < 5_600, "the job took 5,400 ms and was noticed after {fetched}");
}

#[test]
fn a_proxy_that_collects_answers_costs_no_more_than_the_limit_on_a_first_status() {
    let story = follow(|request| if is_stream(request) { Fate::Collect } else { Fate::Deliver });
    assert!(story.ended_at < 6_500, "{}", story.ended_at);
}

#[test]
fn where_there_is_no_stream_the_status_is_asked_for() {
    for trouble in [Fate::Answer(404, None), Fate::Answer(503, None), Fate::Refuse, Fate::Stall, Fate::DropAfter] {
        let story = follow(move |request| if is_stream(request) { trouble } else { Fate::Deliver });
        let streams = story.sent.iter().filter(|(_, line)| line.contains("/stream")).count();
        assert_eq!(streams, 1, "{trouble:?}: {:?}", story.sent);
        assert!(story.ended_at < 6_500, "{trouble:?}: {}", story.ended_at);
    }
}

#[test]
fn a_stream_that_breaks_off_is_opened_again() {
    let streams = Cell::new(0);
    let story = follow(move |request| {
        streams.set(streams.get() + u32::from(is_stream(request)));
        if is_stream(request) && streams.get() == 1 { Fate::Truncate } else { Fate::Deliver }
    });
    assert!(story.ended_at < 6_500, "{}", story.ended_at);
}
