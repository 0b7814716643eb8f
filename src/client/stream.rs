//! Running a model and getting its answer as it comes.

use super::exchange::Exchange;
use super::expect::Expect;
use super::failure::{Failure, FailureKind};
use super::feed::{Feed, Turn};
use super::machine::{Context, Event, Operation, Output, Token};
use super::request::Request;
use super::retry::RetryPolicy;
use crate::protocol::Millis;

/// Longest silence in an answer that has begun, when the caller does not say.
const IDLE: Millis = 60_000;

/// A stream.
pub struct Stream {
    request: Request,
    policy: RetryPolicy,
    /// Longest silence, as the caller set it: it also counts before the answer begins. Unset, a model may take as long
    /// as it wants to begin.
    idle: Option<Millis>,
    patience: Option<Token>,
    stage: Stage,
}

enum Stage {
    Idle,
    Opening(Exchange),
    Open(Feed),
    /// An event said that something went wrong, and is being read.
    Explaining(Feed),
}

impl Stream {
    /// Prepares a stream.
    pub fn new(request: Request, policy: RetryPolicy, idle: Option<Millis>) -> Self {
        Self { request, policy, idle, patience: None, stage: Stage::Idle }
    }

    fn stop(&mut self, context: &mut Context) {
        match &mut self.stage {
            Stage::Opening(exchange) => exchange.stop(context),
            Stage::Open(feed) | Stage::Explaining(feed) => feed.stop(context),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
    }

    fn fail(&mut self, context: &mut Context, failure: Failure) {
        self.stop(context);
        context.done(Err(Failure { request: self.request.queued(), ..failure }));
    }
}

impl Operation for Stream {
    fn on(&mut self, context: &mut Context, event: Event) {
        match (&event, &mut self.stage) {
            (Event::Started, _) => {
                self.patience = self.idle.map(|idle| context.rest(idle));
                self.stage = Stage::Opening(Exchange::begin(context, self.request.clone(), self.policy.clone()));
            }
            (Event::Aborted, _) => self.fail(context, FailureKind::Aborted.into()),
            (Event::Woke(token), Stage::Opening(exchange)) if self.patience == Some(*token) => {
                self.patience = None;
                // Between two tries the silence is ours; it counts again from the next one.
                if exchange.is_out() {
                    self.fail(context, FailureKind::Stalled.into());
                }
            }
            (_, Stage::Opening(exchange)) => match exchange.on(context, &event) {
                Some(Ok(reply)) => {
                    let idle = self.idle.unwrap_or(IDLE);
                    if let Some(patience) = self.patience.take() {
                        context.forget(patience);
                    }
                    let feed = Feed::open(context, reply.token, reply.head.media, Expect::Anything, idle);
                    self.stage = Stage::Open(feed);
                }
                Some(Err(failure)) => self.fail(context, failure),
                None if self.patience.is_none() && exchange.is_out() => {
                    self.patience = self.idle.map(|idle| context.rest(idle));
                }
                None => {}
            },
            (_, Stage::Open(feed)) => match feed.on(context, &event) {
                Some(Turn::Ended) => {
                    self.stage = Stage::Idle;
                    context.done(Ok(Output::Nothing));
                }
                Some(Turn::Failed(kind)) => self.fail(context, kind.into()),
                Some(Turn::Explained) => {
                    if let Stage::Open(feed) = core::mem::replace(&mut self.stage, Stage::Idle) {
                        self.stage = Stage::Explaining(feed);
                    }
                }
                None => {}
            },
            (Event::Read(..), Stage::Explaining(_)) => self.fail(context, FailureKind::StreamFailed.into()),
            // An event before it was no JSON.
            (Event::Failed(_, kind), Stage::Explaining(_)) => self.fail(context, (*kind).into()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::*;
    use crate::client::{Effect, Machine};
    use crate::protocol::{EndpointId, Method};

    /// The silence between two tries is ours. It must neither end a stream nor keep a timer busy.
    #[test]
    fn patience_is_for_requests_that_are_out() {
        let request = Request::stream(EndpointId::parse("fal-ai/any-llm").unwrap(), Method::Post);
        let mut machine = Machine::new(Stream::new(request, RetryPolicy::default(), Some(10)), 1);
        let rests = |effects: Vec<Effect>| {
            let rest = |effect| if let Effect::Rest(token, _) = effect { Some(token) } else { None };
            effects.into_iter().filter_map(rest).collect::<Vec<_>>()
        };
        assert_eq!(rests(machine.handle(0, Event::Started)), [Token(1)]);
        assert_eq!(rests(machine.handle(9, Event::Failed(Token(2), FailureKind::Unreachable))), [Token(3)]);
        assert!(machine.handle(10, Event::Woke(Token(1))).is_empty());
        assert_eq!(rests(machine.handle(500, Event::Woke(Token(3)))), [Token(5)], "it counts from the next try");
        let ended = machine.handle(510, Event::Woke(Token(5)));
        assert!(matches!(ended.last(), Some(Effect::Done(Err(Failure { kind: FailureKind::Stalled, .. })))));
    }
}
