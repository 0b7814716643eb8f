//! A connection under way: does what its machine asks for, whenever somebody polls it.
//!
//! As in the driver of calls nothing is spawned and nothing is read ahead: one message is read, and told, before the next.

use std::collections::VecDeque;
use std::mem;
use std::task::{Context, Poll, Waker};

use fal_wasm::client::realtime::{ConnectionState, Dropped, Effect, Effects, Event, Realtime};
use fal_wasm::client::{Failure, FailureKind, Token};
use fal_wasm::protocol::{EndpointId, Head, Host, push_encoded};

use super::message::{Kind, kind_of};
use super::socket::{Frame, LOST, Refused, Socket, SocketEvent, SocketRequest};
use super::token::Tokens;
#[cfg(not(target_arch = "wasm32"))]
use crate::access::{Access, attach_to};
use crate::client::FalClient;
use crate::driver::{LONGEST_SLEEP, MOST_STEPS};
use crate::error::{Facts, FalError};
use crate::marker::{BoxFuture, Source};
use crate::trace::Trace;

/// Where a connection goes.
pub(super) struct Destination {
    pub client: FalClient,
    pub endpoint: EndpointId,
    pub max_buffering: Option<u8>,
    /// Where tokens come from.
    pub tokens: Tokens,
}

/// The address of a socket, at fal.
struct Way {
    url: String,
    query: String,
    /// Whether a token is in it, which opens it by itself.
    #[cfg(not(target_arch = "wasm32"))]
    has_token: bool,
}

/// What the caller learns.
pub(super) enum Told {
    State(ConnectionState),
    Dropped(Dropped),
    Message(Frame),
    Error(FalError),
}

/// What became of something that takes time.
enum Happened {
    Fired,
    Token(Result<String, FalError>),
    Opened(Result<Box<dyn Socket>, Refused>),
}

/// What is known of what went wrong last.
#[derive(Default)]
struct Trouble {
    error: Option<FalError>,
    status: Option<u16>,
    body: Option<String>,
    source: Option<Source>,
}

pub(super) struct Line {
    to: Destination,
    machine: Realtime,
    /// What waits to be sent, the oldest first.
    outbox: VecDeque<Frame>,
    socket: Option<(Token, Box<dyn Socket>)>,
    under_way: Vec<(Token, BoxFuture<'static, Happened>)>,
    /// The token issued last; used once.
    ticket: Option<String>,
    trouble: Trouble,
    told: VecDeque<Told>,
    state: ConnectionState,
    is_over: bool,
    trace: Trace,
    /// Whoever polls it.
    waker: Option<Waker>,
}

impl Line {
    pub fn new(to: Destination, machine: Realtime) -> Self {
        Self {
            trace: Trace::new("realtime", to.endpoint.as_str()),
            to,
            machine,
            outbox: VecDeque::new(),
            socket: None,
            under_way: Vec::new(),
            ticket: None,
            trouble: Trouble::default(),
            told: VecDeque::new(),
            state: ConnectionState::Closed,
            is_over: false,
            waker: None,
        }
    }

    pub fn state(&self) -> ConnectionState {
        self.state
    }

    /// Connects.
    pub fn begin(&mut self) {
        let mut effects = Effects::default();
        self.machine.begin(self.to.client.inner.net.now(), &mut effects);
        self.perform(effects);
    }

    /// Takes a message in, which is sent when it is its turn.
    pub fn send(&mut self, frame: Frame) -> Result<(), FalError> {
        if self.is_over {
            let said = "The realtime session is over, so nothing was sent. Connect again.";
            return Err(self.about(FalError::saying(FailureKind::Unreachable, said.into())));
        }
        let size = frame.size();
        self.outbox.push_back(frame);
        let told = self.told.len();
        self.handle(Event::Queued { size });
        let is_full =
            |told: &Told| matches!(told, Told::Error(error) if error.code() == FailureKind::OutboxFull.code());
        let refused = self.told.iter().skip(told).position(is_full).and_then(|at| self.told.remove(told + at));
        self.wake();
        match refused {
            Some(Told::Error(error)) => Err(error),
            _ => Ok(()),
        }
    }

    /// The caller does not want it any more.
    pub fn leave(&mut self) {
        self.handle(Event::Left);
        self.wake();
    }

    fn wake(&mut self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Goes on until there is something to tell; none at the end.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Told>> {
        let _entered = self.trace.enter();
        for _ in 0..MOST_STEPS {
            if let Some(told) = self.told.pop_front() {
                return Poll::Ready(Some(told));
            }
            if self.is_over {
                return Poll::Ready(None);
            }
            // First the socket, then at most one timer: what has come long ago is not missed because nobody looked.
            let came = self.socket.as_mut().map(|(token, socket)| (*token, socket.poll(context)));
            let came = match came {
                Some((token, Poll::Ready(event))) => {
                    self.heard(token, event);
                    true
                }
                _ => false,
            };
            let ready = self.under_way.iter_mut().enumerate().find_map(|(index, (_, work))| {
                match work.as_mut().poll(context) {
                    Poll::Ready(happened) => Some((index, happened)),
                    Poll::Pending => None,
                }
            });
            match ready {
                Some((index, happened)) => {
                    let (token, _) = self.under_way.remove(index);
                    self.happened(token, happened);
                }
                None if !came => {
                    self.waker = Some(context.waker().clone());
                    return Poll::Pending;
                }
                None => {}
            }
        }
        context.waker().wake_by_ref();
        Poll::Pending
    }

    fn heard(&mut self, token: Token, event: SocketEvent) {
        let frame = match event {
            SocketEvent::Frame(frame) => frame,
            SocketEvent::Closed { code, reason } => {
                self.socket = None;
                let body = Some(detail(&reason)).filter(|_| !reason.is_empty());
                self.trouble = Trouble { status: Some(code), body, ..Trouble::default() };
                return self.handle(Event::Closed { token, code });
            }
        };
        match kind_of(&frame) {
            Kind::End => self.handle(Event::SessionEnded { token }),
            Kind::Unauthorized => {
                self.trouble = Trouble { status: Some(401), body: text_of(frame), ..Trouble::default() };
                self.handle(Event::Unauthorized { token });
            }
            kind => {
                self.handle(Event::Received { token });
                match kind {
                    Kind::Result => self.told.push_back(Told::Message(frame)),
                    Kind::Error(said) => {
                        let body = if said.is_empty() { None } else { Some(detail(&said)) };
                        let mut error = self.http(400, body.clone());
                        error.facts_mut().body = text_of(frame).or(body);
                        self.told.push_back(Told::Error(error));
                    }
                    _ => {}
                }
            }
        }
    }

    fn happened(&mut self, token: Token, happened: Happened) {
        match happened {
            Happened::Fired => self.handle(Event::TimerFired { token }),
            Happened::Token(Ok(ticket)) => {
                self.ticket = Some(ticket);
                self.handle(Event::TokenIssued { token });
            }
            Happened::Token(Err(error)) => {
                let retryable = error.retryable();
                self.trouble = Trouble { error: Some(error), ..Trouble::default() };
                self.handle(Event::TokenDenied { token, retryable });
            }
            Happened::Opened(Ok(socket)) => {
                self.socket = Some((token, socket));
                self.handle(Event::Opened { token });
            }
            Happened::Opened(Err(Refused { status, body, source })) => {
                if let Some(status) = status {
                    self.trace.answered(status);
                }
                self.trouble = Trouble { status, body, source, ..Trouble::default() };
                self.handle(Event::Closed { token, code: status.unwrap_or(LOST) });
            }
        }
    }

    /// Tells the machine, and does what it asks for.
    fn handle(&mut self, event: Event) {
        if !self.is_over {
            let effects = self.effects_of(event);
            self.perform(effects);
        }
    }

    fn effects_of(&mut self, event: Event) -> Effects {
        let mut effects = Effects::default();
        let buffered = self.socket.as_ref().map_or(0, |(_, socket)| socket.buffered());
        self.machine.handle(self.to.client.inner.net.now(), buffered, event, &mut effects);
        effects
    }

    fn perform(&mut self, effects: Effects) {
        let mut wanted: VecDeque<Effect> = effects.iter().collect();
        while let Some(effect) = wanted.pop_front() {
            match effect {
                Effect::IssueToken { token } => {
                    let Destination { client, endpoint, tokens, .. } = &mut self.to;
                    let issued = tokens.get(client, endpoint);
                    self.under_way.push((token, Box::pin(async { Happened::Token(issued.await) })));
                }
                Effect::Open { token } => {
                    self.trace.sent();
                    let (client, way) = (self.to.client.clone(), self.way());
                    let opened = async move { Happened::Opened(open(&client, &way).await) };
                    self.under_way.push((token, Box::pin(opened)));
                }
                Effect::SendNext { token } => {
                    // The machine hears of it before anything else.
                    let then = self.send_next(token);
                    then.iter().collect::<Vec<_>>().into_iter().rev().for_each(|effect| wanted.push_front(effect));
                }
                Effect::DropOldest { why } => {
                    // What was told last waits behind it.
                    self.outbox.pop_front();
                    self.told.push_back(Told::Dropped(why));
                }
                Effect::DropNewest { .. } => {
                    // Whoever sends it learns why from the error that follows.
                    self.outbox.pop_back();
                }
                Effect::DropAll { why } => {
                    let dropped = mem::take(&mut self.outbox);
                    self.told.extend(dropped.iter().map(|_| Told::Dropped(why)));
                }
                Effect::Sleep { token, duration } => {
                    let sleep = self.to.client.inner.net.sleep(duration.min(LONGEST_SLEEP));
                    let fired = async {
                        sleep.await;
                        Happened::Fired
                    };
                    self.under_way.push((token, Box::pin(fired)));
                }
                Effect::Cancel { token } => {
                    self.under_way.retain(|(other, _)| *other != token);
                    self.socket.take_if(|(other, _)| *other == token);
                }
                Effect::Failed { kind, attempts } => {
                    let error = self.error(kind, attempts);
                    self.trace.failed(&error);
                    self.told.push_back(Told::Error(error));
                }
                Effect::Changed { state } => {
                    self.state = state;
                    self.told.push_back(Told::State(state));
                    // The machine would try again with the next message. Here whoever wants that connects again.
                    if matches!(state, ConnectionState::Failed | ConnectionState::Closed) {
                        self.is_over = true;
                        self.socket = None;
                        self.under_way.clear();
                        self.trace = Trace::default();
                        return;
                    }
                }
            }
        }
    }

    fn send_next(&mut self, token: Token) -> Effects {
        let socket = self.socket.as_mut().filter(|(other, _)| *other == token);
        let frame = self.outbox.front().cloned();
        match (socket, frame) {
            (Some((_, socket)), Some(frame)) => {
                let size = frame.size();
                if socket.send(frame) {
                    self.outbox.pop_front();
                    return self.effects_of(Event::Written { size });
                }
            }
            (_, frame) => debug_assert!(frame.is_some(), "what waits is what the machine was told of"),
        }
        // A socket that is broken. The message waits for the next one.
        self.socket = None;
        self.trouble = Trouble::default();
        self.effects_of(Event::Closed { token, code: LOST })
    }

    /// Where the socket is. A token is used once.
    fn way(&mut self) -> Way {
        let mut query = String::new();
        let buffering = self.to.max_buffering.map(|most| ("max_buffering", most.to_string()));
        #[cfg(not(target_arch = "wasm32"))]
        let has_token = self.ticket.is_some();
        let ticket = self.ticket.take().map(|ticket| ("fal_jwt_token", ticket));
        for (sign, (name, value)) in ['?', '&'].into_iter().zip(buffering.into_iter().chain(ticket)) {
            query.push(sign);
            query.push_str(name);
            query.push('=');
            push_encoded(&mut query, &value);
        }
        Way {
            url: [Host::Run.origin(), self.to.endpoint.as_str()].concat(),
            query,
            #[cfg(not(target_arch = "wasm32"))]
            has_token,
        }
    }

    /// An answer of the app with a status, or a close code.
    fn http(&self, status: u16, body: Option<String>) -> FalError {
        let mut failure = Failure::from(FailureKind::Http);
        failure.head = Some(Head::read(status, self.to.client.inner.net.wall(), |_| None));
        self.about(Facts { body, ..Facts::of(failure) }.into_error())
    }

    fn error(&mut self, kind: FailureKind, attempts: u32) -> FalError {
        let Trouble { error, status, body, source } = mem::take(&mut self.trouble);
        let is_answer = matches!(kind, FailureKind::Http | FailureKind::TokenUnavailable);
        let mut error = match (error, status) {
            (Some(error), _) if is_answer => error,
            (_, Some(status)) if kind == FailureKind::Http => self.http(status, body),
            _ => FalError::of(kind),
        };
        let facts = error.facts_mut();
        facts.failure.attempts = attempts;
        facts.source = source.or(facts.source.take());
        self.about(error)
    }

    fn about(&self, mut error: FalError) -> FalError {
        error.facts_mut().endpoint = Some(self.to.endpoint.as_str().into());
        error
    }
}

/// Opens a socket: with a token, or with a key, which goes along with the handshake, and the next one when fal refuses it. In
/// WebAssembly, where a handshake takes no headers, there is always a token.
async fn open(client: &FalClient, way: &Way) -> Result<Box<dyn Socket>, Refused> {
    let net = &client.inner.net;
    let url = client.inner.access.localised(way.url.clone()) + &way.query;
    #[cfg(not(target_arch = "wasm32"))]
    if let (Access::Key { credentials, .. }, false) = (&client.inner.access, way.has_token) {
        let with = |key| {
            let authorization = attach_to(key, Host::Run.origin(), &way.url);
            SocketRequest { url: url.clone(), authorization }
        };
        let opened = net.open_socket(with(&credentials.first)).await;
        if !matches!(opened, Err(Refused { status: Some(401), .. })) {
            return opened;
        }
        return match credentials.after_refusal() {
            Some(next) => net.open_socket(with(next)).await,
            None => opened,
        };
    }
    let request = SocketRequest {
        url,
        #[cfg(not(target_arch = "wasm32"))]
        authorization: None,
    };
    net.open_socket(request).await
}

/// A body that explains itself with these words.
fn detail(said: &str) -> String {
    #[derive(serde::Serialize)]
    struct Detail<'a> {
        detail: &'a str,
    }
    crate::json::encode(&Detail { detail: said }).unwrap_or_default()
}

fn text_of(frame: Frame) -> Option<String> {
    match frame {
        Frame::Text(text) => Some(text),
        Frame::Binary(_) => None,
    }
}
