//! One realtime connection, from the first message until there is nothing left to do.
//!
//! It counts messages and bytes, and knows sockets and tokens by the name of the attempt; what is in them stays with the
//! driver (`js/realtime/connection.ts`). It ends when the app has ended the session and nothing waits, when no connection
//! can be had, or when the caller closes. A later message begins another connection.

mod close_code;
mod event;
mod outbox;

pub use event::{Effect, Effects, Event, MAX_EFFECTS};
pub use outbox::{Dropped, Outbox, OutboxPolicy, Taken};

use close_code::{NO_CODE, NORMAL, is_status, is_verdict};

use super::effects::Sink;
use super::failure::FailureKind;
use super::machine::Token;
use super::random::Random;
use super::retry::RetryPolicy;
use crate::protocol::Millis;

/// How long a handshake may take.
const OPEN_TIMEOUT: Millis = 20_000;
/// A connection that was open for this long has proven itself, even if nothing was said on it.
const PROVEN_AFTER: Millis = 30_000;
/// How long nothing may be heard after something was sent, when the caller does not say: as in a stream that has begun. A line
/// that has gone dark closes no socket.
const SILENCE: Millis = 60_000;
/// How many bytes a socket may hold back before no more are given to it.
const HIGH_WATER: u32 = 1 << 20;
/// How often it is connected again before the caller is told, when they do not say.
const RECONNECTS: u32 = 5;
/// How soon a socket that holds bytes back is looked at again. There is no event for it.
const DRAIN_INTERVAL: Millis = 50;

/// What a connection is like.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConnectionOptions {
    /// Whether an attempt needs a token of its own; without, a key opens the socket. Default true.
    pub needs_token: bool,
    /// What happens to messages that cannot be sent yet. Default: only the newest waits.
    pub outbox: OutboxPolicy,
    /// Least time between two messages. Default 0.
    pub throttle: Millis,
    /// How often and how patiently to connect again. Unless it says how often: 5 times.
    pub policy: RetryPolicy,
    /// Longest silence after a message was sent; then the socket is given up for another. Default 60 s.
    pub silence: Millis,
}

impl ConnectionOptions {
    /// What is usual.
    pub const DEFAULT: Self = Self {
        needs_token: true,
        outbox: OutboxPolicy::Latest,
        throttle: 0,
        policy: RetryPolicy::DEFAULT,
        silence: SILENCE,
    };
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Where effects go.
type To<'a> = &'a mut dyn Sink<Effect>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No socket, and none on its way.
    Idle,
    GettingToken(Token),
    Opening {
        socket: Token,
        limit: Token,
    },
    Open {
        socket: Token,
        since: Millis,
    },
    Waiting(Token),
    Over,
}

/// A realtime connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Realtime {
    options: ConnectionOptions,
    state: State,
    outbox: Outbox,
    random: Random,
    tokens: u32,
    now: Millis,
    /// Bytes the open socket holds back.
    buffered: u32,
    /// Attempts since a connection has proven itself, with that one.
    attempts: u32,
    /// How many more messages were sent than came.
    unanswered: u32,
    /// When the next message may be sent, and the timer until then.
    next_at: Millis,
    pause: Option<Token>,
    /// A message is being written.
    writing: bool,
    /// When the first message was sent after which nothing was heard.
    silent_since: Option<Millis>,
    /// The timer that looks after it, set once and not with every message.
    watch: Option<Token>,
}

impl Realtime {
    /// Prepares a connection. `seed` decides every random number it will use.
    #[inline(never)]
    pub fn new(options: ConnectionOptions, seed: u64) -> Self {
        Self {
            outbox: Outbox::new(options.outbox),
            options,
            state: State::Idle,
            random: Random::new(seed),
            tokens: 0,
            now: 0,
            buffered: 0,
            attempts: 0,
            unanswered: 0,
            next_at: 0,
            pause: None,
            writing: false,
            silent_since: None,
            watch: None,
        }
    }

    /// Tells what happened, when, and how many bytes the open socket holds back; `effects` are then what to do, in order.
    pub fn handle(&mut self, now: Millis, buffered: u32, event: Event, effects: &mut dyn Sink<Effect>) {
        effects.clear();
        self.now = self.now.max(now);
        self.buffered = buffered;
        self.on(effects, event);
    }

    fn on(&mut self, to: To<'_>, event: Event) {
        match (event, self.state) {
            (_, State::Over) => {}
            (Event::Left, _) => self.end(to, Dropped::Closed),
            (Event::Queued { size }, state) => {
                self.take(to, size);
                match state {
                    State::Idle if self.outbox.is_empty() => self.end(to, Dropped::Full),
                    State::Idle => self.connect(to),
                    State::Open { .. } => self.flush(to),
                    _ => {}
                }
            }
            (Event::Written { size }, _) => self.written(to, size),
            (Event::TokenIssued { token }, State::GettingToken(own)) if own == token => self.open(to),
            (Event::TokenDenied { token, retryable }, State::GettingToken(own)) if own == token => {
                let kind = FailureKind::TokenUnavailable;
                if retryable { self.again(to, kind) } else { self.fail(to, kind) }
            }
            (Event::Opened { token }, State::Opening { socket, limit }) if token == socket => {
                to.push(Effect::Cancel { token: limit });
                self.state = State::Open { socket, since: self.now };
                self.flush(to);
            }
            (Event::Closed { token, code }, State::Opening { socket, .. }) if token == socket => {
                self.leave(to);
                self.refused(to, code);
            }
            (Event::TimerFired { token }, State::Opening { limit, .. }) if token == limit => {
                self.leave(to);
                self.again(to, FailureKind::Unreachable);
            }
            (Event::Received { token }, State::Open { socket, .. }) if token == socket => {
                self.attempts = 1;
                self.unanswered = self.unanswered.saturating_sub(1);
                self.silent_since = None;
            }
            (Event::SessionEnded { token }, State::Open { socket, .. }) if token == socket => {
                self.attempts = 1;
                self.ended(to);
            }
            (Event::Unauthorized { token }, State::Open { socket, .. }) if token == socket => {
                self.leave(to);
                // Another token may do what this one did not; another try with the same key will not.
                if !self.options.needs_token {
                    return self.fail(to, FailureKind::Http);
                }
                self.missed(to, FailureKind::Http);
                self.again(to, FailureKind::Http);
            }
            (Event::Closed { token, code }, State::Open { socket, since }) if token == socket => {
                self.lost(to, code, since);
            }
            (Event::TimerFired { token }, State::Waiting(own)) if own == token => self.connect(to),
            (Event::TimerFired { token }, _) if self.watch == Some(token) => self.look(to),
            (Event::TimerFired { token }, _) if self.pause == Some(token) => {
                // Timers may fire a little early; this one has done its waiting all the same.
                self.pause = None;
                self.next_at = self.now;
                self.flush(to);
            }
            _ => {}
        }
    }

    fn take(&mut self, to: To<'_>, size: u32) {
        match self.outbox.push(size) {
            Taken::Waits => {}
            Taken::InPlaceOfOldest => to.push(Effect::DropOldest { why: Dropped::Superseded }),
            Taken::NotAtAll => {
                to.push(Effect::DropNewest { why: Dropped::Full });
                to.push(Effect::Failed { kind: FailureKind::OutboxFull, attempts: 0 });
            }
        }
    }

    /// Begins an attempt.
    fn connect(&mut self, to: To<'_>) {
        self.attempts = self.attempts.saturating_add(1);
        if self.options.needs_token {
            let token = self.token();
            self.state = State::GettingToken(token);
            to.push(Effect::IssueToken { token });
        } else {
            self.open(to);
        }
    }

    fn open(&mut self, to: To<'_>) {
        let socket = self.token();
        to.push(Effect::Open { token: socket });
        self.state = State::Opening { socket, limit: self.sleep(to, OPEN_TIMEOUT) };
    }

    /// Sends the next message, as far as throttle and socket allow.
    fn flush(&mut self, to: To<'_>) {
        let State::Open { socket, .. } = self.state else { return };
        if self.writing || self.pause.is_some() || self.outbox.is_empty() {
            return;
        }
        let full = self.buffered > HIGH_WATER;
        let wait = self.next_at.saturating_sub(self.now).max(if full { DRAIN_INTERVAL } else { 0 });
        if wait > 0 {
            self.pause = Some(self.sleep(to, wait));
        } else {
            self.writing = true;
            to.push(Effect::SendNext { token: socket });
        }
    }

    fn written(&mut self, to: To<'_>, size: u32) {
        if !core::mem::take(&mut self.writing) {
            return;
        }
        self.outbox.pop(size);
        self.next_at = self.now.saturating_add(self.options.throttle);
        self.unanswered = self.unanswered.saturating_add(1);
        self.silent_since.get_or_insert(self.now);
        if self.watch.is_none() {
            self.watch = Some(self.sleep(to, self.options.silence));
        }
        self.flush(to);
    }

    /// The longest silence may be over.
    fn look(&mut self, to: To<'_>) {
        self.watch = None;
        let Some(since) = self.silent_since else { return };
        let left = self.options.silence.saturating_sub(self.now.saturating_sub(since));
        if left > 0 {
            self.watch = Some(self.sleep(to, left));
            return;
        }
        self.leave(to);
        self.missed(to, FailureKind::Stalled);
        self.again(to, FailureKind::Stalled);
    }

    /// The handshake was not completed.
    fn refused(&mut self, to: To<'_>, code: u16) {
        let kind = if is_status(code) { FailureKind::Http } else { FailureKind::Unreachable };
        let of_token = self.options.needs_token && matches!(code, 401 | 403);
        let is_final = matches!(code, 400..=499) && !matches!(code, 408 | 425 | 429) && !of_token;
        if is_final { self.fail(to, kind) } else { self.again(to, kind) }
    }

    /// The socket that was open is closed.
    fn lost(&mut self, to: To<'_>, code: u16, since: Millis) {
        match code {
            NORMAL | NO_CODE => return self.ended(to),
            _ if is_verdict(code) => {
                self.leave(to);
                return self.fail(to, FailureKind::Http);
            }
            _ => {}
        }
        if self.now.saturating_sub(since) >= PROVEN_AFTER {
            self.attempts = 1;
        }
        self.leave(to);
        self.missed(to, FailureKind::ConnectionLost);
        self.again(to, FailureKind::ConnectionLost);
    }

    /// Tells the caller of what was sent and not answered. Nobody knows what became of it, so it is not sent twice; the
    /// caller knows what it meant. When no attempt is left the end says the same.
    fn missed(&mut self, to: To<'_>, kind: FailureKind) {
        if core::mem::take(&mut self.unanswered) > 0 && self.has_retries() {
            to.push(Effect::Failed { kind, attempts: self.attempts });
        }
    }

    /// The session is over, in order. What waits gets another.
    fn ended(&mut self, to: To<'_>) {
        self.leave(to);
        self.unanswered = 0;
        if self.outbox.is_empty() {
            self.end(to, Dropped::Lost);
        } else if self.retries() > 0 {
            self.again(to, FailureKind::ConnectionLost);
        } else {
            self.connect(to);
        }
    }

    /// Attempts that were made again.
    fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }

    fn has_retries(&self) -> bool {
        self.retries() < self.options.policy.max_retries.unwrap_or(RECONNECTS)
    }

    /// Connects again after a rest, if there are attempts left.
    fn again(&mut self, to: To<'_>, kind: FailureKind) {
        if !self.has_retries() {
            return self.fail(to, kind);
        }
        let delay = self.options.policy.delay(self.retries(), &mut self.random);
        self.state = State::Waiting(self.sleep(to, delay));
    }

    fn fail(&mut self, to: To<'_>, kind: FailureKind) {
        to.push(Effect::Failed { kind, attempts: self.attempts });
        self.end(to, Dropped::Lost);
    }

    /// Leaves the socket, if there is one.
    fn leave(&mut self, to: To<'_>) {
        match self.state {
            State::Opening { socket, limit } => {
                to.push(Effect::Cancel { token: limit });
                to.push(Effect::Close { token: socket });
            }
            State::Open { socket, .. } => {
                to.push(Effect::Close { token: socket });
                if let Some(token) = self.watch.take() {
                    to.push(Effect::Cancel { token });
                }
            }
            State::GettingToken(token) | State::Waiting(token) => to.push(Effect::Cancel { token }),
            State::Idle | State::Over => {}
        }
        self.state = State::Idle;
        // A message that a socket did not take is still the oldest that waits.
        self.writing = false;
        self.silent_since = None;
    }

    fn end(&mut self, to: To<'_>, why: Dropped) {
        self.leave(to);
        if let Some(token) = self.pause.take() {
            to.push(Effect::Cancel { token });
        }
        if !self.outbox.is_empty() {
            self.outbox.clear();
            to.push(Effect::DropAll { why });
        }
        self.state = State::Over;
        to.push(Effect::Done);
    }

    fn sleep(&mut self, to: To<'_>, duration: Millis) -> Token {
        let token = self.token();
        to.push(Effect::Sleep { token, duration });
        token
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}
