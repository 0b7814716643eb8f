//! How a stand-in is set up: its seed, its address, its accounts, and how busy its queue is.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::http::Millis;

/// Everything that is fixed when a model is made.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Seed of every id, secret and unnamed picture seed.
    pub seed: u64,
    /// What CDN URLs, and URLs of hosts named in the path, begin with; no slash at the end.
    pub public_url: String,
    /// How busy the queue is at first.
    pub queue: QueueSettings,
    /// How realtime apps behave at first.
    pub realtime: RealtimeSettings,
    /// The keys that exist.
    pub keys: Vec<Key>,
    /// The login tokens that exist (`fal auth login`), sent as `Bearer`.
    pub login_tokens: Vec<LoginToken>,
}

impl Settings {
    /// What can be changed later, as it is at first.
    pub fn tuning(&self) -> Tuning {
        Tuning { queue: self.queue, realtime: self.realtime }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            public_url: "http://127.0.0.1".to_owned(),
            queue: QueueSettings::default(),
            realtime: RealtimeSettings::default(),
            keys: Vec::new(),
            login_tokens: Vec::new(),
        }
    }
}

/// What can be changed while the stand-in runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tuning {
    /// How busy the queue is.
    pub queue: QueueSettings,
    /// How realtime apps behave.
    pub realtime: RealtimeSettings,
}

/// How busy the queue is. A field left out of a JSON object keeps its default.
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

/// How realtime apps behave. A field left out of a JSON object keeps its default.
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

/// A key and what it may do.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// `key_id:key_secret`.
    pub key: String,
    /// What the key may call. Default `API`.
    #[serde(default)]
    pub scope: Scope,
    /// Whether the account has run out of money. Default false.
    #[serde(default)]
    pub locked: bool,
    /// The account it belongs to: keys of one account see the same requests. Default `default`.
    #[serde(default = "default_account")]
    pub account: String,
}

/// A login token and whom it belongs to. It may do what an ADMIN key may.
#[derive(Clone, PartialEq, Eq)]
pub struct LoginToken {
    /// What follows `Bearer`.
    pub token: String,
    /// The account it belongs to.
    pub account: String,
}

/// A key's scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Scope {
    /// May call models.
    #[default]
    Api,
    /// May call private models too.
    Admin,
}

fn default_account() -> String {
    "default".to_owned()
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?} of {})", self.scope, self.account)
    }
}

impl fmt::Debug for LoginToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LoginToken(of {})", self.account)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_settings_hold_no_secret() {
        let key = Key { key: "id:s3cret".into(), scope: Scope::Admin, locked: false, account: "ann".into() };
        let token = LoginToken { token: "s3cret".into(), account: "ann".into() };
        let settings = Settings { keys: vec![key], login_tokens: vec![token], ..Settings::default() };
        let printed = format!("{settings:?}");
        assert!(printed.contains("ann") && !printed.contains("s3cret"), "{printed}");
    }

    #[test]
    fn a_misspelt_setting_is_refused_rather_than_ignored() {
        assert!(serde_json::from_str::<QueueSettings>(r#"{"ahed": 3}"#).is_err());
        assert!(serde_json::from_str::<Key>(r#"{"key": "a:b", "scope": "admin"}"#).is_err());
    }
}
