//! Uploading one file: ask for a place, put the bytes there, whole or in parts.

mod parts;
mod plan;

pub use plan::UploadPlan;

use super::exchange::Exchange;
use super::expect::Facts;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Operation, Output};
use super::request::Request;
use crate::protocol::Initiated;
use parts::Parts;

/// One file on its way to fal's storage.
pub struct Upload {
    plan: UploadPlan,
    stage: Stage,
}

enum Stage {
    Idle,
    /// Asking for a place.
    Initiating(Exchange),
    /// Sending parts to it.
    Sending(Parts, Initiated),
    /// Sending what makes it a file: all of its bytes, or the receipts of its parts.
    Finishing(Finish),
}

/// The last request.
struct Finish {
    exchange: Exchange,
    initiated: Initiated,
    /// Whether a try of it went out and nobody knows what became of it.
    unclear: bool,
}

impl Upload {
    /// Prepares an upload.
    pub fn new(plan: UploadPlan) -> Self {
        Self { plan, stage: Stage::Idle }
    }

    fn start(&mut self, context: &mut Context) {
        let request = if self.plan.parts() > 0 { Request::initiate_multipart() } else { Request::initiate() };
        self.stage = Stage::Initiating(self.send(context, request));
    }

    fn send(&self, context: &mut Context, request: Request) -> Exchange {
        Exchange::begin(context, request, self.plan.policy.clone())
    }

    fn finish(&mut self, context: &mut Context, request: Request, initiated: Initiated) {
        let exchange = self.send(context, request);
        self.stage = Stage::Finishing(Finish { exchange, initiated, unclear: false });
    }

    fn stop(&mut self, context: &mut Context) {
        match &mut self.stage {
            Stage::Initiating(exchange) | Stage::Finishing(Finish { exchange, .. }) => exchange.stop(context),
            Stage::Sending(parts, _) => parts.stop(context),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
    }

    /// There is a place.
    fn initiated(&mut self, context: &mut Context, initiated: Initiated) {
        if self.plan.parts() > 0 {
            let parts = Parts::begin(context, &self.plan, &initiated.upload);
            self.stage = Stage::Sending(parts, initiated);
        } else {
            self.finish(context, Request::put(initiated.upload.clone()), initiated);
        }
    }
}

impl Finish {
    /// Takes an event; returns how it ended, when it did.
    fn on(&mut self, context: &mut Context, event: &Event) -> Option<Result<(), Failure>> {
        self.unclear |= match event {
            Event::Failed(_, kind) => !kind.is_before_send(),
            Event::Answered(_, head) => head.status >= 500,
            _ => false,
        };
        match self.exchange.on(context, event)? {
            Ok(_) => Some(Ok(())),
            // The place was there a moment ago. A try whose answer was lost has made a file of it.
            Err(Failure { head: Some(head), .. }) if self.unclear && head.status == 404 => Some(Ok(())),
            Err(failure) => Some(Err(failure)),
        }
    }
}

impl Operation for Upload {
    fn on(&mut self, context: &mut Context, event: Event) {
        let outcome = match (&event, &mut self.stage) {
            (Event::Started, _) => return self.start(context),
            (Event::Aborted, _) => {
                self.stop(context);
                Err(FailureKind::Aborted.into())
            }
            (_, Stage::Initiating(exchange)) => match exchange.on(context, &event) {
                Some(Ok(reply)) => match reply.facts {
                    Facts::Initiated(initiated) => return self.initiated(context, initiated),
                    _ => Err(FailureKind::AnswerInvalid.into()),
                },
                Some(Err(failure)) => Err(failure),
                None => return,
            },
            (_, Stage::Sending(parts, initiated)) => match parts.on(context, &self.plan, &initiated.upload, &event) {
                Some(Ok(())) => {
                    let initiated = initiated.clone();
                    return self.finish(context, Request::complete(&initiated.upload), initiated);
                }
                Some(Err(failure)) => Err(failure),
                None => return,
            },
            (_, Stage::Finishing(finish)) => match finish.on(context, &event) {
                Some(Ok(())) => Ok(Output::File(finish.initiated.file.clone())),
                Some(Err(failure)) => Err(failure),
                None => return,
            },
            (_, Stage::Idle) => return,
        };
        context.done(outcome);
    }
}
