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
                if exchange.is_out() {
                    self.fail(context, FailureKind::Stalled.into());
                } else {
                    // It rests between two tries: that silence is ours.
                    self.patience = self.idle.map(|idle| context.rest(idle));
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
