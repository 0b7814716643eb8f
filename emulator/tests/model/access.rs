//! Keys, scopes, accounts and short-lived tokens.

use fal_emulator::model::http::Request;
use fal_emulator::model::settings::{AccessSettings, Lock};
use serde_json::{Value, json};

use super::{Bench, prompt};

#[test]
fn another_accounts_request_does_not_exist() {
    let mut bench = Bench::new();
    let id = bench.submit("emulator/echo", &json!({}));
    assert_eq!(bench.speaking_as("Key bob:1").status("emulator/echo", &id)["status"], "NOT_FOUND");
    assert_eq!(bench.cancel("emulator/echo", &id).status, 404);
    assert_eq!(bench.speaking_as("Key ann:2").status("emulator/echo", &id)["status"], "IN_PROGRESS", "her other key");
    assert_eq!(bench.speaking_as("Bearer login").status("emulator/echo", &id)["status"], "IN_PROGRESS");
}

#[test]
fn a_key_can_be_checked_without_spending_anything() {
    let mut bench = Bench::new();
    let url = "https://queue.fal.run/fal-ai/flux/requests/00000000-0000-4000-8000-000000000000/status";
    assert_eq!(bench.get(url).status, 404, "the key is good");
    assert_eq!(bench.speaking_as("Key ann:wrong").get(url).status, 401);
    assert_eq!(bench.speaking_as("Key poor:1").get(url).status, 403);
}

#[test]
fn every_host_refuses_in_its_own_words() {
    let mut bench = Bench::new();
    let detail = |bench: &mut Bench, url: &str| {
        let response = bench.post(url, &prompt("p"));
        (response.status, response.body_json()["detail"].as_str().unwrap_or_default().to_owned())
    };
    let run = detail(bench.speaking_as(""), "https://fal.run/fal-ai/flux/dev");
    assert_eq!(run.0, 401);
    assert!(run.1.starts_with("Cannot access application \"fal-ai/flux\""), "{}", run.1);
    let rest = detail(&mut bench, "https://rest.fal.ai/storage/upload/initiate");
    assert_eq!(rest, (401, "Authorization header is required".into()));
    let cdn = detail(&mut bench, "https://v3.fal.media/files/upload");
    assert_eq!(cdn.0, 401);
    let unknown = detail(bench.speaking_as("Key ann:1"), "https://fal.run/nobody/nothing");
    assert_eq!(unknown, (404, "Application 'nobody/nothing' not found".into()));
    assert_eq!(detail(&mut bench, "https://evilfal.run/fal-ai/flux/dev").0, 404);
}

#[test]
fn private_models_want_an_admin_key_and_public_ones_none() {
    let mut bench = Bench::new();
    assert_eq!(bench.post("https://fal.run/emulator/private", &json!({})).status, 403);
    assert_eq!(bench.speaking_as("Key ann:2").post("https://fal.run/emulator/private", &json!({})).status, 200);
    assert_eq!(bench.speaking_as("").post("https://fal.run/emulator/public", &json!({})).status, 200);
    let id = bench.submit("emulator/public", &json!({}));
    assert_eq!(bench.wait(1_000).status("emulator/public", &id)["status"], "COMPLETED");
    assert_eq!(bench.speaking_as("Key bob:1").status("emulator/public", &id)["status"], "NOT_FOUND");
}

#[test]
fn a_short_lived_token_opens_the_app_it_names_for_as_long_as_it_says() {
    let mut bench = Bench::new();
    let old = bench.post("https://rest.fal.ai/tokens/", &json!({"allowed_apps": ["any-llm"], "token_expiration": 10}));
    let old = old.body_json().as_str().expect("a JSON string").to_owned();
    let body = json!({"allowed_apps": ["fal-ai/any-llm/stream"], "duration": 10});
    let new = bench.post("https://rest.alpha.fal.ai/tokens/realtime", &body).body_json();
    let new = new["token"].as_str().expect("an object with a token").to_owned();
    for token in [&old, &new] {
        bench.speaking_as("");
        let url = format!("https://fal.run/fal-ai/any-llm/stream?fal_jwt_token={token}");
        assert_eq!(bench.post(&url, &prompt("p")).status, 200);
        let other = format!("https://fal.run/emulator/echo?fal_jwt_token={token}");
        assert_eq!(bench.post(&other, &prompt("p")).status, 401, "another app");
    }
    let url = format!("https://fal.run/fal-ai/any-llm/stream?fal_jwt_token={old}");
    assert_eq!(bench.wait(10_000).post(&url, &prompt("p")).status, 401, "ten seconds later");
}

#[test]
fn a_token_is_not_given_for_nothing() {
    let mut bench = Bench::new();
    let url = "https://rest.fal.ai/tokens/";
    assert_eq!(bench.post(url, &json!({"token_expiration": 10})).status, 422);
    assert_eq!(bench.post(url, &json!({"allowed_apps": [], "token_expiration": 10})).status, 422);
    assert_eq!(bench.post(url, &json!({"allowed_apps": ["flux"], "token_expiration": 0})).status, 422);
    assert_eq!(bench.get(url).status, 405);
    assert_eq!(bench.speaking_as("").post(url, &json!({"allowed_apps": ["flux"]})).status, 401);
}

#[test]
fn the_journal_says_that_a_key_came_and_whether_it_was_good_but_never_what_it_was() {
    let mut bench = Bench::new();
    bench.post("https://fal.run/emulator/echo", &prompt("s3cret"));
    bench.speaking_as("Key ann:s3cret").post("https://fal.run/emulator/echo?x=s3cret", &json!({}));
    let request =
        Request::new("OPTIONS", "http://127.0.0.1:9/fal.run/emulator/echo").with_header("X-Fal-Runner-Hint", "h");
    bench.speaking_as("").handle(request);
    let report = serde_json::to_value(bench.fal.report(bench.now)).unwrap();
    let seen: Vec<_> = report["requests"].as_array().unwrap().iter().collect();
    assert_eq!(report["counts"]["requests"], 3);
    assert_eq!(
        (&seen[0]["authorization"], &seen[0]["authorized"], &seen[0]["status"]),
        (&json!(true), &json!(true), &json!(200))
    );
    assert_eq!(
        (&seen[1]["authorized"], &seen[1]["status"], &seen[1]["query"]),
        (&json!(false), &json!(401), &json!(["x"]))
    );
    assert_eq!((&seen[2]["authorization"], &seen[2]["host"]), (&json!(false), &json!("fal.run")));
    assert_eq!(seen[2]["fal_headers"], json!([["x-fal-runner-hint", "h"]]));
    assert!(!report.to_string().contains("s3cret"), "{report}");
}

#[test]
fn what_is_refused_to_everybody_has_the_bodies_fal_sends_and_passes_again() {
    let mut bench = Bench::new();
    let mut answer = |access: AccessSettings| {
        let response =
            bench.change_settings(|live| live.access = access).post("https://fal.run/emulator/echo", &json!({}));
        (response.status, response.body_json())
    };
    let locked = |lock| AccessSettings { locked: Some(lock), ..AccessSettings::default() };
    let lock = |reason: &str| (403, json!({ "detail": format!("User is locked. Reason: {reason}") }));
    let balance = "Exhausted balance. Top up your balance at fal.ai/dashboard/billing.";
    assert_eq!(answer(locked(Lock::Balance)), lock(balance));
    assert_eq!(answer(locked(Lock::TopUp)), lock("TOP_UP."));
    assert_eq!(answer(locked(Lock::Admin)), lock("Admin lock. Please contact support@fal.ai"));
    let (status, body) = answer(AccessSettings { forbidden: true, ..AccessSettings::default() });
    assert_eq!((status, &body["error"]["type"]), (403, &json!("authorization_error")));
    assert_eq!(body["error"]["message"], "Missing permission models:requests:submit");
    assert_eq!(answer(AccessSettings::default()).0, 200);
}

#[test]
fn direct_calls_beyond_the_limit_of_an_account_are_refused_and_the_queue_waits_instead() {
    let mut bench = Bench::new();
    bench.change_settings(|live| live.access.concurrent = Some(2));
    let run = |bench: &mut Bench| {
        let response = bench.post("https://fal.run/emulator/echo", &json!({}));
        (response.status, response.header("x-fal-needs-retry").map(str::to_owned), response.body_json())
    };
    bench.submit("emulator/slow", &json!({}));
    assert_eq!(run(&mut bench).0, 200);
    let (status, retry, body) = run(&mut bench);
    assert_eq!((status, retry.as_deref()), (429, Some("1")));
    assert_eq!(body["detail"], "Reached concurrent requests limit of 2");
    assert_eq!((&body["type"], &body["data"]["limit"]), (&json!("concurrent_requests_limit"), &json!(2)));
    assert_eq!(run(bench.speaking_as("Key bob:1")).0, 200, "somebody else's");
    bench.speaking_as("Key ann:1").submit("emulator/echo", &Value::Null);
    bench.wait(1_000);
    assert_eq!(run(&mut bench).0, 200, "a second later one has ended");
}
