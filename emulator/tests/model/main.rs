//! The model, driven with explicit times: what clients of fal and of the emulator can rely on.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may stop where it is wrong")]

mod access;
mod follow;
mod queue;
mod replay;
mod runs;
mod sessions;
mod sockets;
mod storage;
mod webhooks;
mod workflows;

use fal_emulator::model::http::{Millis, Request, Response};
use fal_emulator::model::settings::{Key, LiveSettings, LoginToken, QueueSettings, Scope};
use fal_emulator::model::stream::Turn;
use fal_emulator::model::{Fal, Settings};
use serde_json::{Value, json};

const PUBLIC: &str = "http://127.0.0.1:9";

/// A model, the time, and the key that requests are sent with.
struct Bench {
    fal: Fal,
    now: Millis,
    key: &'static str,
}

impl Bench {
    fn new() -> Self {
        Self::with(QueueSettings { run_ms: Some(1_000), ..QueueSettings::default() })
    }

    fn with(queue: QueueSettings) -> Self {
        let key =
            |key: &str, account: &str, scope, locked| Key { key: key.into(), scope, locked, account: account.into() };
        let keys = vec![
            key("ann:1", "ann", Scope::Api, false),
            key("ann:2", "ann", Scope::Admin, false),
            key("bob:1", "bob", Scope::Api, false),
            key("poor:1", "poor", Scope::Api, true),
        ];
        let settings = Settings {
            seed: 1,
            public_url: PUBLIC.into(),
            queue,
            keys,
            login_tokens: vec![LoginToken { token: "login".into(), account: "ann".into() }],
            ..Settings::default()
        };
        Self { fal: Fal::new(settings), now: 1_000_000, key: "Key ann:1" }
    }

    /// The same model with another key.
    fn speaking_as(&mut self, key: &'static str) -> &mut Self {
        self.key = key;
        self
    }

    fn handle(&mut self, request: Request) -> Response {
        let request = if self.key.is_empty() { request } else { request.with_header("authorization", self.key) };
        self.fal.handle(self.now, &request)
    }

    fn get(&mut self, url: &str) -> Response {
        self.handle(Request::new("GET", url))
    }

    fn post(&mut self, url: &str, body: &Value) -> Response {
        self.handle(Request::new("POST", url).with_json(body))
    }

    /// Changes what can be changed.
    fn change_settings(&mut self, change: impl FnOnce(&mut LiveSettings)) -> &mut Self {
        let mut live = self.fal.live_settings();
        change(&mut live);
        self.fal.change_settings(self.now, live);
        self
    }

    /// Submits and returns the request id.
    fn submit(&mut self, endpoint: &str, input: &Value) -> String {
        let response = self.post(&format!("https://queue.fal.run/{endpoint}"), input);
        assert_eq!(response.status, 200, "{}", response.body_json());
        response.body_json()["request_id"].as_str().unwrap().to_owned()
    }

    fn status(&mut self, app: &str, id: &str) -> Value {
        self.get(&format!("https://queue.fal.run/{app}/requests/{id}/status?logs=1")).body_json()
    }

    fn result(&mut self, app: &str, id: &str) -> Response {
        self.get(&format!("https://queue.fal.run/{app}/requests/{id}"))
    }

    fn cancel(&mut self, app: &str, id: &str) -> Response {
        self.handle(Request::new("PUT", &format!("https://queue.fal.run/{app}/requests/{id}/cancel")))
    }

    fn wait(&mut self, ms: Millis) -> &mut Self {
        self.now += ms;
        self
    }

    /// Plays a stream to its end and returns what it said, with the time since now of each word.
    fn listen(&mut self, response: Response) -> Vec<(Millis, String)> {
        let fal_emulator::model::http::Body::Stream(mut stream) = response.body else {
            panic!("no stream: {} {}", response.status, response.body_json());
        };
        let (mut said, began) = (Vec::new(), self.now);
        loop {
            let Turn { bytes, next } = self.fal.play(self.now, &mut stream);
            if !bytes.is_empty() {
                said.push((self.now - began, bytes));
            }
            let Some(next) = next else { return said };
            assert!(next > self.now, "a stream must not ask for the past");
            self.now = next;
        }
    }
}

/// The JSON of an event.
fn data(event: &str) -> Value {
    let line = event.strip_prefix("data: ").and_then(|rest| rest.strip_suffix("\n\n"));
    serde_json::from_str(line.unwrap_or_else(|| panic!("one event with one data line: {event:?}"))).unwrap()
}

fn prompt(text: &str) -> Value {
    json!({ "prompt": text })
}
