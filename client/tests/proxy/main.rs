//! The proxy: the vectors of the npm package's, and what they do not say.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

mod bodies;
#[path = "../emulator/emulator.rs"]
#[allow(dead_code)]
mod emulator;
mod inputs;
mod limits;
mod options;
mod ownership;
mod same_words;
mod schedules;
mod tokens;
mod uploads;
mod upstream;
mod vectors;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use fal_wasm_client::Credentials;
use fal_wasm_client::proxy::{AnswerBody, FalProxy, Principal, ProxyBuilder};
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use serde_json::Value;

use crate::emulator::KEY;

/// A proxy for everybody who says who they are in `x-user`.
fn builder(url: &str) -> ProxyBuilder {
    FalProxy::builder(Credentials::key(KEY).unwrap())
        .allowed_endpoints(["emulator/**", "fal-ai/any-llm"])
        .authenticate(|request| async move {
            let user = request.headers.get("x-user")?;
            Some(Principal::new(user.to_str().ok()?))
        })
        .local_server(url)
}

/// A call of ann's.
fn call(method: &str, target: &str) -> http::request::Builder {
    Request::builder()
        .method(method)
        .uri("/api/fal/proxy")
        .header("host", "app.example")
        .header("content-type", "application/json")
        .header("x-user", "ann")
        .header("x-fal-target-url", target)
}

fn json(text: &str) -> Full<Bytes> {
    Full::new(Bytes::copy_from_slice(text.as_bytes()))
}

/// All of an answer, as JSON.
async fn read(response: Response<AnswerBody>) -> (u16, Value) {
    let status = response.status().as_u16();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

/// Code of a refusal.
async fn code(response: Response<AnswerBody>) -> String {
    let (_, said) = read(response).await;
    said["error"]["code"].as_str().unwrap_or_default().to_owned()
}

/// What was told.
type Told = Arc<Mutex<Vec<String>>>;

fn listener() -> (Told, impl Fn(String) + Send + Sync + 'static) {
    let told = Told::default();
    let kept = Arc::clone(&told);
    (told, move |text| kept.lock().unwrap().push(text))
}
