//! `/__control`: how a test sets the emulator up, orders faults, and asks what happened.

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::clock::Mode;
use crate::emulator::Emulator;
use crate::model::LiveSettings;
use crate::model::faults::{Fault, MAX_FAULTS};
use crate::model::http::{Millis, Request, Response};

/// Where it is.
pub const PATH: &str = "/__control";

/// The largest command.
pub const MAX_COMMAND_BYTES: usize = 1024 * 1024;

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
    /// Fields of [`SessionSettings`](crate::model::settings::SessionSettings) to change; the others stay.
    pub sessions: Map<String, Value>,
    /// The faults that wait, instead of those that waited before.
    pub faults: Option<Vec<Fault>>,
}

impl Command {
    /// The settings with this command's changes.
    ///
    /// # Errors
    /// A sentence about what is wrong with the changes.
    pub(crate) fn changed(&self, live: LiveSettings) -> Result<LiveSettings, String> {
        Ok(LiveSettings {
            queue: changed("queue", live.queue, &self.queue)?,
            realtime: changed("realtime", live.realtime, &self.realtime)?,
            streams: changed("streams", live.streams, &self.streams)?,
            access: changed("access", live.access, &self.access)?,
            storage: changed("storage", live.storage, &self.storage)?,
            webhooks: changed("webhooks", live.webhooks, &self.webhooks)?,
            sessions: changed("sessions", live.sessions, &self.sessions)?,
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

impl Emulator {
    /// Carries out a command, as JSON.
    ///
    /// # Errors
    /// A sentence about what is wrong with it. Nothing has been done then.
    pub fn command(&mut self, real: Millis, json: &[u8]) -> Result<(), String> {
        let command: Command = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        let live = if command.reset { self.fal.initial_live_settings() } else { self.fal.live_settings() };
        let live = command.changed(live)?;
        if command.faults.as_ref().is_some_and(|faults| faults.len() > MAX_FAULTS) {
            return Err(format!("at most {MAX_FAULTS} faults can wait"));
        }
        if command.reset {
            self.restart(real);
        }
        if let Some(mode) = command.clock {
            self.clock.set(real, mode);
        }
        self.clock.advance(command.advance_ms);
        if let Some(latency) = command.latency_ms {
            self.latency = latency;
        }
        self.fal.change_settings(self.clock.now(real), live);
        if let Some(faults) = command.faults {
            self.fal.set_faults(faults);
        }
        Ok(())
    }

    /// What happened, and how everything is set.
    pub fn report(&mut self, real: Millis) -> Value {
        let (report, live) = (self.fal.report(self.clock.now(real)), self.fal.live_settings());
        let mut report = serde_json::to_value(report).unwrap_or_default();
        if let Some(report) = report.as_object_mut() {
            report.insert("clock".to_owned(), json!(self.clock.mode()));
            report.insert("latency_ms".to_owned(), self.latency.into());
            report.extend(json!(live).as_object().cloned().unwrap_or_default());
        }
        report
    }

    /// Answers a request for [`PATH`]. Afterwards everything that waits has to look again.
    pub fn control(&mut self, real: Millis, request: &Request) -> Response {
        if !is_local(&request.host) {
            return refuse(403, NOT_LOCAL);
        }
        if request.method == "GET" {
            return Response::json(200, &self.report(real));
        }
        if request.method != "POST" {
            return refuse(405, "the control takes GET and POST");
        }
        // A page in the developer's browser cannot send this type elsewhere without asking first, and the emulator never allows it.
        if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/json")) {
            return refuse(415, "the content type must be application/json");
        }
        if request.body.len() > MAX_COMMAND_BYTES {
            return refuse(413, "the command is too large");
        }
        match self.command(real, &request.body) {
            Ok(()) => Response::json(200, &json!({ "now_ms": self.clock.now(real) })),
            Err(sentence) => refuse(400, &sentence),
        }
    }
}

/// Control requests must name 127.0.0.1 or localhost, which a page behind a rebound DNS name cannot do.
fn is_local(host: &str) -> bool {
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    matches!(name, "127.0.0.1" | "localhost")
}

fn refuse(status: u16, sentence: &str) -> Response {
    Response::json(status, &json!({ "error": sentence }))
}
