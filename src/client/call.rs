//! The operation of one request: run, submit, status, result, cancel.

use super::body::BodyKind;
use super::effects::Output;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::{Idempotency, Request};
use super::retry::RetryPolicy;
use super::retrying_request::RetryingRequest;
use crate::protocol::Millis;

/// One request, sent until it is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    request: Request,
    idempotency: Idempotency,
    policy: RetryPolicy,
    timeout: Option<Millis>,
    deadline: Option<Token>,
    sent: Option<RetryingRequest>,
}

impl Call {
    /// Prepares a call. `timeout` is the time for all tries and the waits between them.
    pub fn new(request: Request, policy: RetryPolicy, timeout: Option<Millis>) -> Self {
        Self { request, idempotency: request.idempotency(), policy, timeout, deadline: None, sent: None }
    }

    /// Says that running the model twice does no harm.
    pub fn idempotent(self) -> Self {
        Self { idempotency: Idempotency::Safe, ..self }
    }

    fn fail(&self, context: &mut Context<'_>, failure: Failure) {
        context.fail(Failure { is_queued: self.request.is_about_request(), ..failure });
    }

    /// Ends before there is an answer.
    fn end(&mut self, context: &mut Context<'_>, kind: FailureKind) {
        if let Some(sent) = &mut self.sent {
            sent.stop(context);
        }
        self.fail(context, kind.into());
    }

    /// What the caller gets: a model's answer is a result, fal's own answers are themselves.
    fn output(&self) -> Output {
        match self.request.body() {
            BodyKind::Anything => Output::Result,
            BodyKind::Nothing => Output::Nothing,
            _ => Output::Value,
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_>, event: &Event) {
        match (*event, &mut self.sent) {
            (Event::Started, _) => {
                self.deadline = context.limit(self.timeout);
                self.sent = Some(RetryingRequest::begin_as(context, self.request, self.idempotency));
            }
            (Event::Aborted, _) => self.end(context, FailureKind::Aborted),
            (Event::TimerFired { token }, _) if self.deadline == Some(token) => {
                self.end(context, FailureKind::TimedOut);
            }
            (_, Some(sent)) => match sent.handle(context, &self.policy, event) {
                Some(Ok(_)) => context.done(self.output()),
                Some(Err(failure)) => self.fail(context, failure),
                None => {}
            },
            _ => {}
        }
    }
}
