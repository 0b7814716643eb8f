//! The operations a client has, from the options of a call.

use wasm_bindgen::prelude::*;

use super::problem::Problem;
use super::task::{Hands, Task};
use crate::client::{
    Call, Class, FailureKind, Goal, Mode, Request, RetryPolicy, Start, Stream, Subscribe, SubscribePlan, Upload,
    UploadPlan,
};
use crate::protocol::{EndpointId, Method, Millis, RequestId, Submission, TokenContract};

/// Time between two questions for a status.
const POLL_INTERVAL: Millis = 500;
/// How stubbornly a status is asked for: it is only read, and work that is paid for depends on it.
const STATUS_RETRIES: u32 = 5;

/// How patient a call is: tries, first wait, longest wait, growth, jitter (0 or 1), budget, whether hosts have backups
/// (1), time for all of it, and whether running twice does no harm (1); then the statuses worth another try. `NaN` stands for what was not set, no
/// statuses for the usual ones.
pub struct Patience<'a>(pub &'a [f64]);

impl Patience<'_> {
    fn number(&self, index: usize) -> Option<f64> {
        self.0.get(index).copied().filter(|number| !number.is_nan())
    }

    /// The caller's numbers over the defaults of an operation.
    pub fn over(&self, mut policy: RetryPolicy) -> RetryPolicy {
        if let Some(tries) = self.number(0) {
            policy.max_retries = tries as u32;
        }
        if let Some(delay) = self.number(1) {
            policy.base_delay = delay as Millis;
        }
        if let Some(delay) = self.number(2) {
            policy.max_delay = delay as Millis;
        }
        if let Some(multiplier) = self.number(3) {
            policy.multiplier = multiplier;
        }
        if let Some(jitter) = self.number(4) {
            policy.jitter = jitter != 0.0;
        }
        if let Some(budget) = self.number(5) {
            policy.budget = budget as u64;
        }
        #[cfg(feature = "edge")]
        if self.number(6) == Some(1.0) {
            policy.backup_hosts = true;
        }
        if let Some(statuses) = self.0.get(9..).filter(|statuses| !statuses.is_empty()) {
            policy.statuses = statuses.iter().map(|status| *status as u16).collect();
        }
        policy
    }

    fn usual(&self) -> RetryPolicy {
        self.over(RetryPolicy::default())
    }

    fn status(&self) -> RetryPolicy {
        let mut policy = RetryPolicy { max_retries: STATUS_RETRIES, ..RetryPolicy::default() };
        policy.statuses.push(500);
        self.over(policy)
    }

    fn timeout(&self) -> Option<Millis> {
        self.number(7).map(|timeout| timeout as Millis)
    }

    /// A request that runs a model, as repeatable as the caller says it is.
    fn classed(&self, request: Request) -> Request {
        let class = if self.number(8) == Some(1.0) { Class::Safe } else { request.class };
        Request { class, ..request }
    }
}

/// Operations on a request that is in the queue.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Question {
    /// Where is it?
    Status = 0,
    /// What came out?
    Result = 1,
    /// Stop it.
    Cancel = 2,
}

/// Runs a model and waits for its answer. An empty `path` is none.
#[wasm_bindgen]
pub fn run(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    endpoint: &str,
    path: &str,
    method: &str,
) -> Result<Task, JsValue> {
    let patience = Patience(patience);
    let request = patience.classed(Request::run(full_id(endpoint, path)?, read_method(method)?));
    Ok(Task::new(Call::new(request, patience.usual(), patience.timeout()), seed, hands))
}

/// Puts a request into the queue. An empty `path` or `webhook` is none, and so is a `max_queue_length` of `NaN`.
#[wasm_bindgen]
pub fn submit(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    endpoint: &str,
    path: &str,
    method: &str,
    webhook: &str,
    max_queue_length: f64,
) -> Result<Task, JsValue> {
    let patience = Patience(patience);
    let submission = submission(webhook, max_queue_length);
    let request = Request::submit(full_id(endpoint, path)?, read_method(method)?, submission);
    let call = Call::new(patience.classed(request), patience.usual(), patience.timeout());
    Ok(Task::new(call, seed, hands))
}

/// Asks something about a request that is in the queue.
#[wasm_bindgen]
pub fn ask(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    question: Question,
    endpoint: &str,
    request: &str,
    logs: bool,
) -> Result<Task, JsValue> {
    let app = endpoint_id(endpoint)?.app();
    let id = request_id(request)?;
    let patience = Patience(patience);
    let (request, policy) = match question {
        Question::Status => (Request::status(app, id, logs), patience.status()),
        Question::Result => (Request::result(app, id), patience.usual()),
        Question::Cancel => (Request::cancel(app, id), patience.usual()),
    };
    Ok(Task::new(Call::new(request, policy, patience.timeout()), seed, hands))
}

/// Runs a model and gets its answer as it comes. An `idle` of `NaN` is the usual one.
#[wasm_bindgen]
pub fn stream(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    endpoint: &str,
    method: &str,
    idle: f64,
) -> Result<Task, JsValue> {
    let patience = Patience(patience);
    let request = patience.classed(Request::stream(endpoint_id(endpoint)?.streamed(), read_method(method)?));
    Ok(Task::new(Stream::new(request, patience.usual(), millis(idle)), seed, hands))
}

/// Follows every change of a request that is in the queue.
#[wasm_bindgen(js_name = streamStatus)]
pub fn stream_status(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    endpoint: &str,
    request: &str,
    logs: bool,
    idle: f64,
) -> Result<Task, JsValue> {
    let request = Request::follow(endpoint_id(endpoint)?.app(), request_id(request)?, logs);
    Ok(Task::new(Stream::new(request, Patience(patience).status(), millis(idle)), seed, hands))
}

/// Submits a request, or goes on with the one of this id; follows it, and fetches its result when `fetches`. An empty
/// `path`, `webhook` or `request` is none, and so is a `max_queue_length` of `NaN`; a `poll_interval` of `NaN` is the
/// usual one.
#[wasm_bindgen]
pub fn subscribe(
    hands: Hands,
    seed: f64,
    patience: &[f64],
    endpoint: &str,
    path: &str,
    method: &str,
    webhook: &str,
    max_queue_length: f64,
    request: &str,
    fetches: bool,
    polls: bool,
    logs: bool,
    poll_interval: f64,
    cancel_on_timeout: bool,
    cancel_on_abort: bool,
) -> Result<Task, JsValue> {
    let endpoint = full_id(endpoint, path)?;
    let patience = Patience(patience);
    let plan = SubscribePlan {
        app: endpoint.app(),
        start: match request {
            "" if fetches => {
                let submit = Request::submit(endpoint, read_method(method)?, submission(webhook, max_queue_length));
                Start::Submit(patience.classed(submit))
            }
            _ => Start::Resume(request_id(request)?),
        },
        goal: if fetches { Goal::Result } else { Goal::Status },
        mode: if polls { Mode::Polling } else { Mode::Streaming },
        logs,
        poll_interval: millis(poll_interval).unwrap_or(POLL_INTERVAL),
        timeout: patience.timeout(),
        cancel_on_timeout,
        cancel_on_abort,
        policy: patience.usual(),
        status_policy: patience.status(),
    };
    Ok(Task::new(Subscribe::new(plan), seed, hands))
}

/// Asks for a short-lived token. fal has two contracts for that: the older one, and the one of its newest documentation.
#[wasm_bindgen]
pub fn mint(hands: Hands, seed: f64, patience: &[f64], newer: bool) -> Task {
    let contract = if newer { TokenContract::Newer } else { TokenContract::Older };
    let patience = Patience(patience);
    Task::new(Call::new(Request::token(contract), patience.usual(), patience.timeout()), seed, hands)
}

/// Uploads a file of so many bytes, which may be read `once` only, or as often as it takes.
#[wasm_bindgen]
pub fn upload(hands: Hands, seed: f64, patience: &[f64], bytes: f64, once: bool) -> Result<Task, JsValue> {
    let patience = Patience(patience);
    let policy = patience.over(UploadPlan::policy());
    let plan = UploadPlan::new(bytes as u64, once, policy).ok_or_else(|| JsValue::from_str("file"))?;
    Ok(Task::new(Upload::new(UploadPlan { timeout: patience.timeout(), ..plan }), seed, hands))
}

/// An endpoint id in its canonical spelling.
#[wasm_bindgen(js_name = endpointId)]
pub fn canonical_endpoint_id(text: &str) -> Result<alloc::string::String, JsValue> {
    Ok(endpoint_id(text)?.as_str().into())
}

pub fn endpoint_id(text: &str) -> Result<EndpointId, Problem> {
    EndpointId::parse(text).map_err(|error| Problem::because(FailureKind::EndpointIdInvalid, error as u8))
}

fn request_id(text: &str) -> Result<RequestId, Problem> {
    RequestId::parse(text).map_err(|_| FailureKind::RequestIdInvalid.into())
}

/// A time, where one was given.
fn millis(time: f64) -> Option<Millis> {
    (!time.is_nan()).then_some(time as Millis)
}

fn read_method(text: &str) -> Result<Method, JsValue> {
    Method::parse(text).ok_or_else(|| JsValue::from_str("method"))
}

/// The id of an endpoint with the `path` a call adds to it.
fn full_id(endpoint: &str, path: &str) -> Result<EndpointId, JsValue> {
    let endpoint = endpoint_id(endpoint)?;
    if path.is_empty() { Ok(endpoint) } else { endpoint.join(path).map_err(|_| JsValue::from_str("path")) }
}

fn submission(webhook: &str, max_queue_length: f64) -> Submission {
    Submission {
        webhook: (!webhook.is_empty()).then(|| webhook.into()),
        max_queue_length: (!max_queue_length.is_nan()).then_some(max_queue_length as u32),
    }
}
