//! Realtime connections. The core decides when to connect, what to send and when to give up
//! ([`fal_wasm::client::realtime`]); here are the sockets, the tokens and the messages.

mod line;
mod message;
pub(crate) mod socket;
mod token;

use std::fmt;
use std::marker::PhantomData;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use fal_wasm::client::realtime::{ConnectionOptions, Realtime as Machine};
use fal_wasm::client::{FailureKind, RetryPolicy};
use fal_wasm::credentials::KeyScan;
use fal_wasm::protocol::EndpointId;
use futures_core::Stream;
use serde::Serialize;
use serde::de::DeserializeOwned;

use self::line::{Destination, Line, Told};
use self::message::Codec;
use self::token::Tokens;
use crate::access::Access;
use crate::client::FalClient;
use crate::error::FalError;
use crate::marker::{Callback, MaybeSend, Provider, Source};
use crate::options::{millis, no_backup};

pub use fal_wasm::client::realtime::{ConnectionState as RealtimeState, Dropped as DropReason, OutboxPolicy as Outbox};

/// Time between two messages, where only the newest counts.
const THROTTLE: Duration = Duration::from_millis(128);
/// The most that a queue holds.
const QUEUE: Outbox = Outbox::Queue { messages: 256, bytes: 8 << 20 };
/// How long a token is asked to last; it only has to last until the connection is open.
const TOKEN_SECONDS: u64 = 120;

/// A realtime connection that is not made yet: [`FalClient::realtime`]. [`connect`](Self::connect) makes it.
#[must_use = "nothing happens before it is connected"]
pub struct Realtime<In, Out> {
    client: FalClient,
    endpoint: String,
    path: String,
    outbox: Outbox,
    throttle: Option<Duration>,
    silence: Option<Duration>,
    retry: Option<RetryPolicy>,
    max_buffering: Option<u8>,
    token_lifetime: Option<Duration>,
    token_provider: Option<Provider<String, Result<String, Source>>>,
    codec: Codec,
    on_state: Option<Callback<RealtimeState>>,
    on_drop: Option<Callback<DropReason>>,
    types: PhantomData<fn(&In) -> Out>,
}

impl<In, Out> Realtime<In, Out> {
    pub(crate) fn new(client: &FalClient, endpoint: &str) -> Self {
        Self {
            client: client.clone(),
            endpoint: endpoint.into(),
            path: String::new(),
            outbox: QUEUE,
            throttle: None,
            silence: None,
            retry: None,
            max_buffering: None,
            token_lifetime: None,
            token_provider: None,
            codec: Codec::MessagePack,
            on_state: None,
            on_drop: None,
            types: PhantomData,
        }
    }

    /// Where the app has its sessions, below its id. Default `/realtime`.
    pub fn path(mut self, path: &str) -> Self {
        self.path = path.into();
        self
    }

    /// Writes inputs as JSON. Default: MessagePack, as fal's own clients do. Results are read as whichever they are.
    pub fn json(mut self) -> Self {
        self.codec = Codec::Json;
        self
    }

    /// What happens to messages that cannot be sent yet: `Outbox::Queue` keeps all, in order, up to its limits, and
    /// [`send`](RealtimeConnection::send) refuses what finds no room; `Outbox::Latest` keeps the newest in place of the one
    /// before it. Default: a queue of 256 messages and 8 MiB.
    pub fn outbox(mut self, policy: Outbox) -> Self {
        self.outbox = policy;
        self
    }

    /// Least time between two messages. Default: none, or 128 ms where only the newest waits.
    pub fn throttle(mut self, time: Duration) -> Self {
        self.throttle = Some(time);
        self
    }

    /// Longest silence after a message was sent; then there is the error `stream_stalled`, and another connection is made.
    /// What was sent is not sent again. Default: a minute.
    pub fn timeout(mut self, silence: Duration) -> Self {
        self.silence = Some(silence);
        self
    }

    /// How often and how patiently a lost connection is made again. Default: that of the client, and 5 times. `backup_hosts` is
    /// refused here: fal's realtime host has no other name.
    pub fn retry(mut self, policy: RetryPolicy) -> Self {
        self.retry = Some(policy);
        self
    }

    /// How many inputs the app keeps before it drops the oldest: 1 to 60. Default: up to the app.
    pub fn max_buffering(mut self, inputs: u8) -> Self {
        self.max_buffering = Some(inputs);
        self
    }

    /// How long a token is asked to last, in whole seconds: one or more. It is used at once, so there is nothing to refresh.
    /// Default: 120 s. It is refused where no token is asked for, because a server's key opens the connection.
    pub fn token_lifetime(mut self, time: Duration) -> Self {
        self.token_lifetime = Some(time);
        self
    }

    /// Where tokens come from: called with the endpoint for a fresh one at each attempt to connect. Default: the proxy, or fal for
    /// a worker; a server's key needs none. With one of your own no key goes along. What it fails with is the source of the
    /// error; another attempt is made where that is a [`FalError`] that says it may help.
    ///
    /// ```
    /// # fn example(fal: fal_wasm_client::FalClient) {
    /// # async fn from_my_server(endpoint: String) -> Result<String, std::io::Error> { Ok(endpoint) }
    /// # #[derive(serde::Serialize)] struct Stroke {}
    /// # #[derive(serde::Deserialize)] struct Picture {}
    /// let line = fal.realtime::<Stroke, Picture>("fal-ai/fast-lightning-sdxl").token_provider(from_my_server);
    /// # }
    /// ```
    pub fn token_provider<F, T, E>(mut self, mut provider: F) -> Self
    where
        F: FnMut(String) -> T + MaybeSend + 'static,
        T: Future<Output = Result<String, E>> + MaybeSend + 'static,
        E: Into<Source>,
    {
        self.token_provider = Some(Box::new(move |endpoint| {
            let given = provider(endpoint);
            Box::pin(async { given.await.map_err(Into::into) })
        }));
        self
    }

    /// Called with each change of how the connection is doing, while it is polled.
    pub fn on_state_change(mut self, callback: impl FnMut(RealtimeState) + MaybeSend + 'static) -> Self {
        self.on_state = Some(Box::new(callback));
        self
    }

    /// Called for each message that `send` has taken and that is never sent.
    pub fn on_drop(mut self, callback: impl FnMut(DropReason) + MaybeSend + 'static) -> Self {
        self.on_drop = Some(Box::new(callback));
        self
    }

    /// Connects, and ends when the connection is open. A server's key opens it by itself; wherever there is a proxy, and in
    /// every worker, a token is asked for first. Dropping the future ends the attempt.
    ///
    /// # Errors
    /// What is wrong with an option; and why no connection can be had, after all attempts.
    pub async fn connect(mut self) -> Result<RealtimeConnection<In, Out>, FalError> {
        let machine = Machine::new(self.options()?, self.client.inner.net.seed());
        // The id alone has to be one: a path would make one of what names an owner only.
        let endpoint = EndpointId::parse(&self.endpoint)
            .and_then(|id| EndpointId::parse(&EndpointId::below(id.as_str(), &self.path, "realtime")))
            .map_err(FalError::endpoint_invalid)?;
        let to = Destination {
            client: self.client.clone(),
            endpoint,
            max_buffering: self.max_buffering,
            tokens: match self.token_provider.take() {
                Some(provider) => Tokens::Provided(provider),
                None => Tokens::Asked { seconds: self.token_lifetime.map_or(TOKEN_SECONDS, |time| time.as_secs()) },
            },
        };
        let mut line = Line::new(to, machine);
        line.begin();
        let is_page = matches!(self.client.inner.access, Access::Proxy { .. });
        // In WebAssembly it never leaves its thread.
        #[cfg_attr(target_arch = "wasm32", expect(clippy::arc_with_non_send_sync, reason = "there is one thread"))]
        let line = Arc::new(Mutex::new(line));
        let sender = RealtimeSender { line, codec: self.codec, is_page, input: PhantomData };
        let mut connection =
            RealtimeConnection { sender, on_state: self.on_state, on_drop: self.on_drop, output: PhantomData };
        std::future::poll_fn(|context| {
            loop {
                match ready!(connection.poll_told(context)) {
                    Some(Heard::State(RealtimeState::Live)) => return Poll::Ready(Ok(())),
                    Some(Heard::Error(error)) => return Poll::Ready(Err(error)),
                    Some(_) => {}
                    None => return Poll::Ready(Err(FalError::of(FailureKind::Unreachable))),
                }
            }
        })
        .await?;
        Ok(connection)
    }

    fn options(&self) -> Result<ConnectionOptions, FalError> {
        let takes = |fits: bool, name: &str, what: &str| {
            if fits { Ok(()) } else { Err(FalError::option(name, &["takes ", what, "."].concat())) }
        };
        takes(self.max_buffering.is_none_or(|most| (1..=60).contains(&most)), "max_buffering", "1 to 60")?;
        let lasts = self.token_lifetime.is_none_or(|time| time.as_secs() > 0);
        takes(lasts, "token_lifetime", "a second or more")?;
        let needs_token = self.token_provider.is_some() || needs_token(&self.client.inner.access);
        if self.token_lifetime.is_some() && self.token_provider.is_some() {
            let why = "has no meaning beside `token_provider`: that gives tokens as they are. Leave it out.";
            return Err(FalError::option("token_lifetime", why));
        }
        if self.token_lifetime.is_some() && !needs_token {
            let why = "has no meaning in this program: its key opens the connection, and no token is asked for. Leave it out.";
            return Err(FalError::option("token_lifetime", why));
        }
        if self.retry.is_some_and(|policy| policy.backup_hosts) {
            return Err(no_backup());
        }
        takes(self.silence.is_none_or(|time| !time.is_zero()), "timeout", "more than no time at all")?;
        let holds = !matches!(self.outbox, Outbox::Queue { messages: 0, .. } | Outbox::Queue { bytes: 0, .. });
        takes(holds, "outbox", "a queue that holds a message")?;
        let usual = if self.outbox == Outbox::Latest { THROTTLE } else { Duration::ZERO };
        let usual_options = ConnectionOptions::DEFAULT;
        Ok(ConnectionOptions {
            needs_token,
            outbox: self.outbox,
            throttle: millis(self.throttle.unwrap_or(usual)),
            policy: self.retry.unwrap_or(self.client.retry),
            silence: self.silence.map_or(usual_options.silence, millis),
        })
    }
}

/// Whether a socket needs a token: in WebAssembly its handshake takes no headers.
fn needs_token(access: &Access) -> bool {
    cfg!(target_arch = "wasm32") || matches!(access, Access::Proxy { .. })
}

/// What a connection says, beside what its callbacks hear.
enum Heard {
    State(RealtimeState),
    Message(socket::Frame),
    Error(FalError),
}

/// A realtime connection: what [`send`](Self::send) takes goes to the app, and what the app answers comes as a
/// [`Stream`](futures_core::Stream). It works only while it is polled: then messages are sent and read, and a connection that was
/// lost is made again. Nothing is read ahead of what is taken.
///
/// An item that is an error does not end it: a message of the app that is one, one that is not of the type `Out`, what was sent
/// and is lost with its connection. It ends after the error that no connection can be had, when the app has ended the session (as
/// it does after a while without inputs), and after [`close`](Self::close). To go on, connect again. Dropping it closes it.
#[must_use = "a connection closes when it is dropped"]
pub struct RealtimeConnection<In, Out> {
    sender: RealtimeSender<In>,
    on_state: Option<Callback<RealtimeState>>,
    on_drop: Option<Callback<DropReason>>,
    output: PhantomData<fn() -> Out>,
}

impl<In, Out> RealtimeConnection<In, Out> {
    /// Sends an input, as soon as it may be. It never waits: whoever polls the connection passes it on.
    ///
    /// # Errors
    /// `outbox_full`, which asks to wait for results; `invalid_input`; `unreachable` after the end of the session. Nothing of the
    /// input is sent then.
    pub fn send(&self, input: &In) -> Result<(), FalError>
    where
        In: Serialize,
    {
        self.sender.send(input)
    }

    /// What sends on this connection from elsewhere: another task, or a handler of events in a page.
    pub fn sender(&self) -> RealtimeSender<In> {
        self.sender.clone()
    }

    /// How it is doing.
    pub fn state(&self) -> RealtimeState {
        self.sender.state()
    }

    /// Closes it. What waits is not sent, and the stream ends.
    pub fn close(&self) {
        self.sender.close();
    }

    fn poll_told(&mut self, context: &mut Context<'_>) -> Poll<Option<Heard>> {
        loop {
            // Callbacks are called without the lock: they may send.
            let told = self.sender.line().poll(context);
            match ready!(told) {
                None => return Poll::Ready(None),
                Some(Told::State(state)) => {
                    if let Some(callback) = &mut self.on_state {
                        callback(state);
                    }
                    return Poll::Ready(Some(Heard::State(state)));
                }
                Some(Told::Dropped(why)) => {
                    if let Some(callback) = &mut self.on_drop {
                        callback(why);
                    }
                }
                Some(Told::Message(frame)) => return Poll::Ready(Some(Heard::Message(frame))),
                Some(Told::Error(error)) => return Poll::Ready(Some(Heard::Error(error))),
            }
        }
    }
}

impl<In, Out: DeserializeOwned> Stream for RealtimeConnection<In, Out> {
    type Item = Result<Out, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.poll_told(context)) {
                Some(Heard::State(_)) => continue,
                Some(Heard::Message(frame)) => Some(message::decode(frame)),
                Some(Heard::Error(error)) => Some(Err(error)),
                None => None,
            });
        }
    }
}

impl<In, Out> Drop for RealtimeConnection<In, Out> {
    fn drop(&mut self) {
        self.close();
    }
}

impl<In, Out> fmt::Debug for RealtimeConnection<In, Out> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RealtimeConnection").field("state", &self.state()).finish_non_exhaustive()
    }
}

/// Sends on a connection: [`RealtimeConnection::sender`]. It does not keep the connection open.
pub struct RealtimeSender<In> {
    line: Arc<Mutex<Line>>,
    codec: Codec,
    /// Whether everybody can read what is sent.
    is_page: bool,
    input: PhantomData<fn(&In)>,
}

impl<In> RealtimeSender<In> {
    /// Sends an input, as [`RealtimeConnection::send`] does.
    ///
    /// # Errors
    /// Those of [`RealtimeConnection::send`].
    pub fn send(&self, input: &In) -> Result<(), FalError>
    where
        In: Serialize,
    {
        let frame = message::encode(self.codec, input)?;
        if self.is_page && KeyScan::finds(frame.bytes().iter().map(|byte| u16::from(*byte))) {
            return Err(FalError::of(FailureKind::CredentialsInBrowser));
        }
        self.line().send(frame)
    }

    /// How the connection is doing.
    pub fn state(&self) -> RealtimeState {
        self.line().state()
    }

    /// Closes the connection.
    pub fn close(&self) {
        self.line().leave();
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        self.line.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<In> Clone for RealtimeSender<In> {
    fn clone(&self) -> Self {
        let Self { line, codec, is_page, .. } = self;
        Self { line: Arc::clone(line), codec: *codec, is_page: *is_page, input: PhantomData }
    }
}

impl<In> fmt::Debug for RealtimeSender<In> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RealtimeSender").field("state", &self.state()).finish_non_exhaustive()
    }
}
