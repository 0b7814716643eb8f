//! Plays a scenario of `tests/scenarios` with the Rust client, and says what became of it as `play.js` there does, for the same
//! judge. What has no meaning here is left out: a clock that is set, a `fetch` without streams, callbacks that reject.

use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};
use std::time::Duration;

use fal_wasm_client::{Cancelled, FalClient, FalError, File, Job, RetryPolicy, Subscribe};
use futures_core::Stream;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A wait; it may move to another thread where there are several.
#[cfg(not(target_arch = "wasm32"))]
pub type Wait = Pin<Box<dyn Future<Output = ()> + Send>>;
#[cfg(target_arch = "wasm32")]
pub type Wait = Pin<Box<dyn Future<Output = ()>>>;

/// How often the time is looked at, in milliseconds.
const BEAT: u64 = 10;
/// Nobody leaves that late.
const NEVER: u64 = (1 << 53) - 1;

/// Where it is played: a timer, and the time in milliseconds.
#[derive(Clone, Copy)]
pub struct Place {
    pub sleep: fn(u64) -> Wait,
    pub now: fn() -> u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scenario {
    seed: usize,
    operation: String,
    endpoint: String,
    input: BTreeMap<String, Value>,
    options: Options,
    start_timeout: u64,
    retry: Retry,
    abort_after: Option<u64>,
    leave_after: Option<usize>,
    limit: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[derive(Default)]
struct Options {
    timeout: Option<u64>,
    mode: String,
    poll_interval: u64,
    logs: bool,
    cancel_on_abort: bool,
    cancel_on_timeout: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Retry {
    max_retries: u32,
    base_delay: u64,
}

/// When the caller leaves, by the clock and by the caller's own time.
#[derive(Default)]
struct Clock {
    /// It all but stands still while this process does: what a busy machine gives to others does not count.
    own: AtomicU64,
    aborted_at: AtomicU64,
    aborted_at_own: AtomicU64,
}

/// What is there in the caller's hands.
struct Stage<'a> {
    fal: FalClient,
    scenario: &'a Scenario,
    place: Place,
    began: u64,
    clock: Arc<Clock>,
    known: Arc<Mutex<Vec<String>>>,
}

/// Adds what was said about a call that ends with one answer.
macro_rules! with_options {
    ($call:expr, $stage:expr) => {{
        let call = $call.abort_when($stage.leaves());
        match $stage.scenario.options.timeout {
            Some(time) => call.timeout(Duration::from_millis(time)),
            None => call,
        }
    }};
}

impl Stage<'_> {
    /// Ends when the caller leaves.
    fn leaves(&self) -> Wait {
        let Some(after) = self.scenario.abort_after else { return Box::pin(std::future::pending()) };
        let (clock, place, began) = (Arc::clone(&self.clock), self.place, self.began);
        // From the beginning of the scenario, also in its second call.
        let left = (began + after).saturating_sub((place.now)());
        Box::pin(async move {
            (place.sleep)(left).await;
            let own = clock.own.load(Ordering::Relaxed);
            let _ = clock.aborted_at_own.compare_exchange(NEVER, own, Ordering::Relaxed, Ordering::Relaxed);
            let at = (place.now)() - began;
            let _ = clock.aborted_at.compare_exchange(NEVER, at, Ordering::Relaxed, Ordering::Relaxed);
        })
    }

    fn follow<R>(&self, call: Subscribe<R>) -> Subscribe<R> {
        let options = &self.scenario.options;
        let call = with_options!(call, self).poll_interval(Duration::from_millis(options.poll_interval));
        let call = call.cancel_on_abort(options.cancel_on_abort);
        // Without a time there is none to be over.
        let call = if options.timeout.is_some() { call.cancel_on_timeout(options.cancel_on_timeout) } else { call };
        let call = if options.logs { call.logs() } else { call };
        if options.mode == "polling" { call.polling() } else { call.streaming() }
    }

    /// How long it may wait to start; by that it is known whose a request is, also when it arrives late.
    fn start_timeout(&self) -> Duration {
        Duration::from_secs(self.scenario.start_timeout)
    }

    async fn submitted(&self) -> Result<Job, FalError> {
        let Scenario { endpoint, input, .. } = self.scenario;
        let call = self.fal.queue().submit(endpoint, input).start_timeout(self.start_timeout());
        let job = call.abort_when(self.leaves()).await?;
        self.known.lock().unwrap().push(job.request_id().into());
        Ok(job)
    }

    async fn call(&self) -> Result<Value, FalError> {
        let Self { fal, scenario: Scenario { operation, endpoint, input, options, seed, .. }, .. } = self;
        match operation.as_str() {
            "run" => {
                let call = fal.run::<Value>(endpoint, input).start_timeout(self.start_timeout());
                Ok(with_options!(call, self).await?.data)
            }
            "subscribe" => {
                let known = Arc::clone(&self.known);
                let call = self.follow(fal.subscribe::<Value>(endpoint, input).start_timeout(self.start_timeout()));
                Ok(call.on_enqueue(move |job| known.lock().unwrap().push(job.request_id().into())).await?.data)
            }
            "resume" => {
                let job = self.submitted().await?;
                Ok(self.follow(fal.resume::<Value>(&job)).await?.data)
            }
            "submit" => {
                let call = fal.queue().submit(endpoint, input).start_timeout(self.start_timeout());
                let job = with_options!(call, self).await?;
                Ok(json!({"request_id": job.request_id()}))
            }
            "status" => {
                let job = self.submitted().await?;
                let call = with_options!(fal.queue().status(&job), self);
                let status = if options.logs { call.logs() } else { call }.await?;
                Ok(status.state.as_str().into())
            }
            "result" => {
                let job = self.submitted().await?;
                Ok(with_options!(fal.queue().result::<Value>(&job), self).await?.data)
            }
            "cancel" => {
                let job = self.submitted().await?;
                with_options!(fal.queue().cancel(&job), self).await?;
                Ok(Value::Null)
            }
            "subscribeToStatus" => {
                let job = self.submitted().await?;
                Ok(self.follow(fal.queue().subscribe_to_status(&job)).await?.state.as_str().into())
            }
            "streamStatus" => {
                let job = self.submitted().await?;
                let mut call = fal.queue().stream_status(&job);
                if let Some(silence) = options.timeout {
                    call = call.timeout(Duration::from_millis(silence));
                }
                let states = self.items(if options.logs { call.logs() } else { call }).await?;
                Ok(states.into_iter().map(|status| Value::from(status.state.as_str())).collect())
            }
            "stream" => {
                let mut call = fal.stream::<Value>(endpoint, input).start_timeout(self.start_timeout());
                if let Some(silence) = options.timeout {
                    call = call.timeout(Duration::from_millis(silence));
                }
                Ok(self.items(call).await?.into())
            }
            "upload" => {
                let call = fal.upload(file_of(*seed), "text/plain", "a.txt");
                Ok(with_options!(call, self).await?.into())
            }
            "runWithFile" => {
                #[derive(Serialize)]
                struct Input {
                    file: File,
                }
                let input = Input { file: File::new(file_of(*seed), "text/plain", "a.txt")? };
                let call = fal.run::<Value>("emulator/echo", &input).start_timeout(self.start_timeout());
                Ok(with_options!(call, self).await?.data)
            }
            other => panic!("{other}"),
        }
    }

    /// All items, until the caller leaves: a stream ends when it is dropped.
    async fn items<S: Stream<Item = Result<T, FalError>> + Unpin, T>(&self, mut stream: S) -> Result<Vec<T>, FalError> {
        let mut items = Vec::new();
        let mut leaves = self.leaves();
        while items.len() <= self.scenario.leave_after.unwrap_or(usize::MAX - 1) {
            let item = poll_fn(|context| match leaves.as_mut().poll(context) {
                Poll::Ready(()) => Poll::Ready(None),
                Poll::Pending => Pin::new(&mut stream).poll_next(context),
            });
            match item.await {
                Some(item) => items.push(item?),
                None => break,
            }
        }
        Ok(items)
    }
}

/// What of a file is uploaded.
fn file_of(seed: usize) -> Vec<u8> {
    format!("file {seed} ").repeat(1 + seed % 500).into_bytes()
}

fn tell(error: &FalError) -> Value {
    let cancelled = match error.cancelled() {
        Cancelled::Accepted => Some("accepted"),
        Cancelled::Refused => Some("refused"),
        Cancelled::Unknown => Some("unknown"),
        _ => None,
    };
    json!({
        // What JavaScript calls it.
        "name": if error.code() == "aborted" { "AbortError" } else { "FalError" },
        "code": error.code(),
        "message": error.to_string(),
        "status": error.status(),
        "requestId": error.request_id(),
        "attempts": error.attempts(),
        "cancelled": cancelled,
        "retryable": error.retryable(),
        "text": format!("{error} {error:?} {:?}", std::error::Error::source(error)),
    })
}

/// What became of a scenario, as JSON.
pub async fn play(fal: FalClient, scenario: &str, place: Place) -> String {
    let scenario: Scenario = serde_json::from_str(scenario).unwrap();
    let retry = RetryPolicy {
        max_retries: Some(scenario.retry.max_retries),
        base_delay: scenario.retry.base_delay,
        ..RetryPolicy::DEFAULT
    };
    let clock = Clock { aborted_at: NEVER.into(), aborted_at_own: NEVER.into(), ..Clock::default() };
    let stage = Stage {
        fal: fal.with_retry(retry),
        scenario: &scenario,
        place,
        began: (place.now)(),
        clock: Arc::new(clock),
        known: Arc::default(),
    };
    let mut call = Box::pin(stage.call());
    let mut patience = (place.sleep)(scenario.limit);
    let mut beat = (place.sleep)(BEAT);
    let mut last = stage.began;
    let mut look = |context: &mut Context<'_>| {
        let now = (place.now)();
        stage.clock.own.fetch_add((now - last).min(2 * BEAT), Ordering::Relaxed);
        last = now;
        while beat.as_mut().poll(context).is_ready() {
            beat = (place.sleep)(BEAT);
        }
    };
    let outcome = poll_fn(|context| {
        look(context);
        if let Poll::Ready(outcome) = call.as_mut().poll(context) {
            look(context);
            return Poll::Ready(Some(outcome));
        }
        patience.as_mut().poll(context).map(|()| None)
    })
    .await;
    let ms = (place.now)() - stage.began;
    drop(call);
    let load = |time: &AtomicU64| time.load(Ordering::Relaxed);
    let (value, error, hangs) = match outcome {
        Some(Ok(value)) => (Some(value), None, false),
        Some(Err(error)) => (None, Some(tell(&error)), false),
        None => (None, None, true),
    };
    json!({
        "value": value,
        "error": error,
        "hangs": hangs,
        "ms": ms,
        "abortedAt": load(&stage.clock.aborted_at),
        "own": {"ms": load(&stage.clock.own), "abortedAt": load(&stage.clock.aborted_at_own)},
        "known": *stage.known.lock().unwrap(),
        "unhandled": [],
    })
    .to_string()
}
