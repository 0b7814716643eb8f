//! Realtime connections to the emulator.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fal_wasm_client::{
    Credentials, DropReason, FalClient, FalError, Outbox, RealtimeConnection, RealtimeSender, RealtimeState,
    RetryPolicy,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::emulator::{Emulator, KEY, Wire, client_at};
use crate::{next, until};

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Stroke {
    n: u32,
    text: String,
}

fn stroke(n: u32) -> Stroke {
    Stroke { n, text: "é🍺".into() }
}

async fn connect(fal: &FalClient) -> Result<RealtimeConnection<Stroke, Stroke>, FalError> {
    fal.realtime("emulator/echo").connect().await
}

/// Retries at once.
fn quick(times: u32) -> RetryPolicy {
    RetryPolicy { max_retries: Some(times), base_delay: 1, ..RetryPolicy::DEFAULT }
}

#[tokio::test]
async fn inputs_come_back_in_order_as_messagepack_and_as_json() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    for is_json in [false, true] {
        let wanted = fal.realtime::<Stroke, Stroke>("emulator/echo");
        let mut line = if is_json { wanted.json() } else { wanted }.connect().await.unwrap();
        assert_eq!(line.state(), RealtimeState::Live);
        (1..=5).for_each(|n| line.send(&stroke(n)).unwrap());
        for n in 1..=5 {
            assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(n));
        }
        line.close();
        assert!(next(&mut line).await.is_none());
        assert_eq!(line.state(), RealtimeState::Closed);
        let error = line.send(&stroke(6)).unwrap_err();
        assert_eq!((error.code(), error.retryable()), ("unreachable", true));
        assert!(error.to_string().contains("Connect again"), "{error}");
    }
    let seen = emulator.seen().await;
    let socket = &seen["sockets"][0];
    assert_eq!((&socket["path"], &socket["frames_in"]), (&json!("/emulator/echo/realtime"), &json!(5)));
    let requests = seen["requests"].to_string();
    assert!(!requests.contains("/tokens"), "a key needs no token: {requests}");
}

#[tokio::test]
async fn dropping_a_connection_closes_it_and_another_task_can_send() {
    let emulator = Emulator::start();
    let mut line = connect(&emulator.client()).await.unwrap();
    let sender = line.sender();
    let sends = tokio::spawn(async move {
        tokio::task::yield_now().await;
        sender.send(&stroke(1)).map(|()| sender)
    });
    assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(1));
    let sender = sends.await.unwrap().unwrap();
    drop(line);
    assert_eq!(sender.state(), RealtimeState::Closed);
    let closed = async {
        loop {
            let socket = emulator.seen().await["sockets"][0].clone();
            if !socket["closed_ms"].is_null() {
                break socket;
            }
        }
    };
    let socket = tokio::time::timeout(Duration::from_secs(20), closed).await.expect("the socket is not closed");
    assert_eq!(socket["closed_by_fal"], false, "{socket}");
    assert_ne!(socket["close_code"], 1006, "in order: {socket}");
}

#[tokio::test]
async fn a_connection_that_is_lost_is_made_again_and_says_what_is_lost() {
    let emulator = Emulator::start();
    let faults = json!([{"match": {"path_contains": "realtime"}, "then": {"close": 1011, "after": 1}}]);
    emulator.control(json!({ "faults": faults })).await;
    let states = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&states);
    let fal = emulator.client().with_retry(quick(3));
    let line = fal.realtime::<Stroke, Stroke>("emulator/echo");
    let line = line.on_state_change(move |state| told.lock().unwrap().push(state));
    let mut line = line.connect().await.unwrap();
    line.send(&stroke(1)).unwrap();
    line.send(&stroke(2)).unwrap();
    let mut got = Vec::new();
    let mut lost = 0;
    while got.last() != Some(&3) {
        match next(&mut line).await.expect("it goes on") {
            Ok(stroke) => got.push(stroke.n),
            Err(error) => {
                assert_eq!((error.code(), error.retryable()), ("connection_lost", true), "{error:?}");
                lost += 1;
                line.send(&stroke(3)).unwrap();
            }
        }
    }
    assert_eq!(lost, 1, "{got:?}");
    use RealtimeState::{Live, Opening};
    assert_eq!(*states.lock().unwrap(), [Opening, Live, Opening, Live]);
}

#[tokio::test]
async fn a_session_that_the_app_ends_in_order_is_no_error() {
    let emulator = Emulator::start();
    emulator.control(json!({"realtime": {"session_timeout_ms": 50}})).await;
    let mut line = connect(&emulator.client()).await.unwrap();
    line.send(&stroke(1)).unwrap();
    assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(1));
    assert!(next(&mut line).await.is_none());
    assert_eq!(line.state(), RealtimeState::Closed);
}

#[tokio::test]
async fn an_error_says_why_there_is_no_connection() {
    let emulator = Emulator::start();
    let fal = |key: &str| FalClient::server(Credentials::key(key).unwrap()).unwrap();
    let at = |fal: FalClient, url: &str| fal.with_local_server(url).unwrap().with_retry(quick(1));
    let error = connect(&at(fal("wrong:key"), &emulator.url)).await.unwrap_err();
    assert_eq!((error.code(), error.status(), error.retryable()), ("unauthorized", Some(401), false), "{error:?}");
    assert_eq!(error.endpoint(), Some("emulator/echo/realtime"));
    let error = connect(&at(fal("wrong:key"), "http://127.0.0.1:9")).await.unwrap_err();
    assert_eq!((error.code(), error.retryable(), error.attempts()), ("unreachable", true, 2), "{error:?}");
    let fal = emulator.client();
    let error = fal.realtime::<Stroke, Stroke>("nowhere").connect().await.unwrap_err();
    assert_eq!(error.code(), "invalid_endpoint_id");
    for (name, wrong) in [
        ("max_buffering", fal.realtime::<Stroke, Stroke>("emulator/echo").max_buffering(61)),
        ("token_lifetime", fal.realtime("emulator/echo").token_lifetime(Duration::from_millis(1))),
        ("timeout", fal.realtime("emulator/echo").timeout(Duration::ZERO)),
        ("outbox", fal.realtime("emulator/echo").outbox(Outbox::Queue { messages: 0, bytes: 1 })),
    ] {
        let error = wrong.connect().await.unwrap_err();
        assert!(error.to_string().starts_with(&format!("The option `{name}` takes ")), "{error}");
    }
    assert_eq!(emulator.seen().await["sockets"], json!([]));
    let rotated = Credentials::key("old:key").unwrap().or_key(KEY).unwrap();
    let mut line = connect(&at(FalClient::server(rotated).unwrap(), &emulator.url)).await.unwrap();
    line.send(&stroke(1)).unwrap();
    assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(1));
}

#[tokio::test]
async fn what_is_not_of_the_callers_type_does_not_end_the_session() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let line = fal.realtime::<Value, Stroke>("emulator/echo").json();
    let mut line = line.connect().await.unwrap();
    line.send(&json!({"prompt": "a secret prompt"})).unwrap();
    line.send(&json!({"status": "error", "error": "no"})).unwrap();
    line.send(&json!(stroke(2))).unwrap();
    let error = next(&mut line).await.unwrap().unwrap_err();
    assert_eq!(error.code(), "unexpected_type");
    assert!(
        error.body().unwrap().contains("a secret prompt") && !format!("{error} {error:?}").contains("secret prompt")
    );
    let error = next(&mut line).await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.status()), ("bad_request", Some(400)));
    assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(2));
}

/// Nothing is read ahead: whoever takes results slowly holds the app back, not their own memory. And nothing is sent ahead of
/// what the outbox holds.
#[tokio::test]
async fn an_outbox_has_an_end_and_a_slow_consumer_buffers_nothing() {
    let emulator = Emulator::start();
    let wire = Wire::to(&emulator).await;
    let fal = client_at(&wire.url);
    let dropped = Arc::new(Mutex::new(Vec::new()));
    let told = Arc::clone(&dropped);
    let line = fal.realtime::<Stroke, Stroke>("emulator/echo").outbox(Outbox::Queue { messages: 2, bytes: 1 << 20 });
    let line = line.throttle(Duration::from_secs(3_600)).on_drop(move |why| told.lock().unwrap().push(why));
    let mut line = line.connect().await.unwrap();
    // The first leaves at once, two wait for an hour.
    (1..=3).for_each(|n| line.send(&stroke(n)).unwrap());
    let error = line.send(&stroke(4)).unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("outbox_full", true));
    assert_eq!(next(&mut line).await.unwrap().unwrap(), stroke(1));
    line.close();
    assert!(next(&mut line).await.is_none());
    assert_eq!(*dropped.lock().unwrap(), [DropReason::Closed; 2]);

    const SIZE: usize = 32 << 20;
    let mut line = fal.realtime::<Value, Value>("emulator/echo").connect().await.unwrap();
    let before = wire.bytes_back();
    line.send(&json!({"n": "x".repeat(SIZE / 64)})).unwrap();
    (1..64).for_each(|_| line.send(&json!({"n": "x".repeat(SIZE / 64)})).unwrap_or_default());
    next(&mut line).await.unwrap().unwrap();
    until(|| wire.bytes_back() > before + SIZE / 64).await;
    tokio::time::sleep(Duration::from_millis(150)).await;
    assert!(wire.bytes_back() - before < SIZE / 2, "{}", wire.bytes_back());
}

#[test]
fn connections_move_to_other_threads() {
    fn is_send<T: Send>(_: &T) {}
    fn moves<T: Send + Sync>() {}
    let fal = client_at("http://127.0.0.1:9");
    is_send(&fal.realtime::<Stroke, Stroke>("a/b"));
    is_send(&fal.realtime::<Stroke, Stroke>("a/b").connect());
    is_send(&None::<RealtimeConnection<Stroke, Stroke>>);
    moves::<RealtimeSender<Stroke>>();
}
