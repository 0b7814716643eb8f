//! What the operator is told. A visitor gets a stable answer that says nothing about it; the cause comes here, and nowhere
//! else.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use fal_wasm::credentials::{KeyScan, is_key_credential};
use fal_wasm::protocol::Millis;
use fal_wasm::proxy::{KeyLeaks, audit};
use http::request::Parts;

use crate::credentials::Credentials;
use crate::marker::Source;
use crate::service::text;

/// Where a proxy failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyStep {
    /// In the app's `authenticate`.
    Authenticate,
    /// In the app's `webhook_url`.
    WebhookUrl,
    /// fal refused the key.
    Credentials,
    /// Between the proxy and fal.
    Fetch,
    /// In the store of `limits`.
    Store,
    /// An alarm of `limits` has stopped the app.
    OnAnomaly,
    /// A key of this proxy's own came from a browser.
    KeyLeak,
    /// In this crate, which is a mistake of ours.
    Internal,
}

impl ProxyStep {
    /// What the reports of the npm package call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authenticate => "authenticate",
            Self::WebhookUrl => "webhookUrl",
            Self::Credentials => "credentials",
            Self::Fetch => "fetch",
            Self::Store => "store",
            Self::OnAnomaly => "onAnomaly",
            Self::KeyLeak => "onKeyLeak",
            Self::Internal => "internal",
        }
    }
}

/// Something that went wrong on the operator's side.
#[derive(Debug)]
#[non_exhaustive]
pub struct ProxyError {
    /// Where.
    pub step: ProxyStep,
    /// What.
    pub source: Source,
}

impl fmt::Display for ProxyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "the proxy failed at `{}`: {}", self.step.name(), self.source)
    }
}

impl std::error::Error for ProxyError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        Some(self.source.as_ref())
    }
}

/// A fal key came from a browser. The call was refused.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeyLeak {
    /// Whether it is a key of this proxy's, which is public now and has to be revoked.
    pub ours: bool,
    /// The first characters of the SHA-256 of the key, where it is ours.
    pub fingerprint: Option<String>,
    /// How many keys came since the last report without being in one.
    pub unreported: u64,
}

pub(super) type OnError = Box<dyn Fn(ProxyError) + Send + Sync>;
pub(super) type OnKeyLeak = Box<dyn Fn(KeyLeak) + Send + Sync>;

/// How the operator is told.
pub(super) struct Reporter {
    pub on_error: Option<OnError>,
    pub on_key_leak: Option<OnKeyLeak>,
    leaks: Mutex<KeyLeaks>,
    began: Instant,
}

impl Reporter {
    pub fn new(on_error: Option<OnError>, on_key_leak: Option<OnKeyLeak>) -> Self {
        Self { on_error, on_key_leak, leaks: Mutex::default(), began: Instant::now() }
    }

    /// Tells of an error; without somebody who wants to know, on stderr.
    pub fn tell(&self, step: ProxyStep, source: Source) {
        let error = ProxyError { step, source };
        match &self.on_error {
            Some(told) => told(error),
            None => eprintln!("fal-wasm: {error} Call `on_error` to handle this yourself."),
        }
    }

    /// Tells of a key that came from a browser: at once, but not as often as somebody may send one.
    pub fn key_came(&self, parts: &Parts, credentials: &Credentials) {
        let ours = [Some(&credentials.first), credentials.next.as_ref()].into_iter().flatten();
        let mut ours = ours.filter_map(|key| key.expose().strip_prefix("Key "));
        let own =
            ours.find(|key| texts(parts).any(|text| text.contains(key) || text.contains(&key.replace(':', "%3A"))));
        let now = Millis::try_from(self.began.elapsed().as_millis()).unwrap_or(Millis::MAX);
        let unreported = {
            let mut leaks = self.leaks.lock().unwrap_or_else(PoisonError::into_inner);
            if !leaks.came(now) {
                return;
            }
            leaks.identified(now, own.is_some())
        };
        let Some(unreported) = unreported else { return };
        let fingerprint = own.map(|key| audit::digest(key).chars().take(8).collect::<String>());
        match (&self.on_key_leak, fingerprint) {
            (Some(told), fingerprint) => told(KeyLeak { ours: own.is_some(), fingerprint, unreported }),
            (None, Some(fingerprint)) => self.tell(
                ProxyStep::KeyLeak,
                [
                    "The key of this proxy (SHA-256 ",
                    &fingerprint,
                    "…) was sent from a browser, so it is public. Revoke it, and find the page that has it: \
                     \"npx fal-wasm doctor\".",
                ]
                .concat()
                .into(),
            ),
            (None, None) => {}
        }
    }
}

/// The URL and the headers of a call.
fn texts(parts: &Parts) -> impl Iterator<Item = String> {
    let headers = parts.headers.iter().flat_map(|(name, value)| [name.to_string(), text(value)]);
    [parts.uri.to_string()].into_iter().chain(headers)
}

/// Whether a key came with a call.
pub(super) fn leaks_key(parts: &Parts) -> bool {
    texts(parts).any(|text| is_key_credential(text.encode_utf16()) || KeyScan::finds(text.encode_utf16()))
}
