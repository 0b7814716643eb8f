//! How an emulator is set up: its seed, its address, its accounts, and how it behaves at first.

use std::fmt;

use serde::Deserialize;

pub use super::bridge::Peers;
pub use super::live_settings::{
    AccessSettings, AnswerForm, IceAnswer, LiveSettings, Lock, LogLines, QueueSettings, RealtimeSettings, Runner,
    SessionSettings, StorageSettings, StreamSettings, WebhookSettings,
};

/// Where there are sessions, for who looks for them elsewhere.
const NO_PEERS: &str = "This emulator has no WebRTC. Sessions are answered by the server of the npm package `fal-emulator`: \
    install `werift` next to it, and start it with `npx fal-emulator`.";

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
    /// How the status is streamed at first.
    pub streams: StreamSettings,
    /// What is refused at first.
    pub access: AccessSettings,
    /// How files are kept at first.
    pub storage: StorageSettings,
    /// How webhooks are signed and delivered at first.
    pub webhooks: WebhookSettings,
    /// How sessions go at first.
    pub sessions: SessionSettings,
    /// What the server has for sessions.
    pub peers: Peers,
    /// The keys that exist.
    pub keys: Vec<Key>,
    /// The login tokens that exist (`fal auth login`), sent as `Bearer`.
    pub login_tokens: Vec<LoginToken>,
}

impl Settings {
    /// What can be changed later, as it is at first.
    pub fn live_settings(&self) -> LiveSettings {
        LiveSettings {
            queue: self.queue,
            realtime: self.realtime,
            streams: self.streams,
            access: self.access,
            storage: self.storage,
            webhooks: self.webhooks,
            sessions: self.sessions,
        }
    }

    /// These settings, with other ones for what can be changed later.
    #[must_use]
    pub fn with_live_settings(
        self,
        LiveSettings { queue, realtime, streams, access, storage, webhooks, sessions }: LiveSettings,
    ) -> Self {
        Self { queue, realtime, streams, access, storage, webhooks, sessions, ..self }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            public_url: "http://127.0.0.1".to_owned(),
            queue: QueueSettings::default(),
            realtime: RealtimeSettings::default(),
            streams: StreamSettings::default(),
            access: AccessSettings::default(),
            storage: StorageSettings::default(),
            webhooks: WebhookSettings::default(),
            sessions: SessionSettings::default(),
            peers: Peers::None(NO_PEERS.to_owned()),
            keys: Vec::new(),
            login_tokens: Vec::new(),
        }
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
    /// Whether the account has used up its balance. Default false.
    #[serde(default)]
    pub locked: bool,
    /// The account it belongs to: keys of one account see the same requests. Default `default`.
    #[serde(default = "default_account")]
    pub account: String,
}

/// A login token and whom it belongs to. It may do what an ADMIN key may.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LoginToken {
    /// What follows `Bearer`.
    pub token: String,
    /// The account it belongs to. Default `default`.
    #[serde(default = "default_account")]
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
    fn a_misspelt_key_is_refused_rather_than_ignored() {
        assert!(serde_json::from_str::<Key>(r#"{"key": "a:b", "scope": "admin"}"#).is_err());
    }
}
