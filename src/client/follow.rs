//! Following a request through the queue until it is completed.

use super::exchange::Exchange;
use super::expect::{Expect, Facts};
use super::failure::{Failure, FailureKind};
use super::feed::{Feed, Turn};
use super::machine::{Context, Event, Notice, Token};
use super::request::Request;
use super::retry::RetryPolicy;
use crate::protocol::{AppId, Media, Millis, QueueState, QueueStatus, RequestId};

/// How long the first status may take to come through a stream. fal sends it at once; a proxy that collects answers
/// before it passes them on would keep it until the request is completed.
const PATIENCE: Millis = 3_000;
/// Longest silence of a stream that has begun. fal says something every 15 seconds.
const IDLE: Millis = 45_000;
/// How often a stream that broke off is opened again.
const REOPENINGS: u32 = 3;

/// How to learn of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// By a stream of statuses, and by asking where there is none.
    Streaming,
    /// By asking again and again.
    Polling,
}

/// Following one request. Part of an operation: it sees every event and takes those that are its own.
#[derive(Debug)]
pub struct Follow {
    app: AppId,
    request: RequestId,
    logs: bool,
    poll_interval: Millis,
    policy: RetryPolicy,
    /// How often a stream may still be opened; 0 for polling.
    streams: u32,
    way: Way,
}

#[derive(Debug)]
enum Way {
    Idle,
    /// A stream is asked for, and this is the limit on its first status.
    Opening(Exchange, Token),
    /// A stream is open. It has to prove itself by a first status within that limit.
    Watching(Feed, Option<Token>),
    Asking(Exchange),
    Resting(Token),
}

impl Follow {
    /// Begins to follow.
    pub fn begin(
        context: &mut Context,
        app: AppId,
        request: RequestId,
        logs: bool,
        mode: Mode,
        poll_interval: Millis,
        policy: RetryPolicy,
    ) -> Self {
        let streams = if mode == Mode::Streaming { 1 + REOPENINGS } else { 0 };
        let mut follow = Self { app, request, logs, poll_interval, policy, streams, way: Way::Idle };
        follow.go_on(context);
        follow
    }

    /// Stops, wherever it is.
    pub fn stop(&mut self, context: &mut Context) {
        match &mut self.way {
            Way::Opening(exchange, patience) => {
                exchange.stop(context);
                context.forget(*patience);
            }
            Way::Watching(feed, patience) => {
                feed.stop(context);
                if let Some(patience) = patience {
                    context.forget(*patience);
                }
            }
            Way::Asking(exchange) => exchange.stop(context),
            Way::Resting(token) => context.forget(*token),
            Way::Idle => {}
        }
        self.way = Way::Idle;
    }

    /// Takes an event; returns the last status when the request is completed, or why it cannot be followed.
    pub fn on(&mut self, context: &mut Context, event: &Event) -> Option<Result<QueueStatus, Failure>> {
        match (&mut self.way, event) {
            (Way::Opening(_, own) | Way::Watching(_, Some(own)), Event::Woke(token)) if own == token => {
                self.streams = 0;
                self.ask(context);
                None
            }
            (Way::Opening(exchange, patience), _) => {
                let patience = *patience;
                match exchange.on(context, event) {
                    Some(Ok(reply)) if reply.head.media == Media::Events => {
                        let feed = Feed::open(context, reply.token, Media::Events, Expect::Status, IDLE);
                        self.way = Way::Watching(feed, Some(patience));
                    }
                    Some(Ok(reply)) => {
                        context.forget(reply.token);
                        self.unstreamed(context);
                    }
                    Some(Err(_)) => self.unstreamed(context),
                    None => {}
                }
                None
            }
            (Way::Watching(_, patience), Event::Read(_, Facts::Status(status))) => {
                if let Some(patience) = patience.take() {
                    context.forget(patience);
                }
                self.learned(context, status)
            }
            (Way::Watching(feed, patience), _) => {
                let turn = feed.on(context, event)?;
                if turn == Turn::Explained || patience.is_some() {
                    self.streams = 0;
                }
                self.ask(context);
                None
            }
            (Way::Asking(exchange), _) => match exchange.on(context, event)? {
                Ok(reply) => match reply.facts {
                    Facts::Status(status) => self.learned(context, &status),
                    _ => Some(Err(FailureKind::AnswerInvalid.into())),
                },
                Err(failure) => Some(Err(failure)),
            },
            (Way::Resting(own), Event::Woke(token)) if own == token => {
                self.go_on(context);
                None
            }
            _ => None,
        }
    }

    fn learned(&mut self, context: &mut Context, status: &QueueStatus) -> Option<Result<QueueStatus, Failure>> {
        context.tell(Notice::Status);
        if status.state == QueueState::Completed {
            self.stop(context);
            return Some(Ok(status.clone()));
        }
        if matches!(self.way, Way::Asking(_)) {
            self.way = Way::Resting(context.rest(self.poll_interval));
        }
        None
    }

    /// There is no stream to be had.
    fn unstreamed(&mut self, context: &mut Context) {
        self.streams = 0;
        self.ask(context);
    }

    fn go_on(&mut self, context: &mut Context) {
        let Some(left) = self.streams.checked_sub(1) else {
            return self.ask(context);
        };
        self.streams = left;
        // Once: whatever is in the way of a stream, asking shows what it is.
        let policy = RetryPolicy { max_retries: 0, ..self.policy.clone() };
        let follow = Request::follow(self.app.clone(), self.request.clone(), self.logs);
        let patience = context.rest(PATIENCE);
        self.way = Way::Opening(Exchange::begin(context, follow, policy), patience);
    }

    fn ask(&mut self, context: &mut Context) {
        self.stop(context);
        let status = Request::status(self.app.clone(), self.request.clone(), self.logs);
        self.way = Way::Asking(Exchange::begin(context, status, self.policy.clone()));
    }
}
