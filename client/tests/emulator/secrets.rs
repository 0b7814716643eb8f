//! The key is nowhere but in the header of a request to fal.

use std::error::Error;
use std::sync::{Arc, Mutex};

use fal_wasm_client::*;
use serde_json::{Value, json};

use crate::emulator::{Emulator, KEY, client_at};

/// Every text that the key could be in.
fn shown(error: &FalError) -> String {
    let mut text = format!("{error} {error:?} {error:#?}");
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!("{source} {source:?}");
        cause = source.source();
    }
    text
}

fn assert_hidden(text: &str) {
    let (id, secret) = KEY.split_once(':').unwrap();
    assert!(!text.contains(id) && !text.contains(secret), "{text}");
}

#[tokio::test]
async fn the_canary_is_in_nothing_that_is_printed_or_kept() {
    let emulator = Emulator::start();
    let credentials = Credentials::key(KEY).unwrap();
    assert_hidden(&format!("{credentials:?} {credentials:#?}"));
    let fal = emulator.client();
    assert_hidden(&format!("{fal:?} {fal:#?} {:?}", fal.queue()));
    let job = fal.queue().submit("emulator/echo", &json!({})).await.unwrap();
    assert_hidden(&format!("{job:?} {}", serde_json::to_string(&job).unwrap()));
    for fault in [
        json!({"status": 401}),
        json!({"status": 500, "body": "{\"detail\":\"no\"}"}),
        json!({"drop": "before"}),
        json!({"drop": "after"}),
        json!({"truncate": 3}),
        json!({"status": 302, "headers": {"location": "https://evil.example/"}}),
        json!({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}),
    ] {
        emulator.control(json!({"reset": true, "faults": [{"times": null, "then": fault}]})).await;
        let retry = RetryPolicy { max_retries: Some(1), base_delay: 1, ..RetryPolicy::DEFAULT };
        let error = fal.run::<Value>("emulator/echo", &json!({})).retry(retry).await.unwrap_err();
        assert_hidden(&shown(&error));
    }
    let nobody =
        client_at("http://127.0.0.1:9").with_retry(RetryPolicy { max_retries: Some(0), ..RetryPolicy::DEFAULT });
    let error = nobody.run::<Value>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), "unreachable");
    assert!(error.source().is_some());
    assert_hidden(&shown(&error));
    for wrong in [format!("{KEY}:x"), format!("Key {KEY}"), format!("\"{KEY}\"")] {
        assert_hidden(&shown(&Credentials::key(&wrong).unwrap_err()));
    }
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let emulator = Emulator::start();
    let other = Emulator::start();
    let location = format!("{}/fal.run/emulator/echo", other.url);
    emulator.control(json!({"faults": [{"then": {"status": 307, "headers": {"location": location}}}]})).await;
    let error = emulator.client().run::<Value>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), "redirected");
    assert!(other.sent().await.is_empty());
}

#[tokio::test]
async fn the_second_key_is_tried_once_when_the_first_is_refused() {
    let emulator = Emulator::start();
    let old = Credentials::key("old:key").unwrap();
    let fal = |credentials| FalClient::server(credentials).unwrap().with_local_server(&emulator.url).unwrap();
    let error = fal(old.clone()).run::<Value>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("unauthorized", false));
    let told = Arc::new(Mutex::new(Vec::new()));
    let tell = Arc::clone(&told);
    let both = old.or_key(KEY).unwrap().on_key_rejected(move |rejected| tell.lock().unwrap().push(rejected.key));
    fal(both.clone()).run::<Value>("emulator/echo", &json!({})).await.unwrap();
    assert_eq!(emulator.sent().await.len(), 3);
    assert_eq!(*told.lock().unwrap(), [0]);
    let url = fal(both).upload(vec![1], "image/png", "a.png").await.unwrap();
    assert_eq!((told.lock().unwrap().len(), url.is_empty()), (2, false), "once for each request to fal");
}

/// Behind a proxy nothing that looks like a key is sent: everybody could read it.
#[tokio::test]
async fn no_key_goes_through_a_proxy() {
    let emulator = Emulator::start();
    let url = ProxyUrl::parse(&format!("{}/api", emulator.url)).unwrap();
    let fal = FalClient::through_proxy(url).unwrap();
    let error = fal.run::<Value>("emulator/echo", &json!({"prompt": KEY})).await.unwrap_err();
    assert_eq!(error.code(), "credentials_in_browser");
    assert!(emulator.sent().await.is_empty());
    let error = fal.run::<Value>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!(error.status(), Some(404), "there is none");
    let request = emulator.seen().await["requests"][0].clone();
    assert_eq!((&request["authorization"], &request["path"]), (&json!(false), &json!("/api")));
    assert!(request["fal_headers"].to_string().contains("https://fal.run/emulator/echo"), "{request}");
}

/// It is the proxy's fault, and said to be.
#[cfg(feature = "realtime")]
#[tokio::test]
async fn a_key_in_the_place_of_a_token_opens_nothing() {
    let emulator = Emulator::start();
    let url = ProxyUrl::parse(&format!("{}/api", emulator.url)).unwrap();
    let fal = FalClient::through_proxy(url)
        .unwrap()
        .with_retry(fal_wasm_client::RetryPolicy { max_retries: Some(0), ..fal_wasm_client::RetryPolicy::DEFAULT });
    let body = json!({"token": KEY}).to_string();
    let then = json!({"status": 200, "headers": {"content-type": "application/json"}, "body": body});
    emulator.control(json!({"faults": [{"match": {"path_contains": "/api"}, "times": 9, "then": then}]})).await;
    let error = fal.realtime::<Value, Value>("emulator/echo").connect().await.unwrap_err();
    let said = format!("{error} {error:?}");
    assert_eq!((error.code(), error.retryable()), ("invalid_answer", false), "{said}");
    assert!(error.to_string().contains("The proxy gave a fal key") && error.to_string().contains("revoke"), "{said}");
    assert!(!said.contains(KEY), "{said}");
    assert_eq!(emulator.seen().await["sockets"], json!([]));
}

/// A token of the caller's own opens a connection without the key, whatever client it is.
#[cfg(feature = "realtime")]
#[tokio::test]
async fn tokens_of_ones_own_go_instead_of_a_key() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let asked = Arc::new(Mutex::new(Vec::new()));
    let ask = Arc::clone(&asked);
    let body = json!({"allowed_apps": ["emulator/echo"], "duration": 60}).to_string();
    let url = format!("{}/rest.fal.ai/tokens/realtime", emulator.url);
    let line = fal.realtime::<Value, Value>("emulator/echo").token_provider(move |endpoint| {
        ask.lock().unwrap().push(endpoint);
        let request = reqwest::Client::new().post(&url).header("authorization", format!("Key {KEY}"));
        let sent = request.header("content-type", "application/json").body(body.clone()).send();
        async move {
            let text = sent.await?.text().await?;
            let answer: Value = serde_json::from_str(&text).unwrap();
            Ok::<_, reqwest::Error>(answer["token"].as_str().or(answer.as_str()).unwrap_or(&text).to_owned())
        }
    });
    let mut line = line.connect().await.unwrap();
    line.send(&json!({"n": 1})).unwrap();
    assert_eq!(crate::next(&mut line).await.unwrap().unwrap()["n"], 1);
    assert_eq!(*asked.lock().unwrap(), ["emulator/echo/realtime"]);
    let seen = emulator.seen().await;
    let opened = seen["requests"].as_array().unwrap().iter().find(|one| one["path"] == "/emulator/echo/realtime");
    let opened = opened.unwrap();
    assert!(opened["query"].to_string().contains("fal_jwt_token"), "{opened}");
    assert!(!opened["headers"].to_string().contains("authorization"), "{opened}");

    // What it gives is not fal's fault, nor the proxy's.
    let given = |token: Result<&'static str, &'static str>| {
        let line = fal.realtime::<Value, Value>("emulator/echo");
        line.token_provider(move |_| async move { token.map(String::from) }).connect()
    };
    let refused = given(Err("no ticket today")).await.unwrap_err();
    assert_eq!((refused.code(), refused.retryable()), ("token_unavailable", false));
    assert_eq!(refused.source().unwrap().to_string(), "no ticket today");
    let empty = given(Ok("")).await.unwrap_err();
    assert!(empty.to_string().contains("`token_provider` gave an empty token"), "{empty}");
    let key = given(Ok(KEY)).await.unwrap_err();
    assert!(key.to_string().contains("`token_provider` gave a fal key"), "{key}");
    assert_hidden(&shown(&key));
    let both = fal.realtime::<Value, Value>("emulator/echo").token_lifetime(std::time::Duration::from_secs(9));
    let both = both.token_provider(|_| async { Ok::<_, FalError>(String::new()) }).connect().await.unwrap_err();
    assert_eq!(both.code(), "invalid_option");
}

/// What moves to another thread is checked by the compiler.
#[test]
fn everything_is_send() {
    fn is_send<T: Send>(_: &T) {}
    let fal = FalClient::server(Credentials::key("a:b").unwrap()).unwrap();
    let input = json!({});
    let job = Job::new("a/b", "r-1");
    is_send(&fal.run::<Value>("a/b", &input));
    is_send(&fal.run::<Value>("a/b", &input).into_future());
    is_send(&fal.subscribe::<Value>("a/b", &input));
    is_send(&fal.subscribe::<Value>("a/b", &input).into_future());
    is_send(&fal.subscribe::<Value>("a/b", &input).updates());
    is_send(&fal.resume::<Value>(&job).into_future());
    is_send(&fal.stream::<Value>("a/b", &input));
    is_send(&fal.upload(vec![1], "image/png", "a").into_future());
    is_send(&fal.queue().submit("a/b", &input).into_future());
    is_send(&fal.queue().status(&job).into_future());
    is_send(&fal.queue().result::<Value>(&job).into_future());
    is_send(&fal.queue().cancel(&job).into_future());
    is_send(&fal.queue().stream_status(&job));
    is_send(&fal.queue().subscribe_to_status(&job).into_future());
    fn is_sync<T: Send + Sync>(_: &T) {}
    is_sync(&fal);
    is_sync(&job);
    is_sync(&File::new(vec![1], "image/png", "a").unwrap());
    is_sync(&FalClient::server(Credentials::key("a:b").unwrap()).map(|_| ()).err());
}
