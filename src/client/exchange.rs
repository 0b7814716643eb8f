//! One request and its answer, with as many tries as it takes.

use super::expect::{Expect, Facts};
use super::failure::{Failure, FailureKind};
use super::machine::{Context, Event, Token};
#[cfg(feature = "server")]
use super::request::Destination;
use super::request::Request;
use super::retry::{RetryPolicy, Trouble};
use crate::protocol::{Head, Media};

/// A good answer.
#[derive(Clone, Debug)]
pub struct Reply {
    /// Status and headers.
    pub head: Head,
    /// What the body says.
    pub facts: Facts,
    /// What it came under; a body that is expected as a [`Expect::Stream`] is not read yet.
    pub token: Token,
}

/// A request on its way. Part of an operation: it sees every event and takes those that are its own.
#[derive(Debug)]
pub struct Exchange {
    request: Request,
    policy: RetryPolicy,
    attempts: u32,
    /// How many of them came after a rest.
    retries: u32,
    /// What the last retry cost the client.
    cost: u64,
    state: State,
    /// The end of the patience with this try.
    limit: Option<Token>,
}

#[derive(Debug)]
enum State {
    Idle,
    Sending(Token),
    Reading(Token, Head),
    Resting(Token),
}

impl Exchange {
    /// Sends a request.
    pub fn begin(context: &mut Context, request: Request, policy: RetryPolicy) -> Self {
        let mut exchange = Self { request, policy, attempts: 0, retries: 0, cost: 0, state: State::Idle, limit: None };
        exchange.send(context);
        exchange
    }

    /// Whether a request is out, so that fal may be working on it.
    pub fn is_out(&self) -> bool {
        matches!(self.state, State::Sending(_) | State::Reading(..))
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context) {
        match self.state {
            State::Sending(token) | State::Reading(token, _) | State::Resting(token) => context.forget(token),
            State::Idle => {}
        }
        self.settle(context);
    }

    /// Nothing is under way any more.
    fn settle(&mut self, context: &mut Context) {
        if let Some(limit) = self.limit.take() {
            context.forget(limit);
        }
        self.state = State::Idle;
    }

    /// Takes an event; returns how it ended, when it did.
    pub fn on(&mut self, context: &mut Context, event: &Event) -> Option<Result<Reply, Failure>> {
        match (&self.state, event) {
            (State::Sending(own) | State::Reading(own, _), Event::Woke(token)) if self.limit == Some(*token) => {
                context.forget(*own);
                self.failed(context, FailureKind::ConnectionLost, None)
            }
            (State::Sending(own), Event::Answered(token, head)) if own == token => {
                self.answered(context, *token, head.clone())
            }
            (State::Sending(own), Event::Failed(token, kind)) if own == token => self.failed(context, *kind, None),
            (State::Reading(own, head), Event::Failed(token, kind)) if own == token => {
                let head = head.clone();
                self.failed(context, *kind, Some(head))
            }
            (State::Reading(own, head), Event::Read(token, facts)) if own == token => {
                let head = head.clone();
                self.settle(context);
                Some(if head.is_ok() {
                    context.spent.earn(self.cost);
                    Ok(Reply { head, facts: facts.clone(), token: *token })
                } else {
                    Err(self.failure(FailureKind::Http, Some(head)))
                })
            }
            (State::Resting(own), Event::Woke(token)) if own == token => {
                self.send(context);
                None
            }
            _ => None,
        }
    }

    fn send(&mut self, context: &mut Context) {
        self.attempts = self.attempts.saturating_add(1);
        self.state = State::Sending(context.send(self.request.clone()));
        self.limit = self.request.patience().map(|patience| context.rest(patience));
    }

    fn answered(&mut self, context: &mut Context, token: Token, head: Head) -> Option<Result<Reply, Failure>> {
        if head.is_redirect() {
            self.stop(context);
            return Some(Err(self.failure(FailureKind::Redirected, Some(head))));
        }
        let expect = if head.is_ok() { self.request.expect } else { Expect::Explanation };
        if expect == Expect::Explanation && self.rests(context, &Trouble::Answer(&head)) {
            return None;
        }
        if expect == Expect::Stream {
            self.state = State::Idle;
            return Some(Ok(Reply { head, facts: Facts::Nothing, token }));
        }
        // fal's own answers are JSON. A page of HTML in their place is a web server that has no proxy there.
        let wants_json = !matches!(expect, Expect::Anything | Expect::Nothing | Expect::Receipt | Expect::Explanation);
        if wants_json && head.media != Media::Json {
            self.stop(context);
            return Some(Err(self.failure(FailureKind::AnswerInvalid, Some(head))));
        }
        let media = match expect {
            Expect::Nothing => Media::Bytes,
            // An explanation is wanted whatever it is written in.
            Expect::Explanation => Media::Text,
            _ => head.media,
        };
        context.read(token, media, expect);
        self.state = State::Reading(token, head);
        None
    }

    fn failed(
        &mut self,
        context: &mut Context,
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
        #[cfg(feature = "server")]
        if self.turns(context, kind) {
            return None;
        }
        if self.rests(context, &Trouble::Failure(kind)) {
            return None;
        }
        Some(Err(self.failure(kind, head)))
    }

    /// Goes on under the other name of the host: to the backup at once, and back from it for the next try.
    #[cfg(feature = "server")]
    fn turns(&mut self, context: &mut Context, kind: FailureKind) -> bool {
        let Some(elsewhere) = self.request.destination.elsewhere() else { return false };
        if matches!(elsewhere, Destination::Fal(_)) {
            self.request.destination = elsewhere;
            return false;
        }
        let Some(cost) = self.policy.turns_to_backup(context, kind) else { return false };
        self.request.destination = elsewhere;
        self.cost = cost;
        self.send(context);
        true
    }

    /// Rests before another try, when one is worth it.
    fn rests(&mut self, context: &mut Context, trouble: &Trouble<'_>) -> bool {
        let retry = self.policy.again(context, self.request.class, trouble, self.retries);
        if let Some(retry) = &retry {
            self.stop(context);
            self.retries = self.retries.saturating_add(1);
            self.cost = retry.cost;
            self.state = State::Resting(context.rest(retry.wait));
        }
        retry.is_some()
    }

    fn failure(&self, kind: FailureKind, head: Option<Head>) -> Failure {
        let retry_after = head.as_ref().and_then(|head| head.retry_after);
        Failure { attempts: self.attempts, head, retry_after, ..Failure::from(kind) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{EndpointId, Method};

    /// A run of which an answer came was executed and is paid for, whatever the hands say went wrong with its body.
    #[test]
    fn a_run_that_was_answered_is_not_run_again() {
        let mut context = Context::new(1);
        let run = Request::run(EndpointId::parse("fal-ai/flux/dev").unwrap(), Method::Post);
        let mut exchange = Exchange::begin(&mut context, run, RetryPolicy::default());
        let head = Head { status: 200, media: Media::Json, retry_after: None, retryable: None, user_timeout: false };
        assert!(exchange.on(&mut context, &Event::Answered(Token(1), head)).is_none());
        let ended = exchange.on(&mut context, &Event::Failed(Token(1), FailureKind::Unreachable));
        assert_eq!(ended.unwrap().unwrap_err().kind, FailureKind::ConnectionLost);
    }
}
