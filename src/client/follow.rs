//! Following a request through the queue until it is completed.

use super::body::{Body, BodyKind};
use super::effects::Notice;
use super::event_reader::{EventReader, Step};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::Request;
use super::retry::RetryPolicy;
use super::retrying_request::RetryingRequest;
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

/// How a request is followed.
#[derive(Clone, Copy, Debug)]
pub(super) struct FollowOptions<'a> {
    pub logs: bool,
    pub poll_interval: Millis,
    pub policy: &'a RetryPolicy,
}

/// Following one request. Part of an operation: it sees every event and takes those that are its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Follow {
    /// How often a stream may still be opened; 0 for polling.
    streams: u32,
    stage: Stage,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    /// A stream is asked for, and this is the limit on its first status.
    Opening(RetryingRequest, Token),
    /// A stream is open. It has to prove itself by a first status within that limit.
    Watching(EventReader, Option<Token>),
    Asking(RetryingRequest),
    Waiting(Token),
}

impl Follow {
    /// Begins to follow.
    pub fn begin(context: &mut Context<'_>, mode: FollowMode, options: FollowOptions<'_>) -> Self {
        let streams = if mode == FollowMode::Streaming { 1 + REOPENINGS } else { 0 };
        let mut follow = Self { streams, stage: Stage::Idle };
        follow.go_on(context, options);
        follow
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context<'_>) {
        match &mut self.stage {
            Stage::Opening(sent, timer) => {
                sent.stop(context);
                context.cancel(*timer);
            }
            Stage::Watching(reader, timer) => {
                reader.stop(context);
                if let Some(timer) = timer {
                    context.cancel(*timer);
                }
            }
            Stage::Asking(sent) => sent.stop(context),
            Stage::Waiting(token) => context.cancel(*token),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
    }

    /// Takes an event; returns the last status when the request is completed, or why it cannot be followed.
    pub fn handle(
        &mut self,
        context: &mut Context<'_>,
        options: FollowOptions<'_>,
        event: &Event,
    ) -> Option<Result<QueueStatus, Failure>> {
        match (&mut self.stage, *event) {
            (Stage::Opening(_, own) | Stage::Watching(_, Some(own)), Event::TimerFired { token }) if *own == token => {
                self.poll(context, options);
                None
            }
            (Stage::Opening(sent, timer), _) => {
                let timer = *timer;
                // Once: whatever is in the way of a stream, asking shows what it is.
                let once = RetryPolicy { max_retries: 0, ..*options.policy };
                match sent.handle(context, &once, event)? {
                    Ok(reply) if reply.head.media == Media::Events => {
                        let reader = EventReader::open(context, reply.token, Media::Events, BodyKind::Status, IDLE);
                        self.stage = Stage::Watching(reader, Some(timer));
                    }
                    Ok(reply) => {
                        context.cancel(reply.token);
                        self.poll(context, options);
                    }
                    Err(_) => self.poll(context, options),
                }
                None
            }
            (Stage::Watching(reader, timer), Event::Read { token, body: Body::Status(status) })
                if reader.reads(token) =>
            {
                if let Some(timer) = timer.take() {
                    context.cancel(timer);
                }
                self.learned(context, options, status)
            }
            (Stage::Watching(reader, timer), _) => {
                if reader.handle(context, event)? == Step::Explained || timer.is_some() {
                    self.streams = 0;
                }
                self.ask(context, options);
                None
            }
            (Stage::Asking(sent), _) => match sent.handle(context, options.policy, event)? {
                Ok(reply) => match reply.body {
                    Body::Status(status) => self.learned(context, options, status),
                    _ => Some(Err(FailureKind::AnswerInvalid.into())),
                },
                Err(failure) => Some(Err(failure)),
            },
            (Stage::Waiting(own), Event::TimerFired { token }) if *own == token => {
                self.go_on(context, options);
                None
            }
            _ => None,
        }
    }

    fn learned(
        &mut self,
        context: &mut Context<'_>,
        options: FollowOptions<'_>,
        status: QueueStatus,
    ) -> Option<Result<QueueStatus, Failure>> {
        context.notify(Notice::Status);
        if status.state == QueueState::Completed {
            self.stop(context);
            return Some(Ok(status));
        }
        if matches!(self.stage, Stage::Asking(_)) {
            self.stage = Stage::Waiting(context.sleep(options.poll_interval));
        }
        None
    }

    /// There is no stream to be had.
    fn poll(&mut self, context: &mut Context<'_>, options: FollowOptions<'_>) {
        self.streams = 0;
        self.ask(context, options);
    }

    fn go_on(&mut self, context: &mut Context<'_>, options: FollowOptions<'_>) {
        let Some(left) = self.streams.checked_sub(1) else {
            return self.ask(context, options);
        };
        self.streams = left;
        let timer = context.sleep(FIRST_STATUS);
        let follow = Request::Follow { logs: options.logs };
        self.stage = Stage::Opening(RetryingRequest::begin(context, follow), timer);
    }

    fn ask(&mut self, context: &mut Context<'_>, options: FollowOptions<'_>) {
        self.stop(context);
        self.stage = Stage::Asking(RetryingRequest::begin(context, Request::Status { logs: options.logs }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::effects::Effects;
    use crate::client::machine::State;
    use crate::protocol::Head;

    /// An earlier stream may still have something to say. It is not what is followed any more.
    #[test]
    fn a_status_of_another_stream_completes_nothing() {
        let (mut state, mut effects) = (State::new(1), Effects::default());
        let context = &mut Context::of(&mut state, &mut effects);
        let options = FollowOptions { logs: false, poll_interval: 500, policy: &RetryPolicy::default() };
        let mut follow = Follow::begin(context, FollowMode::Streaming, options);
        // The first token is the timer's.
        let token = Token(2);
        let head = Head { status: 200, media: Media::Events, retry_after: None, retryable: None, user_timeout: false };
        assert!(follow.handle(context, options, &Event::Answered { token, head }).is_none());
        assert!(matches!(follow.stage, Stage::Watching(..)));
        let completed = QueueStatus { state: QueueState::Completed, failed: false };
        let mut read = |token| {
            let event = Event::Read { token, body: Body::Status(completed) };
            follow.handle(context, options, &event).map(|outcome| outcome.ok())
        };
        assert_eq!(read(Token(99)), None);
        assert_eq!(read(token), Some(Some(completed)));
    }
}
