//! One request and its answer, with as many tries as it takes.

use super::body::{Body, BodyKind};
use super::effects::{Effect, Sink};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
use super::request::{Idempotency, Request};
use super::retry::{MAX_RETRY_AFTER, RetryPolicy, TRANSIENT_COST, cost_of};
use crate::protocol::{Head, Media, Millis};

/// A request on its way. Part of an operation: it sees every event and takes those that are its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct RetryingRequest {
    request: Request,
    /// Whether it is tried once, whatever the policy says.
    once: bool,
    /// Whether it goes to the other name of its host.
    to_backup: bool,
    attempts: u32,
    /// How many of them came after a rest.
    retries: u32,
    /// What the last retry cost the client.
    cost: u64,
    stage: Stage,
    /// The try that is out, or the rest before the next one.
    token: Token,
    /// The end of the time for this try.
    timer: Token,
    /// Status and headers of the answer.
    head: Option<Head>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Idle,
    Sending,
    Reading,
    Waiting,
}

impl RetryingRequest {
    /// None yet.
    #[inline(never)]
    pub const fn new() -> Self {
        Self {
            request: Request::Result,
            once: false,
            to_backup: false,
            attempts: 0,
            retries: 0,
            cost: 0,
            stage: Stage::Idle,
            token: Token::NONE,
            timer: Token::NONE,
            head: None,
        }
    }

    /// Sends a request.
    pub fn begin(&mut self, context: &mut Context<'_, impl Sink<Effect>>, request: Request) {
        *self = Self::new();
        self.request = request;
        self.send(context);
    }

    /// Sends a request once: whatever is in its way, something else is done then.
    pub fn begin_once(&mut self, context: &mut Context<'_, impl Sink<Effect>>, request: Request) {
        self.begin(context, request);
        self.once = true;
    }

    /// Which one it is.
    pub fn request(&self) -> Request {
        self.request
    }

    /// The exchange under way.
    pub fn token(&self) -> Token {
        self.token
    }

    /// What the answer is made of.
    pub fn media(&self) -> Media {
        self.head.map_or(Media::Bytes, |head| head.media)
    }

    /// Whether nothing is under way.
    pub fn is_idle(&self) -> bool {
        self.stage == Stage::Idle
    }

    /// Whether a request is out, so that fal may be working on it.
    pub fn is_out(&self) -> bool {
        matches!(self.stage, Stage::Sending | Stage::Reading)
    }

    /// How it failed.
    pub fn failure(&self, kind: FailureKind) -> Failure {
        Failure { attempts: self.attempts, head: self.head, ..Failure::from(kind) }
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        if self.stage != Stage::Idle {
            context.cancel(&mut self.token);
        }
        self.settle(context);
    }

    /// Nothing is under way any more.
    fn settle(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        context.cancel(&mut self.timer);
        self.stage = Stage::Idle;
    }

    /// Takes an event; returns how it ended, when it did.
    pub fn handle(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        event: &Event,
    ) -> Option<Result<Body, FailureKind>> {
        match (self.stage, *event) {
            (Stage::Sending | Stage::Reading, Event::TimerFired { token }) if token == self.timer => {
                context.cancel(&mut self.token);
                self.head = None;
                self.failed(context, FailureKind::ConnectionLost)
            }
            (Stage::Sending, Event::Answered { token, head }) if token == self.token => {
                self.head = Some(head);
                self.answered(context, head)
            }
            (Stage::Sending | Stage::Reading, Event::Failed { token, kind }) if token == self.token => {
                self.failed(context, kind)
            }
            (Stage::Reading, Event::Read { token, body }) if token == self.token => {
                self.settle(context);
                Some(if self.is_good() {
                    context.state.budget.earn(self.cost);
                    Ok(body)
                } else {
                    Err(FailureKind::Http)
                })
            }
            (Stage::Waiting, Event::TimerFired { token }) if token == self.token => {
                self.send(context);
                None
            }
            _ => None,
        }
    }

    /// Whether the answer is not one of an error.
    fn is_good(&self) -> bool {
        self.head.is_some_and(|head| head.is_ok())
    }

    fn send(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        self.attempts = self.attempts.saturating_add(1);
        self.stage = Stage::Sending;
        self.head = None;
        self.token = context.send(self.request, self.to_backup);
        if let Some(timeout) = self.request.timeout() {
            self.timer = context.sleep(timeout);
        }
    }

    fn answered(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        head: Head,
    ) -> Option<Result<Body, FailureKind>> {
        if head.is_redirect() {
            self.stop(context);
            return Some(Err(FailureKind::Redirected));
        }
        let body = if head.is_ok() { self.request.body() } else { BodyKind::Explanation };
        let media = match body {
            BodyKind::Explanation => {
                let is_worth = context.options.retry.is_worth(self.request, self.is_safe(context), &head);
                if is_worth && self.waits(context, cost_of(&head), head.retry_after) {
                    return None;
                }
                // It is wanted whatever it is written in.
                Media::Text
            }
            BodyKind::Stream => {
                self.stage = Stage::Idle;
                return Some(Ok(Body::Nothing));
            }
            BodyKind::Nothing if head.media != Media::Html => Media::Bytes,
            BodyKind::Anything | BodyKind::Receipt | BodyKind::Nothing => head.media,
            // fal's own answers are JSON. A page of HTML in their place is a web server that has no proxy there.
            _ if head.media != Media::Json => {
                self.stop(context);
                return Some(Err(FailureKind::AnswerInvalid));
            }
            _ => Media::Json,
        };
        context.read(self.token, media, body);
        self.stage = Stage::Reading;
        None
    }

    fn failed(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        kind: FailureKind,
    ) -> Option<Result<Body, FailureKind>> {
        self.settle(context);
        let kind = match self.head {
            // An answer that broke off is an error of its status, when that was one: the body is only its explanation.
            Some(head) if !head.is_ok() && kind != FailureKind::CallersOwn => FailureKind::Http,
            // What has an answer was sent, whatever is said of it now.
            Some(_) if kind.is_before_send() => FailureKind::ConnectionLost,
            _ => kind,
        };
        let is_worth = kind.is_before_send() || (kind == FailureKind::ConnectionLost && self.is_safe(context));
        if self.fails_over(context, kind) || (is_worth && self.waits(context, TRANSIENT_COST, None)) {
            return None;
        }
        Some(Err(kind))
    }

    /// Whether it may be sent again although it may have been executed.
    fn is_safe(&self, context: &Context<'_, impl Sink<Effect>>) -> bool {
        context.options.idempotent || self.request.idempotency() == Idempotency::Safe
    }

    /// Goes on under the other name of the host: to the backup at once, and back from it for the next try.
    fn fails_over(&mut self, context: &mut Context<'_, impl Sink<Effect>>, kind: FailureKind) -> bool {
        let RetryPolicy { backup_hosts, budget, .. } = context.options.retry;
        let pays = !core::mem::take(&mut self.to_backup)
            && backup_hosts
            && self.request.has_backup()
            && kind.is_before_send()
            && context.state.budget.pay(TRANSIENT_COST, budget);
        if pays {
            self.to_backup = true;
            self.cost = TRANSIENT_COST;
            self.send(context);
        }
        pays
    }

    /// Waits before another try, if there is one. There is none after the tries are used up, beyond the client's budget,
    /// and when it could not begin before the deadline: the caller learns at once what is wrong, instead of waiting for a
    /// try that will not be made.
    fn waits(&mut self, context: &mut Context<'_, impl Sink<Effect>>, cost: u64, asked: Option<Millis>) -> bool {
        let policy = &context.options.retry;
        let most = if self.once { 0 } else { policy.max_retries.unwrap_or(self.request.usual_retries()) };
        if self.retries >= most || asked.is_some_and(|wait| wait > MAX_RETRY_AFTER) {
            return false;
        }
        let wait = asked.unwrap_or_else(|| policy.delay(self.retries, &mut context.state.random));
        let start = context.state.now.saturating_add(wait);
        if context.state.deadline.is_some_and(|deadline| start >= deadline)
            || !context.state.budget.pay(cost, policy.budget)
        {
            return false;
        }
        self.stop(context);
        self.retries = self.retries.saturating_add(1);
        self.cost = cost;
        self.stage = Stage::Waiting;
        self.token = context.sleep(wait);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::call_options::CallOptions;
    use crate::client::effects::Effects;
    use crate::client::machine::State;

    /// A run of which an answer came was executed and is paid for, whatever the driver says went wrong with its body.
    #[test]
    fn a_run_that_was_answered_is_not_run_again() {
        let (mut state, mut effects) = (State::new(1), Effects::default());
        let options = CallOptions::default();
        let context = &mut Context::of(&mut state, &options, &mut effects);
        let mut request = RetryingRequest::new();
        request.begin(context, Request::Run);
        let head = Head { status: 200, media: Media::Json, retry_after: None, retryable: None, user_timeout: false };
        let token = Token(1);
        assert!(request.handle(context, &Event::Answered { token, head }).is_none());
        let ended = request.handle(context, &Event::Failed { token, kind: FailureKind::Unreachable });
        assert_eq!(ended, Some(Err(FailureKind::ConnectionLost)));
    }
}
