//! Uploading one file: ask for a place, put the bytes there, whole or in parts.

mod plan;

pub use plan::UploadPlan;

use super::exchange::{Exchange, Reply};
use super::expect::Facts;
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Notice, Operation, Output, Token};
use super::request::Request;
use crate::protocol::Initiated;

/// How many requests are under way at once.
const PARALLEL: usize = 4;

/// One file on its way to fal's storage.
pub struct Upload {
    plan: UploadPlan,
    step: Step,
    /// What is under way, and the part of the file it carries; 0 for what carries none or all of it.
    out: [Option<(u32, Exchange)>; PARALLEL],
    /// The part that begins next. They begin in order, so that a file that can be read once only is read from front to
    /// back.
    next: u32,
    /// Where the bytes go, and the URL the file will have.
    initiated: Option<Initiated>,
    deadline: Option<Token>,
}

enum Step {
    /// Asking for a place.
    Initiating,
    /// Sending parts to it.
    Sending,
    /// Sending what makes it a file: all of its bytes, or the receipts of its parts.
    Finishing {
        /// Whether a try of that went out and nobody knows what became of it.
        unclear: bool,
    },
}

impl Upload {
    /// Prepares an upload.
    pub fn new(plan: UploadPlan) -> Self {
        let out = [const { None }; PARALLEL];
        Self { plan, step: Step::Initiating, out, next: 1, initiated: None, deadline: None }
    }

    fn send(&mut self, context: &mut Context, part: u32, request: Request) {
        if let Some(free) = self.out.iter_mut().find(|out| out.is_none()) {
            *free = Some((part, Exchange::begin(context, request, self.plan.policy.clone())));
        }
    }

    /// Sends what comes next, as far as there is room for it.
    fn go_on(&mut self, context: &mut Context) {
        let Some(initiated) = &self.initiated else {
            return context.done(Err(FailureKind::AnswerInvalid.into()));
        };
        let url = initiated.upload.clone();
        let parts = self.plan.parts();
        while self.next <= parts && self.out.iter().any(Option::is_none) {
            self.send(context, self.next, Request::put_part(&url, self.next));
            self.next += 1;
        }
        if self.out.iter().any(Option::is_some) {
            self.step = Step::Sending;
        } else {
            self.step = Step::Finishing { unclear: false };
            self.send(context, 0, if parts > 0 { Request::complete(&url) } else { Request::put(url) });
        }
    }

    /// One request has ended; returns how the upload has, when it has.
    fn ended(
        &mut self,
        context: &mut Context,
        part: u32,
        outcome: Result<Reply, Failure>,
    ) -> Option<Result<(), Failure>> {
        match (&self.step, outcome) {
            // The place was there a moment ago: the try whose answer was lost has made a file of it.
            (Step::Finishing { unclear: true }, Err(Failure { head: Some(head), .. })) if head.status == 404 => {
                Some(Ok(()))
            }
            (Step::Finishing { .. }, Ok(_)) => Some(Ok(())),
            (_, Err(failure)) => Some(Err(Failure { part, ..failure })),
            (step, Ok(reply)) => {
                match (step, reply.facts) {
                    (Step::Sending, _) => context.tell(Notice::Accepted(part)),
                    (_, Facts::Initiated(initiated)) => self.initiated = Some(initiated),
                    _ => {}
                }
                self.go_on(context);
                None
            }
        }
    }

    fn stop(&mut self, context: &mut Context) {
        for (_, exchange) in self.out.iter_mut().flatten() {
            exchange.stop(context);
        }
    }
}

impl Operation for Upload {
    fn on(&mut self, context: &mut Context, event: Event) {
        match &event {
            Event::Started => {
                self.deadline = context.limit(self.plan.timeout);
                let request = if self.plan.parts() > 0 { Request::initiate_multipart() } else { Request::initiate() };
                return self.send(context, 0, request);
            }
            Event::Aborted => {
                self.stop(context);
                return context.done(Err(FailureKind::Aborted.into()));
            }
            Event::Woke(token) if self.deadline == Some(*token) => {
                self.stop(context);
                return context.done(Err(FailureKind::TimedOut.into()));
            }
            _ => {}
        }
        if let Step::Finishing { unclear } = &mut self.step {
            *unclear |= match &event {
                Event::Failed(_, kind) => !kind.is_before_send(),
                // 503 is a no: nothing was begun.
                Event::Answered(_, head) => head.status >= 500 && head.status != 503,
                _ => false,
            };
        }
        for index in 0..PARALLEL {
            let Some(Some((part, exchange))) = self.out.get_mut(index) else { continue };
            let Some(outcome) = exchange.on(context, &event) else { continue };
            let part = *part;
            if let Some(out) = self.out.get_mut(index) {
                *out = None;
            }
            if let Some(outcome) = self.ended(context, part, outcome) {
                self.stop(context);
                let file = self.initiated.take().map(|initiated| initiated.file).unwrap_or_default();
                context.done(outcome.map(|()| Output::File(file)));
            }
            return;
        }
    }
}
