//! One request and its answer, with as many tries as it takes.

use super::body::{Body, BodyKind};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::{Idempotency, Request};
use super::retry::{RetryPolicy, Trouble};
use crate::protocol::{Head, Media};

/// A good answer.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reply {
    /// Status and headers.
    pub head: Head,
    /// What the body says.
    pub body: Body,
    /// What it came under; a body that is expected as a [`BodyKind::Stream`] is not read yet.
    pub token: Token,
}

/// A request on its way. Part of an operation: it sees every event and takes those that are its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RetryingRequest {
    request: Request,
    idempotency: Idempotency,
    /// Whether it goes to the other name of its host.
    to_backup: bool,
    attempts: u32,
    /// How many of them came after a rest.
    retries: u32,
    /// What the last retry cost the client.
    cost: u64,
    stage: Stage,
    /// The end of the time for this try.
    timer: Option<Token>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Stage {
    Idle,
    Sending(Token),
    Reading(Token, Head),
    Waiting(Token),
}

impl RetryingRequest {
    /// Sends a request.
    pub fn begin(context: &mut Context<'_>, request: Request) -> Self {
        Self::begin_as(context, request, request.idempotency())
    }

    /// Sends a request that the caller knows more about.
    pub fn begin_as(context: &mut Context<'_>, request: Request, idempotency: Idempotency) -> Self {
        let mut this = Self {
            request,
            idempotency,
            to_backup: false,
            attempts: 0,
            retries: 0,
            cost: 0,
            stage: Stage::Idle,
            timer: None,
        };
        this.send(context);
        this
    }

    /// Whether a request is out, so that fal may be working on it.
    pub fn is_out(&self) -> bool {
        matches!(self.stage, Stage::Sending(_) | Stage::Reading(..))
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context<'_>) {
        match self.stage {
            Stage::Sending(token) | Stage::Reading(token, _) | Stage::Waiting(token) => context.cancel(token),
            Stage::Idle => {}
        }
        self.settle(context);
    }

    /// Nothing is under way any more.
    fn settle(&mut self, context: &mut Context<'_>) {
        if let Some(timer) = self.timer.take() {
            context.cancel(timer);
        }
        self.stage = Stage::Idle;
    }

    /// Takes an event; returns how it ended, when it did.
    pub fn handle(
        &mut self,
        context: &mut Context<'_>,
        policy: &RetryPolicy,
        event: &Event,
    ) -> Option<Result<Reply, Failure>> {
        match (self.stage, *event) {
            (Stage::Sending(own) | Stage::Reading(own, _), Event::TimerFired { token })
                if self.timer == Some(token) =>
            {
                context.cancel(own);
                self.failed(context, policy, FailureKind::ConnectionLost, None)
            }
            (Stage::Sending(own), Event::Answered { token, head }) if own == token => {
                self.answered(context, policy, token, head)
            }
            (Stage::Sending(own), Event::Failed { token, kind }) if own == token => {
                self.failed(context, policy, kind, None)
            }
            (Stage::Reading(own, head), Event::Failed { token, kind }) if own == token => {
                self.failed(context, policy, kind, Some(head))
            }
            (Stage::Reading(own, head), Event::Read { token, body }) if own == token => {
                self.settle(context);
                Some(if head.is_ok() {
                    context.state.budget.earn(self.cost);
                    Ok(Reply { head, body, token })
                } else {
                    Err(self.failure(FailureKind::Http, Some(head)))
                })
            }
            (Stage::Waiting(own), Event::TimerFired { token }) if own == token => {
                self.send(context);
                None
            }
            _ => None,
        }
    }

    fn send(&mut self, context: &mut Context<'_>) {
        self.attempts = self.attempts.saturating_add(1);
        self.stage = Stage::Sending(context.send(self.request, self.to_backup));
        self.timer = self.request.timeout().map(|timeout| context.sleep(timeout));
    }

    fn answered(
        &mut self,
        context: &mut Context<'_>,
        policy: &RetryPolicy,
        token: Token,
        head: Head,
    ) -> Option<Result<Reply, Failure>> {
        if head.is_redirect() {
            self.stop(context);
            return Some(Err(self.failure(FailureKind::Redirected, Some(head))));
        }
        let body = if head.is_ok() { self.request.body() } else { BodyKind::Explanation };
        if body == BodyKind::Explanation && self.waits(context, policy, &Trouble::Answer(head)) {
            return None;
        }
        if body == BodyKind::Stream {
            self.stage = Stage::Idle;
            return Some(Ok(Reply { head, body: Body::Nothing, token }));
        }
        let media = match body {
            BodyKind::Nothing if head.media != Media::Html => Media::Bytes,
            // An explanation is wanted whatever it is written in.
            BodyKind::Explanation => Media::Text,
            BodyKind::Anything | BodyKind::Receipt | BodyKind::Nothing => head.media,
            // fal's own answers are JSON. A page of HTML in their place is a web server that has no proxy there.
            _ if head.media != Media::Json => {
                self.stop(context);
                return Some(Err(self.failure(FailureKind::AnswerInvalid, Some(head))));
            }
            _ => Media::Json,
        };
        context.read(token, media, body);
        self.stage = Stage::Reading(token, head);
        None
    }

    fn failed(
        &mut self,
        context: &mut Context<'_>,
        policy: &RetryPolicy,
        kind: FailureKind,
        head: Option<Head>,
    ) -> Option<Result<Reply, Failure>> {
        self.settle(context);
        let kind = match &head {
            // An answer that broke off is an error of its status, when that was one: the body is only its explanation.
            Some(head) if !head.is_ok() && kind != FailureKind::CallersOwn => FailureKind::Http,
            // What has an answer was sent, whatever is said of it now.
            Some(_) if kind.is_before_send() => FailureKind::ConnectionLost,
            _ => kind,
        };
        if self.fails_over(context, policy, kind) || self.waits(context, policy, &Trouble::Failure(kind)) {
            return None;
        }
        Some(Err(self.failure(kind, head)))
    }

    /// Goes on under the other name of the host: to the backup at once, and back from it for the next try.
    fn fails_over(&mut self, context: &mut Context<'_>, policy: &RetryPolicy, kind: FailureKind) -> bool {
        if core::mem::take(&mut self.to_backup) || !self.request.has_backup() {
            return false;
        }
        let Some(cost) = policy.fails_over(context, kind) else { return false };
        self.to_backup = true;
        self.cost = cost;
        self.send(context);
        true
    }

    /// Waits before another try, when one is worth it.
    fn waits(&mut self, context: &mut Context<'_>, policy: &RetryPolicy, trouble: &Trouble) -> bool {
        let Some(retry) = policy.again(context, self.idempotency, trouble, self.retries) else { return false };
        self.stop(context);
        self.retries = self.retries.saturating_add(1);
        self.cost = retry.cost;
        self.stage = Stage::Waiting(context.sleep(retry.wait));
        true
    }

    fn failure(&self, kind: FailureKind, head: Option<Head>) -> Failure {
        let retry_after = head.and_then(|head| head.retry_after);
        Failure { attempts: self.attempts, head, retry_after, ..Failure::from(kind) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::effects::Effects;
    use crate::client::machine::State;

    /// A run of which an answer came was executed and is paid for, whatever the driver says went wrong with its body.
    #[test]
    fn a_run_that_was_answered_is_not_run_again() {
        let (mut state, mut effects) = (State::new(1), Effects::default());
        let context = &mut Context::of(&mut state, &mut effects);
        let policy = RetryPolicy::default();
        let mut request = RetryingRequest::begin(context, Request::Run);
        let head = Head { status: 200, media: Media::Json, retry_after: None, retryable: None, user_timeout: false };
        let token = Token(1);
        assert!(request.handle(context, &policy, &Event::Answered { token, head }).is_none());
        let ended = request.handle(context, &policy, &Event::Failed { token, kind: FailureKind::Unreachable });
        assert_eq!(ended.unwrap().unwrap_err().kind, FailureKind::ConnectionLost);
    }
}
