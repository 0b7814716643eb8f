//! The operation of one request: run, submit, status, result, cancel.

use super::exchange::Exchange;
use super::expect::Expect;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Operation, Output};
use super::request::{Destination, Request};
use super::retry::RetryPolicy;
use crate::protocol::{RequestId, Route};

/// One request, sent until it is answered.
pub struct Call {
    request: Request,
    policy: RetryPolicy,
    exchange: Option<Exchange>,
}

impl Call {
    /// Prepares a call.
    pub fn new(request: Request, policy: RetryPolicy) -> Self {
        Self { request, policy, exchange: None }
    }

    /// What the caller gets: a model's answer is a result, fal's own answers are themselves.
    fn output(&self) -> Output {
        match self.request.expect {
            Expect::Anything => Output::Result(self.queued()),
            Expect::Nothing => Output::Nothing,
            _ => Output::Value,
        }
    }

    /// The request in the queue this call is about, if any.
    fn queued(&self) -> Option<RequestId> {
        match &self.request.destination {
            Destination::Fal(Route::Status { request, .. } | Route::Result(_, request) | Route::Cancel(_, request)) => {
                Some(request.clone())
            }
            _ => None,
        }
    }
}

impl Operation for Call {
    fn on(&mut self, context: &mut Context, event: Event) {
        match (&event, &mut self.exchange) {
            (Event::Started, _) => {
                self.exchange = Some(Exchange::begin(context, self.request.clone(), self.policy.clone()));
            }
            (Event::Aborted, exchange) => {
                if let Some(exchange) = exchange {
                    exchange.stop(context);
                }
                let request = self.queued();
                context.done(Err(Failure { request, ..Failure::from(FailureKind::Aborted) }));
            }
            (_, Some(exchange)) => match exchange.on(context, &event) {
                Some(Ok(_)) => context.done(Ok(self.output())),
                Some(Err(failure)) => context.done(Err(Failure { request: self.queued(), ..failure })),
                None => {}
            },
            _ => {}
        }
    }
}
