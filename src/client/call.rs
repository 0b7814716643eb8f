//! The operation of one request: run, submit, status, result, cancel.

use super::exchange::Exchange;
use super::expect::Expect;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Operation, Output, Token};
use super::request::Request;
use super::retry::RetryPolicy;
use crate::protocol::Millis;

/// One request, sent until it is answered.
pub struct Call {
    request: Request,
    policy: RetryPolicy,
    timeout: Option<Millis>,
    deadline: Option<Token>,
    exchange: Option<Exchange>,
}

impl Call {
    /// Prepares a call. `timeout` is the time for all tries and rests together.
    pub fn new(request: Request, policy: RetryPolicy, timeout: Option<Millis>) -> Self {
        Self { request, policy, timeout, deadline: None, exchange: None }
    }

    /// Ends before there is an answer.
    fn leave(&mut self, context: &mut Context, kind: FailureKind) {
        if let Some(exchange) = &mut self.exchange {
            exchange.stop(context);
        }
        let request = self.request.queued();
        context.done(Err(Failure { request, ..Failure::from(kind) }));
    }

    /// What the caller gets: a model's answer is a result, fal's own answers are themselves.
    fn output(&self) -> Output {
        match self.request.expect {
            Expect::Anything => Output::Result(self.request.queued()),
            Expect::Nothing => Output::Nothing,
            _ => Output::Value,
        }
    }
}

impl Operation for Call {
    fn on(&mut self, context: &mut Context, event: Event) {
        match (&event, &mut self.exchange) {
            (Event::Started, _) => {
                self.deadline = context.limit(self.timeout);
                self.exchange = Some(Exchange::begin(context, self.request.clone(), self.policy.clone()));
            }
            (Event::Aborted, _) => self.leave(context, FailureKind::Aborted),
            (Event::Woke(token), _) if self.deadline == Some(*token) => self.leave(context, FailureKind::TimedOut),
            (_, Some(exchange)) => match exchange.on(context, &event) {
                Some(Ok(_)) => context.done(Ok(self.output())),
                Some(Err(failure)) => context.done(Err(Failure { request: self.request.queued(), ..failure })),
                None => {}
            },
            _ => {}
        }
    }
}
