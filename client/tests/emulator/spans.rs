//! The spans of calls, as a subscriber of `tracing` sees them.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use fal_wasm_client::RetryPolicy;
use serde_json::{Value, json};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use crate::emulator::{Emulator, KEY};
use crate::{all, next};

/// Writes everything down: the fields of the client's spans, and whatever anybody else says.
#[derive(Clone, Default)]
struct Recorder {
    ids: Arc<AtomicU64>,
    spans: Arc<Mutex<BTreeMap<u64, BTreeMap<String, String>>>>,
    all: Arc<Mutex<String>>,
}

struct Fields<'a>(&'a mut BTreeMap<String, String>, &'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.1.push_str(&format!("{field} {value:?}\n"));
        let value = format!("{value:?}").trim_matches('"').to_owned();
        assert!(self.0.insert(field.name().into(), value).is_none(), "{field} is said twice");
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let id = self.ids.fetch_add(1, Ordering::Relaxed) + 1;
        let mut fields = BTreeMap::new();
        span.record(&mut Fields(&mut fields, &mut self.all.lock().unwrap()));
        if span.metadata().target() == "fal_wasm_client" {
            self.spans.lock().unwrap().insert(id, fields);
        }
        Id::from_u64(id)
    }

    fn record(&self, id: &Id, values: &Record<'_>) {
        let mut spans = self.spans.lock().unwrap();
        let mut other = BTreeMap::new();
        let fields = spans.get_mut(&id.into_u64()).unwrap_or(&mut other);
        values.record(&mut Fields(fields, &mut self.all.lock().unwrap()));
    }

    fn event(&self, event: &Event<'_>) {
        event.record(&mut Fields(&mut BTreeMap::new(), &mut self.all.lock().unwrap()));
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}
    fn enter(&self, _: &Id) {}
    fn exit(&self, _: &Id) {}
}

impl Recorder {
    /// The fields of the spans since the last time.
    fn take(&self) -> Vec<BTreeMap<String, String>> {
        std::mem::take(&mut *self.spans.lock().unwrap()).into_values().collect()
    }
}

#[tokio::test]
async fn an_operation_is_one_span_that_says_what_became_of_it() {
    let emulator = Emulator::start();
    let fal = emulator.client().with_retry(RetryPolicy { base_delay: 1, ..RetryPolicy::DEFAULT });
    let input = json!({"prompt": "a secret prompt"});
    let recorder = Recorder::default();
    let _here = tracing::subscriber::set_default(recorder.clone());
    let span = |expected: Value| {
        let spans = recorder.take();
        let [span] = spans.as_slice() else { panic!("{spans:?}") };
        assert_eq!(&json!(span), &expected);
    };

    let result = fal.subscribe::<Value>("emulator/echo", &input).await.unwrap();
    span(json!({
        "operation": "subscribe", "endpoint": "emulator/echo", "request_id": result.request_id, "requests": "3", "status": "200",
    }));
    emulator.control(json!({"faults": [{"times": 2, "then": {"status": 429}}]})).await;
    let result = fal.run::<Value>("emulator/echo", &input).await.unwrap();
    span(json!({
        "operation": "run", "endpoint": "emulator/echo", "request_id": result.request_id, "requests": "3", "status": "200",
    }));
    let error = fal.run::<Value>("emulator/refuses", &input).await.unwrap_err();
    let spans = recorder.take();
    assert_eq!((spans[0]["error"].as_str(), spans[0]["status"].as_str()), (error.code(), "422"), "{spans:?}");
    assert_eq!(spans[0]["attempts"], "1");
    // Whoever leaves has a span, too.
    drop(next(&mut fal.stream::<Value>("fal-ai/any-llm", &input)).await);
    span(json!({"operation": "stream", "endpoint": "fal-ai/any-llm", "requests": "1", "status": "200"}));
    fal.upload(b"hello".to_vec(), "text/plain", "a.txt").await.unwrap();
    assert_eq!(recorder.take()[0]["operation"], "upload");
    let job = fal.queue().submit("emulator/echo", &input).await.unwrap();
    all(fal.queue().stream_status(&job)).await.unwrap();
    let spans = recorder.take();
    assert_eq!((&*spans[1]["operation"], &*spans[1]["request_id"]), ("stream_status", job.request_id()));
    #[cfg(feature = "realtime")]
    {
        let mut line = fal.realtime::<Value, Value>("emulator/echo").connect().await.unwrap();
        line.send(&input).unwrap();
        next(&mut line).await.unwrap().unwrap();
        drop(line);
        span(json!({"operation": "realtime", "endpoint": "emulator/echo/realtime", "requests": "1"}));
    }

    let said = recorder.all.lock().unwrap();
    let (id, secret) = KEY.split_once(':').unwrap();
    // Also by the libraries below, within these spans.
    assert!(!said.contains(id) && !said.contains(secret), "{said}");
    let ours = format!("{:?}", recorder.spans.lock().unwrap());
    assert!(!ours.contains("secret prompt"));
}
