//! The Platform APIs, against those of the emulator, which judges every request by fal's document.

use fal_wasm::platform::{Media, Operation, Who};
use fal_wasm_client::platform::{Platform, PlatformCall, PlatformEvents, PlatformItems, PlatformPages};
use fal_wasm_client::{Credentials, FalClient, FalError, File, ProxyUrl, RetryPolicy};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emulator::{ADMIN_KEY, Emulator, KEY};
use crate::{all, next};

#[derive(Debug, Deserialize)]
struct Key {
    key_id: String,
}

#[derive(Debug, Deserialize)]
struct Collections {
    collections: Vec<Value>,
}

fn with_key(emulator: &Emulator, key: &str) -> FalClient {
    let client = FalClient::server(Credentials::key(key).unwrap()).unwrap().with_local_server(&emulator.url).unwrap();
    client.with_retry(RetryPolicy { base_delay: 1, ..RetryPolicy::DEFAULT })
}

fn admin(emulator: &Emulator) -> Platform {
    with_key(emulator, ADMIN_KEY).platform()
}

async fn failure<T: serde::de::DeserializeOwned + std::fmt::Debug + 'static>(call: PlatformCall<T>) -> FalError {
    call.await.unwrap_err()
}

#[tokio::test]
async fn every_operation_of_the_table_is_called_where_fal_documents_it() {
    let emulator = Emulator::start();
    let platform = admin(&emulator);
    let file = File::new(b"a".to_vec(), "text/plain", "a.txt").unwrap();
    for operation in Operation::all() {
        let mut call = platform.call::<Value>(operation.method, operation.path);
        let mut path = operation.path.to_owned();
        for name in operation.path.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0) {
            call = call.param(name, "a/b c");
            path = path.replace(&format!("{{{name}}}"), "a%2Fb%20c");
        }
        call = match operation.takes {
            Media::Json => call.json(&json!({})),
            Media::Form => call.file("file_upload", &file),
            _ => call,
        };
        if operation.gives == Media::Events {
            next(&mut call.events()).await.unwrap().unwrap_err();
        } else if let Err(error) = call.await {
            // What is not there, and what lacks a parameter; never a path or a type of body that fal does not know.
            let known = ["not_found", "validation_error", "bad_request", "unexpected_type", "request_failed"];
            assert!(known.contains(&error.code()), "{operation:?}: {error:?}");
            assert!(!error.body().unwrap_or_default().contains("No such operation"), "{operation:?}");
        }
        let sent = emulator.sent().await;
        assert_eq!(sent.last(), Some(&format!("{} /v1{path}", operation.method.as_str())), "{operation:?}");
    }
}

#[tokio::test]
async fn lists_are_walked_page_by_page_and_nothing_is_read_ahead() {
    let emulator = Emulator::start();
    let platform = admin(&emulator);
    for n in 0..20 {
        platform.post::<Key>("/keys").json(&json!({"alias": format!("key {n}")})).await.unwrap();
        let made = json!({"name": format!("collection {n}")});
        platform.post::<Value>("/assets/collections").json(&made).await.unwrap();
    }
    let before = emulator.sent().await.len();
    let mut keys = platform.get::<Key>("/keys").query("limit", 7).items();
    next(&mut keys).await.unwrap().unwrap();
    assert_eq!(emulator.sent().await.len(), before + 1);
    let mut ids: Vec<_> = all(keys).await.unwrap().into_iter().map(|key| key.key_id).collect();
    ids.sort();
    ids.dedup();
    // One key of scope API was there before, and one was taken.
    assert_eq!((ids.len(), emulator.sent().await.len()), (20, before + 3));
    let pages = platform.get::<Collections>("/assets/collections").query("limit", 7).pages();
    let sizes: Vec<_> = all(pages).await.unwrap().iter().map(|page| page.collections.len()).collect();
    assert_eq!(sizes, [7, 7, 6]);
    let from = platform.get::<Value>("/assets/collections").query("limit", 7).query("offset", 15).items();
    assert_eq!(all(from).await.unwrap().len(), 5);
    let found = all(platform.get::<Value>("/models").query("q", "flux").query("limit", 1).items()).await.unwrap();
    assert!(found.len() > 1 && found.iter().all(|model| model["endpoint_id"].is_string()), "{found:?}");
    let mut wrong = platform.get::<Key>("/assets/collections").items();
    let error = next(&mut wrong).await.unwrap().unwrap_err();
    assert!(error.code() == "unexpected_type" && error.body().unwrap().contains("collection 1"), "{error:?}");
    assert!(next(&mut wrong).await.is_none());
}

#[tokio::test]
async fn a_list_that_turns_in_circles_ends_with_an_error_after_its_pages() {
    let emulator = Emulator::start();
    let page = json!({"models": [{"endpoint_id": "a"}], "next_cursor": "Mg==", "has_more": true}).to_string();
    let then = json!({"status": 200, "headers": {"content-type": "application/json"}, "body": page});
    emulator.control(json!({"faults": [{"times": null, "then": then}]})).await;
    let mut models = admin(&emulator).get::<Value>("/models").items();
    for _ in 0..2 {
        next(&mut models).await.unwrap().unwrap();
    }
    assert_eq!(next(&mut models).await.unwrap().unwrap_err().code(), "invalid_answer");
    assert!(next(&mut models).await.is_none());
}

#[tokio::test]
async fn what_needs_admin_says_so_before_it_is_sent_or_when_fal_does() {
    let emulator = Emulator::start();
    let platform = with_key(&emulator, KEY).platform();
    for operation in Operation::all().filter(|operation| operation.who == Who::Admin) {
        let before = emulator.sent().await.len();
        for (platform, status) in [(platform.clone().with_scope("API"), None), (platform.clone(), Some(403))] {
            let mut call = platform.call::<Value>(operation.method, operation.path);
            for name in operation.path.split('{').skip(1).map(|rest| rest.split_once('}').unwrap().0) {
                call = call.param(name, "a");
            }
            let error = failure(call).await;
            assert_eq!((error.code(), error.status(), error.retryable()), ("scope_required", status, false));
            let said = error.to_string();
            for part in [operation.path, "ADMIN", "fal.ai/dashboard/keys"] {
                assert!(said.contains(part) && !said.contains(KEY), "{said}");
            }
        }
        assert_eq!(emulator.sent().await.len(), before + 1, "{operation:?}");
    }
    let missing = json!({"error": {"type": "authorization_error", "message": "Missing permission billing:usage:read",
        "request_id": "r1"}});
    let then = json!({"status": 403, "headers": {"content-type": "application/json"}, "body": missing.to_string()});
    emulator.control(json!({"faults": [{"times": 1, "then": then}]})).await;
    let error = failure(platform.get::<Value>("/models/pricing").query("endpoint_id", "fal-ai/flux/dev")).await;
    assert_eq!((error.code(), error.error_type()), ("scope_required", Some("authorization_error")));
    assert!(error.to_string().contains("billing:usage:read") && error.request_id().is_some(), "{error:?}");
}

#[tokio::test]
async fn what_cannot_be_meant_is_an_error_that_says_what_can_and_sends_nothing() {
    let emulator = Emulator::start();
    let platform = admin(&emulator);
    let file = File::new(b"a".to_vec(), "text/plain", "a.txt").unwrap();
    for (call, said) in [
        (platform.get::<Value>("/modles"), "GET /models"),
        (platform.put("/keys"), "GET /keys, POST /keys"),
        (platform.delete("/keys/k1"), "DELETE /keys/{key_id}"),
        (platform.get("/keys").param("key_id", "k1"), "and not key_id"),
        (platform.delete("/keys/{key_id}"), "`key_id` is missing"),
        (platform.delete("/keys/{key_id}").param("key_id", ".."), "`key_id` is missing or cannot be"),
        (platform.get("/models").json(&json!({})), "takes no body"),
        (platform.post("/keys").file("file_upload", &file), "takes JSON"),
        (
            platform.post("/serverless/files/file/local/{target_path}").param("target_path", "a").json(&1),
            "takes a form",
        ),
        (platform.post("/keys").json(&[&file]), "cannot be written as JSON"),
        (platform.post("/keys").idempotency_key("a\nb"), "`idempotency_key`"),
        (platform.post("/serverless/logs/stream").json(&json!([])), "`events()`"),
        (platform.get("/keys").header("authorization", "x"), "`header`"),
    ] {
        let error = failure(call).await.to_string();
        assert!(error.contains(said) && error.contains("Nothing was sent."), "{error}");
    }
    for (call, said) in [
        (platform.get::<Value>("/meta"), "no list"),
        (platform.get("/models").query("limit", "many"), "`limit` takes a whole number"),
    ] {
        let error = next(&mut call.pages()).await.unwrap().unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }
    let error = next(&mut platform.get::<Value>("/models").events()).await.unwrap().unwrap_err();
    assert!(error.to_string().contains("without events"), "{error}");
    let proxied = FalClient::through_proxy(ProxyUrl::parse("http://127.0.0.1:9/api").unwrap()).unwrap();
    assert_eq!(failure(proxied.platform().get::<Value>("/models")).await.code(), "server_only");
    assert!(emulator.sent().await.is_empty());
}

#[tokio::test]
async fn files_texts_events_and_nothing_at_all_are_answers_too() {
    let emulator = Emulator::start();
    let platform = admin(&emulator);
    let file = File::new(b"hello \x00\xff".to_vec(), "application/octet-stream", "a \"b\".bin").unwrap();
    let upload = platform.post::<bool>("/serverless/files/file/local/{target_path}");
    assert!(upload.param("target_path", "data/a b.txt").file("file_upload", &file).await.unwrap());
    let download = platform.get::<Vec<u8>>("/serverless/files/file/{file}").param("file", "data/a b.txt");
    assert_eq!(download.await.unwrap(), b"hello \x00\xff");
    let csv = platform.get::<String>("/account/model-access-controls").await.unwrap();
    assert!(csv.contains(','), "{csv}");
    let made: Key = platform.post("/keys").json(&json!({"alias": "ci"})).await.unwrap();
    platform.delete::<()>("/keys/{key_id}").param("key_id", &made.key_id).await.unwrap();
    let lines = all(platform.post::<Value>("/serverless/logs/stream").json(&json!([])).events()).await.unwrap();
    assert!(!lines.is_empty() && lines.iter().all(|line| line["message"].is_string()), "{lines:?}");
}

#[tokio::test]
async fn a_write_whose_answer_is_lost_is_sent_again_only_where_fal_recognises_it() {
    let emulator = Emulator::start();
    let platform = admin(&emulator);
    let lost = json!({"faults": [{"times": 1, "then": {"drop": "after"}}]});
    let count = async |path| all(platform.get::<Value>(path).items()).await.unwrap().len();
    let (keys, collections) = (count("/keys").await, count("/assets/collections").await);
    emulator.control(lost.clone()).await;
    platform.post::<Value>("/assets/collections").json(&json!({"name": "a"})).await.unwrap();
    assert_eq!(count("/assets/collections").await, collections + 1, "made once, by the same key of both tries");
    emulator.control(lost.clone()).await;
    let error = failure(platform.post::<Value>("/keys").json(&json!({"alias": "a"}))).await;
    assert_eq!((error.code(), error.attempts()), ("connection_lost", 1));
    assert_eq!(count("/keys").await, keys + 1);
    emulator.control(lost).await;
    platform.post::<Value>("/keys").json(&json!({"alias": "a"})).idempotent().await.unwrap();
    assert_eq!(count("/keys").await, keys + 3, "the caller said that twice does no harm");
}

#[test]
fn every_future_and_stream_can_go_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<<PlatformCall<Value> as IntoFuture>::IntoFuture>();
    is_send::<PlatformCall<Value>>();
    is_send::<PlatformItems<Value>>();
    is_send::<PlatformPages<Value>>();
    is_send::<PlatformEvents<Value>>();
}
