//! What was set and could do nothing is an error, wherever that is, before anything is sent.

use std::time::Duration;

use fal_wasm::credentials::ProxyUrl;
use fal_wasm_client::{FalClient, FalError, RetryPolicy};
use serde_json::{Value, json};

use crate::emulator::Emulator;

const BACKUP: RetryPolicy = RetryPolicy { backup_hosts: true, ..RetryPolicy::DEFAULT };

#[tokio::test]
async fn an_option_that_can_do_nothing_is_refused_and_says_why() {
    let emulator = Emulator::start();
    let fal = emulator.client();
    let page = FalClient::through_proxy(ProxyUrl::parse("http://127.0.0.1:9/api").unwrap()).unwrap();
    let job = fal.queue().submit("emulator/echo", &json!({})).await.unwrap();
    let before = emulator.sent().await.len();
    let input = json!({});
    let mut told: Vec<(&str, &str, FalError)> = Vec::new();
    let mut refused = |option, place, answer: Result<(), FalError>| {
        told.push((option, place, answer.expect_err(&format!("`{option}` is silently nothing: {place}"))));
    };
    // Behind a proxy: it talks to fal.
    refused("backup_hosts", "proxy", page.run::<Value>("a/b", &input).retry(BACKUP).await.map(drop));
    refused("backup_hosts", "upload", fal.upload("a", "text/plain", "a.txt").retry(BACKUP).await.map(drop));
    // Where nothing is submitted.
    let resumed = || fal.resume::<Value>(&job);
    refused("on_enqueue", "resume", resumed().on_enqueue(drop).await.map(drop));
    refused("on_enqueue", "status", fal.queue().subscribe_to_status(&job).on_enqueue(drop).await.map(drop));
    refused("tags", "resume", resumed().tags(&[("a", "b")]).await.map(drop));
    refused("webhook", "resume", resumed().webhook("https://a.example").await.map(drop));
    refused("max_queue_length", "resume", resumed().max_queue_length(1).await.map(drop));
    refused("priority", "resume", resumed().priority(fal_wasm_client::Priority::Low).await.map(drop));
    refused("path", "resume", resumed().path("a").await.map(drop));
    refused("idempotent", "resume", resumed().idempotent().await.map(drop));
    // Dropping a call does not abort it.
    refused("cancel_on_abort", "drop", resumed().cancel_on_abort(true).await.map(drop));
    refused("cancel_on_timeout", "no time", resumed().cancel_on_timeout(true).await.map(drop));
    // No time at all.
    let none = Duration::ZERO;
    refused("timeout", "resume", resumed().timeout(none).await.map(drop));
    refused("timeout", "stream", {
        let mut items = fal.stream::<Value>("fal-ai/any-llm", &input).timeout(none);
        crate::next(&mut items).await.unwrap().map(drop)
    });
    refused("timeout", "statuses", {
        let mut statuses = fal.queue().stream_status(&job).timeout(none);
        crate::next(&mut statuses).await.unwrap().map(drop)
    });
    #[cfg(feature = "platform")]
    {
        let models = fal.platform().get::<Value>("/models").retry(BACKUP).await;
        refused("backup_hosts", "platform", models.map(drop));
        refused("backup_hosts", "pages", {
            let mut pages = fal.platform().get::<Value>("/models").retry(BACKUP).pages();
            crate::next(&mut pages).await.unwrap().map(drop)
        });
    }
    #[cfg(feature = "realtime")]
    {
        let line = || fal.realtime::<Value, Value>("emulator/echo");
        let lasts = line().token_lifetime(Duration::from_secs(9)).connect().await;
        refused("token_lifetime", "a key opens it", lasts.map(drop));
        refused("backup_hosts", "socket", line().retry(BACKUP).connect().await.map(drop));
    }
    for (option, place, error) in told {
        let said = error.to_string();
        assert_eq!((error.code(), error.retryable()), ("invalid_option", false), "{place}: {said}");
        assert!(said.starts_with(&format!("The option `{option}` ")), "{place}: {said}");
        assert!(said.contains("Nothing was sent."), "{place}: {said}");
    }
    assert_eq!(emulator.sent().await.len(), before);

    // And where they mean something they are taken.
    let client_wide = emulator.client().with_retry(BACKUP);
    client_wide.upload("a", "text/plain", "a.txt").await.unwrap();
    let waits = tokio::time::sleep(Duration::from_secs(3_600));
    resumed().cancel_on_abort(true).abort_when(waits).await.unwrap();
    resumed().cancel_on_timeout(true).timeout(Duration::from_secs(60)).await.unwrap();
    #[cfg(feature = "realtime")]
    {
        drop(client_wide.realtime::<Value, Value>("emulator/echo").connect().await.unwrap());
        let line = page.realtime::<Value, Value>("a/b").token_lifetime(Duration::from_secs(9));
        let line = line.retry(RetryPolicy { max_retries: Some(0), ..RetryPolicy::DEFAULT });
        assert_ne!(line.connect().await.unwrap_err().code(), "invalid_option");
    }
}
