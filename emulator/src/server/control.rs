//! `/__control`: how a test sets the emulator up, orders faults, and asks what happened.

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::Shared;
use super::clock::Mode;
use crate::model::LiveSettings;
use crate::model::faults::{Fault, MAX_FAULTS};
use crate::model::http::Millis;

/// The largest command.
const MAX_COMMAND_BYTES: usize = 1024 * 1024;

const NOT_LOCAL: &str = "only the host 127.0.0.1 is controlled";

/// One command. Everything in it is optional; what is there is done in the order of these fields.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Command {
    /// Forgets everything that happened, and goes back to how the server was started.
    pub reset: bool,
    /// How the clock moves.
    pub clock: Option<Mode>,
    /// Moves the clock forward.
    pub advance_ms: Millis,
    /// Every answer comes this late, in milliseconds.
    pub latency_ms: Option<Millis>,
    /// Fields of [`QueueSettings`](crate::model::settings::QueueSettings) to change; the others stay.
    pub queue: Map<String, Value>,
    /// Fields of [`RealtimeSettings`](crate::model::settings::RealtimeSettings) to change; the others stay.
    pub realtime: Map<String, Value>,
    /// Fields of [`StreamSettings`](crate::model::settings::StreamSettings) to change; the others stay.
    pub streams: Map<String, Value>,
    /// Fields of [`AccessSettings`](crate::model::settings::AccessSettings) to change; the others stay.
    pub access: Map<String, Value>,
    /// Fields of [`StorageSettings`](crate::model::settings::StorageSettings) to change; the others stay.
    pub storage: Map<String, Value>,
    /// Fields of [`WebhookSettings`](crate::model::settings::WebhookSettings) to change; the others stay.
    pub webhooks: Map<String, Value>,
    /// The faults that wait, instead of those that waited before.
    pub faults: Option<Vec<Fault>>,
}

impl Command {
    /// The settings with this command's changes.
    ///
    /// # Errors
    /// A sentence about what is wrong with the changes.
    pub(super) fn changed(&self, live: LiveSettings) -> Result<LiveSettings, String> {
        Ok(LiveSettings {
            queue: changed("queue", live.queue, &self.queue)?,
            realtime: changed("realtime", live.realtime, &self.realtime)?,
            streams: changed("streams", live.streams, &self.streams)?,
            access: changed("access", live.access, &self.access)?,
            storage: changed("storage", live.storage, &self.storage)?,
            webhooks: changed("webhooks", live.webhooks, &self.webhooks)?,
        })
    }
}

/// Settings with some fields changed.
fn changed<T: Serialize + DeserializeOwned>(
    name: &str,
    settings: T,
    changes: &Map<String, Value>,
) -> Result<T, String> {
    let mut fields = serde_json::to_value(settings).unwrap_or_default();
    if let Some(fields) = fields.as_object_mut() {
        fields.extend(changes.clone());
    }
    serde_json::from_value(fields).map_err(|error| format!("{name}: {error}"))
}

impl Shared {
    /// Brings everything to how the server was started.
    pub(super) fn restart(&self) {
        let start = &self.start;
        let mut fal = self.fal();
        fal.reset();
        fal.set_faults(start.faults.clone().unwrap_or_default());
        drop(fal);
        self.clock.set(start.clock.unwrap_or(Mode::Real));
        self.clock.advance(start.advance_ms);
        self.set_latency(start.latency_ms.unwrap_or(0));
    }

    /// Carries out a command.
    ///
    /// # Errors
    /// A sentence about what is wrong with it. Nothing has been done then.
    fn apply(&self, command: Command) -> Result<(), String> {
        let fal = self.fal();
        let live = if command.reset { fal.initial_live_settings() } else { fal.live_settings() };
        drop(fal);
        let live = command.changed(live)?;
        if command.faults.as_ref().is_some_and(|faults| faults.len() > MAX_FAULTS) {
            return Err(format!("at most {MAX_FAULTS} faults can wait"));
        }
        if command.reset {
            self.restart();
        }
        if let Some(mode) = command.clock {
            self.clock.set(mode);
        }
        self.clock.advance(command.advance_ms);
        if let Some(latency) = command.latency_ms {
            self.set_latency(latency);
        }
        let mut fal = self.fal();
        fal.change_settings(self.clock.now(), live);
        if let Some(faults) = command.faults {
            fal.set_faults(faults);
        }
        drop(fal);
        self.clock.notify();
        Ok(())
    }
}

/// `POST /__control`.
pub(super) async fn post(State(shared): State<super::Server>, request: Request) -> Response {
    if !is_local(request.headers()) {
        return refuse(StatusCode::FORBIDDEN, NOT_LOCAL);
    }
    // A page in the developer's browser cannot send this type elsewhere without asking first, and the emulator never allows it.
    let json = request
        .headers()
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !json {
        return refuse(StatusCode::UNSUPPORTED_MEDIA_TYPE, "the content type must be application/json");
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_COMMAND_BYTES).await else {
        return refuse(StatusCode::PAYLOAD_TOO_LARGE, "the command is too large");
    };
    let done =
        serde_json::from_slice(&body).map_err(|error| error.to_string()).and_then(|command| shared.apply(command));
    match done {
        Ok(()) => answer(StatusCode::OK, &json!({ "now_ms": shared.clock.now() })),
        Err(sentence) => refuse(StatusCode::BAD_REQUEST, &sentence),
    }
}

/// `GET /__control`.
pub(super) async fn get(State(shared): State<super::Server>, headers: HeaderMap) -> Response {
    if !is_local(&headers) {
        return refuse(StatusCode::FORBIDDEN, NOT_LOCAL);
    }
    let now = shared.clock.now();
    let mut fal = shared.fal();
    let (report, live) = (fal.report(now), fal.live_settings());
    drop(fal);
    let mut report = serde_json::to_value(report).unwrap_or_default();
    if let Some(report) = report.as_object_mut() {
        report.insert("clock".to_owned(), json!(shared.clock.mode()));
        report.insert("latency_ms".to_owned(), shared.latency().into());
        report.extend(json!(live).as_object().cloned().unwrap_or_default());
    }
    answer(StatusCode::OK, &report)
}

/// Control requests must name 127.0.0.1 or localhost, which a page behind a rebound DNS name cannot do.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

fn refuse(status: StatusCode, sentence: &str) -> Response {
    answer(status, &json!({ "error": sentence }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], Body::from(body.to_string())).into_response()
}
