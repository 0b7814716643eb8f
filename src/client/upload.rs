//! Uploading one file: ask for a place, put the bytes there.

use alloc::string::String;

use super::exchange::Exchange;
use super::expect::Facts;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Operation, Output};
use super::request::Request;
use super::retry::RetryPolicy;

/// One file on its way to fal's storage.
pub struct Upload {
    policy: RetryPolicy,
    exchange: Option<Exchange>,
    /// The URL the file will have, once fal has said so.
    file: Option<String>,
}

impl Upload {
    /// Prepares an upload.
    pub fn new(policy: RetryPolicy) -> Self {
        Self { policy, exchange: None, file: None }
    }

    fn begin(&mut self, context: &mut Context, request: Request) {
        self.exchange = Some(Exchange::begin(context, request, self.policy.clone()));
    }
}

impl Operation for Upload {
    fn on(&mut self, context: &mut Context, event: Event) {
        match (&event, &mut self.exchange) {
            (Event::Started, _) => self.begin(context, Request::initiate()),
            (Event::Aborted, exchange) => {
                if let Some(exchange) = exchange {
                    exchange.stop(context);
                }
                context.done(Err(FailureKind::Aborted.into()));
            }
            (_, Some(exchange)) => match (exchange.on(context, &event), self.file.take()) {
                (Some(Ok(_)), Some(file)) => context.done(Ok(Output::File(file))),
                (Some(Ok(reply)), None) => match reply.facts {
                    Facts::Initiated(initiated) => {
                        self.file = Some(initiated.file);
                        self.begin(context, Request::put(initiated.upload));
                    }
                    _ => context.done(Err(Failure::from(FailureKind::AnswerInvalid))),
                },
                (Some(Err(failure)), _) => context.done(Err(failure)),
                (None, file) => self.file = file,
            },
            _ => {}
        }
    }
}
