//! Callers who leave, and callers who are slow.

use std::time::Duration;

use serde_json::{Value, json};

use crate::emulator::{Emulator, Wire, client_at};
use crate::{next, until};

/// Nothing may happen for this long, to show that nothing happens.
const MOMENT: Duration = Duration::from_millis(150);

#[tokio::test]
async fn a_call_that_is_dropped_ends_its_request() {
    let emulator = Emulator::start();
    emulator.control(json!({"queue": {"run_ms": 60_000}})).await;
    let wire = Wire::to(&emulator).await;
    let fal = client_at(&wire.url);
    let run = fal.run::<Value>("emulator/slow", &json!({"seconds": 60}));
    let waits = tokio::spawn(run.into_future());
    until(|| wire.opened() == 1).await;
    assert_eq!(wire.left(), 0);
    waits.abort();
    until(|| wire.left() == 1).await;
    let mut updates = fal.subscribe::<Value>("emulator/echo", &json!({})).updates();
    let job = next(&mut updates).await.unwrap().unwrap();
    next(&mut updates).await.unwrap().unwrap();
    let open = wire.opened() - wire.left();
    assert!(open > 0, "{job:?}");
    drop(updates);
    until(|| wire.opened() - wire.left() < open).await;
    let sent = emulator.sent().await;
    assert!(!sent.iter().any(|line| line.ends_with("/cancel")), "what is in the queue goes on: {sent:?}");
}

#[tokio::test]
async fn a_call_that_is_never_awaited_sends_nothing() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    drop(fal.run::<Value>("emulator/echo", &json!({})));
    drop(fal.run::<Value>("emulator/echo", &json!({})).into_future());
    drop(fal.stream::<Value>("fal-ai/any-llm", &json!({"prompt": "a"})));
    drop(fal.subscribe::<Value>("emulator/echo", &json!({})).updates());
    drop(fal.upload(vec![1], "image/png", "a.png").into_future());
    tokio::time::sleep(MOMENT).await;
    assert!(emulator.sent().await.is_empty());
}

/// A stream that goes on for ever would fill the memory of whoever reads ahead of a slow consumer, and a limit on silence
/// would end the stream of one that only takes its time.
#[tokio::test]
async fn a_slow_consumer_neither_buffers_nor_stalls() {
    const SIZE: usize = 64 << 20;
    let emulator = Emulator::start();
    let body = format!("data: {{\"n\":\"{}\"}}\n\n", "x".repeat(1_000)).repeat(900);
    let stream = json!({"content-type": "text/event-stream"});
    emulator.control(json!({"faults": [{"then": {"status": 200, "headers": stream, "body": body}}]})).await;
    let wire = Wire::to(&emulator).await;
    let fal = client_at(&wire.url);
    let mut items = fal.stream::<Value>("fal-ai/any-llm", &json!({"prompt": "a"})).timeout(MOMENT);
    next(&mut items).await.unwrap().unwrap();
    tokio::time::sleep(3 * MOMENT).await;
    let ahead = wire.bytes_back();
    assert!(ahead < SIZE);
    let mut count = 1;
    while let Some(item) = next(&mut items).await {
        item.unwrap();
        count += 1;
    }
    assert_eq!(count, 900);
}
