//! What can be changed while the emulator runs, in groups. A field left out of a JSON object keeps its default.

use serde::{Deserialize, Serialize};

use super::time::Millis;

/// All of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LiveSettings {
    /// How busy the queue is.
    pub queue: QueueSettings,
    /// How realtime apps behave.
    pub realtime: RealtimeSettings,
    /// How the status is streamed.
    pub streams: StreamSettings,
    /// What is refused.
    pub access: AccessSettings,
    /// How files are kept.
    pub storage: StorageSettings,
    /// How webhooks are signed and delivered.
    pub webhooks: WebhookSettings,
    /// How sessions with world models go.
    pub sessions: SessionSettings,
}

/// How busy the queue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueSettings {
    /// Other people's requests in front of each new request. Default 0.
    pub ahead: u32,
    /// Milliseconds until the next of them is served. Default 400.
    pub step_ms: Millis,
    /// Milliseconds every run takes; `null`, the default, leaves it to the model.
    pub run_ms: Option<Millis>,
    /// How many requests of one app run at a time, at least 1. Default 4.
    pub concurrency: u32,
}

impl QueueSettings {
    /// How long other people's requests keep a new one waiting.
    pub(super) fn wait_ms(&self) -> Millis {
        Millis::from(self.ahead).saturating_mul(self.step_ms)
    }
}

impl Default for QueueSettings {
    fn default() -> Self {
        Self { ahead: 0, step_ms: 400, run_ms: None, concurrency: 4 }
    }
}

/// How realtime apps behave.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RealtimeSettings {
    /// Milliseconds every input takes; `null`, the default, leaves it to the app.
    pub run_ms: Option<Millis>,
    /// Milliseconds without an input after which a session ends; `null`, the default, never.
    pub session_timeout_ms: Option<Millis>,
    /// Whether each answer is followed by a message about its time. Default false.
    pub timings: bool,
    /// Whether text frames are understood. fal's stock apps read bytes only and fail on text. Default true.
    pub text_frames: bool,
}

impl Default for RealtimeSettings {
    fn default() -> Self {
        Self { run_ms: None, session_timeout_ms: None, timings: false, text_frames: true }
    }
}

/// How the status of a request is streamed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StreamSettings {
    /// Which lines of the log an event holds. Default `new`: the official client collects them.
    pub logs: LogLines,
}

/// Lines of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLines {
    /// Those that no earlier event held.
    #[default]
    New,
    /// All of them so far.
    All,
}

/// What is refused to everybody, besides what their keys say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AccessSettings {
    /// Why every account is locked; `null`, the default: none is.
    pub locked: Option<Lock>,
    /// Whether no key has the scope that models need. Default false.
    pub forbidden: bool,
    /// How many requests of one account run at a time: a direct call beyond that is refused; `null`, the default: any.
    pub concurrent: Option<u32>,
}

/// Why an account is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lock {
    /// Its balance is used up.
    Balance,
    /// The same, in fal's shorter words.
    TopUp,
    /// Somebody at fal has locked it.
    Admin,
}

impl Lock {
    /// fal's words.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Balance => "Exhausted balance. Top up your balance at fal.ai/dashboard/billing.",
            Self::TopUp => "TOP_UP.",
            Self::Admin => "Admin lock. Please contact support@fal.ai",
        }
    }
}

/// How files are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StorageSettings {
    /// Whether uploaded bytes are counted and hashed, but not kept: for files too large to hold. Default false.
    pub hash_only: bool,
}

/// How webhooks are signed and delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WebhookSettings {
    /// The number of the key that signs. It is published together with the one before it. Default 0.
    pub key: u32,
    /// How far the time that is signed is from the time that it is, in seconds. Default 0.
    pub skew_seconds: i64,
    /// How often a webhook is delivered once more after it was taken. Default 0.
    pub repeat: u32,
}

/// How sessions with world models go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SessionSettings {
    /// What is said about ICE servers. Default `servers`.
    pub ice: IceAnswer,
    /// How an offer is answered. Default `stream`.
    pub answer: AnswerForm,
    /// Milliseconds without a heartbeat after which a session ends (chosen). Default 15000.
    pub lease_ms: Millis,
    /// Whether the answer's addresses lead to the runner. Default true.
    pub reachable: bool,
    /// Whether pictures are sent. Default true.
    pub media: bool,
    /// How the runners are. `dead` ends every session. Default `alive`.
    pub runner: Runner,
}

impl Default for SessionSettings {
    fn default() -> Self {
        Self {
            ice: IceAnswer::Servers,
            answer: AnswerForm::Stream,
            lease_ms: 15_000,
            reachable: true,
            media: true,
            runner: Runner::Alive,
        }
    }
}

/// What is said about ICE servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IceAnswer {
    /// The emulator's own STUN server.
    Servers,
    /// That the app has some.
    App,
    /// A 503.
    None,
}

/// How an offer is answered. fal's pages say that the answer is streamed, and its client reads one JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AnswerForm {
    /// One event, on a stream that lasts as long as the session.
    Stream,
    /// JSON.
    Json,
}

/// How the runners are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Runner {
    /// They run.
    Alive,
    /// They have died, and no new one starts.
    Dead,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_setting_is_refused_rather_than_ignored() {
        assert!(serde_json::from_str::<QueueSettings>(r#"{"ahed": 3}"#).is_err());
        assert!(serde_json::from_str::<AccessSettings>(r#"{"locked": "money"}"#).is_err());
        assert!(serde_json::from_str::<StreamSettings>(r#"{"logs": "some"}"#).is_err());
    }
}
