//! The parts of a file on their way: a few at once, each with as many tries as it takes.

use alloc::vec::Vec;

use super::UploadPlan;
use crate::client::{Context, Event, Exchange, Failure, Notice, Request};
use crate::protocol::UploadUrl;

/// Parts under way, and those that are still to come. They begin in the order of their numbers, so that a file that can
/// be read once only is read from front to back.
pub struct Parts {
    last: u32,
    next: u32,
    out: Vec<(u32, Exchange)>,
}

impl Parts {
    /// Sends the first parts.
    pub fn begin(context: &mut Context, plan: &UploadPlan, url: &UploadUrl) -> Self {
        let mut parts = Self { last: plan.parts(), next: 1, out: Vec::new() };
        parts.fill(context, plan, url);
        parts
    }

    /// Sends parts until enough are under way.
    fn fill(&mut self, context: &mut Context, plan: &UploadPlan, url: &UploadUrl) {
        while self.next <= self.last && self.out.len() < plan.parallel {
            let request = Request::put_part(url, self.next);
            self.out.push((self.next, Exchange::begin(context, request, plan.policy.clone())));
            self.next += 1;
        }
    }

    /// Stops everything that is under way.
    pub fn stop(&mut self, context: &mut Context) {
        for (_, exchange) in &mut self.out {
            exchange.stop(context);
        }
    }

    /// Takes an event; returns how it ended, when it did. One part that fails for good ends all others.
    pub fn on(
        &mut self,
        context: &mut Context,
        plan: &UploadPlan,
        url: &UploadUrl,
        event: &Event,
    ) -> Option<Result<(), Failure>> {
        let ended = |(part, exchange): &mut (u32, Exchange)| Some((*part, exchange.on(context, event)?));
        match self.out.iter_mut().find_map(ended)? {
            (part, Ok(_)) => {
                self.out.retain(|(other, _)| *other != part);
                context.tell(Notice::Accepted(part));
                self.fill(context, plan, url);
                self.out.is_empty().then_some(Ok(()))
            }
            (part, Err(failure)) => {
                self.stop(context);
                Some(Err(Failure { part, ..failure }))
            }
        }
    }
}
