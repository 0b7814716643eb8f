//! Uploads in calm weather, and with one thing going wrong.

use std::cell::{Cell, RefCell};

use fal_wasm::client::{FailureKind, Payload, Request, RetryPolicy, Upload, UploadOptions};
use serde_json::Value;

use crate::hostile::Dice;
use crate::world::{Fate, Scenario, Story, run};

/// For a file of so many bytes: whole up to 20, in parts of 10 beyond.
pub fn options(bytes: usize) -> UploadOptions {
    UploadOptions { whole_bytes: 20, part_bytes: 10, ..UploadOptions::new(bytes as u64, false).unwrap() }
}

/// Bytes of which no two parts are the same.
pub fn file(bytes: usize) -> Vec<u8> {
    (0..bytes).map(|index| (index / 10 * 31 + index) as u8).collect()
}

fn upload(options: UploadOptions, scenario: Scenario) -> Story {
    let file = (file(options.bytes as usize), options.part_bytes as usize);
    run(Upload::new(options), &Value::Null, 1, Scenario { file, ..scenario })
}

/// A calm run in which the first requests of a kind meet a fate.
fn meeting(times: u32, trouble: Fate, is_meant: impl Fn(&Request) -> bool + 'static) -> Scenario {
    let left = Cell::new(times);
    let fate = move |request: &Request| {
        if left.get() == 0 || !is_meant(request) {
            return Fate::Deliver;
        }
        left.set(left.get() - 1);
        trouble
    };
    Scenario { fate: Box::new(fate), ..Scenario::calm() }
}

fn is_part(request: &Request, number: u32) -> bool {
    matches!(request, Request::PutPart { part } if *part == number)
}

/// Whether it is the request that makes a file of what was sent.
fn is_last(request: &Request) -> bool {
    matches!(request, Request::Complete | Request::Put)
}

/// How many of the requests that were sent end so.
fn count(story: &Story, ending: &str) -> usize {
    story.sent.iter().filter(|(_, line)| line.split('?').next().unwrap().ends_with(ending)).count()
}

#[test]
fn a_file_is_put_where_fal_said() {
    for bytes in [0, 1, 20] {
        let story = upload(options(bytes), Scenario::calm());
        assert_eq!(story.file, Some(file(bytes)), "{story:?}");
        assert_eq!((story.sent.len(), count(&story, "/initiate")), (2, 1), "{:?}", story.sent);
    }
}

#[test]
fn a_large_file_goes_in_parts_four_at_a_time_and_comes_out_whole() {
    for (bytes, parts) in [(21, 3), (30, 3), (95, 10), (1_001, 101)] {
        let story = upload(options(bytes), Scenario::calm());
        assert_eq!(story.file, Some(file(bytes)), "{story:?}");
        assert_eq!(story.most_parts, parts.min(4));
        assert_eq!((story.sent.len(), count(&story, "/initiate-multipart")), (parts + 2, 1), "{:?}", story.sent);
        assert_eq!(count(&story, "/complete"), 1);
    }
}

#[test]
fn parts_that_overtake_each_other_do_not_change_places() {
    let dice = RefCell::new(Dice(7));
    let latency = Box::new(move || 1 + dice.borrow_mut().roll(500));
    let story = upload(options(95), Scenario { latency, ..Scenario::calm() });
    assert_eq!(story.file, Some(file(95)), "{story:?}");
}

#[test]
fn a_part_that_fails_is_sent_again_and_the_others_are_not() {
    for trouble in [Fate::Refuse, Fate::DropBefore, Fate::DropAfter, Fate::Truncate]
        .into_iter()
        .chain([408, 409, 429, 500, 502, 599].map(|status| Fate::Answer(status, None)))
        .chain([Fate::Answer(503, Some(2)), Fate::Garble(502)])
    {
        let story = upload(options(95), meeting(2, trouble, |request| is_part(request, 3)));
        assert_eq!(story.file, Some(file(95)), "{trouble:?}: {story:?}");
        assert_eq!((count(&story, "/3"), story.sent.len()), (3, 14), "{trouble:?}: {:?}", story.sent);
    }
}

#[test]
fn a_part_that_is_refused_ends_the_upload_at_once_and_is_named() {
    let story = upload(options(95), meeting(1, Fate::Answer(403, None), |request| is_part(request, 2)));
    let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
    assert_eq!((failure.kind, failure.part, failure.attempts), (FailureKind::Http, 2, 1));
    assert_eq!(failure.head.as_ref().map(|head| head.status), Some(403));
    assert_eq!(count(&story, "/complete"), 0);
    let last = story.sent.iter().map(|(time, _)| *time).max();
    assert!(last <= Some(story.ended_at));
}

#[test]
fn a_part_that_never_arrives_is_tried_as_often_as_the_caller_says() {
    for tries in [0, 1, 5] {
        let call = RetryPolicy { max_retries: Some(tries), ..RetryPolicy::default() }.into();
        let meeting = meeting(u32::MAX, Fate::DropBefore, |request| is_part(request, 1));
        let story = upload(options(95), Scenario { call, ..meeting });
        let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
        assert_eq!((failure.kind, failure.part, failure.attempts), (FailureKind::ConnectionLost, 1, tries + 1));
        assert_eq!(count(&story, "/1"), tries as usize + 1);
    }
}

#[test]
fn a_lost_answer_to_the_last_request_does_not_lose_the_file() {
    for bytes in [5, 95] {
        for trouble in [Fate::DropAfter, Fate::Truncate, Fate::Garble(502)] {
            let story = upload(options(bytes), meeting(1, trouble, is_last));
            assert_eq!(story.file, Some(file(bytes)), "{trouble:?}: {story:?}");
        }
    }
}

#[test]
fn a_place_that_is_gone_is_an_error_and_no_file() {
    for bytes in [5, 95] {
        let is_put = |request: &Request| request.payload() == Payload::File;
        let story = upload(options(bytes), meeting(u32::MAX, Fate::Answer(404, None), is_put));
        let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
        assert_eq!(failure.head.as_ref().map(|head| head.status), Some(404));
    }
}

/// A file that was never stored would be found missing by whoever opens its URL.
#[test]
fn a_place_that_is_gone_after_a_no_is_not_taken_for_a_file() {
    for bytes in [5, 95] {
        let answers = RefCell::new(vec![Fate::Answer(404, None), Fate::Answer(503, None)]);
        let fate = move |request: &Request| {
            let next = if is_last(request) { answers.borrow_mut().pop() } else { None };
            next.unwrap_or(Fate::Deliver)
        };
        let story = upload(options(bytes), Scenario { fate: Box::new(fate), ..Scenario::calm() });
        let Some(Err(failure)) = &story.outcome else { panic!("{story:?}") };
        assert_eq!(failure.head.as_ref().map(|head| head.status), Some(404));
    }
}

#[test]
fn an_abort_at_any_moment_ends_it_at_that_moment() {
    for bytes in [5, 95] {
        let end = upload(options(bytes), Scenario::calm()).ended_at;
        for time in 0..end {
            let story = upload(options(bytes), Scenario { abort_at: Some(time), ..Scenario::calm() });
            let Some(Err(failure)) = &story.outcome else { panic!("at {time}: {story:?}") };
            assert_eq!((failure.kind, story.ended_at), (FailureKind::Aborted, time));
            assert!(story.sent.iter().all(|(sent, _)| *sent <= time), "at {time}: {:?}", story.sent);
        }
    }
}
