//! Faults on the wire: what a client sees when something is wrong between it and fal.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Emulator;
use super::http::Answer;

#[test]
fn faults_happen_on_the_wire() {
    let emulator = Emulator::start(&[]);
    let fault = |then: Value| {
        let matching = json!({"host": "fal.run", "method": "POST", "path_contains": "/echo"});
        emulator.control(&json!({"faults": [{"match": matching, "times": 1, "then": then}]}));
        emulator.send("POST", "fal.run/emulator/echo", &json!({"a": 1}))
    };
    let handled =
        || emulator.report()["requests"].as_array().unwrap().iter().filter(|seen| seen["status"] == 200).count();
    assert!(fault(json!({"drop": "before"})).is_none());
    assert_eq!(handled(), 0, "the model saw nothing");
    assert!(fault(json!({"drop": "after"})).is_none());
    assert_eq!(handled(), 1, "the answer was lost, not the request");
    let cut = fault(json!({"truncate": 5})).unwrap();
    assert_eq!((cut.status, cut.body()), (200, None));
    let answer =
        fault(json!({"status": 502, "headers": {"content-type": "text/html"}, "body": "<h1>nginx</h1>"})).unwrap();
    assert_eq!((answer.status, answer.header("content-type")), (502, Some("text/html")));
    assert_eq!(answer.header("access-control-allow-origin"), Some("*"), "a page can tell what it was");
    assert_eq!(answer.body().unwrap(), b"<h1>nginx</h1>");
    let began = Instant::now();
    assert_eq!(fault(json!({"delay_ms": 300})).unwrap().status, 200);
    assert!(began.elapsed() >= Duration::from_millis(300));
    assert_eq!(emulator.post("fal.run/emulator/echo", &json!({})).status, 200, "each struck once");
}

/// The chunks of a body as they come.
fn chunks(mut answer: Answer) -> Vec<String> {
    let mut chunks = Vec::new();
    while let Some(Some(chunk)) = answer.chunk() {
        chunks.push(String::from_utf8(chunk).unwrap());
    }
    chunks
}

/// Submits a request, and asks for its status stream, which gets a fault.
fn struck_stream(emulator: &Emulator, then: &Value) -> Option<Answer> {
    let id = emulator.post("queue.fal.run/emulator/echo", &json!({})).json()["request_id"].as_str().unwrap().to_owned();
    let faults = json!([{"match": {"path_contains": "/status/stream"}, "then": then}]);
    emulator.control(&json!({ "faults": faults }));
    emulator.send("GET", &format!("queue.fal.run/emulator/echo/requests/{id}/status/stream"), &Value::Null)
}

#[test]
fn a_stream_comes_in_pieces_of_any_size_and_loses_nothing() {
    let emulator = Emulator::start(&["--settings", r#"{"queue":{"run_ms":20}}"#]);
    for size in [1, 2, 7] {
        let pieces = chunks(struck_stream(&emulator, &json!({"split": size, "every_ms": 0})).unwrap());
        assert!(pieces.iter().all(|piece| piece.len() <= size) && pieces.len() > 10, "{size}");
        let whole = pieces.concat();
        assert!(whole.starts_with("data: {") && whole.contains("COMPLETED") && whole.ends_with("\n\n"), "{whole}");
    }
    let began = Instant::now();
    emulator.control(&json!({"faults": [{"then": {"split": 20, "every_ms": 10}}]}));
    let body = emulator.post("fal.run/emulator/echo", &json!({"a": 1})).body().unwrap();
    assert_eq!(body, br#"{"fal_headers":[],"input":{"a":1}}"#);
    assert!(began.elapsed() >= Duration::from_millis(10));
}

#[test]
fn a_stream_falls_silent_and_goes_on() {
    let emulator = Emulator::start(&["--settings", r#"{"queue":{"run_ms":0}}"#]);
    let mut answer = struck_stream(&emulator, &json!({"stall_ms": 200, "after": 10})).unwrap();
    assert_eq!(answer.chunk().unwrap().unwrap().len(), 10);
    let began = Instant::now();
    let rest = chunks(answer).concat();
    assert!(rest.contains("COMPLETED") && began.elapsed() >= Duration::from_millis(150));
}

#[test]
fn a_stream_can_be_held_until_its_end_or_be_none() {
    let emulator = Emulator::start(&["--settings", r#"{"queue":{"run_ms":200}}"#]);
    let began = Instant::now();
    let held = struck_stream(&emulator, &json!({"hold": true})).unwrap();
    assert!(began.elapsed() >= Duration::from_millis(150), "not even its headers come before");
    let body = String::from_utf8(held.body().unwrap()).unwrap();
    assert_eq!(body.matches("data: ").count(), 2, "{body}");
    let html = json!({"status": 404, "headers": {"content-type": "text/html"}, "body": "<h1>Not Found</h1>"});
    let none = struck_stream(&emulator, &html).unwrap();
    assert_eq!((none.status, none.header("content-type")), (404, Some("text/html")));
}

#[test]
fn tokens_fail_and_busy_answers_say_when_to_come_back() {
    let emulator = Emulator::start(&[]);
    let mint = || emulator.post("rest.fal.ai/tokens/", &json!({"allowed_apps": ["echo"]}));
    let busy = json!({"status": 503, "body": "{}", "retry_after": {"ms": 1500, "as": "seconds"}});
    emulator.control(&json!({"faults": [{"match": {"path_contains": "/tokens"}, "times": null, "then": busy}]}));
    for _ in 0..3 {
        let answer = mint();
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("2")));
    }
    emulator.control(&json!({"faults": []}));
    assert_eq!(mint().status, 200);
    let log = emulator.end();
    assert!(log.contains("/tokens/ 503"), "{log}");
}
