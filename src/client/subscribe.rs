//! Submit a request or pick one up again, follow it through the queue, fetch its result.

use super::exchange::{Exchange, Reply};
use super::expect::Facts;
use super::failure::{Cancelled, Failure, FailureKind};
use super::follow::{Follow, Mode};
use super::machine::{Context, Event, Notice, Operation, Output, Token};
use super::request::Request;
use super::retry::RetryPolicy;
use crate::protocol::{AppId, Millis, QueueStatus, RequestId, Submitted};

/// How long an ending operation waits for fal to answer a cancel.
const CANCEL_GRACE: Millis = 5_000;

/// Where a subscription starts.
#[derive(Clone, Debug)]
pub enum Start {
    /// With a request that is to be submitted.
    Submit(Request),
    /// With one that is in the queue already.
    Resume(RequestId),
}

/// Where a subscription ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// With the last status of the completed request, be it well or not.
    Status,
    /// With the result.
    Result,
}

/// What a subscription does.
#[derive(Clone, Debug)]
pub struct SubscribePlan {
    /// Where it starts.
    pub start: Start,
    /// Where it ends.
    pub goal: Goal,
    /// How it learns of changes. Default: by a stream.
    pub mode: Mode,
    /// The app of the endpoint: it owns the queue, unless fal says otherwise.
    pub app: AppId,
    /// Whether log lines come along with the status.
    pub logs: bool,
    /// Time between an answer and the next question, where there is no stream. Default 500 ms.
    pub poll_interval: Millis,
    /// Time for all of it, if there is a limit.
    pub timeout: Option<Millis>,
    /// Whether the request is cancelled at fal when the time runs out. Default true: nobody will fetch its result.
    pub cancel_on_timeout: bool,
    /// Whether the request is cancelled at fal when the caller aborts. Default false, as in `@fal-ai/client`.
    pub cancel_on_abort: bool,
    /// For submit, result and cancel.
    pub policy: RetryPolicy,
    /// For the status, which is only read and may be asked more stubbornly.
    pub status_policy: RetryPolicy,
}

/// A subscription.
pub struct Subscribe {
    plan: SubscribePlan,
    stage: Stage,
    request: Option<RequestId>,
    /// The completed status carried an error.
    failed: bool,
    deadline: Option<Token>,
    /// Why it is being ended before its time, and the limit on that.
    ending: Option<(FailureKind, Token)>,
}

enum Stage {
    Idle,
    Submitting(Exchange),
    Following(Follow),
    Fetching(Exchange),
    Cancelling(Exchange),
}

impl Subscribe {
    /// Prepares a subscription.
    pub fn new(plan: SubscribePlan) -> Self {
        Self { plan, stage: Stage::Idle, request: None, failed: false, deadline: None, ending: None }
    }

    fn start(&mut self, context: &mut Context) {
        self.deadline = context.limit(self.plan.timeout);
        match &self.plan.start {
            Start::Submit(submit) => {
                let exchange = Exchange::begin(context, submit.clone(), self.plan.policy.clone());
                self.stage = Stage::Submitting(exchange);
            }
            Start::Resume(request) => {
                let request = request.clone();
                self.request = Some(request.clone());
                self.follow(context, request);
            }
        }
    }

    fn follow(&mut self, context: &mut Context, request: RequestId) {
        let SubscribePlan { app, logs, mode, poll_interval, status_policy, .. } = &self.plan;
        let (app, policy) = (app.clone(), status_policy.clone());
        self.stage = Stage::Following(Follow::begin(context, app, request, *logs, *mode, *poll_interval, policy));
    }

    /// The request is completed.
    fn completed(&mut self, context: &mut Context, status: &QueueStatus) {
        self.failed = status.failed;
        match self.plan.goal {
            Goal::Status => {
                self.stop(context);
                context.done(Ok(Output::Value));
            }
            Goal::Result => self.fetch(context),
        }
    }

    fn fetch(&mut self, context: &mut Context) {
        let Some(request) = self.request.clone() else {
            return self.fail(context, FailureKind::Internal.into());
        };
        let result = Request::result(self.plan.app.clone(), request);
        self.stage = Stage::Fetching(Exchange::begin(context, result, self.plan.policy.clone()));
    }

    /// Ends before the result: on the caller's wish, or because the time is over.
    fn end(&mut self, context: &mut Context, kind: FailureKind, cancel: bool) {
        if self.ending.is_some() {
            return;
        }
        let awaits_id = matches!(&self.stage, Stage::Submitting(submit) if submit.is_out());
        if !cancel || (self.request.is_none() && !awaits_id) {
            self.stop(context);
            return self.fail(context, kind.into());
        }
        self.ending = Some((kind, context.rest(CANCEL_GRACE)));
        context.deadline = None;
        // A submit that is out may have made a request that will be paid for: its id is awaited, then cancelled.
        if !awaits_id {
            self.stop(context);
            self.cancel(context);
        }
    }

    fn cancel(&mut self, context: &mut Context) {
        let Some(request) = self.request.clone() else {
            return self.ended(context, Cancelled::Unknown);
        };
        let cancel = Request::cancel(self.plan.app.clone(), request);
        self.stage = Stage::Cancelling(Exchange::begin(context, cancel, self.plan.policy.clone()));
    }

    fn ended(&mut self, context: &mut Context, cancelled: Cancelled) {
        let kind = self.ending.map_or(FailureKind::Internal, |(kind, _)| kind);
        self.stop(context);
        self.fail(context, Failure { cancelled, ..Failure::from(kind) });
    }

    fn stop(&mut self, context: &mut Context) {
        match &mut self.stage {
            Stage::Submitting(exchange) | Stage::Fetching(exchange) | Stage::Cancelling(exchange) => {
                exchange.stop(context);
            }
            Stage::Following(follow) => follow.stop(context),
            Stage::Idle => {}
        }
        self.stage = Stage::Idle;
    }

    fn fail(&mut self, context: &mut Context, failure: Failure) {
        context.done(Err(Failure { request: self.request.clone(), ..failure }));
    }

    /// A step of the way has succeeded.
    fn replied(&mut self, context: &mut Context, reply: Reply) {
        match (core::mem::replace(&mut self.stage, Stage::Idle), reply.facts) {
            (Stage::Submitting(_), Facts::Submitted(Submitted { request, app })) => {
                self.plan.app = app.unwrap_or_else(|| self.plan.app.clone());
                self.request = Some(request.clone());
                if self.ending.is_some() {
                    return self.cancel(context);
                }
                context.tell(Notice::Enqueued(request.clone()));
                self.follow(context, request);
            }
            (Stage::Fetching(_), _) if self.failed => self.fail(context, FailureKind::JobFailed.into()),
            (Stage::Fetching(_), _) => context.done(Ok(Output::Result(self.request.clone()))),
            (Stage::Cancelling(_), _) => self.ended(context, Cancelled::Accepted),
            _ => self.fail(context, FailureKind::AnswerInvalid.into()),
        }
    }

    fn refused(&mut self, context: &mut Context, failure: Failure) {
        match (&self.stage, self.ending) {
            (Stage::Cancelling(_), _) if failure.kind == FailureKind::Http => self.ended(context, Cancelled::Refused),
            // A submit that was answered with an error made no request.
            (_, Some(_)) if failure.kind == FailureKind::Http => self.ended(context, Cancelled::NotAsked),
            (_, Some(_)) => self.ended(context, Cancelled::Unknown),
            _ => self.fail(context, failure),
        }
    }
}

impl Operation for Subscribe {
    fn on(&mut self, context: &mut Context, event: Event) {
        match event {
            Event::Started => return self.start(context),
            Event::Aborted => return self.end(context, FailureKind::Aborted, self.plan.cancel_on_abort),
            Event::Woke(token) if self.deadline == Some(token) => {
                return self.end(context, FailureKind::TimedOut, self.plan.cancel_on_timeout);
            }
            Event::Woke(token) if self.ending.is_some_and(|(_, grace)| grace == token) => {
                return self.ended(context, Cancelled::Unknown);
            }
            _ => {}
        }
        let outcome = match &mut self.stage {
            Stage::Submitting(exchange) | Stage::Fetching(exchange) | Stage::Cancelling(exchange) => {
                exchange.on(context, &event)
            }
            Stage::Following(follow) => match follow.on(context, &event) {
                Some(Ok(status)) => return self.completed(context, &status),
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
