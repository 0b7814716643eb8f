//! Webhooks: what fal signed is handed over once, and nothing else is.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../proxy/upstream.rs"]
#[allow(dead_code)]
mod upstream;

use std::io::Error;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use ed25519_dalek::{Signer, SigningKey};
use fal_wasm_client::webhook::{AnswerBody, FalWebhook, WebhookBuilder, WebhookEvent};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::upstream::{Upstream, answer};

const PUBLIC: &str = "6kpsY-KcUgq-9VB7Ey7F-ZVHdq6-vnuSQh7qaRRG0iw";
const USER: &str = "user_2x";

/// fal, with its public key.
async fn fal() -> Upstream {
    let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "x": PUBLIC, "use": "sig"}]});
    Upstream::answering(&[&answer("200 OK", "", &keys.to_string())]).await
}

/// A webhook as fal posts it, and the same with something wrong.
struct Posted {
    request_id: &'static str,
    seed: u8,
    age: i64,
    body: Value,
    tampered: bool,
}

impl Default for Posted {
    fn default() -> Self {
        let body =
            json!({"request_id": "r-1", "gateway_request_id": "r-1", "status": "OK", "payload": {"images": [1, 2]}});
        Self { request_id: "r-1", seed: 7, age: 0, body, tampered: false }
    }
}

impl Posted {
    fn request(self) -> Request<Full<Bytes>> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let timestamp = now.saturating_add_signed(-self.age).to_string();
        let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let mut body = self.body.to_string();
        let digest = hex(&Sha256::digest(&body));
        let message = [self.request_id, USER, &timestamp, &digest].join("\n");
        let signature = SigningKey::from_bytes(&[self.seed; 32]).sign(message.as_bytes());
        if self.tampered {
            body.push(' ');
        }
        Request::builder()
            .method("POST")
            .header("x-fal-webhook-request-id", self.request_id)
            .header("x-fal-webhook-user-id", USER)
            .header("x-fal-webhook-timestamp", timestamp)
            .header("x-fal-webhook-signature", hex(&signature.to_bytes()))
            .body(Full::new(body.into()))
            .unwrap()
    }
}

type Events = Arc<Mutex<Vec<WebhookEvent>>>;

/// A service that keeps what it is given.
fn keeping(fal: &Upstream) -> (Events, WebhookBuilder) {
    let events = Events::default();
    let kept = Arc::clone(&events);
    let builder = FalWebhook::builder(move |event: WebhookEvent| {
        kept.lock().unwrap().push(event);
        async { Ok::<_, Error>(()) }
    });
    (events, builder.local_server(&fal.url))
}

async fn read(response: Response<AnswerBody>) -> (u16, String) {
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let said: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    (status, said["error"]["code"].as_str().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn what_fal_signed_is_handed_over_once() {
    let fal = fal().await;
    let (events, builder) = keeping(&fal);
    let webhook = builder.accounts([USER]).build().unwrap();
    for _ in 0..3 {
        assert_eq!(read(webhook.handle(Posted::default().request()).await).await, (200, String::new()));
    }
    let events = events.lock().unwrap();
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.request_id.as_str(), event.user_id.as_str(), event.is_ok), ("r-1", USER, true));
    assert_eq!(event.payload::<Value>().unwrap()["images"][1], 2);
    assert_eq!(event.payload::<String>().unwrap_err().code(), "unexpected_type");
    let asked = fal.seen();
    assert_eq!(asked.len(), 1, "fal is asked for its keys once");
    assert_eq!(asked[0].url, "https://rest.fal.ai/.well-known/jwks.json");
    assert_eq!(asked[0].header("authorization"), None);
}

#[tokio::test]
async fn nothing_else_is_taken() {
    let fal = fal().await;
    let (events, builder) = keeping(&fal);
    let refused = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&refused);
    let webhook = builder
        .accounts([USER])
        .submitted(|id| async move { Ok::<_, Error>(id.starts_with("r-")) })
        .max_body_bytes(500)
        .on_error(move |error| {
            assert!(error.status() >= 400);
            counted.fetch_add(1, Ordering::SeqCst);
        })
        .build()
        .unwrap();
    let body = |id: &str| json!({"request_id": id, "status": "OK", "payload": null});
    let mut twice = Posted::default().request();
    twice.headers_mut().append("x-fal-webhook-request-id", "r-1".parse().unwrap());
    let mut get = Posted::default().request();
    *get.method_mut() = "GET".parse().unwrap();
    let none = Request::builder().method("POST").body(Full::default()).unwrap();
    let large = json!({"request_id": "r-1", "status": "OK", "payload": "a".repeat(500)});
    let cases = [
        (get, 405, "method_not_allowed"),
        (none, 400, "webhook_header_missing"),
        (twice, 400, "webhook_header_invalid"),
        (Posted { age: 301, ..Posted::default() }.request(), 401, "webhook_too_old"),
        (Posted { age: -302, ..Posted::default() }.request(), 401, "webhook_too_new"),
        (Posted { tampered: true, ..Posted::default() }.request(), 401, "webhook_signature_invalid"),
        (Posted { seed: 8, ..Posted::default() }.request(), 401, "webhook_signature_invalid"),
        (Posted { body: large, ..Posted::default() }.request(), 413, "webhook_too_large"),
        (Posted { body: json!({"a": 1}), ..Posted::default() }.request(), 400, "webhook_payload_invalid"),
        (Posted { body: body("r-2"), ..Posted::default() }.request(), 400, "webhook_request_mismatch"),
        (
            Posted { body: body("x-1"), request_id: "x-1", ..Posted::default() }.request(),
            404,
            "webhook_request_unknown",
        ),
    ];
    let count = cases.len();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../js/webhook/errors.ts");
    let codes = std::fs::read_to_string(path).unwrap();
    for (request, status, code) in cases {
        let (answered, said) = read(webhook.handle(request).await).await;
        assert_eq!(said, code, "{answered}");
        assert_eq!(answered, status, "{code}");
        assert!(codes.contains(&format!("\"{code}\"")), "{code} is one of the npm package's");
    }
    assert!(events.lock().unwrap().is_empty());
    assert_eq!(refused.load(Ordering::SeqCst), count);
    let (_, builder) = keeping(&fal);
    let other = builder.accounts(["somebody else"]).build().unwrap();
    assert_eq!(read(other.handle(Posted::default().request()).await).await.1, "webhook_account_unknown");
}

/// fal delivers again what the app could not handle, and what it has not handled in time.
#[tokio::test]
async fn what_is_not_handled_comes_again() {
    let fal = fal().await;
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let webhook = FalWebhook::builder(move |_| {
        let call = counted.fetch_add(1, Ordering::SeqCst);
        async move {
            match call {
                0 => Err(Error::other("the database is down")),
                _ => {
                    tokio::time::sleep(Duration::from_millis(200)).await;
                    Ok(())
                }
            }
        }
    })
    .local_server(&fal.url)
    .answer_within(Duration::from_millis(100))
    .build()
    .unwrap();
    let deliver = || async { read(webhook.handle(Posted::default().request()).await).await.1 };
    assert_eq!(deliver().await, "webhook_not_handled");
    assert_eq!(deliver().await, "webhook_late");
    assert_eq!(deliver().await, "webhook_busy", "it goes on");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(deliver().await, "", "and was handled");
    assert_eq!(calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn without_keys_nothing_is_taken_and_fal_delivers_again() {
    let (events, builder) = keeping(&Upstream::answering(&[&answer("500 Oops", "", "{}")]).await);
    let webhook = builder.build().unwrap();
    for _ in 0..2 {
        let response = webhook.handle(Posted::default().request()).await;
        assert_eq!(response.headers()["retry-after"], "30");
        assert_eq!(read(response).await, (503, "webhook_keys_unavailable".into()));
    }
    assert!(events.lock().unwrap().is_empty());
    let (_, builder) = keeping(&Upstream::answering(&[""]).await);
    assert_eq!(builder.accounts(Vec::<String>::new()).build().unwrap_err().code(), "invalid_option");
}
