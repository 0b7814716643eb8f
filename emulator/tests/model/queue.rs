//! The queue, from submission to result.

use fal_emulator::model::http::Request;
use fal_emulator::model::settings::QueueSettings;
use serde_json::{Value, json};

use super::{Bench, prompt};

#[test]
fn a_request_waits_runs_and_completes_and_each_step_can_be_seen() {
    let mut bench = Bench::with(QueueSettings { ahead: 2, step_ms: 500, run_ms: Some(1_000), concurrency: 1 });
    let submitted = bench.post("https://queue.fal.run/fal-ai/flux/dev", &prompt("a cat"));
    let body = submitted.body_json();
    let id = body["request_id"].as_str().unwrap().to_owned();
    assert_eq!(submitted.header("x-fal-request-id"), Some(id.as_str()));
    assert_eq!((&body["status"], &body["queue_position"]), (&json!("IN_QUEUE"), &json!(2)));
    let url = format!("https://queue.fal.run/fal-ai/flux/requests/{id}");
    assert_eq!(body["response_url"], url);
    assert_eq!(body["status_url"], format!("{url}/status"));
    assert_eq!(body["cancel_url"], format!("{url}/cancel"));

    let position = |bench: &mut Bench| bench.status("fal-ai/flux", &id)["queue_position"].clone();
    assert_eq!(position(&mut bench), 2);
    assert_eq!(position(bench.wait(500)), 1);
    let early = bench.result("fal-ai/flux", &id);
    assert_eq!((early.status, early.body_json()), (400, json!({"detail": "Request is still in progress"})));

    let running = bench.wait(500).get(&format!("{url}/status"));
    assert_eq!((running.status, &running.body_json()["status"]), (202, &json!("IN_PROGRESS")));
    assert_eq!(running.body_json()["logs"], Value::Null, "no logs unless asked");

    let done = bench.wait(1_000).get(&format!("{url}/status?logs=true"));
    let body = done.body_json();
    assert_eq!((done.status, &body["status"]), (200, &json!("COMPLETED")));
    assert_eq!(body["metrics"]["inference_time"], 1.0);
    assert_eq!((&body["error"], &body["error_type"]), (&Value::Null, &Value::Null));
    let last = body["logs"].as_array().unwrap().last().unwrap();
    assert!(last["message"].as_str().unwrap().starts_with("100%|██████████| 28/28"), "{last}");
    assert_eq!((&last["level"], &last["source"], &last["labels"]), (&json!("STDERR"), &json!("USER"), &json!({})));
    for path in ["", "/response"] {
        let result = bench.get(&format!("{url}{path}"));
        assert_eq!((result.status, result.header("x-fal-request-id")), (200, Some(id.as_str())));
        assert_eq!(result.body_json()["images"].as_array().unwrap().len(), 1);
    }
}

#[test]
fn a_request_is_found_under_its_app_only_so_a_client_that_builds_urls_from_the_endpoint_is_caught() {
    let mut bench = Bench::new();
    let id = bench.submit("fal-ai/flux/dev", &prompt("a cat"));
    for (path, status) in [
        (format!("fal-ai/flux/requests/{id}/status"), 202),
        (format!("fal-ai/flux/dev/requests/{id}/status"), 405),
        (format!("fal-ai/any-llm/requests/{id}/status"), 404),
        (format!("fal-ai/none/requests/{id}/status"), 404),
        ("fal-ai/flux/requests/00000000-0000-4000-8000-000000000000/status".to_owned(), 404),
        (format!("fal-ai/flux/requests/{id}/nonsense"), 404),
    ] {
        assert_eq!(bench.get(&format!("https://queue.fal.run/{path}")).status, status, "{path}");
    }
    let post = bench.post(&format!("https://queue.fal.run/fal-ai/flux/requests/{id}/cancel"), &json!({}));
    assert_eq!(post.status, 405);
    for (endpoint, app) in
        [("workflows/emulator/postcard", "workflows/emulator/postcard"), ("110602490-lcm", "110602490/lcm")]
    {
        let id = bench.submit(endpoint, &prompt("a cat"));
        assert_eq!(bench.status(app, &id)["status"], "IN_PROGRESS");
    }
}

#[test]
fn runners_are_few_and_requests_start_in_order_except_low_ones() {
    let mut bench = Bench::with(QueueSettings { run_ms: Some(1_000), concurrency: 1, ..QueueSettings::default() });
    let first = bench.submit("emulator/echo", &json!({}));
    let low = Request::new("POST", "https://queue.fal.run/emulator/echo").with_header("X-Fal-Queue-Priority", "low");
    let low = bench.handle(low).body_json()["request_id"].as_str().unwrap().to_owned();
    let normal = bench.submit("emulator/echo", &json!({}));
    let position = |bench: &mut Bench, id: &str| bench.status("emulator/echo", id)["queue_position"].clone();
    assert_eq!(bench.status("emulator/echo", &first)["status"], "IN_PROGRESS");
    assert_eq!((position(&mut bench, &normal), position(&mut bench, &low)), (json!(0), json!(1)));
    bench.wait(1_000);
    assert_eq!(bench.status("emulator/echo", &normal)["status"], "IN_PROGRESS");
    assert_eq!(position(&mut bench, &low), 0);
    bench.wait(2_000);
    assert_eq!(bench.status("emulator/echo", &low)["status"], "COMPLETED");
    let starts: Vec<_> = bench.fal.jobs(bench.now).iter().map(|job| job.started_ms.unwrap() - 1_000_000).collect();
    assert_eq!(starts, [0, 2_000, 1_000], "nobody looked at those moments, and they are exact");
}

#[test]
fn a_cancelled_request_is_completed_with_an_error_wherever_it_was() {
    let mut bench = Bench::with(QueueSettings { run_ms: Some(1_000), concurrency: 1, ..QueueSettings::default() });
    let running = bench.submit("emulator/echo", &json!({}));
    let waiting = bench.submit("emulator/echo", &json!({}));
    let next = bench.submit("emulator/echo", &json!({}));
    bench.wait(300);
    for id in [&waiting, &running] {
        let cancelled = bench.cancel("emulator/echo", id);
        assert_eq!((cancelled.status, cancelled.body_json()), (202, json!({"status": "CANCELLATION_REQUESTED"})));
        let status = bench.status("emulator/echo", id);
        assert_eq!((&status["status"], &status["error_type"]), (&json!("COMPLETED"), &json!("client_cancelled")));
        assert_eq!(bench.result("emulator/echo", id).status, 499);
        let again = bench.cancel("emulator/echo", id);
        assert_eq!((again.status, again.body_json()), (400, json!({"status": "ALREADY_COMPLETED"})));
    }
    assert_eq!(bench.status("emulator/echo", &next)["status"], "IN_PROGRESS", "the runner is free at once");
    let unknown = bench.cancel("emulator/echo", "00000000-0000-4000-8000-000000000000");
    assert_eq!((unknown.status, unknown.body_json()), (404, json!({"status": "NOT_FOUND"})));
}

#[test]
fn a_start_timeout_ends_the_wait_and_says_that_the_caller_wanted_it() {
    let mut bench = Bench::with(QueueSettings { ahead: 10, step_ms: 1_000, ..QueueSettings::default() });
    let request =
        Request::new("POST", "https://queue.fal.run/emulator/echo").with_header("X-Fal-Request-Timeout", "2.5");
    let id = bench.handle(request).body_json()["request_id"].as_str().unwrap().to_owned();
    assert_eq!(bench.wait(2_499).status("emulator/echo", &id)["status"], "IN_QUEUE");
    let status = bench.wait(1).status("emulator/echo", &id);
    assert_eq!((&status["status"], &status["error_type"]), (&json!("COMPLETED"), &json!("request_timeout")));
    let result = bench.result("emulator/echo", &id);
    assert_eq!((result.status, result.header("x-fal-request-timeout-type")), (504, Some("user")));
}

#[test]
fn a_refusal_shows_on_the_result_alone_and_a_failure_on_the_status_too() {
    let mut bench = Bench::new();
    let refused = bench.submit("emulator/refuses", &prompt("p"));
    let failed = bench.submit("emulator/fails", &json!({"error_type": "runner_disconnected"}));
    let invalid = bench.submit("fal-ai/flux/dev", &json!({}));
    let nowhere = bench.submit("fal-ai/flux/nowhere", &json!({}));
    bench.wait(1_000);
    let error = |bench: &mut Bench, app: &str, id: &str| bench.status(app, id)["error_type"].clone();
    assert_eq!(error(&mut bench, "emulator/refuses", &refused), Value::Null);
    assert_eq!(error(&mut bench, "emulator/fails", &failed), "runner_disconnected");
    assert_eq!(error(&mut bench, "fal-ai/flux", &invalid), Value::Null);
    let refusal = bench.result("emulator/refuses", &refused);
    assert_eq!((refusal.status, refusal.header("x-fal-retryable")), (422, Some("false")));
    let detail = &refusal.body_json()["detail"][0];
    assert_eq!((&detail["type"], &detail["input"]), (&json!("content_policy_violation"), &prompt("p")));
    let failure = bench.result("emulator/fails", &failed);
    assert_eq!((failure.status, failure.header("x-fal-error-type")), (503, Some("runner_disconnected")));
    assert_eq!(bench.result("fal-ai/flux", &invalid).body_json()["detail"][0]["loc"], json!(["body", "prompt"]));
    let nowhere = bench.result("fal-ai/flux", &nowhere);
    assert_eq!((nowhere.status, nowhere.body_json()), (404, json!({"detail": "Path /nowhere not found"})));
}

#[test]
fn a_queue_that_is_longer_than_the_caller_accepts_is_refused_at_once() {
    let mut bench = Bench::with(QueueSettings { ahead: 3, ..QueueSettings::default() });
    let submit = |bench: &mut Bench, limit: &str| {
        bench.post(&format!("https://queue.fal.run/emulator/echo?fal_max_queue_length={limit}"), &json!({})).status
    };
    assert_eq!(submit(&mut bench, "2"), 429);
    assert_eq!(submit(&mut bench, "3"), 200);
    assert_eq!(submit(&mut bench, "many"), 422);
    let hooked = bench.post("https://queue.fal.run/emulator/echo?fal_webhook=https%3A%2F%2Fexample.com", &json!({}));
    assert_eq!(hooked.body_json()["gateway_request_id"], hooked.body_json()["request_id"]);
}
