//! The shape every operation has: events in, effects out.

use super::body::{Body, BodyKind};
use super::budget::RetryBudget;
use super::call::Call;
use super::call_options::CallOptions;
use super::effects::{Effect, Notice, Output, Sink};
use super::failure::{Failure, FailureKind};
use super::random::Random;
use super::request::Request;
use super::stream::Stream;
use super::subscribe::Subscribe;
use super::upload::Upload;
use crate::protocol::{Head, Media, Millis};

/// Names one thing that is under way: an exchange, a timer, a socket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Token(
    /// Its number, never 0.
    pub u32,
);

impl Token {
    /// Of nothing.
    pub(super) const NONE: Self = Self(0);
}

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Event {
    /// The operation begins.
    Started,
    /// Status and headers have arrived.
    Answered {
        /// Of which exchange.
        token: Token,
        /// What they say.
        head: Head,
    },
    /// The body, or one item of it, has arrived and says this.
    Read {
        /// Of which exchange.
        token: Token,
        /// What it says.
        body: Body,
    },
    /// Some of a body that is read as it comes has arrived.
    Chunk {
        /// Of which exchange.
        token: Token,
    },
    /// That body is over.
    Ended {
        /// Of which exchange.
        token: Token,
    },
    /// That body ended with an event that says what went wrong.
    Explained {
        /// Of which exchange.
        token: Token,
    },
    /// The caller does not keep up, and nothing is read until they do.
    Paused {
        /// Of which exchange.
        token: Token,
    },
    /// The caller keeps up again.
    Resumed {
        /// Of which exchange.
        token: Token,
    },
    /// No answer, or not all of it.
    Failed {
        /// Of which exchange.
        token: Token,
        /// Why.
        kind: FailureKind,
    },
    /// A timer has fired.
    TimerFired {
        /// Which.
        token: Token,
    },
    /// The caller does not want it any more.
    Aborted,
}

/// One operation of a client.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operation {
    /// One request and its answer.
    Call(Call),
    /// A request followed through the queue.
    Subscribe(Subscribe),
    /// An answer read as it comes.
    Stream(Stream),
    /// A file on its way to fal's storage.
    Upload(Upload),
}

/// What an operation does with what happens.
pub trait Steps {
    /// Handles an event.
    #[doc(hidden)]
    fn step<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, event: &Event);
    /// Ends it before its time.
    #[doc(hidden)]
    fn end<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, kind: FailureKind);
}

impl Steps for Operation {
    fn step<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, event: &Event) {
        match self {
            Self::Call(call) => call.step(context, event),
            Self::Subscribe(subscribe) => subscribe.step(context, event),
            Self::Stream(stream) => stream.step(context, event),
            Self::Upload(upload) => upload.step(context, event),
        }
    }

    fn end<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, kind: FailureKind) {
        match self {
            Self::Call(call) => Steps::end(call, context, kind),
            Self::Subscribe(subscribe) => Steps::end(subscribe, context, kind),
            Self::Stream(stream) => stream.end(context, kind),
            Self::Upload(upload) => upload.end(context, kind),
        }
    }
}

/// An operation that can be driven: any of them, or one whose type says which it is. A program that makes calls of one kind
/// alone has no code for the others then.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Machine<O = Operation> {
    operation: O,
    options: CallOptions,
    state: State,
    /// Fires when the time for all of it is over.
    timer: Token,
}

/// What every operation has besides its own state.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct State {
    /// When the event that is being handled happened.
    pub now: Millis,
    /// When all of it has to be over, if there is such a time: no try begins after it.
    pub deadline: Option<Millis>,
    /// What the retries of this client have cost.
    pub budget: RetryBudget,
    /// Where chance comes from.
    pub random: Random,
    tokens: u32,
}

/// What an operation needs to handle one event.
pub struct Context<'a, S> {
    /// What stays from one event to the next.
    pub(super) state: &'a mut State,
    /// What the caller wants.
    pub(super) options: &'a CallOptions,
    effects: &'a mut S,
}

impl Machine {
    /// Sets an operation up. `seed` decides every random number it will use.
    #[inline(never)]
    pub fn new(operation: impl Into<Operation>, options: impl Into<CallOptions>, seed: u64) -> Self {
        Self::of(operation.into(), options.into(), seed)
    }
}

impl<O: Steps> Machine<O> {
    /// Sets one up whose type says what it does.
    pub fn of(operation: O, options: CallOptions, seed: u64) -> Self {
        Self { operation, options, state: State::new(seed), timer: Token::NONE }
    }

    /// What the retries of the client this operation belongs to have cost: set before an event is handled, read after.
    pub fn budget(&mut self) -> &mut RetryBudget {
        &mut self.state.budget
    }

    /// Tells the operation what happened, and when; `effects` are then what to do, in order. Time is an argument, so
    /// that hours of an operation can run in a test in microseconds; it is in milliseconds since any moment, and one that
    /// runs backwards stands still.
    pub fn handle(&mut self, now: Millis, event: Event, effects: &mut impl Sink<Effect>) {
        effects.clear();
        self.state.now = self.state.now.max(now);
        let context = &mut Context { state: &mut self.state, options: &self.options, effects };
        let ending = match event {
            Event::Started => {
                if let Some(timeout) = self.options.timeout {
                    context.state.deadline = Some(context.state.now.saturating_add(timeout));
                    self.timer = context.sleep(timeout);
                }
                None
            }
            Event::Aborted => Some(FailureKind::Aborted),
            Event::TimerFired { token } if token == self.timer => Some(FailureKind::TimedOut),
            _ => None,
        };
        match ending {
            None => self.operation.step(context, &event),
            Some(kind) => self.operation.end(context, kind),
        }
    }
}

impl State {
    pub(super) fn new(seed: u64) -> Self {
        Self { now: 0, deadline: None, budget: RetryBudget::default(), random: Random::new(seed), tokens: 0 }
    }

    fn token(&mut self) -> Token {
        self.tokens = self.tokens.wrapping_add(1);
        Token(self.tokens)
    }
}

#[cfg(test)]
impl<'a, S> Context<'a, S> {
    pub(super) fn of(state: &'a mut State, options: &'a CallOptions, effects: &'a mut S) -> Self {
        Self { state, options, effects }
    }
}

impl<S: Sink<Effect>> Context<'_, S> {
    pub fn send(&mut self, request: Request, to_backup: bool) -> Token {
        let token = self.state.token();
        self.effects.push(Effect::Send { token, request, to_backup });
        token
    }

    pub fn read(&mut self, token: Token, media: Media, body: BodyKind) {
        self.effects.push(Effect::Read { token, media, body });
    }

    pub fn open(&mut self, token: Token, media: Media, items: BodyKind) {
        self.effects.push(Effect::Open { token, media, items });
    }

    pub fn sleep(&mut self, duration: Millis) -> Token {
        let token = self.state.token();
        self.effects.push(Effect::Sleep { token, duration });
        token
    }

    /// Stops what is under way under a token, if anything is.
    pub fn cancel(&mut self, token: &mut Token) {
        let token = core::mem::replace(token, Token::NONE);
        if token != Token::NONE {
            self.effects.push(Effect::Cancel { token });
        }
    }

    pub fn notify(&mut self, notice: Notice) {
        self.effects.push(Effect::Notify(notice));
    }

    pub fn done(&mut self, output: Output) {
        self.effects.push(Effect::Done(output));
    }

    pub fn fail(&mut self, failure: Failure) {
        self.effects.push(Effect::Failed(failure));
    }
}

macro_rules! operations {
    ($($name:ident.$end:ident)*) => {
        $(impl From<$name> for Operation {
            fn from(operation: $name) -> Self {
                Self::$name(operation)
            }
        }

        impl Steps for $name {
            fn step<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, event: &Event) {
                self.handle(context, event);
            }

            fn end<S: Sink<Effect>>(&mut self, context: &mut Context<'_, S>, kind: FailureKind) {
                self.$end(context, kind.into());
            }
        })*
    };
}
operations!(Call.end Subscribe.end Stream.fail Upload.fail);

const _: () = {
    const fn is_plain<T: Copy + Send + Sync + 'static>() {}
    is_plain::<Machine>();
};
