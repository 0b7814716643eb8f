//! Submit a request or pick one up again, follow it through the queue, fetch its result.

use super::body::Body;
use super::effects::{Effect, Notice, Output, Sink};
use super::failure::{Cancelled, Failure, FailureKind};
use super::follow::{Follow, FollowMode};
use super::machine::{Context, Event, Token};
use super::request::Request;
use super::retrying_request::RetryingRequest;
use crate::protocol::{Millis, QueueStatus};

/// How long an ending operation waits for fal to answer a cancel.
const CANCEL_TIMEOUT: Millis = 5_000;
/// Time between an answer and the next question, where there is no stream.
const POLL_INTERVAL: Millis = 500;

/// Where a subscription starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With a request that is to be submitted.
    Submit,
    /// With one that is in the queue already. The driver knows its id.
    Resume,
}

/// Where a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// With the last status of the completed request, whether it succeeded or not.
    Status,
    /// With the result.
    Result,
}

/// What a subscription does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SubscribeOptions {
    /// Where it starts. Default: with a submit.
    pub start: Start,
    /// Where it ends. Default: with the result.
    pub goal: Goal,
    /// How it learns of changes. Default: by a stream.
    pub mode: FollowMode,
    /// Whether log lines come along with the status. Default false.
    pub logs: bool,
    /// Time between an answer and the next question, where there is no stream. Default 500 ms.
    pub poll_interval: Millis,
    /// Whether the request is cancelled at fal when the time runs out. Default true: nobody will fetch its result.
    pub cancel_on_timeout: bool,
    /// Whether the request is cancelled at fal when the caller aborts. Default false, as in `@fal-ai/client`.
    pub cancel_on_abort: bool,
}

impl SubscribeOptions {
    /// What is usual.
    pub const DEFAULT: Self = Self {
        start: Start::Submit,
        goal: Goal::Result,
        mode: FollowMode::Streaming,
        logs: false,
        poll_interval: POLL_INTERVAL,
        cancel_on_timeout: true,
        cancel_on_abort: false,
    };
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// A subscription.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subscribe {
    options: SubscribeOptions,
    stage: Stage,
    sent: RetryingRequest,
    follow: Follow,
    /// There is a request in the queue, whose id the driver knows.
    is_queued: bool,
    /// The completed status carried an error.
    failed: bool,
    /// Why it is being ended before its time, and the limit on that.
    ending: Option<(FailureKind, Token)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Submitting,
    Following,
    Fetching,
    Cancelling,
}

impl Subscribe {
    /// Prepares a subscription.
    #[inline(never)]
    pub fn new(options: SubscribeOptions) -> Self {
        Self {
            options,
            stage: Stage::Idle,
            sent: RetryingRequest::new(),
            follow: Follow::new(),
            is_queued: options.start == Start::Resume,
            failed: false,
            ending: None,
        }
    }

    fn send(&mut self, context: &mut Context<'_, impl Sink<Effect>>, stage: Stage, request: Request) {
        self.stage = stage;
        self.sent.begin(context, request);
    }

    fn follow(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        self.stage = Stage::Following;
        self.follow.begin(context, &self.options);
    }

    /// The request is completed.
    fn completed(&mut self, context: &mut Context<'_, impl Sink<Effect>>, status: QueueStatus) {
        self.failed = status.failed;
        match self.options.goal {
            Goal::Status => {
                self.stop(context);
                context.done(Output::Value);
            }
            Goal::Result => self.send(context, Stage::Fetching, Request::Result),
        }
    }

    /// Ends before the result: because the caller wants it, or because the time is over.
    pub(super) fn end(&mut self, context: &mut Context<'_, impl Sink<Effect>>, kind: FailureKind) {
        if self.ending.is_some() {
            return;
        }
        let SubscribeOptions { cancel_on_abort, cancel_on_timeout, .. } = self.options;
        let cancel = if kind == FailureKind::Aborted { cancel_on_abort } else { cancel_on_timeout };
        let awaits_id = self.stage == Stage::Submitting && self.sent.is_out();
        if !cancel || (!self.is_queued && !awaits_id) {
            self.stop(context);
            return self.fail(context, kind.into());
        }
        self.ending = Some((kind, context.sleep(CANCEL_TIMEOUT)));
        context.state.deadline = None;
        // A submit that is out may have made a request that will be paid for: its id is awaited, then cancelled.
        if !awaits_id {
            self.stop(context);
            self.send(context, Stage::Cancelling, Request::Cancel);
        }
    }

    fn ended(&mut self, context: &mut Context<'_, impl Sink<Effect>>, cancelled: Cancelled) {
        let kind = self.ending.map_or(FailureKind::Internal, |(kind, _)| kind);
        self.stop(context);
        self.fail(context, Failure { cancelled, ..Failure::from(kind) });
    }

    fn stop(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        self.sent.stop(context);
        self.follow.stop(context);
        self.stage = Stage::Idle;
    }

    fn fail(&mut self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        context.fail(Failure { is_queued: self.is_queued, ..failure });
    }

    /// A step of the way has succeeded.
    fn replied(&mut self, context: &mut Context<'_, impl Sink<Effect>>, body: Body) {
        match (core::mem::replace(&mut self.stage, Stage::Idle), body) {
            (Stage::Submitting, Body::Submitted) => {
                self.is_queued = true;
                if self.ending.is_some() {
                    return self.send(context, Stage::Cancelling, Request::Cancel);
                }
                context.notify(Notice::Enqueued);
                self.follow(context);
            }
            (Stage::Fetching, _) if self.failed => self.fail(context, FailureKind::JobFailed.into()),
            (Stage::Fetching, _) => context.done(Output::Result),
            (Stage::Cancelling, _) => self.ended(context, Cancelled::Accepted),
            _ => self.fail(context, FailureKind::AnswerInvalid.into()),
        }
    }

    fn refused(&mut self, context: &mut Context<'_, impl Sink<Effect>>, failure: Failure) {
        let answered = failure.kind == FailureKind::Http;
        if self.ending.is_none() {
            self.fail(context, failure);
        } else if !answered {
            self.ended(context, Cancelled::Unknown);
        } else if self.stage == Stage::Cancelling {
            self.ended(context, Cancelled::Refused);
        } else {
            // A submit that was answered with an error made no request.
            self.ended(context, Cancelled::NotAsked);
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_, impl Sink<Effect>>, event: &Event) {
        match *event {
            Event::Started => {
                return match self.options.start {
                    Start::Submit => self.send(context, Stage::Submitting, Request::Submit),
                    Start::Resume => self.follow(context),
                };
            }
            Event::TimerFired { token } if self.ending.is_some_and(|(_, timer)| timer == token) => {
                return self.ended(context, Cancelled::Unknown);
            }
            _ => {}
        }
        if self.stage == Stage::Following {
            return match self.follow.handle(context, &self.options, event) {
                Some(Ok(status)) => self.completed(context, status),
                Some(Err(kind)) => self.refused(context, self.follow.failure(kind)),
                None => {}
            };
        }
        match self.sent.handle(context, event) {
            Some(Ok(body)) => self.replied(context, body),
            Some(Err(kind)) => self.refused(context, self.sent.failure(kind)),
            // A submit that would be tried again while the caller is leaving must not make a request after all.
            None if self.ending.is_some() && self.stage == Stage::Submitting && !self.sent.is_out() => {
                self.ended(context, Cancelled::NotAsked);
            }
            None => {}
        }
    }
}
