//! One realtime connection, from the first message until there is nothing left to do.
//!
//! It counts messages and bytes, and knows sockets and tokens by the name of the attempt; what is in them stays with the
//! driver (`js/realtime/connection.ts`). It ends when the app has ended the session and nothing waits, or when the caller
//! closes; a later message begins another connection. When no connection can be had it stays, with the next message as
//! another try. After a refusal that will not pass it rests: what is sent meanwhile is dropped.

mod close_code;
mod event;
mod outbox;

pub use event::{ConnectionState, Effect, Effects, Event, MAX_EFFECTS};
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
/// How long nothing is tried after the first refusal that will not pass. Each that follows doubles it, up to the longest.
const FIRST_REST: Millis = 1_000;
const LONGEST_REST: Millis = 60_000;
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

/// The name of nothing: the first has 1.
const NONE: Token = Token(0);

/// Where effects go.
type To<'a> = &'a mut dyn Sink<Effect>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No socket, and none on its way.
    Idle,
    GettingToken,
    Opening,
    Open,
    /// Between two attempts.
    Waiting,
    /// No connection can be had. The next message that comes after the rest asks for one again.
    Failed,
    Over,
}

/// A realtime connection.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Realtime {
    options: ConnectionOptions,
    state: State,
    /// The token that is asked for, the socket, or the wait between two attempts.
    current: Token,
    /// When the socket was opened.
    since: Millis,
    /// How long nothing is tried after the last failure; 0 unless it is one that will not pass. It takes no timer, which
    /// would keep a program from ending.
    rest: Millis,
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
    /// When the next message may be sent, and the timer until then. After a failure: when that was.
    next_at: Millis,
    pause: Token,
    /// A message is being written.
    writing: bool,
    /// When the first message was sent after which nothing was heard.
    silent_since: Option<Millis>,
    /// The timer of the socket: of its handshake, then of that silence. It is set once and not with every message.
    watch: Token,
}

impl Realtime {
    /// Prepares a connection. `seed` decides every random number it will use.
    #[inline(never)]
    pub fn new(options: ConnectionOptions, seed: u64) -> Self {
        Self {
            outbox: Outbox::new(options.outbox),
            options,
            state: State::Idle,
            current: NONE,
            since: 0,
            rest: 0,
            random: Random::new(seed),
            tokens: 0,
            now: 0,
            buffered: 0,
            attempts: 0,
            unanswered: 0,
            next_at: 0,
            pause: NONE,
            writing: false,
            silent_since: None,
            watch: NONE,
        }
    }

    /// Connects before there is a message, for whoever wants to know at once whether there can be a connection. JavaScript
    /// does not use it.
    pub fn begin(&mut self, now: Millis, effects: &mut dyn Sink<Effect>) {
        effects.clear();
        self.now = self.now.max(now);
        if self.state == State::Idle {
            self.connect(effects);
            effects.push(Effect::Changed { state: self.shown() });
        }
    }

    /// Tells what happened, when, and how many bytes the open socket holds back; `effects` are then what to do, in order.
    pub fn handle(&mut self, now: Millis, buffered: u32, event: Event, effects: &mut dyn Sink<Effect>) {
        effects.clear();
        self.now = self.now.max(now);
        self.buffered = buffered;
        if self.state == State::Over {
            return;
        }
        let before = self.shown();
        self.on(effects, event);
        let state = self.shown();
        // It is over at once when the outbox does not take its first message.
        if state != before || self.state == State::Over {
            effects.push(Effect::Changed { state });
        }
    }

    /// What the caller knows of it.
    fn shown(&self) -> ConnectionState {
        match self.state {
            State::Idle | State::Over => ConnectionState::Closed,
            State::Open => ConnectionState::Live,
            State::Failed => ConnectionState::Failed,
            State::GettingToken | State::Opening | State::Waiting => ConnectionState::Opening,
        }
    }

    fn on(&mut self, to: To<'_>, event: Event) {
        match (event, self.state) {
            (Event::Left, _) => self.end(to, Dropped::Closed),
            (Event::Queued { size }, state) => {
                self.take(to, size);
                match state {
                    State::Idle if self.outbox.is_empty() => self.end(to, Dropped::Full),
                    State::Failed if self.now.saturating_sub(self.next_at) < self.rest => self.stop(to, Dropped::Lost),
                    State::Idle | State::Failed => self.connect(to),
                    _ => self.flush(to),
                }
            }
            (Event::Written { size }, _) => self.written(to, size),
            (Event::TimerFired { token }, state) if token == self.watch => {
                self.watch = NONE;
                if state == State::Open {
                    self.look(to);
                } else {
                    self.leave(to);
                    self.again(to, FailureKind::Unreachable, false);
                }
            }
            (Event::TimerFired { token }, _) if token == self.pause => {
                // Timers may fire a little early; this one has done its waiting all the same.
                self.pause = NONE;
                self.next_at = self.now;
                self.flush(to);
            }
            (
                Event::TokenIssued { token }
                | Event::TokenDenied { token, .. }
                | Event::Opened { token }
                | Event::Received { token }
                | Event::SessionEnded { token }
                | Event::Unauthorized { token }
                | Event::Closed { token, .. }
                | Event::TimerFired { token },
                _,
            ) if token != self.current => {}
            (Event::TokenIssued { .. }, State::GettingToken) => self.open(to),
            (Event::TokenDenied { retryable, .. }, State::GettingToken) => {
                let kind = FailureKind::TokenUnavailable;
                if retryable { self.again(to, kind, false) } else { self.fail(to, kind, true) }
            }
            (Event::Opened { .. }, State::Opening) => {
                cancel(to, &mut self.watch);
                (self.state, self.since) = (State::Open, self.now);
                self.flush(to);
            }
            (Event::Closed { code, .. }, State::Opening) => {
                self.leave(to);
                self.refused(to, code);
            }
            (Event::Received { .. }, State::Open) => {
                self.attempts = 1;
                self.rest = 0;
                self.unanswered = self.unanswered.saturating_sub(1);
                self.silent_since = None;
            }
            (Event::SessionEnded { .. }, State::Open) => {
                self.attempts = 1;
                self.ended(to);
            }
            (Event::Unauthorized { .. }, State::Open) => {
                self.leave(to);
                // Another token may do what this one did not; another try with the same key will not.
                if !self.options.needs_token {
                    return self.fail(to, FailureKind::Http, true);
                }
                self.missed(to, FailureKind::Http);
                self.again(to, FailureKind::Http, true);
            }
            (Event::Closed { code, .. }, State::Open) => self.lost(to, code),
            (Event::TimerFired { .. }, State::Waiting) => self.connect(to),
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
            self.state = State::GettingToken;
            self.current = self.token();
            to.push(Effect::IssueToken { token: self.current });
        } else {
            self.open(to);
        }
    }

    fn open(&mut self, to: To<'_>) {
        self.state = State::Opening;
        self.current = self.token();
        to.push(Effect::Open { token: self.current });
        self.watch = self.sleep(to, OPEN_TIMEOUT);
    }

    /// Sends the next message, as far as throttle and socket allow.
    fn flush(&mut self, to: To<'_>) {
        if self.state != State::Open || self.writing || self.pause != NONE || self.outbox.is_empty() {
            return;
        }
        let full = self.buffered > HIGH_WATER;
        let wait = self.next_at.saturating_sub(self.now).max(if full { DRAIN_INTERVAL } else { 0 });
        if wait > 0 {
            self.pause = self.sleep(to, wait);
        } else {
            self.writing = true;
            to.push(Effect::SendNext { token: self.current });
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
        if self.watch == NONE {
            self.watch = self.sleep(to, self.options.silence);
        }
        self.flush(to);
    }

    /// The longest silence may be over.
    fn look(&mut self, to: To<'_>) {
        let Some(since) = self.silent_since else { return };
        let left = self.options.silence.saturating_sub(self.now.saturating_sub(since));
        if left > 0 {
            self.watch = self.sleep(to, left);
            return;
        }
        self.leave(to);
        self.missed(to, FailureKind::Stalled);
        self.again(to, FailureKind::Stalled, false);
    }

    /// The handshake was not completed.
    fn refused(&mut self, to: To<'_>, code: u16) {
        let kind = if is_status(code) { FailureKind::Http } else { FailureKind::Unreachable };
        let of_token = self.options.needs_token && matches!(code, 401 | 403);
        let is_final = matches!(code, 400..=499) && !matches!(code, 408 | 425 | 429) && !of_token;
        if is_final { self.fail(to, kind, true) } else { self.again(to, kind, of_token) }
    }

    /// The socket that was open is closed.
    fn lost(&mut self, to: To<'_>, code: u16) {
        match code {
            NORMAL | NO_CODE => return self.ended(to),
            _ if is_verdict(code) => {
                self.leave(to);
                return self.fail(to, FailureKind::Http, true);
            }
            _ => {}
        }
        if self.now.saturating_sub(self.since) >= PROVEN_AFTER {
            self.attempts = 1;
        }
        self.leave(to);
        self.missed(to, FailureKind::ConnectionLost);
        self.again(to, FailureKind::ConnectionLost, false);
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
            self.again(to, FailureKind::ConnectionLost, false);
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

    /// Connects again after a while, if there are attempts left.
    fn again(&mut self, to: To<'_>, kind: FailureKind, is_refusal: bool) {
        if !self.has_retries() {
            return self.fail(to, kind, is_refusal);
        }
        let delay = self.options.policy.delay(self.retries(), &mut self.random);
        self.state = State::Waiting;
        self.current = self.sleep(to, delay);
    }

    /// Says so once. After a refusal, which will not pass, nothing is tried for a while.
    fn fail(&mut self, to: To<'_>, kind: FailureKind, is_refusal: bool) {
        to.push(Effect::Failed { kind, attempts: self.attempts });
        self.stop(to, Dropped::Lost);
        self.state = State::Failed;
        (self.attempts, self.unanswered) = (0, 0);
        self.rest = if is_refusal { (self.rest * 2).clamp(FIRST_REST, LONGEST_REST) } else { 0 };
        self.next_at = self.now;
    }

    /// Leaves the attempt or the socket, if there is one. Whoever calls it says what comes next.
    fn leave(&mut self, to: To<'_>) {
        cancel(to, &mut self.current);
        cancel(to, &mut self.watch);
        // A message that a socket did not take is still the oldest that waits.
        self.writing = false;
        self.silent_since = None;
    }

    fn end(&mut self, to: To<'_>, why: Dropped) {
        self.stop(to, why);
        self.state = State::Over;
    }

    fn stop(&mut self, to: To<'_>, why: Dropped) {
        self.leave(to);
        cancel(to, &mut self.pause);
        if !self.outbox.is_empty() {
            self.outbox.clear();
            to.push(Effect::DropAll { why });
        }
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

/// Cancels what is under way, if there is something.
fn cancel(to: To<'_>, what: &mut Token) {
    let token = core::mem::replace(what, NONE);
    if token != NONE {
        to.push(Effect::Cancel { token });
    }
}
