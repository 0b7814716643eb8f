//! `…/status/stream`: the status of a job, once per change.

use super::Queue;
use super::job::State;
use crate::model::settings::LogLines;
use crate::model::stream::{StatusCursor, StatusSnapshot, Turn, event};
use crate::model::time::Millis;

/// How long a stream stays silent before it sends `: ping`.
const PING_MS: Millis = 15_000;

impl Queue {
    /// What a status stream sends now. Each event holds the log lines that are new, which the official client collects,
    /// or all of them.
    pub fn play(&self, cursor: &mut StatusCursor, now: Millis, lines: LogLines) -> Turn {
        let found = self.by_id.get(&cursor.id).and_then(|number| Some((*number, self.jobs.get(number)?)));
        // Forgotten by a reset.
        let Some((number, job)) = found else {
            return Turn { bytes: String::new(), next: None };
        };
        let waiting = matches!(job.state, State::Waiting { .. });
        let log = if cursor.logs { job.log(now) } else { Vec::new() };
        let position = if waiting { self.position(number, job, now) } else { 0 };
        let snapshot = StatusSnapshot { status: job.status(), position, log_lines: log.len() };
        let mut bytes = String::new();
        if cursor.last.as_ref() != Some(&snapshot) {
            let sent = cursor.last.as_ref().map_or(0, |last| last.log_lines);
            let skipped = if lines == LogLines::New { sent } else { 0 };
            let log = cursor.logs.then(|| log.into_iter().skip(skipped).collect());
            bytes = event(&self.status(number, job, now, &cursor.base, log));
            cursor.last = Some(snapshot);
            cursor.sent_at = now;
        } else if now >= cursor.sent_at.saturating_add(PING_MS) {
            bytes = ": ping\n\n".to_owned();
            cursor.sent_at = now;
        }
        if matches!(job.state, State::Done { .. }) {
            return Turn { bytes, next: None };
        }
        let ping = cursor.sent_at.saturating_add(PING_MS);
        let change = self.next_change(job, now, cursor.logs);
        Turn { bytes, next: Some(change.map_or(ping, |change| change.min(ping))) }
    }
}
