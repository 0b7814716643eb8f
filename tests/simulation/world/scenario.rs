//! What happens in a run, and how it ended.

use fal_emulator::model::Fal;
use fal_emulator::model::http::Request as WireRequest;
use fal_emulator::model::settings::{Key, QueueSettings, Scope, Settings};
use fal_wasm::client::{CallOptions, Failure, Idempotency, Output, Request};
use fal_wasm::protocol::Millis;
use serde_json::Value;

use super::{Clock, Fate};

/// What the network and the caller do. The simplest scenario is [`Scenario::calm`].
pub struct Scenario {
    /// What the caller wants of every operation.
    pub call: CallOptions,
    /// The endpoint that is called.
    pub endpoint: &'static str,
    /// The request that the operation is about, when it is in the queue already.
    pub request_id: Option<String>,
    /// How busy fal is.
    pub queue: QueueSettings,
    /// Time from one end of the network to the other.
    pub latency: Box<dyn FnMut() -> Millis>,
    /// What happens to the next request.
    pub fate: Box<dyn FnMut(&Request) -> Fate>,
    /// Where the next piece of a stream is cut, in bytes.
    pub cut: Box<dyn FnMut() -> usize>,
    /// When the caller aborts, if ever.
    pub abort_at: Option<Millis>,
    /// The caller aborts right after this many events.
    pub abort_after: Option<usize>,
    /// What the caller's clock does.
    pub clock: Clock,
    /// The file that is uploaded, and the size of its parts.
    pub file: (Vec<u8>, usize),
}

impl Scenario {
    /// Nothing goes wrong, and everything takes 20 ms.
    pub fn calm() -> Self {
        Self {
            call: CallOptions::default(),
            endpoint: "emulator/echo",
            request_id: None,
            queue: QueueSettings { ahead: 2, step_ms: 300, run_ms: Some(1_000), concurrency: 1 },
            latency: Box::new(|| 20),
            fate: Box::new(|_| Fate::Deliver),
            cut: Box::new(|| 1_000),
            abort_at: None,
            abort_after: None,
            clock: Clock::default(),
            file: (vec![1, 2, 3], 3),
        }
    }
}

/// How it ended.
#[derive(Debug, Default)]
pub struct Story {
    /// What the operation ended with; none when it never did.
    pub outcome: Option<Result<Output, Failure>>,
    /// The id of the request in the queue that comes with the result or the failure, if one does.
    pub request_id: Option<String>,
    /// When.
    pub ended_at: Millis,
    /// When the caller aborted, if he did before the end.
    pub aborted_at: Option<Millis>,
    /// When something was sent, or anything was heard from the network.
    pub heard_at: Millis,
    /// What the caller was told, in order: request ids and statuses.
    pub told: Vec<String>,
    /// The items of a stream that came to the caller.
    pub items: Vec<Value>,
    /// The body of the result.
    pub result: Value,
    /// How often a model was told to run: every time somebody pays.
    pub runs: usize,
    /// How many jobs there are at fal, and how many of them are still waiting or running.
    pub jobs: usize,
    pub open_jobs: usize,
    /// Every request that was sent: when, and as method and URL.
    pub sent: Vec<(Millis, String)>,
    /// What kind of request each of them was, and what became of it.
    pub fates: Vec<(Idempotency, Fate)>,
    /// How many requests with bytes of a file were under way at once.
    pub most_parts: usize,
    /// What is at the URL of the uploaded file.
    pub file: Option<Vec<u8>>,
}

pub const KEY: &str = "id:secret";

/// A fal with nothing in its queue.
pub fn fal(seed: u64, queue: QueueSettings) -> Fal {
    let key = Key { key: KEY.into(), scope: Scope::Api, locked: false, account: "sim".into() };
    Fal::new(Settings { seed, queue, keys: vec![key], ..Settings::default() })
}

/// Puts a request into fal's queue, as an earlier run of the caller would have.
pub fn enqueue(fal: &mut Fal, endpoint: &str, input: &Value) -> String {
    let request = WireRequest::new("POST", &format!("https://queue.fal.run/{endpoint}"));
    let request = request.with_header("authorization", &format!("Key {KEY}")).with_json(input);
    fal.handle(0, &request).body_json()["request_id"].as_str().unwrap().into()
}
