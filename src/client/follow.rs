//! Following a request through the queue until it is completed.

use super::body::{Body, BodyKind};
use super::effects::{Effect, Notice, Sink};
use super::event_reader::{EventReader, Step};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::Request;
use super::retrying_request::RetryingRequest;
use super::subscribe::SubscribeOptions;
use crate::protocol::{Media, Millis, QueueState, QueueStatus};

/// How long the first status may take to come through a stream. fal sends it at once; a proxy that collects answers
/// before it passes them on would keep it until the request is completed.
const FIRST_STATUS: Millis = 3_000;
/// Longest silence of a stream that has begun. fal says something every 15 seconds.
const IDLE: Millis = 45_000;
/// How often a stream that broke off is opened again.
const REOPENINGS: u32 = 3;

/// How to learn of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FollowMode {
    /// By a stream of statuses, and by asking where there is none.
    Streaming,
    /// By asking again and again.
    Polling,
}

/// Following one request. Part of an operation: it sees every event and takes those that are its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Follow {
    /// How often a stream may still be opened; 0 for polling.
    streams: u32,
    stage: Stage,
    sent: RetryingRequest,
    reader: EventReader,
    /// The limit on the first status of a stream, or the rest before the next question.
    timer: Token,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    /// A stream is asked for.
    Opening,
    /// A stream is open. It has to prove itself by a first status while the timer runs.
    Watching,
    Asking,
    Waiting,
}

impl Follow {
    /// Nothing is followed yet.
    pub const fn new() -> Self {
        Self {
            streams: 0,
            stage: Stage::Idle,
            sent: RetryingRequest::new(),
            reader: EventReader::new(),
            timer: Token::NONE,
        }
    }

    /// Begins to follow.
    pub fn begin(&mut self, context: &mut Context<'_, impl Sink<Effect>>, options: &SubscribeOptions) {
        if options.mode == FollowMode::Streaming {
            self.streams = 1 + REOPENINGS;
        }
        self.go_on(context, options);
    }

    /// How it failed.
    pub fn failure(&self, kind: FailureKind) -> Failure {
        self.sent.failure(kind)
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        self.sent.stop(context);
        self.reader.stop(context);
        context.cancel(&mut self.timer);
        self.stage = Stage::Idle;
    }

    /// Takes an event; returns the last status when the request is completed, or why it cannot be followed.
    pub fn handle(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        options: &SubscribeOptions,
        event: &Event,
    ) -> Option<Result<QueueStatus, FailureKind>> {
        match *event {
            Event::TimerFired { token } if token == self.timer => {
                match self.stage {
                    Stage::Waiting => self.go_on(context, options),
                    _ => self.poll(context, options),
                }
                return None;
            }
            Event::Read { token, body: Body::Status(status) } if self.reader.reads(token) => {
                context.cancel(&mut self.timer);
                return self.learned(context, options, status);
            }
            _ => {}
        }
        match self.stage {
            Stage::Opening => match self.sent.handle(context, event)? {
                Ok(_) if self.sent.media() == Media::Events => {
                    self.reader.open(context, self.sent.token(), Media::Events, BodyKind::Status, IDLE);
                    self.stage = Stage::Watching;
                }
                Ok(_) => {
                    context.cancel(&mut self.sent.token());
                    self.poll(context, options);
                }
                Err(_) => self.poll(context, options),
            },
            Stage::Watching => {
                if self.reader.handle(context, event)? == Step::Explained || self.timer != Token::NONE {
                    self.streams = 0;
                }
                self.ask(context, options);
            }
            Stage::Asking => match self.sent.handle(context, event)? {
                Ok(Body::Status(status)) => return self.learned(context, options, status),
                Ok(_) => return Some(Err(FailureKind::AnswerInvalid)),
                Err(kind) => return Some(Err(kind)),
            },
            Stage::Idle | Stage::Waiting => {}
        }
        None
    }

    fn learned(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        options: &SubscribeOptions,
        status: QueueStatus,
    ) -> Option<Result<QueueStatus, FailureKind>> {
        context.notify(Notice::Status);
        if status.state == QueueState::Completed {
            self.stop(context);
            return Some(Ok(status));
        }
        if self.stage == Stage::Asking {
            self.stage = Stage::Waiting;
            self.timer = context.sleep(options.poll_interval);
        }
        None
    }

    /// There is no stream to be had.
    fn poll(&mut self, context: &mut Context<'_, impl Sink<Effect>>, options: &SubscribeOptions) {
        self.streams = 0;
        self.ask(context, options);
    }

    fn go_on(&mut self, context: &mut Context<'_, impl Sink<Effect>>, options: &SubscribeOptions) {
        let Some(left) = self.streams.checked_sub(1) else {
            return self.ask(context, options);
        };
        self.streams = left;
        self.timer = context.sleep(FIRST_STATUS);
        // Once: whatever is in the way of a stream, asking shows what it is.
        self.sent.begin_once(context, Request::Follow { logs: options.logs });
        self.stage = Stage::Opening;
    }

    fn ask(&mut self, context: &mut Context<'_, impl Sink<Effect>>, options: &SubscribeOptions) {
        self.stop(context);
        self.sent.begin(context, Request::Status { logs: options.logs });
        self.stage = Stage::Asking;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::call_options::CallOptions;
    use crate::client::effects::Effects;
    use crate::client::machine::State;
    use crate::protocol::Head;

    /// An earlier stream may still have something to say. It is not what is followed any more.
    #[test]
    fn a_status_of_another_stream_completes_nothing() {
        let (mut state, mut effects) = (State::new(1), Effects::default());
        let (call, options) = (CallOptions::default(), &SubscribeOptions::default());
        let context = &mut Context::of(&mut state, &call, &mut effects);
        let mut follow = Follow::new();
        follow.begin(context, options);
        // The first token is the timer's.
        let token = Token(2);
        let head = Head { status: 200, media: Media::Events, retry_after: None, retryable: None, user_timeout: false };
        assert!(follow.handle(context, options, &Event::Answered { token, head }).is_none());
        assert!(follow.stage == Stage::Watching);
        let completed = QueueStatus { state: QueueState::Completed, failed: false };
        let mut read = |token| {
            let event = Event::Read { token, body: Body::Status(completed) };
            follow.handle(context, options, &event).map(|outcome| outcome.ok())
        };
        assert_eq!(read(Token(99)), None);
        assert_eq!(read(token), Some(Some(completed)));
    }
}
