//! Tokens for pages: for names that are open, as long as the app says, and counted.

use std::time::Duration;

use fal_wasm_client::proxy::limits::{Limits, Outcome, Spending};
use fal_wasm_client::proxy::{FalProxy, ProxyBuilder, RealtimeTokens};
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::limits::Store;
use crate::upstream::Upstream;
use crate::{builder, call, json as body, listener, read};

const NEWER: &str = "https://rest.fal.ai/tokens/realtime";
const OLDER: &str = "https://rest.fal.ai/tokens/";
const SESSION: &str = "emulator/echo/realtime";
const HOUR: Duration = Duration::from_secs(3_600);

fn giving(url: &str) -> ProxyBuilder {
    builder(url).allowed_endpoints(["emulator/echo/**"]).realtime_tokens(RealtimeTokens::new()).on_error(|_| {})
}

async fn ask(proxy: &FalProxy, target: &str, names: Value) -> (u16, Value) {
    let text = json!({"allowed_apps": names, "duration": 9_999, "more": 1}).to_string();
    read(proxy.handle(call("POST", target).body(body(&text)).unwrap()).await).await
}

fn answered(status: &str, said: &Value) -> String {
    let said = said.to_string();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{said}",
        said.len()
    )
}

#[tokio::test]
async fn a_token_opens_a_connection_and_nothing_else() {
    let emulator = Emulator::start();
    let proxy = giving(&emulator.url).build().unwrap();
    let (asks, fal) = (proxy.clone(), emulator.client());
    let line = fal.realtime::<Value, Value>("emulator/echo").token_provider(move |endpoint| {
        let proxy = asks.clone();
        async move {
            let (_, said) = ask(&proxy, NEWER, json!([endpoint])).await;
            said["token"].as_str().map(String::from).ok_or_else(|| said.to_string())
        }
    });
    let mut line = line.connect().await.unwrap();
    line.send(&json!({"n": 1})).unwrap();
    let answer =
        std::future::poll_fn(|context| futures_core::Stream::poll_next(std::pin::Pin::new(&mut line), context));
    assert_eq!(answer.await.unwrap().unwrap()["n"], 1);

    let before = emulator.sent().await.len();
    let too_many: Vec<_> = (0..17).map(|_| SESSION).collect();
    for names in [
        json!([]),
        json!(["emulator/echo"]),
        json!(["other/model/realtime"]),
        json!([SESSION, "other/model/realtime"]),
        json!("emulator/echo/realtime"),
        json!([7]),
        json!(too_many),
        json!(["x".repeat(5_000)]),
    ] {
        let (status, said) = ask(&proxy, NEWER, names.clone()).await;
        assert_eq!((status, &said["error"]["code"]), (403, &json!("endpoint_not_allowed")), "{names}");
    }
    assert_eq!(ask(&proxy, OLDER, json!(["echo"])).await.0, 403, "not unless it is asked for");
    let none = builder(&emulator.url).build().unwrap();
    assert_eq!(ask(&none, NEWER, json!([SESSION])).await.0, 403);
    assert_eq!(emulator.sent().await.len(), before, "fal hears of none of it");
}

#[tokio::test]
async fn fal_is_asked_anew_for_as_long_as_the_app_says_and_in_the_older_contract_where_that_may_be() {
    let missing = answered("404 Not Found", &json!({}));
    let token = answered("200 OK", &json!("a.b.c"));
    let fal = Upstream::answering(&[&missing, &token]).await;
    let tokens = RealtimeTokens::new().lifetime(Duration::from_secs(7)).older_contract();
    let proxy = giving(&fal.url).realtime_tokens(tokens).build().unwrap();
    assert_eq!(ask(&proxy, NEWER, json!([SESSION])).await, (200, json!({"token": "a.b.c"})));
    assert_eq!(ask(&proxy, OLDER, json!(["echo"])).await, (200, json!("a.b.c")));
    let seen = fal.seen();
    let sent: Vec<(&str, Value)> =
        seen.iter().map(|one| (one.url.as_str(), serde_json::from_slice(&one.body).unwrap())).collect();
    let newer = json!({"allowed_apps": [SESSION], "duration": 7});
    let older = json!({"allowed_apps": ["echo"], "token_expiration": 7});
    assert_eq!(sent.iter().map(|(_, body)| body).collect::<Vec<_>>(), [&newer, &older, &older]);
    assert!(sent[0].0.ends_with("/tokens/realtime") && sent[1].0.ends_with("/tokens/"), "{sent:?}");
    assert!(seen.iter().all(|one| one.header("authorization").is_some_and(|value| value.starts_with("Key "))));
    assert!(seen.iter().all(|one| one.header("x-user").is_none()));

    let fal = Upstream::answering(&[&missing]).await;
    let strict = giving(&fal.url).build().unwrap();
    assert_eq!(ask(&strict, NEWER, json!([SESSION])).await.0, 502);
    assert_eq!(fal.seen().len(), 1, "the older contract opens all of an app");
}

#[tokio::test]
async fn a_token_that_may_have_been_issued_counts_and_takes_a_place_while_it_lasts() {
    let limits = |store: &std::sync::Arc<Store>| Limits::new(store.clone()).concurrent(1);
    for (answer, status, outcome) in [
        (answered("200 OK", &json!({"token": "a.b.c"})), 200, Outcome::Lost),
        (answered("200 OK", &json!({})), 502, Outcome::Lost),
        (answered("500 Oops", &json!({})), 502, Outcome::Lost),
        (answered("422 No", &json!({})), 502, Outcome::Free),
        (answered("401 No", &json!({})), 502, Outcome::Free),
    ] {
        let fal = Upstream::answering(&[&answer]).await;
        let store = Store::new();
        let (told, tell) = listener();
        let proxy = giving(&fal.url).limits(limits(&store)).on_error(move |error| tell(error.to_string()));
        let proxy = proxy.build().unwrap();
        assert_eq!(ask(&proxy, NEWER, json!([SESSION])).await.0, status, "{answer}");
        assert_eq!(store.settled(1).await.0, outcome, "{answer}");
        let is_refused = answer.contains("401");
        assert_eq!(told.lock().unwrap().iter().any(|said| said.contains("refused the key")), is_refused);
        let (again, said) = ask(&proxy, NEWER, json!([SESSION])).await;
        if outcome == Outcome::Lost {
            assert_eq!((again, &said["error"]["code"]), (429, &json!("too_many_jobs")), "{answer}");
            store.pass(Duration::from_secs(121));
            assert_eq!(ask(&proxy, NEWER, json!([SESSION])).await.0, status, "{answer}");
        } else {
            assert_eq!(again, status);
        }
    }

    // Who leaves while fal is asked may have been given one.
    let fal = Upstream::answering(&[""]).await;
    let store = Store::new();
    let proxy = giving(&fal.url).limits(limits(&store)).build().unwrap();
    tokio::time::timeout(Duration::from_millis(500), ask(&proxy, NEWER, json!([SESSION]))).await.unwrap_err();
    assert_eq!(store.settled(1).await.0, Outcome::Lost);
}

#[tokio::test]
async fn with_a_budget_a_token_has_a_price_or_is_not_given() {
    let emulator = Emulator::start();
    let priced =
        |spending: Spending| giving(&emulator.url).limits(Limits::new(Store::new()).spending(spending.per(HOUR)));
    let spending = || Spending::new(15.0).price("emulator/**", 1.0);
    let free = priced(spending()).build().unwrap();
    let (status, said) = ask(&free, NEWER, json!([SESSION])).await;
    assert_eq!((status, &said["error"]["code"]), (403, &json!("price_unknown")));
    let sold = priced(spending().token_price(10.0)).build().unwrap();
    assert_eq!(ask(&sold, NEWER, json!([SESSION])).await.0, 200);
    assert_eq!(ask(&sold, NEWER, json!([SESSION])).await.1["error"]["code"], "budget_exhausted");
    let wrong = [
        priced(spending().token_price(f64::NAN)),
        builder(&emulator.url).limits(Limits::new(Store::new()).spending(spending().token_price(1.0))),
        giving(&emulator.url).realtime_tokens(RealtimeTokens::new().lifetime(Duration::ZERO)),
        giving(&emulator.url).realtime_tokens(RealtimeTokens::new().lifetime(HOUR + HOUR)),
    ];
    for builder in wrong {
        let error = builder.build().unwrap_err();
        assert_eq!(error.code(), "invalid_option", "{error}");
        assert!(error.to_string().contains("token"), "{error}");
    }
}
