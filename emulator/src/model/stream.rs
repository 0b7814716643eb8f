//! Server-sent events over time: what is sent next, and when to ask again.

use std::collections::VecDeque;

use serde_json::Value;

use super::bridge::AnswerCursor;
use super::time::Millis;

/// A stream in progress. Its holder asks `Fal::play` for the next turn.
#[derive(Debug, Clone)]
pub struct Stream(pub(super) Events);

/// Where the events of a stream come from.
#[derive(Debug, Clone)]
pub(super) enum Events {
    /// Known in advance, with the instant of each.
    Scheduled(VecDeque<(Millis, String)>),
    /// The status of a job in the queue.
    JobStatus(StatusCursor),
    /// The answer to the offer of a session.
    Session(AnswerCursor),
}

/// How far a status stream has come.
#[derive(Debug, Clone)]
pub(super) struct StatusCursor {
    /// The request id.
    pub id: String,
    /// What the URLs in the events begin with.
    pub base: String,
    /// Whether events hold the log.
    pub logs: bool,
    /// What the last event said.
    pub last: Option<StatusSnapshot>,
    /// When something was last sent.
    pub sent_at: Millis,
}

/// The part of a status whose change is worth an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct StatusSnapshot {
    pub status: &'static str,
    pub position: u64,
    pub log_lines: usize,
}

/// What a stream sends now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Bytes for the wire, already framed as events; empty when there is nothing new.
    pub bytes: String,
    /// When to ask again, or earlier if another request has changed something. `None`: the stream has ended.
    pub next: Option<Millis>,
}

impl Stream {
    /// A stream of events at given instants, ending with the last.
    pub(super) fn scheduled(events: VecDeque<(Millis, String)>) -> Self {
        Self(Events::Scheduled(events))
    }

    /// A stream that follows a job through the queue and has sent nothing yet.
    pub(super) fn job_status(id: &str, base: String, logs: bool, now: Millis) -> Self {
        Self(Events::JobStatus(StatusCursor { id: id.to_owned(), base, logs, last: None, sent_at: now }))
    }

    /// The answer to an offer, which lasts as long as its session.
    pub(super) fn session(cursor: AnswerCursor) -> Self {
        Self(Events::Session(cursor))
    }

    /// When its last event comes, where that is known.
    pub(super) fn ends(&self) -> Option<Millis> {
        if let Events::Scheduled(events) = &self.0 { events.back().map(|(at, _)| *at) } else { None }
    }
}

/// The scheduled events that are due.
pub(super) fn take_due(events: &mut VecDeque<(Millis, String)>, now: Millis) -> Turn {
    let mut bytes = String::new();
    while let Some((_, event)) = events.pop_front_if(|(at, _)| *at <= now) {
        bytes.push_str(&event);
    }
    Turn { bytes, next: events.front().map(|(at, _)| *at) }
}

/// One event with a JSON `data:` line.
pub(super) fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}
