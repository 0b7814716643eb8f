//! Running a model and getting its answer as it comes.

use super::body::BodyKind;
use super::effects::{Effect, Output, Sink};
use super::event_reader::{EventReader, Step};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::Request;
use super::retrying_request::RetryingRequest;
use crate::protocol::Millis;

/// Longest silence in an answer that has begun, when the caller does not say.
const IDLE: Millis = 60_000;

/// A stream.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stream {
    request: Request,
    /// Longest silence, as the caller set it: it also counts before the answer begins. Unset, a model may take as long
    /// as it wants to begin.
    idle: Option<Millis>,
    /// The end of the silence before the answer begins.
    timer: Token,
    sent: RetryingRequest,
    reader: EventReader,
}

impl Stream {
    /// Prepares a stream: of a model's answer ([`Request::Stream`]), or of the statuses of a request
    /// ([`Request::Follow`]). `idle` is the longest silence.
    #[inline(never)]
    pub fn new(request: Request, idle: Option<Millis>) -> Self {
        Self { request, idle, timer: Token::NONE, sent: RetryingRequest::new(), reader: EventReader::new() }
    }

    /// Ends before its time.
    pub(super) fn fail(&mut self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        self.sent.stop(context);
        self.reader.stop(context);
        context.fail(Failure { is_queued: self.request.is_about_request(), ..failure });
    }

    /// The silence counts, until the answer begins.
    fn limit(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        if let Some(idle) = self.idle {
            self.timer = context.sleep(idle);
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_, impl Sink<Effect>>, event: &Event) {
        match *event {
            Event::Started => {
                self.limit(context);
                return self.sent.begin(context, self.request);
            }
            Event::TimerFired { token } if token == self.timer => {
                self.timer = Token::NONE;
                // Between two tries the silence is ours; it counts again from the next one.
                if self.sent.is_out() {
                    self.fail(context, FailureKind::Stalled.into());
                }
                return;
            }
            _ => {}
        }
        match self.sent.handle(context, event) {
            Some(Ok(_)) => {
                context.cancel(&mut self.timer);
                let idle = self.idle.unwrap_or(IDLE);
                self.reader.open(context, self.sent.token(), self.sent.media(), BodyKind::Anything, idle);
            }
            Some(Err(kind)) => self.fail(context, self.sent.failure(kind)),
            None if self.sent.is_out() && self.timer == Token::NONE => self.limit(context),
            None => {}
        }
        match self.reader.handle(context, event) {
            Some(Step::Ended) => context.done(Output::Nothing),
            Some(Step::Failed(kind)) => self.fail(context, kind.into()),
            Some(Step::Explained) => self.fail(context, FailureKind::StreamFailed.into()),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::client::{CallOptions, Effect, Effects, Machine};

    /// The silence between two tries is ours. It must neither end a stream nor keep a timer busy.
    #[test]
    fn silence_counts_while_a_request_is_out() {
        let mut machine = Machine::new(Stream::new(Request::Stream, Some(10)), CallOptions::default(), 1);
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
