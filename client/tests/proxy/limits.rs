//! What visitors may use, against the emulator: what is over a limit is refused, and what became of a call is settled as fal
//! bills it.

use std::error::Error;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use fal_wasm_client::proxy::limits::{
    Correction, LimitStore, Limits, MemoryLimits, Outcome, Price, Reservation, Settled, Settlement, Spending,
    TotalLimits, Verdict, resume_runs, stop_runs,
};
use fal_wasm_client::proxy::{FalProxy, ProxyBuilder};
use http_body_util::{BodyExt, Empty};
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::upstream::Upstream;
use crate::{builder, call, json as body, listener, read};

const HOUR: Duration = Duration::from_secs(3_600);
const RUN: &str = "https://fal.run/emulator/echo";
const SUBMIT: &str = "https://queue.fal.run/emulator/echo";

/// A store in memory with a clock that is set, which tells what was settled.
pub struct Store {
    memory: MemoryLimits,
    now: Arc<AtomicU64>,
    settled: Mutex<Vec<(Outcome, Option<f64>)>>,
    is_down: AtomicBool,
}

impl Store {
    pub fn new() -> Arc<Self> {
        let now = Arc::new(AtomicU64::new(1_800_000_000_000));
        let clock = Arc::clone(&now);
        let memory = MemoryLimits::with_clock(move || clock.load(Ordering::SeqCst));
        Arc::new(Self { memory, now, settled: Mutex::default(), is_down: AtomicBool::new(false) })
    }

    pub fn pass(&self, time: Duration) {
        self.now.fetch_add(time.as_millis() as u64, Ordering::SeqCst);
    }

    /// Waits until so much was settled; what was last.
    pub async fn settled(&self, count: usize) -> (Outcome, Option<f64>) {
        let waits = async {
            while self.settled.lock().unwrap().len() < count {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(20), waits).await.expect("it was never settled");
        let settled = self.settled.lock().unwrap();
        assert_eq!(settled.len(), count, "{settled:?}");
        settled[count - 1]
    }
}

impl LimitStore for Store {
    async fn reserve(&self, account: &str, wish: &Reservation) -> Result<Verdict, Box<dyn Error + Send + Sync>> {
        if self.is_down.load(Ordering::SeqCst) {
            return Err("the database is down".into());
        }
        self.memory.reserve(account, wish).await
    }

    async fn settle(&self, account: &str, what: &Settlement) -> Result<Settled, Box<dyn Error + Send + Sync>> {
        let settled = self.memory.settle(account, what).await;
        self.settled.lock().unwrap().push((what.outcome, what.units));
        settled
    }

    async fn correct(&self, account: &str, what: &Correction) -> Result<(), Box<dyn Error + Send + Sync>> {
        self.memory.correct(account, what).await
    }
}

/// So many runs at 10 each.
fn spending(max: f64) -> Spending {
    Spending::new(max).per(HOUR).price("emulator/**", Price::per_unit(10.0))
}

fn limited(url: &str, limits: Limits) -> FalProxy {
    builder(url).limits(limits).on_error(|_| {}).build().unwrap()
}

struct Answer {
    status: u16,
    code: String,
    retry_after: Option<u64>,
    said: Value,
}

async fn ask(proxy: &FalProxy, target: &str, user: &str) -> Answer {
    let mut request = call("POST", target).body(body("{\"text\":\"hello\"}")).unwrap();
    request.headers_mut().insert("x-user", user.parse().unwrap());
    let response = proxy.handle(request).await;
    let retry_after = response.headers().get("retry-after").map(|text| text.to_str().unwrap().parse().unwrap());
    let (status, said) = read(response).await;
    let code = said["error"]["code"].as_str().unwrap_or_default().to_owned();
    Answer { status, code, retry_after, said }
}

#[tokio::test]
async fn who_is_over_budget_is_told_when_to_come_again_and_nothing_is_sent() {
    let emulator = Emulator::start();
    let store = Store::new();
    let proxy = limited(&emulator.url, Limits::new(Arc::clone(&store)).spending(spending(20.0)));
    for _ in 0..2 {
        assert_eq!(ask(&proxy, RUN, "ann").await.status, 200);
    }
    store.settled(2).await;
    let refused = ask(&proxy, RUN, "ann").await;
    assert_eq!((refused.status, refused.code.as_str()), (429, "budget_exhausted"));
    assert_eq!(refused.retry_after, Some(3_600), "the window has just begun");
    assert_eq!(ask(&proxy, RUN, "bob").await.status, 200, "others have budgets of their own");
    assert_eq!(emulator.sent().await.len(), 3);
    store.pass(HOUR);
    assert_eq!(ask(&proxy, RUN, "ann").await.status, 200);
    let unpriced = builder(&emulator.url)
        .limits(Limits::new(Store::new()).spending(
            Spending::new(1.0).price_with(|endpoint, _| (endpoint != "emulator/echo").then_some(0.1.into())),
        ));
    assert_eq!(ask(&unpriced.build().unwrap(), RUN, "ann").await.code, "price_unknown");
}

#[tokio::test]
async fn what_fal_bills_is_charged_at_any_status_and_what_it_does_not_is_given_back() {
    let emulator = Emulator::start();
    let store = Store::new();
    let proxy = limited(&emulator.url, Limits::new(Arc::clone(&store)).spending(spending(60.0)));
    let fault = |then: Value| json!({"faults": [{"times": 1, "then": then}]});
    let detail = json!({"detail": [{"loc": ["body", "text"], "msg": "no", "type": "x"}]}).to_string();
    let headers = json!({"content-type": "application/json", "x-fal-billable-units": "3"});
    emulator.control(fault(json!({"status": 422, "headers": headers, "body": detail}))).await;
    let answered = ask(&proxy, RUN, "ann").await;
    assert_eq!((answered.status, answered.said["detail"][0]["msg"].as_str()), (422, Some("no")));
    assert_eq!(store.settled(1).await, (Outcome::Charged, Some(3.0)), "30 of 60 are gone");
    emulator.control(fault(json!({"status": 500, "headers": {"x-fal-error-type": "runner_oom"}}))).await;
    assert_eq!(ask(&proxy, RUN, "ann").await.status, 500);
    assert_eq!(store.settled(2).await, (Outcome::Free, None), "fal's own error");
    emulator.control(fault(json!({"status": 502}))).await;
    ask(&proxy, RUN, "ann").await;
    assert_eq!(store.settled(3).await, (Outcome::Charged, None), "nobody knows: 40 of 60");
    for count in [4, 5] {
        assert_eq!(ask(&proxy, RUN, "ann").await.status, 200);
        store.settled(count).await;
    }
    assert_eq!(ask(&proxy, RUN, "ann").await.code, "budget_exhausted");
}

#[tokio::test]
async fn a_submit_whose_answer_is_lost_stays_pending_until_its_lease_ends() {
    let emulator = Emulator::start();
    let store = Store::new();
    let limits = Limits::new(Arc::clone(&store)).concurrent(1).spending(spending(20.0)).lease(Duration::from_secs(600));
    let proxy = limited(&emulator.url, limits);
    emulator.control(json!({"clock": "manual", "faults": [{"times": 1, "then": {"drop": "after"}}]})).await;
    assert_eq!(ask(&proxy, SUBMIT, "ann").await.code, "upstream_broken");
    assert_eq!(store.settled(1).await, (Outcome::Lost, None));
    let refused = ask(&proxy, SUBMIT, "ann").await;
    assert_eq!((refused.status, refused.code.as_str()), (429, "too_many_jobs"));
    assert!(refused.retry_after.is_some());
    store.pass(Duration::from_secs(601));
    let begun = ask(&proxy, SUBMIT, "ann").await;
    assert_eq!(begun.status, 200, "{}", begun.said);
    assert_eq!(store.settled(2).await.0, Outcome::Began);
    store.pass(Duration::from_secs(601));
    emulator.control(json!({"advance_ms": 600_000})).await;
    // What was lost has its money still, and the job is asked about before anybody is refused.
    assert_eq!(ask(&proxy, SUBMIT, "ann").await.code, "budget_exhausted");
    store.settled(3).await;
    let sent = emulator.sent().await;
    assert!(sent.iter().any(|line| line.starts_with("GET") && line.ends_with("/status")), "{sent:?}");
}

#[tokio::test]
async fn a_job_has_its_place_until_fal_says_that_it_is_over_or_its_result_is_fetched() {
    let emulator = Emulator::start();
    emulator.control(json!({"clock": "manual", "queue": {"run_ms": 1_000}})).await;
    let store = Store::new();
    let proxy = limited(&emulator.url, Limits::new(Arc::clone(&store)).concurrent(1).spending(spending(30.0)));
    let begun = ask(&proxy, SUBMIT, "ann").await;
    assert_eq!((begun.status, store.settled(1).await.0), (200, Outcome::Began));
    store.pass(Duration::from_secs(10));
    let refused = ask(&proxy, SUBMIT, "ann").await;
    assert_eq!((refused.code.as_str(), refused.retry_after), ("too_many_jobs", Some(5)));
    emulator.control(json!({"advance_ms": 5_000})).await;
    store.pass(Duration::from_secs(10));
    assert_eq!(ask(&proxy, SUBMIT, "ann").await.status, 200, "fal was asked, and said that it is over");
    assert_eq!(store.settled(3).await.0, Outcome::Began);
    emulator.control(json!({"advance_ms": 5_000})).await;
    let seen = emulator.seen().await;
    let id = seen["jobs"].as_array().unwrap().last().unwrap()["request_id"].as_str().unwrap().to_owned();
    let open = builder(&emulator.url).without_ownership().limits(Limits::new(Arc::clone(&store)).concurrent(1));
    let result = call("GET", &format!("{SUBMIT}/requests/{id}")).body(Empty::new()).unwrap();
    assert_eq!(read(open.build().unwrap().handle(result).await).await.0, 200);
    assert_eq!(store.settled(4).await.0, Outcome::Charged);
    assert_eq!(ask(&proxy, SUBMIT, "ann").await.status, 200);
}

#[tokio::test]
async fn a_call_with_an_idempotency_key_is_made_once() {
    let emulator = Emulator::start();
    let store = Store::new();
    let proxy = limited(&emulator.url, Limits::new(Arc::clone(&store)).requests(9, HOUR));
    let ask = async |target: &str, key: &str, text: &str| {
        let request = call("POST", target).header("idempotency-key", key).body(body(text)).unwrap();
        let response = proxy.handle(request).await;
        let is_again = response.headers().get("idempotent-replayed").is_some();
        let has_capability = response.headers().contains_key("x-fal-capability");
        let status = response.status().as_u16();
        (status, is_again, has_capability, response.into_body().collect().await.unwrap().to_bytes())
    };
    let first = ask(RUN, "k1", "{\"text\":\"hello\"}").await;
    store.settled(1).await;
    let again = ask(RUN, "k1", "{\"text\":\"hello\"}").await;
    assert_eq!((first.0, first.1, again.0, again.1), (200, false, 200, true));
    assert_eq!(first.3, again.3);
    assert_eq!(ask(RUN, "k1", "{\"text\":\"else\"}").await.0, 409);
    let first = ask(SUBMIT, "k2", "{}").await;
    let again = ask(SUBMIT, "k2", "{}").await;
    assert_eq!((first.3, again.1, again.2), (again.3, true, true), "the same job, which is the visitor's own");
    assert_eq!(emulator.sent().await.len(), 2);
    let large = format!("{{\"text\":\"{}\"}}", "a".repeat(2 * 1024 * 1024));
    assert_eq!(ask(RUN, "k3", &large).await.0, 413);
}

#[tokio::test]
async fn an_alarm_or_the_operator_stops_everybody() {
    let emulator = Emulator::start();
    let store = Store::new();
    let (told, tell) = listener();
    let total = TotalLimits::new().stop_at(25.0, HOUR).spending(1_000.0, HOUR);
    let limits = Limits::new(Arc::clone(&store)).spending(spending(100.0)).total(total);
    let proxy = limited(&emulator.url, limits.on_anomaly(move |anomaly| tell(format!("{anomaly:?}"))));
    for user in ["ann", "bob"] {
        assert_eq!(ask(&proxy, RUN, user).await.status, 200);
    }
    for user in ["cleo", "ann"] {
        let refused = ask(&proxy, RUN, user).await;
        assert_eq!((refused.status, refused.code.as_str()), (503, "app_stopped"), "{user}");
    }
    let said = told.lock().unwrap().clone();
    assert!(said.len() == 1 && said[0].contains("cleo") && said[0].contains("emulator/echo"), "{said:?}");
    store.pass(HOUR);
    assert_eq!(ask(&proxy, RUN, "ann").await.code, "app_stopped", "until somebody says otherwise");
    resume_runs(&store).await.unwrap();
    assert_eq!(ask(&proxy, RUN, "ann").await.status, 200);
    stop_runs(&store).await.unwrap();
    assert_eq!(ask(&proxy, RUN, "ann").await.code, "app_stopped");
}

#[tokio::test]
async fn without_the_store_nothing_is_run_and_the_operator_is_told() {
    let emulator = Emulator::start();
    let store = Store::new();
    let (told, tell) = listener();
    let limits = Limits::new(Arc::clone(&store)).requests(2, HOUR).reads(1, HOUR);
    let proxy = builder(&emulator.url).without_ownership().limits(limits);
    let proxy = proxy.on_error(move |error| tell(error.to_string())).build().unwrap();
    store.is_down.store(true, Ordering::SeqCst);
    let refused = ask(&proxy, RUN, "ann").await;
    assert_eq!((refused.status, refused.code.as_str()), (503, "limits_unavailable"));
    assert!(!refused.said.to_string().contains("database") && told.lock().unwrap()[0].contains("database is down"));
    assert!(emulator.sent().await.is_empty());
    store.is_down.store(false, Ordering::SeqCst);
    assert_eq!([ask(&proxy, RUN, "ann").await.status, ask(&proxy, RUN, "ann").await.status], [200; 2]);
    let refused = ask(&proxy, RUN, "ann").await;
    assert!(refused.code == "rate_limited" && refused.retry_after.is_some(), "{}", refused.said);
    let status = format!("{SUBMIT}/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status");
    let question = async || read(proxy.handle(call("GET", &status).body(Empty::new()).unwrap()).await).await.0;
    assert_eq!([question().await, question().await], [404, 429], "questions are counted, too");
}

#[tokio::test]
async fn who_leaves_pays_for_what_may_have_run_and_for_nothing_else() {
    let upstream = Upstream::answering(&[""]).await;
    let store = Store::new();
    let proxy = limited(&upstream.url, Limits::new(Arc::clone(&store)).spending(spending(100.0)));
    let leaves = tokio::time::timeout(Duration::from_millis(300), ask(&proxy, RUN, "ann"));
    assert!(leaves.await.is_err());
    assert_eq!(store.settled(1).await, (Outcome::Charged, None));
    let nowhere = limited("http://127.0.0.1:9", Limits::new(Arc::clone(&store)).spending(spending(100.0)));
    assert_eq!(ask(&nowhere, RUN, "ann").await.code, "upstream_unreachable");
    assert_eq!(store.settled(2).await, (Outcome::Free, None));
}

#[test]
fn a_limit_that_limits_nothing_is_an_error_that_names_it() {
    let new = || Limits::new(MemoryLimits::new());
    let priced = || Spending::new(1.0).price("emulator/**", 0.1);
    for (limits, name) in [
        (new(), "limits"),
        (new().requests(0, HOUR), "limits.requests"),
        (new().requests(1, Duration::ZERO), "limits.requests"),
        (new().concurrent(0), "limits.concurrent"),
        (new().concurrent(1).lease(Duration::ZERO), "limits.lease"),
        (new().concurrent(1).reads(0, HOUR), "limits.reads"),
        (new().spending(Spending::new(1.0)), "limits.spending"),
        (new().spending(Spending::new(f64::NAN).price("emulator/**", 0.1)), "limits.spending"),
        (new().spending(Spending::new(1.0).price("emulator/**", -0.1)), "limits.spending"),
        (new().spending(Spending::new(1.0).price("emulator//x", 0.1)), "limits.spending"),
        (new().spending(priced().price("fal-ai/veo3", 0.1)), "limits.spending"),
        (new().spending(priced()).total(TotalLimits::new()), "limits.total"),
        (new().concurrent(1).total(TotalLimits::new().stop_at(1.0, HOUR)), "limits.total.stop_at"),
        (new().spending(priced()).total(TotalLimits::new().spending(0.0, HOUR)), "limits.total.spending"),
        (new().concurrent(1).on_anomaly(|_| {}), "limits.on_anomaly"),
    ] {
        let with = |builder: ProxyBuilder| builder.limits(limits).build();
        let error = with(builder("http://127.0.0.1:9")).unwrap_err();
        assert!(error.to_string().contains(&format!("`{name}`")), "{name}: {error}");
    }
}
