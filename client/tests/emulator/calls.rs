//! Calls in calm weather, and with something going wrong.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use fal_wasm_client::{Cancelled, FalResult, Job, Method, Priority, QueueState, RetryPolicy, Update};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::emulator::Emulator;
use crate::{all, next};

#[derive(Debug, Deserialize)]
struct Echo {
    input: Value,
}

#[derive(Debug, Deserialize)]
struct Words {
    output: String,
}

/// Retries at once.
fn quick() -> RetryPolicy {
    RetryPolicy { base_delay: 1, ..RetryPolicy::DEFAULT }
}

#[tokio::test]
async fn a_request_is_followed_from_the_queue_to_its_result() {
    let emulator = Emulator::start();
    emulator.control(json!({"queue": {"ahead": 2, "step_ms": 20, "run_ms": 40}})).await;
    let fal = emulator.client();
    let told = Arc::new(Mutex::new(Vec::new()));
    let (jobs, states) = (Arc::clone(&told), Arc::clone(&told));
    let call = fal.subscribe::<Echo>("emulator/echo", &json!({"text": "hello"})).logs();
    let call = call
        .on_enqueue(move |job| jobs.lock().unwrap().push(job.request_id().to_owned()))
        .on_update(move |status| states.lock().unwrap().push(status.state.as_str().into()));
    let FalResult { data, request_id } = call.await.unwrap();
    assert_eq!(data.input, json!({"text": "hello"}));
    let mut told = told.lock().unwrap().clone();
    told.dedup();
    assert_eq!(told, [request_id.as_str(), "IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
    let sent = emulator.sent().await;
    assert_eq!(sent[0], "POST /emulator/echo");
    assert!(sent[1].ends_with("/status/stream") && sent.len() == 3, "{sent:?}");
}

#[tokio::test]
async fn updates_come_as_a_stream_that_ends_with_the_result() {
    let emulator = Emulator::start();
    emulator.control(json!({"queue": {"ahead": 1, "step_ms": 10, "run_ms": 20}})).await;
    let fal = emulator.client();
    let updates = all(fal.subscribe::<Echo>("emulator/echo", &json!({"n": 1})).updates()).await.unwrap();
    let Some(Update::Enqueued(job)) = updates.first() else { panic!("{updates:?}") };
    let Some(Update::Done(result)) = updates.last() else { panic!("{updates:?}") };
    assert_eq!((job.request_id(), &result.data.input), (result.request_id.as_str(), &json!({"n": 1})));
    assert!(updates.len() > 3, "{updates:?}");
}

#[tokio::test]
async fn a_job_is_kept_as_json_and_picked_up_by_another_client() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let job = fal.queue().submit("emulator/echo", &json!({"n": 2})).priority(Priority::Low).await.unwrap();
    let kept = serde_json::to_string(&job).unwrap();
    assert_eq!(kept, format!(r#"{{"endpointId":"emulator/echo","requestId":"{}"}}"#, job.request_id()));
    let other = emulator.client();
    let job: Job = serde_json::from_str(&kept).unwrap();
    assert_eq!(other.resume::<Echo>(&job).await.unwrap().data.input, json!({"n": 2}));
    let status = other.queue().status(&job).logs().await.unwrap();
    assert_eq!(status.state, QueueState::Completed);
    let last = other.queue().subscribe_to_status(&job).logs().await.unwrap();
    assert!(last.is_completed() && last.logs == status.logs, "{last:?}");
    assert_eq!(other.queue().result::<Echo>(&job).await.unwrap().request_id, job.request_id());
    let states = all(other.queue().stream_status(&job)).await.unwrap();
    assert!(states.last().unwrap().is_completed());
    let error = other.queue().cancel(&job).await.unwrap_err();
    assert_eq!((error.status(), error.body()), (Some(400), Some(r#"{"status":"ALREADY_COMPLETED"}"#)));
    let priority = emulator.seen().await["requests"][0]["fal_headers"].to_string();
    assert!(priority.contains(r#"["x-fal-queue-priority","low"]"#), "{priority}");
}

#[tokio::test]
async fn words_come_as_they_are_written() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let words = all(fal.stream::<Words>("fal-ai/any-llm", &json!({"prompt": "a cat"}))).await.unwrap();
    assert!(words.len() > 2);
    assert!(words.windows(2).all(|pair| pair[1].output.starts_with(&pair[0].output)), "{words:?}");
    assert_eq!(emulator.sent().await, ["POST /fal-ai/any-llm/stream"]);
}

#[tokio::test]
async fn a_run_that_may_have_begun_is_not_sent_again() {
    let emulator = Emulator::start();
    let fal = emulator.client().with_retry(quick());
    let drops = |times| json!({"reset": true, "faults": [{"match": {"method": "POST"}, "times": times, "then": {"drop": "after"}}]});
    emulator.control(drops(1)).await;
    let error = fal.run::<Echo>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!((error.code(), error.retryable(), error.attempts()), ("connection_lost", true, 1));
    assert_eq!(emulator.sent().await.len(), 1);
    emulator.control(drops(1)).await;
    fal.run::<Echo>("emulator/echo", &json!({})).idempotent().await.unwrap();
    assert_eq!(emulator.sent().await.len(), 2);
    emulator.control(json!({"reset": true, "faults": [{"times": 2, "then": {"status": 429, "retry_after": {"ms": 1, "as": "ms"}}}]})).await;
    fal.run::<Echo>("emulator/echo", &json!({})).await.unwrap();
    assert_eq!(emulator.sent().await.len(), 3);
}

#[tokio::test]
async fn an_error_says_whose_fault_it_is_and_keeps_what_was_paid_for() {
    #[derive(Debug, Deserialize)]
    #[allow(dead_code, reason = "the answer has none")]
    struct Picture {
        images: Vec<String>,
    }
    let emulator = Emulator::start();
    let fal = emulator.client();
    let input = json!({"prompt": "a secret prompt"});
    let error = fal.subscribe::<Picture>("emulator/echo", &input).await.unwrap_err();
    assert_eq!((error.code(), error.retryable()), ("unexpected_type", false));
    assert_eq!(error.body_as::<Echo>().unwrap().input, input, "it is paid for");
    assert!(error.request_id().is_some() && error.to_string().contains("the field `images` is missing"), "{error}");
    let error = fal.subscribe::<Echo>("emulator/refuses", &input).await.unwrap_err();
    assert_eq!((error.code(), error.status()), ("content_policy_violation", Some(422)));
    assert!(error.request_id().is_some() && error.endpoint() == Some("emulator/refuses"));
    assert!(!format!("{error} {error:?}").contains("secret prompt"), "{error:?}");
    let error = fal.subscribe::<Echo>("emulator/fails", &json!({})).await.unwrap_err();
    assert_eq!(error.error_type(), Some("runner_server_error"), "{error:?}");
    let error = fal.run::<Echo>("nowhere", &json!({})).await.unwrap_err();
    assert_eq!(error.code(), "invalid_endpoint_id");
    let gone = Job::new("emulator/echo", "../x");
    assert_eq!(fal.queue().status(&gone).await.unwrap_err().code(), "invalid_request_id");
    let meaningless = fal.resume::<Echo>(&Job::new("emulator/echo", "r-1")).hint("x").await.unwrap_err();
    assert_eq!(meaningless.code(), "invalid_option");
}

#[tokio::test]
async fn an_answer_is_taken_as_what_it_is() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let bytes = fal.run::<Vec<u8>>("emulator/bytes", &json!({"size": 3_000})).await.unwrap();
    assert_eq!(bytes.data.len(), 3_000);
    emulator
        .control(
            json!({"faults": [{"then": {"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"}}]}),
        )
        .await;
    let error = fal.run::<Value>("emulator/echo", &json!({})).await.unwrap_err();
    assert_eq!((error.code(), error.body()), ("invalid_answer", Some("<html>")));
    // What is no status where statuses are streamed is no answer, and the request goes on.
    let job = fal.queue().submit("emulator/echo", &json!({})).await.unwrap();
    let page = json!({"status": 200, "headers": {"content-type": "text/html"}, "body": "<html>"});
    emulator.control(json!({ "faults": [{"then": page}] })).await;
    let error = next(&mut fal.queue().stream_status(&job)).await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.request_id()), ("invalid_answer", Some(job.request_id())), "{error:?}");
    let mut wrong = fal.stream::<u8>("fal-ai/any-llm", &json!({"prompt": "a cat"}));
    let error = next(&mut wrong).await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.endpoint()), ("unexpected_type", Some("fal-ai/any-llm")), "{error:?}");
    assert!(next(&mut wrong).await.is_none());
    let mut pieces = fal.stream::<Vec<u8>>("emulator/bytes", &json!({"size": 3_000}));
    let error = next(&mut pieces).await.unwrap().unwrap_err();
    assert_eq!(error.status(), Some(404), "{error:?}");
}

#[tokio::test]
async fn options_travel_as_fal_reads_them() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let call = fal.run::<Value>("emulator", &json!({"a": 1, "b": "two words"})).path("/echo").method(Method::Get);
    let call = call.query("q", "1").hint("warm").no_retry().store_io(false).tags(&[("team", "a b")]);
    let call = call.start_timeout(Duration::from_millis(2_500)).header("x-own", "1").timeout(Duration::from_secs(9));
    let error = call.await.err();
    assert_eq!(error.as_ref().map(|error| error.code()), Some("invalid_endpoint_id"), "an app alone has no path yet");
    let call = fal.run::<Value>("emulator/echo", &json!({"a": 1, "b": "two words"})).query("q", "1").hint("warm");
    let call = call.no_retry().store_io(false).tags(&[("team", "a b")]).start_timeout(Duration::from_millis(2_500));
    call.header("x-own", "1").timeout(Duration::from_secs(9)).await.unwrap();
    let request = emulator.seen().await["requests"][0].clone();
    assert_eq!(request["query"], json!(["q"]));
    let headers = request["fal_headers"].to_string();
    for line in [
        r#"["x-fal-runner-hint","warm"]"#,
        r#"["x-fal-no-retry","1"]"#,
        r#"["x-fal-store-io","0"]"#,
        r#"["x-fal-tags","team=a b"]"#,
        r#"["x-fal-request-start-timeout","2.5"]"#,
    ] {
        assert!(headers.contains(line), "{headers}");
    }
    assert!(request["headers"].to_string().contains("x-own"));
}

#[tokio::test]
async fn the_time_for_a_call_is_over_and_its_request_is_cancelled() {
    let emulator = Emulator::start();
    emulator.control(json!({"queue": {"ahead": 50, "step_ms": 60_000}})).await;
    let fal = emulator.client();
    let call = fal.subscribe::<Echo>("emulator/echo", &json!({})).timeout(Duration::from_millis(150));
    let error = call.await.unwrap_err();
    assert_eq!((error.code(), error.cancelled()), ("timeout", Cancelled::Accepted));
    let seen = emulator.seen().await;
    assert_eq!(seen["jobs"][0]["status"], "COMPLETED", "{}", seen["jobs"]);
    let leaves = tokio::time::sleep(Duration::from_millis(100));
    let call = fal.subscribe::<Echo>("emulator/echo", &json!({})).cancel_on_abort(true).abort_when(leaves);
    let error = call.await.unwrap_err();
    assert_eq!((error.code(), error.cancelled()), ("aborted", Cancelled::Accepted));
    assert!(error.request_id().is_some());
}
