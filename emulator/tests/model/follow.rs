//! Status streams: what a client hears that follows a request.

use fal_emulator::model::settings::{LogLines, QueueSettings};
use serde_json::{Value, json};

use super::{Bench, data};

#[test]
fn the_status_stream_says_every_change_once_and_then_ends() {
    let mut bench = Bench::with(QueueSettings { ahead: 2, step_ms: 400, run_ms: Some(1_000), concurrency: 1 });
    let input = json!({"prompt": "a cat", "num_inference_steps": 4});
    let id = bench.submit("fal-ai/flux/dev", &input);
    let url = format!("https://queue.fal.run/fal-ai/flux/requests/{id}/status/stream");
    let (plain, logged) = (bench.get(&url), bench.get(&format!("{url}?logs=1")));
    assert_eq!(plain.header("content-type"), Some("text/event-stream; charset=utf-8"));
    let began = bench.now;
    let told = |events: Vec<(u64, String)>| -> Vec<(u64, String)> {
        let short = |event: Value| match event["logs"].as_array() {
            Some(logs) => format!("{} +{}", event["status"].as_str().unwrap(), logs.len()),
            None => format!("{} {}", event["status"].as_str().unwrap(), event["queue_position"]),
        };
        events.into_iter().map(|(at, event)| (at, short(data(&event)))).collect()
    };
    let said = |list: &[(u64, &str)]| list.iter().map(|(at, text)| (*at, (*text).to_owned())).collect::<Vec<_>>();
    assert_eq!(
        told(bench.listen(plain)),
        said(&[(0, "IN_QUEUE 2"), (400, "IN_QUEUE 1"), (800, "IN_PROGRESS null"), (1_800, "COMPLETED null"),])
    );
    // The same once more, with logs: each event brings the lines that are new.
    let mut bench = Bench::with(QueueSettings { ahead: 2, step_ms: 400, run_ms: Some(1_000), concurrency: 1 });
    assert_eq!(bench.submit("fal-ai/flux/dev", &input), id, "the seed is the same");
    bench.now = began;
    assert_eq!(
        told(bench.listen(logged)),
        said(&[
            (0, "IN_QUEUE +0"),
            (400, "IN_QUEUE +0"),
            (800, "IN_PROGRESS +1"),
            (1_050, "IN_PROGRESS +1"),
            (1_300, "IN_PROGRESS +1"),
            (1_550, "IN_PROGRESS +1"),
            (1_800, "COMPLETED +1"),
        ])
    );
}

#[test]
fn a_silent_stream_pings_so_that_no_proxy_takes_it_for_dead() {
    let mut bench = Bench::with(QueueSettings { run_ms: Some(40_000), ..QueueSettings::default() });
    let id = bench.submit("emulator/echo", &json!({}));
    let stream = bench.get(&format!("https://queue.fal.run/emulator/echo/requests/{id}/status/stream"));
    let said: Vec<(u64, bool)> =
        bench.listen(stream).into_iter().map(|(at, said)| (at, said == ": ping\n\n")).collect();
    assert_eq!(said, [(0, false), (15_000, true), (30_000, true), (40_000, false)]);
}

#[test]
fn a_reset_ends_streams_and_forgets_requests_but_never_repeats_an_id() {
    let mut bench = Bench::new();
    let id = bench.submit("emulator/echo", &json!({}));
    let stream = bench.get(&format!("https://queue.fal.run/emulator/echo/requests/{id}/status/stream"));
    bench.fal.reset();
    assert!(bench.listen(stream).is_empty());
    assert_eq!(bench.status("emulator/echo", &id)["status"], "NOT_FOUND");
    assert_ne!(bench.submit("emulator/echo", &json!({})), id);
}

#[test]
fn an_event_can_hold_the_whole_log_as_another_reading_of_fal_has_it() {
    let mut bench = Bench::with(QueueSettings { run_ms: Some(1_000), ..QueueSettings::default() });
    bench.change_settings(|live| live.streams.logs = LogLines::All);
    let id = bench.submit("fal-ai/flux/dev", &json!({"prompt": "a cat", "num_inference_steps": 4}));
    let stream = bench.get(&format!("https://queue.fal.run/fal-ai/flux/requests/{id}/status/stream?logs=1"));
    let lines: Vec<usize> =
        bench.listen(stream).iter().map(|(_, event)| data(event)["logs"].as_array().unwrap().len()).collect();
    assert_eq!(lines, [1, 2, 3, 4, 5]);
}
