//! Options of a service for webhooks. None turns a check off.

use std::sync::Arc;
use std::time::Duration;

use super::keys::Keys;
use super::refusals::WebhookError;
use super::replay_store::{MemoryReplayStore, ReplayStore};
use super::{FalWebhook, Inner, WebhookEvent};
use crate::error::FalError;
use crate::local::LocalServer;
use crate::marker::{BoxFuture, Source};
use crate::native;

/// The largest body that is read by default. Results that contain their files can be large.
const MAX_BODY_BYTES: u64 = 16 * 1024 * 1024;
/// fal waits 15 seconds.
const ANSWER_WITHIN: Duration = Duration::from_secs(12);

pub(super) type OnEvent = Box<dyn Fn(WebhookEvent) -> BoxFuture<'static, Result<(), Source>> + Send + Sync>;
pub(super) type OnError = Box<dyn Fn(WebhookError) + Send + Sync>;
pub(super) type Submitted = Box<dyn Fn(String) -> BoxFuture<'static, Result<bool, Source>> + Send + Sync>;

/// What the app wants.
pub(super) struct Options {
    pub on_event: OnEvent,
    pub on_error: Option<OnError>,
    pub accounts: Option<Vec<String>>,
    pub submitted: Option<Submitted>,
    pub store: Box<dyn ReplayStore>,
    pub max_body_bytes: u64,
    pub answer_within: Duration,
}

/// Options of a [`FalWebhook`].
#[must_use]
pub struct WebhookBuilder {
    options: Options,
    local: Option<String>,
}

impl WebhookBuilder {
    pub(super) fn new(on_event: OnEvent) -> Self {
        let options = Options {
            on_event,
            on_error: None,
            accounts: None,
            submitted: None,
            store: Box::new(MemoryReplayStore::default()),
            max_body_bytes: MAX_BODY_BYTES,
            answer_within: ANSWER_WITHIN,
        };
        Self { options, local: None }
    }

    /// Whose requests these webhooks are about: the `user_id` of your account, and of each other one that you submit with. fal
    /// signs the webhooks of all its customers, so anybody who has an account can have one sent to your URL; without this it
    /// is taken. The `user_id` of an event shows your own.
    pub fn accounts<Account: Into<String>>(mut self, accounts: impl IntoIterator<Item = Account>) -> Self {
        self.options.accounts.get_or_insert_default().extend(accounts.into_iter().map(Into::into));
        self
    }

    /// Whether this app has submitted a request. A webhook about any other is refused with `webhook_request_unknown`, after
    /// which fal delivers again: a request may be recorded a moment after it was submitted.
    pub fn submitted<F, Answer, E>(mut self, submitted: F) -> Self
    where
        F: Fn(String) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<bool, E>> + Send + 'static,
        E: Into<Source>,
    {
        self.options.submitted = Some(Box::new(move |request_id| {
            let answer = submitted(request_id);
            Box::pin(async move { answer.await.map_err(Into::into) })
        }));
        self
    }

    /// Where it is remembered which webhooks were handled. By default in the memory of this process.
    pub fn replay_store(mut self, store: impl ReplayStore) -> Self {
        self.options.store = Box::new(store);
        self
    }

    /// The largest body that is read, in bytes; 16 MiB by default.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.options.max_body_bytes = bytes;
        self
    }

    /// When to answer at the latest; 12 seconds by default. fal waits 15.
    pub fn answer_within(mut self, duration: Duration) -> Self {
        self.options.answer_within = duration;
        self
    }

    /// Called with what was refused or is late, and with what the app's own function failed with (as the source). The sender
    /// is told none of it.
    pub fn on_error(mut self, told: impl Fn(WebhookError) + Send + Sync + 'static) -> Self {
        self.options.on_error = Some(Box::new(told));
        self
    }

    /// Asks a server on this machine for fal's keys instead, such as an emulator: for the tests of an app.
    pub fn local_server(mut self, url: &str) -> Self {
        self.local = Some(url.into());
        self
    }

    /// The service.
    ///
    /// # Errors
    /// `invalid_option`, with the name of the option that is wrong, and `internal`, where the system has no certificates.
    pub fn build(self) -> Result<FalWebhook, FalError> {
        if self.options.accounts.as_ref().is_some_and(Vec::is_empty) {
            return Err(FalError::option("accounts", "names none, so every webhook would be refused."));
        }
        let local = self.local.as_deref().map(LocalServer::at).transpose()?;
        Ok(FalWebhook(Arc::new(Inner {
            options: self.options,
            keys: Keys::new(native::http_client()?, local.as_ref()),
        })))
    }
}
