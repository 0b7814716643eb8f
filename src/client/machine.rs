//! The shape every operation has: events in, effects out.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec::Vec;

use super::failure::{Failure, FailureKind};
use super::request::Request;
use crate::protocol::{Fields, Head, Initiated, Media, QueueStatus, RequestId, Submitted};

/// Time in milliseconds since a moment the driver chose; it never runs backwards.
pub type Millis = u64;

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
    /// Answer with [`Event::Woke`] after this long.
    Rest(Token, Millis),
    /// Stop what is under way under this token; no event is wanted from it any more.
    Forget(Token),
    /// Tell the caller.
    Tell(Notice),
    /// The operation is over. Nothing follows.
    Done(Result<Output, Failure>),
}

/// What a body is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever the model answers.
    Anything,
    /// The answer to a submit.
    Submitted,
    /// A queue status.
    Status,
    /// The answer to the question where to upload.
    Initiated,
    /// Nothing of interest; it is read so that the connection can be used again.
    Nothing,
    /// The explanation of an error, in JSON or not.
    Explanation,
}

impl Expect {
    /// The names of the text fields that are wanted from the body; empty where there are fewer than two.
    pub fn fields(self) -> [&'static str; 2] {
        match self {
            Expect::Submitted => Submitted::FIELDS,
            Expect::Status => QueueStatus::FIELDS,
            Expect::Initiated => Initiated::FIELDS,
            Expect::Anything | Expect::Nothing | Expect::Explanation => ["", ""],
        }
    }

    /// Reads those fields; none when the body is not what was expected.
    pub fn read(self, fields: Fields<'_>) -> Option<Facts> {
        match self {
            Expect::Submitted => Submitted::read(fields).map(Facts::Submitted),
            Expect::Status => QueueStatus::read(fields).map(Facts::Status),
            Expect::Initiated => Initiated::read(fields).map(Facts::Initiated),
            Expect::Anything | Expect::Nothing | Expect::Explanation => Some(Facts::Nothing),
        }
    }
}

/// What a body says, as far as it decides anything.
#[derive(Clone, Debug)]
pub enum Facts {
    /// Nothing that decides anything.
    Nothing,
    /// A request is queued.
    Submitted(Submitted),
    /// Where a request is.
    Status(QueueStatus),
    /// Where to upload.
    Initiated(Initiated),
}

/// What the caller is told on the way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The request is in the queue under this id.
    Enqueued(RequestId),
    /// The body read last is a queue status.
    Status,
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
    effects: Vec<Effect>,
    tokens: u32,
    random: u64,
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
        let context = Context { now: 0, effects: Vec::new(), tokens: 0, random: seed | 1 };
        Self { operation: Box::new(operation), context }
    }

    /// Tells the operation what happened, and when; returns what shall be done, in order.
    pub fn handle(&mut self, now: Millis, event: Event) -> Vec<Effect> {
        self.context.now = self.context.now.max(now);
        self.operation.on(&mut self.context, event);
        core::mem::take(&mut self.context.effects)
    }
}

impl Context {
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

    /// A random number below `bound` (xorshift64*); 0 for a bound of 0. Good enough to spread retries.
    pub fn random_below(&mut self, bound: u64) -> u64 {
        self.random ^= self.random >> 12;
        self.random ^= self.random << 25;
        self.random ^= self.random >> 27;
        let number = self.random.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16;
        number.checked_rem(bound).unwrap_or(0)
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}
