//! The shape every operation has: events in, effects out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::budget::Spent;
use super::expect::{Expect, Facts};
use super::failure::{Failure, FailureKind};
use super::random::Random;
use super::request::Request;
use crate::protocol::{Head, Media, Millis, RequestId};

/// Names one thing that is under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token(pub u32);

/// What happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// The operation begins.
    Started,
    /// Status and headers have arrived.
    Answered(Token, Head),
    /// The body has arrived and says this.
    Read(Token, Facts),
    /// Bytes of a body that is read as it comes; none when they went straight to the caller.
    Chunk(Token, Vec<u8>),
    /// That body is over.
    Ended(Token),
    /// The caller does not keep up, and nothing is read until he does.
    Paused(Token),
    /// He does again.
    Resumed(Token),
    /// No answer, or no whole answer.
    Failed(Token, FailureKind),
    /// A rest is over.
    Woke(Token),
    /// The caller does not want it any more.
    Aborted,
}

/// What shall be done.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Send a request; answer with [`Event::Answered`] or [`Event::Failed`].
    Send(Token, Request),
    /// Read the body that came under this token; answer with [`Event::Read`] or [`Event::Failed`].
    Read(Token, Media, Expect),
    /// Read the body that came under this token as it comes: events come here, in [`Event::Chunk`]s, anything else
    /// goes to the caller. Answer with [`Event::Ended`] or [`Event::Failed`] at its end.
    Open(Token, Media),
    /// An event of such a body. [`Expect::Anything`] goes to the caller, anything else is answered like [`Effect::Read`];
    /// what is no JSON with [`Event::Failed`].
    Item(Token, Vec<u8>, Expect),
    /// Answer with [`Event::Woke`] after this long.
    Rest(Token, Millis),
    /// Stop what is under way under this token; no event is wanted from it any more.
    Forget(Token),
    /// Tell the caller.
    Tell(Notice),
    /// The operation is over. Nothing follows.
    Done(Result<Output, Failure>),
}

/// What the caller is told on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The request is in the queue under this id.
    Enqueued(RequestId),
    /// The body read last is a queue status.
    Status,
    /// The body read last is the receipt of this part of the file: it is accepted.
    Accepted(u32),
}

/// What an operation ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// The body read last.
    Value,
    /// The body read last, as the result of a model; with the request in the queue it is the result of, if it is.
    Result(Option<RequestId>),
    /// The URL of an uploaded file.
    File(String),
    /// Nothing.
    Nothing,
}

/// What an operation needs to act.
#[derive(Debug)]
pub struct Context {
    /// When the event that is being handled happened.
    pub now: Millis,
    /// When all of it has to be over, if there is such a time: no try begins after it.
    pub deadline: Option<Millis>,
    /// What the tries of this client have cost.
    pub spent: Spent,
    effects: Vec<Effect>,
    tokens: u32,
    /// Where chance comes from.
    pub random: Random,
}

/// The logic of one operation.
pub trait Operation {
    /// Takes one event and says through the context what shall be done.
    fn on(&mut self, context: &mut Context, event: Event);
}

/// An operation that can be driven.
pub struct Machine {
    operation: Box<dyn Operation>,
    context: Context,
}

impl Machine {
    /// Sets an operation up. `seed` decides every random number it will use.
    pub fn new(operation: impl Operation + 'static, seed: u64) -> Self {
        Self { operation: Box::new(operation), context: Context::new(seed) }
    }

    /// What the tries of the client this operation belongs to have cost: set before an event is handled, read after.
    pub fn spent(&mut self) -> &mut Spent {
        &mut self.context.spent
    }

    /// Tells the operation what happened, and when; returns what shall be done, in order.
    pub fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        self.context.now = self.context.now.max(now);
        self.operation.on(&mut self.context, event);
        core::mem::take(&mut self.context.effects)
    }
}

impl Context {
    pub(super) fn new(seed: u64) -> Self {
        let (deadline, spent) = (None, Spent::default());
        Self { now: 0, deadline, spent, effects: Vec::new(), tokens: 0, random: Random::new(seed) }
    }

    /// Sets the time by which all of it has to be over; wakes then.
    pub fn limit(&mut self, timeout: Option<Millis>) -> Option<Token> {
        let timeout = timeout?;
        self.deadline = Some(self.now.saturating_add(timeout));
        Some(self.rest(timeout))
    }

    /// Sends a request.
    pub fn send(&mut self, request: Request) -> Token {
        let token = self.token();
        self.effects.push(Effect::Send(token, request));
        token
    }

    /// Reads the body of an answer.
    pub fn read(&mut self, token: Token, media: Media, expect: Expect) {
        self.effects.push(Effect::Read(token, media, expect));
    }

    /// Reads a body as it comes.
    pub fn open(&mut self, token: Token, media: Media) {
        self.effects.push(Effect::Open(token, media));
    }

    /// Hands on one event of a body.
    pub fn item(&mut self, token: Token, data: &[u8], expect: Expect) {
        self.effects.push(Effect::Item(token, data.into(), expect));
    }

    /// Rests.
    pub fn rest(&mut self, duration: Millis) -> Token {
        let token = self.token();
        self.effects.push(Effect::Rest(token, duration));
        token
    }

    /// Stops what is under way.
    pub fn forget(&mut self, token: Token) {
        self.effects.push(Effect::Forget(token));
    }

    /// Tells the caller something.
    pub fn tell(&mut self, notice: Notice) {
        self.effects.push(Effect::Tell(notice));
    }

    /// Ends the operation.
    pub fn done(&mut self, outcome: Result<Output, Failure>) {
        self.effects.push(Effect::Done(outcome));
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}
