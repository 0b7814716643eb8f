//! The model with a clock, its faults and its control: what every server of it drives.
//!
//! A server reads requests and writes answers, waits, and draws. What an answer is, when it is due and what goes wrong with it
//! is decided here. `real` is the time of the server's host, in milliseconds, which must not run backwards.

use std::io;

use crate::clock::{Clock, Mode};
use crate::control::Command;
use crate::model::bridge::PeerTask;
use crate::model::faults::Effect;
use crate::model::http::{Millis, Request, Response};
use crate::model::sockets::{Frame, Socket, SocketOutput};
use crate::model::stream::{Stream, Turn};
use crate::model::webhooks::{Delivery, DeliveryOutcome};
use crate::model::{Fal, PeerNews, Settings, errors};

/// An emulator: fal, and the time.
#[derive(Debug)]
pub struct Emulator {
    pub(crate) fal: Fal,
    pub(crate) clock: Clock,
    pub(crate) latency: Millis,
    /// How it was started: what a reset goes back to.
    start: Command,
}

/// What a request gets.
#[derive(Debug)]
pub struct Answer {
    /// The answer itself.
    pub response: Response,
    /// When to send it.
    pub at: Millis,
    /// What happens to it on the way; [`Effect::DropAfter`]: it is lost.
    pub fault: Option<Effect>,
}

/// What a handshake gets.
#[derive(Debug)]
pub struct Opening {
    /// The socket, or why there is none.
    pub socket: Result<Socket, Response>,
    /// When to answer.
    pub at: Millis,
    /// What happens to the socket: [`Effect::DropAfter`] loses it at once, [`Effect::Close`] closes it early.
    pub fault: Option<Effect>,
}

impl Emulator {
    /// An emulator in its initial state. `start` is a command that is carried out now, and after every reset.
    ///
    /// # Errors
    /// A sentence about what is wrong with `start`.
    pub fn new(settings: Settings, start: Command, real: Millis) -> io::Result<Self> {
        let wrong = |sentence: String| io::Error::new(io::ErrorKind::InvalidInput, sentence);
        let live = start.changed(settings.live_settings()).map_err(wrong)?;
        let fal = Fal::new(settings.with_live_settings(live));
        let mut emulator = Self { fal, clock: Clock::new(real), latency: 0, start };
        emulator.restart(real);
        Ok(emulator)
    }

    /// Brings everything to how it was started.
    pub(crate) fn restart(&mut self, real: Millis) {
        self.fal.reset();
        self.fal.set_faults(self.start.faults.clone().unwrap_or_default());
        self.clock.set(real, self.start.clock.unwrap_or(Mode::Real));
        self.clock.advance(self.start.advance_ms);
        self.latency = self.start.latency_ms.unwrap_or(0);
    }

    /// The time.
    pub fn now(&self, real: Millis) -> Millis {
        self.clock.now(real)
    }

    /// How long to wait until it is `until`. `None`: until somebody moves the clock.
    pub fn wait(&self, real: Millis, until: Millis) -> Option<Millis> {
        self.clock.wait(real, until)
    }

    /// Handles a request. `None`: the connection is dropped, now.
    pub fn exchange(&mut self, real: Millis, request: &Request) -> Option<Answer> {
        let now = self.now(real);
        let fault = self.fal.fault(now, request);
        let response = match &fault {
            Some(Effect::DropBefore) => return None,
            Some(effect) => effect.response(now),
            None => None,
        };
        let response = response.unwrap_or_else(|| self.fal.handle(now, request));
        let at = self.due(now, &fault, response.after);
        Some(Answer { response, at, fault })
    }

    /// Handles a handshake. `None`: the connection is dropped, now.
    pub fn open(&mut self, real: Millis, request: &Request) -> Option<Opening> {
        let now = self.now(real);
        let fault = self.fal.fault(now, request);
        let socket = match &fault {
            Some(Effect::DropBefore) => return None,
            Some(effect @ Effect::Answer { .. }) => Err(effect.response(now)?),
            _ => self.fal.open(now, request),
        };
        let at = self.due(now, &fault, 0);
        Some(Opening { socket, at, fault })
    }

    fn due(&self, now: Millis, fault: &Option<Effect>, after: Millis) -> Millis {
        let late = if let Some(Effect::Delay(late)) = fault { *late } else { 0 };
        now.saturating_add(after).saturating_add(late).saturating_add(self.latency)
    }

    /// The answer to a request that the server itself cannot take.
    pub fn refusal(status: u16, sentence: &str) -> Response {
        errors::detail(status, sentence)
    }

    /// The head of a request has come in.
    pub fn request_started(&mut self, head: &Request) {
        self.fal.request_started(head);
    }

    /// It has its answer, or its connection is gone.
    pub fn request_ended(&mut self, head: &Request) {
        self.fal.request_ended(head);
    }

    /// The next turn of a stream.
    pub fn play(&mut self, real: Millis, stream: &mut Stream) -> Turn {
        let now = self.now(real);
        self.fal.play(now, stream)
    }

    /// A frame has come in.
    pub fn receive(&mut self, real: Millis, socket: &mut Socket, frame: Frame) {
        let now = self.now(real);
        self.fal.receive(now, socket, frame);
    }

    /// What a socket sends now.
    pub fn poll_socket(&mut self, real: Millis, socket: &mut Socket) -> SocketOutput {
        let now = self.now(real);
        self.fal.poll_socket(now, socket)
    }

    /// The caller has closed the socket, or it is [`GONE`](crate::model::sockets::GONE).
    pub fn disconnect(&mut self, real: Millis, socket: &mut Socket, code: u16) {
        let now = self.now(real);
        self.fal.disconnect(now, socket, code);
    }

    /// The webhooks to post now.
    pub fn posts(&mut self, real: Millis) -> Vec<Delivery> {
        let now = self.now(real);
        self.fal.posts(now)
    }

    /// When there may be a webhook to post next, unless something else happens before.
    pub fn next_post(&self) -> Option<Millis> {
        self.fal.next_post()
    }

    /// What peers of sessions are to do now.
    pub fn peer_tasks(&mut self, real: Millis) -> Vec<PeerTask> {
        let now = self.now(real);
        self.fal.peer_tasks(now)
    }

    /// When there may be something to do for peers next, unless something else happens before.
    pub fn next_peer_task(&self) -> Option<Millis> {
        self.fal.next_peer_task()
    }

    /// Something has happened to the peer of a session.
    pub fn peer_news(&mut self, real: Millis, session: &str, news: PeerNews) {
        let now = self.now(real);
        self.fal.peer_news(now, session, news);
    }

    /// A message has come through a session; the answer of its runner.
    pub fn session_message(&mut self, session: &str, text: &str) -> Option<String> {
        self.fal.session_message(session, text)
    }

    /// The next picture of a session, a key frame of VP8, while it has one.
    pub fn session_picture(&mut self, session: &str) -> Option<Vec<u8>> {
        self.fal.session_picture(session)
    }

    /// The outcome of a webhook.
    pub fn posted(&mut self, real: Millis, number: u64, outcome: DeliveryOutcome) {
        let now = self.now(real);
        self.fal.posted(now, number, outcome);
    }
}
