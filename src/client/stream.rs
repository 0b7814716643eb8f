//! Running a model and getting its answer as it comes.

use super::body::BodyKind;
use super::effects::Output;
use super::event_reader::{EventReader, Step};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::{Idempotency, Request};
use super::retry::RetryPolicy;
use super::retrying_request::RetryingRequest;
use crate::protocol::Millis;

/// Longest silence in an answer that has begun, when the caller does not say.
const IDLE: Millis = 60_000;

/// A stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    request: Request,
    idempotency: Idempotency,
    policy: RetryPolicy,
    /// Longest silence, as the caller set it: it also counts before the answer begins. Unset, a model may take as long
    /// as it wants to begin.
    idle: Option<Millis>,
    /// The end of the silence before the answer begins.
    timer: Option<Token>,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    Opening(RetryingRequest),
    Open(EventReader),
}

impl Stream {
    /// Prepares a stream: of a model's answer ([`Request::Stream`]), or of the statuses of a request
    /// ([`Request::Follow`]). `idle` is the longest silence.
    pub fn new(request: Request, policy: RetryPolicy, idle: Option<Millis>) -> Self {
        Self { request, idempotency: request.idempotency(), policy, idle, timer: None, stage: Stage::Idle }
    }

    /// Says that running the model twice does no harm.
    pub fn idempotent(self) -> Self {
        Self { idempotency: Idempotency::Safe, ..self }
    }

    fn fail(&mut self, context: &mut Context<'_>, failure: Failure) {
        match &mut self.stage {
            Stage::Opening(sent) => sent.stop(context),
            Stage::Open(reader) => reader.stop(context),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
        context.fail(Failure { is_queued: self.request.is_about_request(), ..failure });
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_>, event: &Event) {
        match (*event, &mut self.stage) {
            (Event::Started, _) => {
                self.timer = self.idle.map(|idle| context.sleep(idle));
                self.stage = Stage::Opening(RetryingRequest::begin_as(context, self.request, self.idempotency));
            }
            (Event::Aborted, _) => self.fail(context, FailureKind::Aborted.into()),
            (Event::TimerFired { token }, Stage::Opening(sent)) if self.timer == Some(token) => {
                self.timer = None;
                // Between two tries the silence is ours; it counts again from the next one.
                if sent.is_out() {
                    self.fail(context, FailureKind::Stalled.into());
                }
            }
            (_, Stage::Opening(sent)) => match sent.handle(context, &self.policy, event) {
                Some(Ok(reply)) => {
                    if let Some(timer) = self.timer.take() {
                        context.cancel(timer);
                    }
                    let (idle, media) = (self.idle.unwrap_or(IDLE), reply.head.media);
                    self.stage = Stage::Open(EventReader::open(context, reply.token, media, BodyKind::Anything, idle));
                }
                Some(Err(failure)) => self.fail(context, failure),
                None if self.timer.is_none() && sent.is_out() => {
                    self.timer = self.idle.map(|idle| context.sleep(idle));
                }
                None => {}
            },
            (_, Stage::Open(reader)) => match reader.handle(context, event) {
                Some(Step::Ended) => {
                    self.stage = Stage::Idle;
                    context.done(Output::Nothing);
                }
                Some(Step::Failed(kind)) => self.fail(context, kind.into()),
                Some(Step::Explained) => self.fail(context, FailureKind::StreamFailed.into()),
                None => {}
            },
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::client::{Effect, Effects, Machine};

    /// The silence between two tries is ours. It must neither end a stream nor keep a timer busy.
    #[test]
    fn silence_counts_while_a_request_is_out() {
        let mut machine = Machine::new(Stream::new(Request::Stream, RetryPolicy::default(), Some(10)), 1);
        let mut effects = Effects::default();
        let mut sleeps = |now, event| {
            machine.handle(now, event, &mut effects);
            let sleep = |effect| if let Effect::Sleep { token, .. } = effect { Some(token) } else { None };
            effects.iter().filter_map(sleep).collect::<Vec<_>>()
        };
        assert_eq!(sleeps(0, Event::Started), [Token(1)]);
        let lost = Event::Failed { token: Token(2), kind: FailureKind::Unreachable };
        assert_eq!(sleeps(9, lost), [Token(3)]);
        assert!(sleeps(10, Event::TimerFired { token: Token(1) }).is_empty());
        let again = Event::TimerFired { token: Token(3) };
        assert_eq!(sleeps(500, again), [Token(5)], "it counts from the next try");
        machine.handle(510, Event::TimerFired { token: Token(5) }, &mut effects);
        let stalled = Some(FailureKind::Stalled);
        assert_eq!(effects.iter().last().and_then(|effect| effect.failure().map(|failure| failure.kind)), stalled);
    }
}
