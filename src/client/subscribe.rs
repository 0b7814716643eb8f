//! Submit a request or pick one up again, follow it through the queue, fetch its result.

use super::body::Body;
use super::effects::{Notice, Output};
use super::failure::{Cancelled, Failure, FailureKind};
use super::follow::{Follow, FollowMode, FollowOptions};
use super::machine::{Context, Event, Token};
use super::request::{Idempotency, Request};
use super::retry::RetryPolicy;
use super::retrying_request::{Reply, RetryingRequest};
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
    /// Time for all of it, if there is a limit. Default none.
    pub timeout: Option<Millis>,
    /// Whether the request is cancelled at fal when the time runs out. Default true: nobody will fetch its result.
    pub cancel_on_timeout: bool,
    /// Whether the request is cancelled at fal when the caller aborts. Default false, as in `@fal-ai/client`.
    pub cancel_on_abort: bool,
    /// Whether the request may be submitted twice. Default: it may not.
    pub idempotency: Idempotency,
    /// For submit, result and cancel.
    pub policy: RetryPolicy,
    /// For the status, which is only read and may be asked for more stubbornly.
    pub status_policy: RetryPolicy,
}

impl Default for SubscribeOptions {
    fn default() -> Self {
        Self {
            start: Start::Submit,
            goal: Goal::Result,
            mode: FollowMode::Streaming,
            logs: false,
            poll_interval: POLL_INTERVAL,
            timeout: None,
            cancel_on_timeout: true,
            cancel_on_abort: false,
            idempotency: Idempotency::Unsafe,
            policy: RetryPolicy::default(),
            status_policy: RetryPolicy::for_status(),
        }
    }
}

/// A subscription.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Subscribe {
    options: SubscribeOptions,
    stage: Stage,
    /// There is a request in the queue, whose id the driver knows.
    is_queued: bool,
    /// The completed status carried an error.
    failed: bool,
    deadline: Option<Token>,
    /// Why it is being ended before its time, and the limit on that.
    ending: Option<(FailureKind, Token)>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    Submitting(RetryingRequest),
    Following(Follow),
    Fetching(RetryingRequest),
    Cancelling(RetryingRequest),
}

impl Subscribe {
    /// Prepares a subscription.
    pub fn new(options: SubscribeOptions) -> Self {
        let is_queued = options.start == Start::Resume;
        Self { options, stage: Stage::Idle, is_queued, failed: false, deadline: None, ending: None }
    }

    fn start(&mut self, context: &mut Context<'_>) {
        self.deadline = context.limit(self.options.timeout);
        match self.options.start {
            Start::Submit => {
                let submit = RetryingRequest::begin_as(context, Request::Submit, self.options.idempotency);
                self.stage = Stage::Submitting(submit);
            }
            Start::Resume => self.follow(context),
        }
    }

    fn follow(&mut self, context: &mut Context<'_>) {
        self.stage = Stage::Following(Follow::begin(context, self.options.mode, following(&self.options)));
    }

    /// The request is completed.
    fn completed(&mut self, context: &mut Context<'_>, status: QueueStatus) {
        self.failed = status.failed;
        match self.options.goal {
            Goal::Status => {
                self.stop(context);
                context.done(Output::Value);
            }
            Goal::Result => self.stage = Stage::Fetching(RetryingRequest::begin(context, Request::Result)),
        }
    }

    /// Ends before the result: because the caller wants it, or because the time is over.
    fn end(&mut self, context: &mut Context<'_>, kind: FailureKind, cancel: bool) {
        if self.ending.is_some() {
            return;
        }
        let awaits_id = matches!(&self.stage, Stage::Submitting(submit) if submit.is_out());
        if !cancel || (!self.is_queued && !awaits_id) {
            self.stop(context);
            return self.fail(context, kind.into());
        }
        self.ending = Some((kind, context.sleep(CANCEL_TIMEOUT)));
        context.state.deadline = None;
        // A submit that is out may have made a request that will be paid for: its id is awaited, then cancelled.
        if !awaits_id {
            self.stop(context);
            self.cancel(context);
        }
    }

    fn cancel(&mut self, context: &mut Context<'_>) {
        self.stage = Stage::Cancelling(RetryingRequest::begin(context, Request::Cancel));
    }

    fn ended(&mut self, context: &mut Context<'_>, cancelled: Cancelled) {
        let kind = self.ending.map_or(FailureKind::Internal, |(kind, _)| kind);
        self.stop(context);
        self.fail(context, Failure { cancelled, ..Failure::from(kind) });
    }

    fn stop(&mut self, context: &mut Context<'_>) {
        match &mut self.stage {
            Stage::Submitting(sent) | Stage::Fetching(sent) | Stage::Cancelling(sent) => sent.stop(context),
            Stage::Following(follow) => follow.stop(context),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
    }

    fn fail(&mut self, context: &mut Context<'_>, failure: Failure) {
        context.fail(Failure { is_queued: self.is_queued, ..failure });
    }

    /// A step of the way has succeeded.
    fn replied(&mut self, context: &mut Context<'_>, reply: Reply) {
        match (core::mem::replace(&mut self.stage, Stage::Idle), reply.body) {
            (Stage::Submitting(_), Body::Submitted) => {
                self.is_queued = true;
                if self.ending.is_some() {
                    return self.cancel(context);
                }
                context.notify(Notice::Enqueued);
                self.follow(context);
            }
            (Stage::Fetching(_), _) if self.failed => self.fail(context, FailureKind::JobFailed.into()),
            (Stage::Fetching(_), _) => context.done(Output::Result),
            (Stage::Cancelling(_), _) => self.ended(context, Cancelled::Accepted),
            _ => self.fail(context, FailureKind::AnswerInvalid.into()),
        }
    }

    fn refused(&mut self, context: &mut Context<'_>, failure: Failure) {
        match (&self.stage, self.ending) {
            (Stage::Cancelling(_), _) if failure.kind == FailureKind::Http => self.ended(context, Cancelled::Refused),
            // A submit that was answered with an error made no request.
            (_, Some(_)) if failure.kind == FailureKind::Http => self.ended(context, Cancelled::NotAsked),
            (_, Some(_)) => self.ended(context, Cancelled::Unknown),
            _ => self.fail(context, failure),
        }
    }

    pub(super) fn handle(&mut self, context: &mut Context<'_>, event: &Event) {
        match *event {
            Event::Started => return self.start(context),
            Event::Aborted => return self.end(context, FailureKind::Aborted, self.options.cancel_on_abort),
            Event::TimerFired { token } if self.deadline == Some(token) => {
                return self.end(context, FailureKind::TimedOut, self.options.cancel_on_timeout);
            }
            Event::TimerFired { token } if self.ending.is_some_and(|(_, timer)| timer == token) => {
                return self.ended(context, Cancelled::Unknown);
            }
            _ => {}
        }
        let policy = &self.options.policy;
        let outcome = match &mut self.stage {
            Stage::Submitting(sent) | Stage::Fetching(sent) | Stage::Cancelling(sent) => {
                sent.handle(context, policy, event)
            }
            Stage::Following(follow) => match follow.handle(context, following(&self.options), event) {
                Some(Ok(status)) => return self.completed(context, status),
                Some(Err(failure)) => Some(Err(failure)),
                None => None,
            },
            Stage::Idle => None,
        };
        match outcome {
            Some(Ok(reply)) => self.replied(context, reply),
            Some(Err(failure)) => self.refused(context, failure),
            // A submit that would be tried again while the caller is leaving must not make a request after all.
            None if self.ending.is_some() && matches!(&self.stage, Stage::Submitting(submit) if !submit.is_out()) => {
                self.ended(context, Cancelled::NotAsked);
            }
            None => {}
        }
    }
}

fn following(options: &SubscribeOptions) -> FollowOptions<'_> {
    let SubscribeOptions { logs, poll_interval, status_policy: policy, .. } = options;
    FollowOptions { logs: *logs, poll_interval: *poll_interval, policy }
}
