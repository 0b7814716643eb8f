//! The operation of one request: run, submit, status, result, cancel.

use super::body::BodyKind;
use super::effects::{Effect, Output, Sink};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event};
use super::request::Request;
use super::retrying_request::RetryingRequest;

/// One request, sent until it is answered.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    request: Request,
    sent: RetryingRequest,
}

impl Call {
    /// Prepares a call.
    #[inline(never)]
    pub fn new(request: Request) -> Self {
        Self { request, sent: RetryingRequest::new() }
    }

    /// Ends before its time.
    pub(super) fn end(&mut self, context: &mut Context<'_, impl Sink<Effect>>, kind: FailureKind) {
        self.sent.stop(context);
        self.fail(context, kind.into());
    }

    fn fail(&self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        context.fail(Failure { is_queued: self.request.is_about_request(), ..failure });
    }

    /// What the caller gets: a model's answer is a result, fal's own answers are themselves.
    fn output(&self) -> Output {
        match self.request.body() {
            BodyKind::Anything => Output::Result,
            BodyKind::Nothing => Output::Nothing,
            _ => Output::Value,
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_, impl Sink<Effect>>, event: &Event) {
        if let Event::Started = event {
            return self.sent.begin(context, self.request);
        }
        match self.sent.handle(context, event) {
            Some(Ok(_)) => context.done(self.output()),
            Some(Err(kind)) => self.fail(context, self.sent.failure(kind)),
            None => {}
        }
    }
}
