//! Whose a request is, and what the key never gets into.

use std::time::Duration;

use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::{FalProxy, Principal};
use http::Request;
use http_body_util::Empty;
use serde_json::json;

use crate::emulator::{Emulator, KEY};
use crate::upstream::{Upstream, answer};
use crate::{builder, call, code, json as body, listener, read};

/// The first of this app's requests that was ever submitted.
const REQUEST: &str = "764cabcf-b745-4b3e-ae38-1200304cf45b";
const STATUS: &str = "https://queue.fal.run/emulator/echo/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status";

#[tokio::test]
async fn a_request_is_of_whoever_submitted_it() {
    let emulator = Emulator::start();
    let proxy = builder(&emulator.url).build().unwrap();
    let submit = call("POST", "https://queue.fal.run/emulator/echo").body(body("{\"text\":\"hello\"}")).unwrap();
    let response = proxy.handle(submit).await;
    let capability = response.headers()["x-fal-capability"].clone();
    let (status, said) = read(response).await;
    assert_eq!(status, 200, "{said}");
    let id = said["request_id"].as_str().unwrap();
    assert!(capability.to_str().unwrap().starts_with(id));
    let url = format!("https://queue.fal.run/emulator/echo/requests/{id}/status");
    let ask = |url: &str, user: &str, capability: Option<&str>| {
        let mut request = call("GET", url).body(Empty::new()).unwrap();
        request.headers_mut().insert("x-user", user.parse().unwrap());
        if let Some(capability) = capability {
            request.headers_mut().insert("x-fal-capability", capability.parse().unwrap());
        }
        let proxy = proxy.clone();
        async move { proxy.handle(request).await }
    };
    let shown = capability.to_str().unwrap();
    assert!(ask(&url, "ann", Some(shown)).await.status().is_success());
    let before = emulator.sent().await.len();
    for (user, shown) in [("ann", None), ("bob", Some(shown)), ("ann", Some(&shown[..shown.len() - 1]))] {
        assert_eq!(code(ask(&url, user, shown).await).await, "request_not_found", "{user}");
    }
    assert_eq!(code(ask(STATUS, "ann", Some(shown)).await).await, "request_not_found", "of another request");
    assert_eq!(emulator.sent().await.len(), before, "nothing of that reached fal");
}

/// Made by `js/proxy/ownership.ts`: with the secret, and with the key of fal.
#[tokio::test]
async fn the_capabilities_of_the_npm_package_are_taken() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let of = |credentials: &str| {
        FalProxy::builder(Credentials::key(credentials).unwrap())
            .allowed_endpoints(["emulator/**"])
            .authenticate(|_| async { Some(Principal::new("ann")) })
            .local_server(&upstream.url)
    };
    let secret = "a secret of thirty-two characters";
    for (proxy, signature) in [
        (of("any:key").secret(secret), "m6CVz5Z_8GPpFEljplHn4_o1A6VzvwXW89Vp3kOzNJg"),
        (of("id:secret"), "1MMpfdGSwkgvJQmEFiUKp3Wguh1HjXwEXZ2phyzNhnw"),
        (
            FalProxy::builder(Credentials::key("new:key").unwrap().or_key("id:secret").unwrap())
                .allowed_endpoints(["emulator/**"])
                .authenticate(|_| async { Some(Principal::new("ann")) })
                .local_server(&upstream.url),
            "1MMpfdGSwkgvJQmEFiUKp3Wguh1HjXwEXZ2phyzNhnw",
        ),
    ] {
        let shown = format!("{REQUEST}.999999999999.{signature}");
        let request = call("GET", STATUS).header("x-fal-capability", shown).body(Empty::new()).unwrap();
        assert_eq!(proxy.build().unwrap().handle(request).await.status(), 200);
    }
    let other = call("GET", STATUS)
        .header("x-fal-capability", format!("{REQUEST}.999999999999.1MMpfdGSwkgvJQmEFiUKp3Wguh1HjXwEXZ2phyzNhnw"));
    let response = of("other:key").build().unwrap().handle(other.body(Empty::new()).unwrap()).await;
    assert_eq!(response.status(), 404);
}

#[tokio::test]
async fn the_second_key_is_tried_once_and_a_refused_key_is_the_operators_affair() {
    let upstream = Upstream::answering(&[&answer("401 Unauthorized", "", "{}"), &answer("200 OK", "", "{}")]).await;
    let two = Credentials::key("old:key").unwrap().or_key(KEY).unwrap();
    let run = || call("POST", "https://fal.run/emulator/echo").body(body("{\"a\":1}")).unwrap();
    let allowed = |credentials| {
        FalProxy::builder(credentials)
            .allowed_endpoints(["emulator/**"])
            .authenticate(|_| async { Some(Principal::new("ann")) })
    };
    let proxy = allowed(two).local_server(&upstream.url).build().unwrap();
    assert_eq!(proxy.handle(run()).await.status(), 200);
    let seen = upstream.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|request| request.body == b"{\"a\":1}"));
    assert_eq!(seen[1].header("authorization"), Some(format!("Key {KEY}").as_str()));

    for (answered, refused) in [("401 Unauthorized", "upstream_auth"), ("302 Found", "upstream_redirect")] {
        let upstream = Upstream::answering(&[&answer(answered, "location: https://evil.example/\r\n", "{}")]).await;
        let (told, tell) = listener();
        let proxy = builder(&upstream.url).on_error(move |error| tell(format!("{error} {error:?}"))).build().unwrap();
        assert_eq!(code(proxy.handle(run()).await).await, refused);
        let told = told.lock().unwrap().concat();
        assert!(told.contains("fal"), "{told}");
        let (id, secret) = KEY.split_once(':').unwrap();
        assert!(!told.contains(id) && !told.contains(secret), "{told}");
    }
}

#[tokio::test]
async fn a_submit_goes_on_when_its_visitor_leaves_and_a_run_ends() {
    for (target, goes_on) in [("https://queue.fal.run/emulator/echo", true), ("https://fal.run/emulator/echo", false)] {
        let emulator = Emulator::start();
        emulator.control(json!({"faults": [{"then": {"delay_ms": 300}}]})).await;
        let proxy = builder(&emulator.url).build().unwrap();
        let request = call("POST", target).body(body("{}")).unwrap();
        let leaves = tokio::time::timeout(Duration::from_millis(100), proxy.handle(request)).await;
        assert!(leaves.is_err());
        tokio::time::sleep(Duration::from_millis(400)).await;
        let jobs = emulator.seen().await["jobs"].as_array().unwrap().len();
        assert_eq!(jobs == 1, goes_on, "{target}");
    }
}

#[tokio::test]
async fn a_key_from_a_page_is_told_with_its_owner_and_never_itself() {
    let upstream = Upstream::answering(&[&answer("200 OK", "", "{}")]).await;
    let (told, tell) = listener();
    let proxy = builder(&upstream.url).on_key_leak(move |leak| tell(format!("{leak:?}"))).build().unwrap();
    let leaking = |key: &str| {
        call("POST", "https://fal.run/emulator/echo")
            .header("authorization", format!("Key {key}"))
            .body(body("{}"))
            .unwrap()
    };
    for key in ["some:body", KEY] {
        assert_eq!(code(proxy.handle(leaking(key)).await).await, "credentials_in_browser");
    }
    let told = told.lock().unwrap().clone();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("ours: false") && told[1].contains("ours: true"), "{told:?}");
    assert!(!told.concat().contains(KEY));
    assert!(upstream.seen().is_empty());
    assert!(!format!("{proxy:?}").contains(KEY));
    let in_url = Request::builder().method("GET").uri(format!("/api?x={KEY}")).body(Empty::new()).unwrap();
    assert_eq!(code(proxy.handle(in_url).await).await, "credentials_in_browser");
}
