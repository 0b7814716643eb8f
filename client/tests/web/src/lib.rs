//! A program with the Rust client: it makes every kind of call, and reports what became of it.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, clippy::indexing_slicing, missing_docs)]

#[path = "../../scenarios/play.rs"]
mod play;

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;

use fal_wasm_client::{FalClient, FalError, File, Job};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
struct Input {
    text: String,
    number: f64,
}

#[derive(Serialize)]
struct WithFile {
    file: File,
}

#[derive(Debug, Deserialize)]
struct Echo<T> {
    input: T,
}

#[derive(Debug, Deserialize)]
struct Stored {
    file: String,
}

#[derive(Serialize)]
struct Prompt {
    prompt: &'static str,
}

#[derive(Deserialize)]
struct Words {
    output: String,
}

/// A value of JavaScript, as it is.
#[derive(Deserialize, Serialize)]
struct Own {
    #[serde(with = "serde_wasm_bindgen::preserve")]
    value: JsValue,
}

#[derive(Serialize)]
struct Seed<T> {
    seed: T,
}

#[derive(Debug, Deserialize)]
struct Whole {
    #[expect(dead_code, reason = "it is only read")]
    seed: u64,
}

/// What an error says.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told {
    code: String,
    retryable: bool,
    request_id: Option<String>,
    text: String,
    body: Option<String>,
}

impl From<FalError> for Told {
    fn from(error: FalError) -> Self {
        Self {
            code: error.code().into(),
            retryable: error.retryable(),
            request_id: error.request_id().map(String::from),
            text: format!("{error} {error:?}"),
            body: error.body().map(String::from),
        }
    }
}

/// What became of everything.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    told: Vec<String>,
    request_id: String,
    echo: Input,
    resumed: Input,
    words: Vec<String>,
    url: String,
    loaded: Vec<u64>,
    file: String,
    strokes: Vec<f64>,
    own: String,
    refused: Told,
    other_type: Told,
    too_large: Told,
    unsendable: Told,
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

/// Draws a few strokes, and says what came back.
async fn strokes(fal: &FalClient) -> Result<Vec<f64>, FalError> {
    let mut line = fal.realtime::<Input, Input>("emulator/echo").connect().await?;
    for number in [0.5, 1.0, 1.5] {
        line.send(&Input { text: "a stroke".into(), number })?;
    }
    let mut numbers = Vec::new();
    while numbers.len() < 3
        && let Some(stroke) = next(&mut line).await
    {
        numbers.push(stroke?.number);
    }
    line.close();
    assert!(next(&mut line).await.is_none());
    Ok(numbers)
}

async fn report(fal: &FalClient) -> Result<Report, FalError> {
    let input = Input { text: "hello".into(), number: 0.5 };
    let told = Rc::new(RefCell::new(Vec::new()));
    let (jobs, states) = (Rc::clone(&told), Rc::clone(&told));
    let call = fal.subscribe::<Echo<Input>>("emulator/echo", &input).logs();
    let call = call.on_enqueue(move |job| jobs.borrow_mut().push(job.request_id().to_owned()));
    let call = call.on_update(move |status| states.borrow_mut().push(status.state.as_str().into()));
    let result = call.await?;

    // As a page that was closed in between: of the request there is only what was kept.
    let job = fal.queue().submit("emulator/echo", &input).await?;
    let kept = serde_wasm_bindgen::to_value(&job).unwrap();
    let job: Job = serde_wasm_bindgen::from_value(kept).unwrap();
    let resumed = fal.resume::<Echo<Input>>(&job).await?.data.input;

    let mut words = Vec::new();
    let mut items = fal.stream::<Words>("fal-ai/any-llm", &Prompt { prompt: "a cat" });
    while let Some(item) = next(&mut items).await {
        words.push(item?.output);
    }
    // Whoever leaves after a word ends the request.
    drop(next(&mut fal.stream::<Words>("fal-ai/any-llm", &Prompt { prompt: "a cat" })).await);

    let loaded = Rc::new(RefCell::new(Vec::new()));
    let progress = Rc::clone(&loaded);
    let upload = fal.upload(b"hello".to_vec(), "text/plain", "a.txt");
    let url = upload.progress(move |sent| progress.borrow_mut().push(sent.loaded)).await?;
    let file = File::new(b"picture".to_vec(), "image/png", "a.png")?;
    let stored = fal.run::<Echo<Stored>>("emulator/echo", &WithFile { file }).await?.data.input.file;

    let strokes = strokes(fal).await?;
    let prompt = Prompt { prompt: "a secret prompt" };
    let refused = fal.subscribe::<Words>("emulator/refuses", &prompt).await.err().unwrap();
    let other_type = fal.run::<Words>("emulator/echo", &prompt).await.err().unwrap();
    let value = js_sys::JSON::parse("[{\"a\":1.5},null]").unwrap();
    let own = fal.run::<Echo<Own>>("emulator/echo", &Own { value }).await?.data.input.value;
    let own = js_sys::JSON::stringify(&own).unwrap().into();
    // Beyond 2^53 JavaScript has no whole numbers.
    let seed = Seed { seed: 9_007_199_254_740_992.0 };
    let too_large = fal.run::<Echo<Whole>>("emulator/echo", &seed).await.err().unwrap();
    let seed = Seed { seed: u64::MAX };
    let unsendable = fal.run::<Echo<Whole>>("emulator/echo", &seed).await.err().unwrap();
    let told = told.borrow().clone();
    let loaded = loaded.borrow().clone();
    Ok(Report {
        told,
        request_id: result.request_id,
        echo: result.data.input,
        resumed,
        words,
        url,
        loaded,
        file: stored,
        strokes,
        own,
        refused: refused.into(),
        other_type: other_type.into(),
        too_large: too_large.into(),
        unsendable: unsendable.into(),
    })
}

fn shown(error: FalError) -> JsValue {
    serde_wasm_bindgen::to_value(&Told::from(error)).unwrap()
}

/// A client for a page.
#[cfg(feature = "page")]
fn client(proxy: &str) -> Result<FalClient, JsValue> {
    let proxy = fal_wasm_client::ProxyUrl::parse(proxy).map_err(|error| JsValue::from(error.to_string()))?;
    Ok(FalClient::browser(proxy))
}

/// A client for a worker, with the key among its bindings.
#[cfg(feature = "worker")]
fn client(env: &JsValue) -> Result<FalClient, JsValue> {
    let credentials = fal_wasm_client::Credentials::from_env(env).map_err(shown)?;
    FalClient::edge(credentials).map_err(shown)
}

/// Makes every kind of call from a page, through a proxy.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub async fn page(proxy: String) -> Result<JsValue, JsValue> {
    let fal = client(&proxy)?;
    report(&fal).await.map(|report| serde_wasm_bindgen::to_value(&report).unwrap()).map_err(shown)
}

/// Makes every kind of call from a worker.
#[cfg(feature = "worker")]
#[wasm_bindgen]
pub async fn worker(env: JsValue) -> Result<JsValue, JsValue> {
    let fal = client(&env)?;
    report(&fal).await.map(|report| serde_wasm_bindgen::to_value(&report).unwrap()).map_err(shown)
}

const PLACE: play::Place = play::Place {
    sleep: |ms| Box::pin(gloo_timers::future::TimeoutFuture::new(ms as u32)),
    now: || js_sys::Date::now() as u64,
};

/// Plays a scenario from a page, through a proxy: JSON goes in and comes out.
#[cfg(feature = "page")]
#[wasm_bindgen]
pub async fn play_scenario(proxy: String, scenario: String) -> Result<String, JsValue> {
    Ok(play::play(client(&proxy)?, &scenario, PLACE).await)
}

/// Plays a scenario from a worker: JSON goes in and comes out.
#[cfg(feature = "worker")]
#[wasm_bindgen]
pub async fn play_scenario(env: JsValue, scenario: String) -> Result<String, JsValue> {
    Ok(play::play(client(&env)?, &scenario, PLACE).await)
}
