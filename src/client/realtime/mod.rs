//! One realtime connection, from the first frame until there is nothing left to do.
//!
//! It knows frames by number and size, sockets and tokens by the name of the attempt; what is in them stays with the
//! driver (`js/realtime/realtime.ts`). It ends when the app has ended the session and nothing waits, when no connection can
//! be had, or when the caller closes. A later frame begins another life.

mod code;
mod event;
mod outbox;

use alloc::vec::Vec;

pub use event::{Effect, Event};
pub use outbox::{Dropped, Frame, Outbox, OutboxPolicy};

use code::{NO_CODE, NORMAL, is_status, is_verdict};

use super::failure::FailureKind;
use super::machine::Token;
use super::random::Random;
use super::retry::RetryPolicy;
use crate::protocol::Millis;

/// How long a handshake may take.
const OPEN_TIMEOUT: Millis = 20_000;
/// A connection that was open for this long has proven itself, even if nothing was said on it.
const PROVEN_AFTER: Millis = 30_000;
/// How many bytes a socket may hold back before no more are given to it.
const HIGH_WATER: u32 = 1 << 20;
/// How soon a socket that holds bytes back is looked at again. There is no event for it.
const DRAIN_INTERVAL: Millis = 50;

/// What a connection shall be like.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Whether an attempt needs a token of its own; without, a key opens the socket.
    pub needs_token: bool,
    /// What happens to frames that cannot be sent yet.
    pub outbox: OutboxPolicy,
    /// Least time between two frames.
    pub throttle: Millis,
    /// How often and how patiently to connect again.
    pub policy: RetryPolicy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// No socket, and none on its way.
    Away,
    Minting(Token),
    Opening {
        socket: Token,
        limit: Token,
    },
    Open {
        socket: Token,
        since: Millis,
    },
    Resting(Token),
    Over,
}

/// A realtime connection.
#[derive(Debug)]
pub struct Realtime {
    plan: Plan,
    state: State,
    outbox: Outbox,
    random: Random,
    effects: Vec<Effect>,
    tokens: u32,
    now: Millis,
    /// Bytes the open socket holds back.
    buffered: u32,
    /// Attempts since a connection has proven itself, with that one.
    attempts: u32,
    /// How many more frames were sent than came.
    unanswered: u32,
    /// When the next frame may be sent, and the rest until then.
    next_at: Millis,
    pause: Option<Token>,
}

impl Realtime {
    /// Prepares a connection. `seed` decides every random number it will use.
    pub fn new(plan: Plan, seed: u64) -> Self {
        Self {
            outbox: Outbox::new(plan.outbox),
            plan,
            state: State::Away,
            random: Random::new(seed),
            effects: Vec::new(),
            tokens: 0,
            now: 0,
            buffered: 0,
            attempts: 0,
            unanswered: 0,
            next_at: 0,
            pause: None,
        }
    }

    /// Tells what happened, when, and how many bytes the open socket holds back; returns what shall be done, in order.
    pub fn handle(&mut self, now: Millis, buffered: u32, event: Event) -> Vec<Effect> {
        self.now = self.now.max(now);
        self.buffered = buffered;
        self.on(event);
        core::mem::take(&mut self.effects)
    }

    fn on(&mut self, event: Event) {
        match (event, self.state) {
            (_, State::Over) => {}
            (Event::Left, _) => self.end(Dropped::Closed),
            (Event::Sent(frame), state) => {
                self.take(frame);
                match state {
                    State::Away if self.outbox.is_empty() => self.end(Dropped::Full),
                    State::Away => self.connect(),
                    State::Open { .. } => self.flush(),
                    _ => {}
                }
            }
            (Event::Minted(own), State::Minting(token)) if own == token => self.open(),
            (Event::Denied(own, again), State::Minting(token)) if own == token => {
                let kind = FailureKind::TokenUnavailable;
                if again { self.again(kind) } else { self.fail(kind) }
            }
            (Event::Opened(own), State::Opening { socket, limit }) if own == socket => {
                self.effects.push(Effect::Forget(limit));
                self.state = State::Open { socket, since: self.now };
                self.flush();
            }
            (Event::Closed(own, code), State::Opening { socket, .. }) if own == socket => {
                self.leave();
                self.refused(code);
            }
            (Event::Woke(own), State::Opening { limit, .. }) if own == limit => {
                self.leave();
                self.again(FailureKind::Unreachable);
            }
            (Event::Received(own), State::Open { socket, .. }) if own == socket => {
                self.attempts = 1;
                self.unanswered = self.unanswered.saturating_sub(1);
            }
            (Event::Ended(own), State::Open { socket, .. }) if own == socket => {
                self.attempts = 1;
                self.ended();
            }
            (Event::Unauthorized(own), State::Open { socket, .. }) if own == socket => {
                self.leave();
                // Another token may do what this one did not; another try with the same key will not.
                if !self.plan.needs_token {
                    return self.fail(FailureKind::Http);
                }
                self.missed(FailureKind::Http);
                self.again(FailureKind::Http);
            }
            (Event::Closed(own, code), State::Open { socket, since }) if own == socket => self.lost(code, since),
            (Event::Woke(own), State::Resting(token)) if own == token => self.connect(),
            (Event::Woke(own), _) if self.pause == Some(own) => {
                // Timers may come a little early; this one has done its waiting all the same.
                self.pause = None;
                self.next_at = self.now;
                self.flush();
            }
            _ => {}
        }
    }

    fn take(&mut self, frame: Frame) {
        if let Some((frame, why)) = self.outbox.push(frame) {
            self.effects.push(Effect::Drop(frame.number, why));
            if why == Dropped::Full {
                self.effects.push(Effect::Fail(FailureKind::OutboxFull, 0));
            }
        }
    }

    /// Begins an attempt.
    fn connect(&mut self) {
        self.attempts = self.attempts.saturating_add(1);
        if self.plan.needs_token {
            let token = self.token();
            self.state = State::Minting(token);
            self.effects.push(Effect::Mint(token));
        } else {
            self.open();
        }
    }

    fn open(&mut self) {
        let socket = self.token();
        self.effects.push(Effect::Open(socket));
        self.state = State::Opening { socket, limit: self.rest(OPEN_TIMEOUT) };
    }

    /// Sends what waits, as far as throttle and socket allow.
    fn flush(&mut self) {
        let State::Open { socket, .. } = self.state else {
            return;
        };
        while self.pause.is_none() && !self.outbox.is_empty() {
            let full = self.buffered > HIGH_WATER;
            let wait = self.next_at.saturating_sub(self.now).max(if full { DRAIN_INTERVAL } else { 0 });
            if wait > 0 {
                self.pause = Some(self.rest(wait));
            } else if let Some(frame) = self.outbox.pop() {
                self.effects.push(Effect::Send(socket, frame.number));
                self.buffered = self.buffered.saturating_add(frame.size);
                self.next_at = self.now.saturating_add(self.plan.throttle);
                self.unanswered = self.unanswered.saturating_add(1);
            }
        }
    }

    /// The handshake was not completed.
    fn refused(&mut self, code: u16) {
        let kind = if is_status(code) { FailureKind::Http } else { FailureKind::Unreachable };
        let of_token = self.plan.needs_token && matches!(code, 401 | 403);
        let is_final = matches!(code, 400..=499) && !matches!(code, 408 | 425 | 429) && !of_token;
        if is_final { self.fail(kind) } else { self.again(kind) }
    }

    /// The socket that was open is closed.
    fn lost(&mut self, code: u16, since: Millis) {
        match code {
            NORMAL | NO_CODE => return self.ended(),
            _ if is_verdict(code) => {
                self.leave();
                return self.fail(FailureKind::Http);
            }
            _ => {}
        }
        if self.now.saturating_sub(since) >= PROVEN_AFTER {
            self.attempts = 1;
        }
        self.leave();
        self.missed(FailureKind::ConnectionLost);
        self.again(FailureKind::ConnectionLost);
    }

    /// Tells the caller of what was sent and not answered. Nobody knows what became of it, so it is not sent twice; the
    /// caller knows what it meant. When no attempt is left the end says the same.
    fn missed(&mut self, kind: FailureKind) {
        if core::mem::take(&mut self.unanswered) > 0 && self.retries() < self.plan.policy.max_retries {
            self.effects.push(Effect::Fail(kind, self.attempts));
        }
    }

    /// The session is over, in order. What waits gets another.
    fn ended(&mut self) {
        self.leave();
        self.unanswered = 0;
        if self.outbox.is_empty() {
            self.end(Dropped::Lost);
        } else if self.retries() > 0 {
            self.again(FailureKind::ConnectionLost);
        } else {
            self.connect();
        }
    }

    /// Attempts that were made again.
    fn retries(&self) -> u32 {
        self.attempts.saturating_sub(1)
    }

    /// Connects again after a rest, if there are attempts left.
    fn again(&mut self, kind: FailureKind) {
        let retries = self.retries();
        if retries >= self.plan.policy.max_retries {
            return self.fail(kind);
        }
        let delay = self.plan.policy.delay(retries, &mut self.random);
        self.state = State::Resting(self.rest(delay));
    }

    fn fail(&mut self, kind: FailureKind) {
        self.effects.push(Effect::Fail(kind, self.attempts));
        self.end(Dropped::Lost);
    }

    /// Leaves the socket, if there is one.
    fn leave(&mut self) {
        match self.state {
            State::Opening { socket, limit } => {
                self.effects.push(Effect::Forget(limit));
                self.effects.push(Effect::Shut(socket));
            }
            State::Open { socket, .. } => self.effects.push(Effect::Shut(socket)),
            State::Minting(token) | State::Resting(token) => self.effects.push(Effect::Forget(token)),
            State::Away | State::Over => {}
        }
        self.state = State::Away;
    }

    fn end(&mut self, why: Dropped) {
        self.leave();
        if let Some(pause) = self.pause.take() {
            self.effects.push(Effect::Forget(pause));
        }
        while let Some(frame) = self.outbox.pop() {
            self.effects.push(Effect::Drop(frame.number, why));
        }
        self.state = State::Over;
        self.effects.push(Effect::Done);
    }

    fn rest(&mut self, duration: Millis) -> Token {
        let token = self.token();
        self.effects.push(Effect::Rest(token, duration));
        token
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}
