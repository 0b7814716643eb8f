//! Server-sent events over time: what a stream says next, and when to ask again.

use std::collections::VecDeque;

use serde_json::Value;

use super::Fal;
use super::http::Millis;
use super::queue::Follow;

/// A stream that is being played out. Whoever holds it asks [`Fal::play`] for its next turn.
#[derive(Debug, Clone)]
pub struct Stream(Kind);

#[derive(Debug, Clone)]
enum Kind {
    /// Events known in advance: when, and what.
    Script(VecDeque<(Millis, String)>),
    /// The status of a request in the queue.
    Status(Follow),
}

/// What a stream says now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Bytes for the wire, already framed as events; empty when there is nothing new.
    pub bytes: String,
    /// When to ask again, or earlier if another request has changed something. `None`: the stream has ended.
    pub next: Option<Millis>,
}

impl Stream {
    /// A stream of events at given instants, ending with the last.
    pub(super) fn script(events: VecDeque<(Millis, String)>) -> Self {
        Self(Kind::Script(events))
    }

    /// When its last event comes, where that is known.
    pub(super) fn ends(&self) -> Option<Millis> {
        if let Kind::Script(events) = &self.0 { events.back().map(|(at, _)| *at) } else { None }
    }

    /// A stream that follows a request through the queue.
    pub(super) fn status(follow: Follow) -> Self {
        Self(Kind::Status(follow))
    }
}

/// One event with a JSON `data:` line.
pub(super) fn event(data: &Value) -> String {
    format!("data: {data}\n\n")
}

impl Fal {
    /// The next turn of a stream.
    pub fn play(&mut self, now: Millis, stream: &mut Stream) -> Turn {
        match &mut stream.0 {
            Kind::Script(events) => {
                let mut bytes = String::new();
                while let Some((_, event)) = events.pop_front_if(|(at, _)| *at <= now) {
                    bytes.push_str(&event);
                }
                Turn { bytes, next: events.front().map(|(at, _)| *at) }
            }
            Kind::Status(follow) => {
                self.settle(now);
                follow.turn(&self.queue, now, self.streams.logs)
            }
        }
    }
}
