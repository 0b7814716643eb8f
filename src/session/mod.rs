//! One session with a world model over WebRTC, from the moment it is opened until there is nothing left to do.
//!
//! A browser asks fal's bridge for ICE servers, gathers its addresses, and sends one offer. fal's answer names a session, which
//! is paid for by the second and lives as long as heartbeats come. Media then flows between the browser and fal's runner.
//!
//! The bridge takes one offer for a session and no second one: there is nothing that an ICE restart could be sent to. A lost way
//! comes back by itself ([`Event::Disconnected`]), or the session is lost.
//!
//! What is promised: an offer whose fate is unknown is never repeated, there is never a second session before the first is over,
//! and no heartbeat is sent after its owner has left.

#![forbid(unsafe_code)]

mod beats;
mod event;
mod gathering;
mod outbox;

pub use event::{Candidate, Effect, Effects, Event, Failure, MAX_EFFECTS, Moment, Pulse, Warning};

use beats::Beats;
use gathering::Gathering;
use outbox::Outbox;

use crate::client::{Sink, Token};

/// How long ICE servers are waited for, from either side.
const ICE_TIMEOUT: Moment = 5_000;
/// How long fal may take to answer an offer: a runner may have to start first.
const NEGOTIATION_TIMEOUT: Moment = 120_000;
/// How long it may take from the answer to an open channel. Chosen: browsers give up on ICE after 15 to 30 seconds.
const CONNECT_TIMEOUT: Moment = 30_000;
/// How long a lost way may take to come back. Chosen: as long as browsers take to give it up.
const GRACE: Moment = 15_000;

/// What a session is like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionOptions {
    /// Whether the caller has servers of their own, and a relay among them.
    pub servers: Option<bool>,
    /// Whether only a relay may be used.
    pub relay_only: bool,
    /// How long fal may take to answer. Default 120 s.
    pub negotiation: Moment,
    /// How often a session that was lost may be replaced by a fresh one, which is paid for anew. Default 0.
    pub reopen: u32,
    /// How long the page may be hidden before the session is closed. Default: as long as it likes.
    pub hidden: Option<Moment>,
}

impl SessionOptions {
    /// What is usual.
    pub const DEFAULT: Self =
        Self { servers: None, relay_only: false, negotiation: NEGOTIATION_TIMEOUT, reopen: 0, hidden: None };
}

impl Default for SessionOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// Where effects go.
type To<'a> = &'a mut dyn Sink<Effect>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before anything.
    Idle,
    /// A camera or a microphone is being asked for.
    AskingForMedia,
    /// ICE servers are: the bridge's, or the app's own.
    AskingForIce {
        request: Token,
        limit: Token,
        app: bool,
    },
    /// The peer finds out its addresses.
    Gathering,
    /// fal has the offer, or will.
    Offering {
        request: Token,
        limit: Token,
    },
    /// The answer is being put in place.
    Applying,
    Live,
    Over,
}

/// A session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Session {
    options: SessionOptions,
    state: State,
    now: Moment,
    tokens: u32,
    /// The peer that events are about.
    peer: Token,
    gathering: Gathering,
    beats: Beats,
    outbox: Outbox,
    /// Whether there is a session at fal that nobody has called over.
    accepted: bool,
    /// The offer that was not waited for to its end: fal's answer to it may still come.
    left_behind: Option<Token>,
    /// Until the channel has to be open, or the way has to be back.
    patience: Option<Token>,
    is_interrupted: bool,
    hidden: Option<Token>,
    was_live: bool,
}

impl Session {
    /// Prepares a session.
    #[inline(never)]
    pub const fn new(options: SessionOptions) -> Self {
        Self {
            options,
            state: State::Idle,
            now: 0,
            tokens: 0,
            peer: Token(0),
            gathering: Gathering::NOTHING,
            beats: Beats::NONE,
            outbox: Outbox::EMPTY,
            accepted: false,
            left_behind: None,
            patience: None,
            is_interrupted: false,
            hidden: None,
            was_live: false,
        }
    }

    /// Tells what happened, and when; `effects` are then what to do, in order.
    pub fn handle(&mut self, now: Moment, event: Event, effects: &mut dyn Sink<Effect>) {
        effects.clear();
        self.now = self.now.max(now);
        self.on(effects, event);
    }

    fn on(&mut self, to: To<'_>, event: Event) {
        match (event, self.state) {
            (Event::Accepted { token }, _) if self.left_behind == Some(token) => {
                // Its owner has left; what nobody keeps alive ends by itself. Its place is freed at once.
                self.left_behind = None;
                to.push(Effect::TellOver);
            }
            (_, State::Over) => {}
            (Event::Left, _) => self.end(to, None),
            (Event::Opened, State::Idle) => self.state = State::AskingForMedia,
            (Event::MediaReady, State::AskingForMedia) => self.ask(to, false),
            (Event::MediaRefused, State::AskingForMedia) => self.fail(to, Failure::MediaRefused, 0),
            (Event::IceGiven { token, relay }, State::AskingForIce { request, limit, .. }) if token == request => {
                to.push(Effect::Cancel { token: limit });
                self.make_peer(to, true, relay);
            }
            (Event::IceMissing { token }, State::AskingForIce { request, limit, app }) if token == request => {
                to.push(Effect::Cancel { token: limit });
                self.without_ice(to, app);
            }
            (Event::OfferFailed { token }, State::Gathering) if token == self.peer => {
                self.fail(to, Failure::OfferFailed, 0);
            }
            (Event::Candidate { token, kind }, State::Gathering) if token == self.peer => self.gathered(to, kind),
            (Event::Gathered { token }, State::Gathering) if token == self.peer => self.offer(to),
            (Event::Accepted { token }, State::Offering { request, limit }) if token == request => {
                to.push(Effect::Cancel { token: limit });
                self.accepted = true;
                self.state = State::Applying;
                to.push(Effect::Apply);
                let timer = self.token();
                self.beats.begin(to, self.now, timer);
            }
            (Event::Refused { token, status }, State::Offering { request, .. }) if token == request => {
                // A server error says nothing about what was begun before it.
                let is_known = (400..500).contains(&status) && status != 408;
                let why = if is_known { Failure::Refused } else { Failure::AcceptanceUnknown };
                self.fail(to, why, status);
            }
            (Event::Applied { token }, State::Applying) if token == self.peer => self.live(to),
            (Event::AnswerInvalid { token }, State::Applying) if token == self.peer => {
                self.fail(to, Failure::AnswerInvalid, 0);
            }
            (Event::TimerFired { token }, _) => self.fired(to, token),
            (Event::Beaten { token, pulse }, _) => {
                if let Some((why, strikes)) = self.beats.beaten(to, token, pulse) {
                    self.lose(to, why, strikes);
                }
            }
            (Event::Queued, _) => self.outbox.queued(to),
            (Event::Written, _) => self.outbox.written(to),
            (Event::Full, _) => self.outbox.full(),
            (Event::Drained, _) => self.outbox.drained(to),
            (Event::Unplugged, _) => to.push(Effect::Warn(Warning::Unplugged)),
            (Event::Hidden, _) => self.hide(to),
            (Event::Shown, _) => {
                self.forget(to, |session| &mut session.hidden);
                if self.accepted {
                    let tokens = [self.token(), self.token()];
                    self.beats.late(to, self.now, tokens);
                }
            }
            (event, State::Applying | State::Live) => self.on_peer(to, event),
            _ => {}
        }
    }

    /// What the peer tells of a session that fal has taken.
    fn on_peer(&mut self, to: To<'_>, event: Event) {
        match event {
            Event::ChannelOpened { token } if token == self.peer => {
                if !self.is_interrupted {
                    self.forget(to, |session| &mut session.patience);
                }
                self.outbox.opened(to);
            }
            Event::ChannelClosed { token } if token == self.peer => self.lose(to, Failure::ChannelClosed, 0),
            Event::Connected { token } if token == self.peer && self.is_interrupted => {
                self.is_interrupted = false;
                self.forget(to, |session| &mut session.patience);
                to.push(Effect::Warn(Warning::Resumed));
            }
            Event::Disconnected { token } if token == self.peer && !self.is_interrupted => {
                self.is_interrupted = true;
                self.forget(to, |session| &mut session.patience);
                self.patience = Some(self.sleep(to, GRACE));
                to.push(Effect::Warn(Warning::Interrupted));
            }
            Event::Unconnected { token } if token == self.peer => self.unconnected(to),
            Event::Ended { token } if token == self.peer => self.end(to, None),
            _ => {}
        }
    }

    fn fired(&mut self, to: To<'_>, token: Token) {
        match self.state {
            State::AskingForIce { request, limit, app } if limit == token => {
                to.push(Effect::Abort { token: request });
                return self.without_ice(to, app);
            }
            State::Offering { limit, .. } if limit == token => return self.fail(to, Failure::AcceptanceUnknown, 0),
            State::Gathering if self.gathering.is_over(token) => return self.offer(to),
            _ => {}
        }
        if self.patience == Some(token) {
            self.patience = None;
            return self.unconnected(to);
        }
        if self.hidden == Some(token) {
            return self.end(to, None);
        }
        let tokens = [self.token(), self.token(), self.token()];
        self.beats.fired(to, self.now, token, tokens);
    }

    /// Asks for ICE servers: the bridge first, then the app.
    fn ask(&mut self, to: To<'_>, app: bool) {
        if let Some(relay) = self.options.servers {
            return self.make_peer(to, true, relay);
        }
        let token = self.token();
        to.push(if app { Effect::AskApp { token } } else { Effect::AskBridge { token } });
        self.state = State::AskingForIce { request: token, limit: self.sleep(to, ICE_TIMEOUT), app };
    }

    fn without_ice(&mut self, to: To<'_>, app: bool) {
        if app {
            to.push(Effect::Warn(Warning::NoServers));
            self.make_peer(to, false, false);
        } else {
            to.push(Effect::Warn(Warning::BridgeSilent));
            self.ask(to, true);
        }
    }

    fn make_peer(&mut self, to: To<'_>, given: bool, relay: bool) {
        self.peer = self.token();
        self.state = State::Gathering;
        to.push(Effect::MakePeer { token: self.peer, given });
        let limit = self.sleep(to, gathering::TIMEOUT);
        self.gathering = Gathering::new(limit, relay, self.options.relay_only);
    }

    fn gathered(&mut self, to: To<'_>, kind: Candidate) {
        if let Some(quiet) = self.gathering.quiet.take() {
            to.push(Effect::Cancel { token: quiet });
        }
        if self.gathering.suffices_with(kind) {
            self.gathering.quiet = Some(self.sleep(to, gathering::QUIET));
        }
    }

    /// Sends the offer: once.
    fn offer(&mut self, to: To<'_>) {
        let timers = [self.gathering.quiet.take(), Some(self.gathering.limit)];
        timers.into_iter().flatten().for_each(|token| to.push(Effect::Cancel { token }));
        if self.gathering.lacks_relay() {
            return self.fail(to, Failure::NoRelay, 0);
        }
        let token = self.token();
        to.push(Effect::Offer { token });
        self.state = State::Offering { request: token, limit: self.sleep(to, self.options.negotiation) };
    }

    fn live(&mut self, to: To<'_>) {
        self.state = State::Live;
        if !self.outbox.is_open() && !self.is_interrupted {
            self.patience = Some(self.sleep(to, CONNECT_TIMEOUT));
        }
        // A fresh session takes the place of the old one: for the caller it is the same.
        if !core::mem::replace(&mut self.was_live, true) {
            to.push(Effect::Live);
        }
    }

    fn hide(&mut self, to: To<'_>) {
        if let Some(limit) = self.options.hidden
            && self.hidden.is_none()
        {
            self.hidden = Some(self.sleep(to, limit));
        }
    }

    fn unconnected(&mut self, to: To<'_>) {
        let why = if self.outbox.was_open() { Failure::ConnectionLost } else { Failure::Unconnected };
        self.lose(to, why, 0);
    }

    /// The session is lost. Where the app has said so, a fresh one takes its place.
    fn lose(&mut self, to: To<'_>, why: Failure, detail: u32) {
        let may_reopen = why != Failure::CutOff && self.outbox.was_open() && self.state == State::Live;
        if self.options.reopen == 0 || !may_reopen {
            return self.fail(to, why, detail);
        }
        self.options.reopen -= 1;
        self.close_peer(to);
        to.push(Effect::Warn(Warning::Reopening));
        // The page may have been hidden before; that timer was stopped with the others.
        if self.hidden.take().is_some() {
            self.hide(to);
        }
        self.ask(to, false);
    }

    fn fail(&mut self, to: To<'_>, why: Failure, detail: u32) {
        self.end(to, Some((why, detail)));
    }

    fn end(&mut self, to: To<'_>, why: Option<(Failure, u32)>) {
        if let State::Offering { request, .. } = self.state {
            self.left_behind = Some(request);
        }
        self.state = State::Over;
        to.push(why.map_or(Effect::Closed, |(why, detail)| Effect::Failed { why, detail }));
        self.close_peer(to);
    }

    fn close_peer(&mut self, to: To<'_>) {
        to.push(Effect::ClosePeer);
        self.beats = Beats::NONE;
        self.outbox.closed();
        (self.patience, self.is_interrupted) = (None, false);
        if core::mem::take(&mut self.accepted) {
            to.push(Effect::TellOver);
        }
    }

    fn forget(&mut self, to: To<'_>, timer: impl FnOnce(&mut Self) -> &mut Option<Token>) {
        if let Some(token) = timer(self).take() {
            to.push(Effect::Cancel { token });
        }
    }

    fn sleep(&mut self, to: To<'_>, duration: Moment) -> Token {
        let token = self.token();
        to.push(Effect::Sleep { token, duration });
        token
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}
