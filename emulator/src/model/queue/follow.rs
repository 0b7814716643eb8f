//! `…/status/stream`: the status of a job, once per change.

use super::Queue;
use super::job::State;
use crate::model::http::Millis;
use crate::model::settings::LogLines;
use crate::model::stream::{Turn, event};

/// How long a stream stays silent before it says `: ping`.
const PING_MS: Millis = 15_000;

/// A stream that follows a job.
#[derive(Debug, Clone)]
pub struct Follow {
    id: String,
    base: String,
    logs: bool,
    shown: Option<Shown>,
    spoke_at: Millis,
}

/// What was last said, as far as a change of it is a reason to say more.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    status: &'static str,
    position: u64,
    log_lines: usize,
}

impl Follow {
    /// A stream about the job with this id that has said nothing yet.
    pub fn new(id: &str, base: String, logs: bool, now: Millis) -> Self {
        Self { id: id.to_owned(), base, logs, shown: None, spoke_at: now }
    }

    /// What it says now. Each event holds only the log lines that are new, which the official client collects, or all.
    pub fn turn(&mut self, queue: &Queue, now: Millis, lines: LogLines) -> Turn {
        let found = queue.by_id.get(&self.id).and_then(|number| Some((*number, queue.jobs.get(number)?)));
        // Forgotten by a reset: there is nothing more to say.
        let Some((number, job)) = found else {
            return Turn { bytes: String::new(), next: None };
        };
        let waiting = matches!(job.state, State::Waiting { .. });
        let log = if self.logs { job.log(now) } else { Vec::new() };
        let position = if waiting { queue.position(number, job, now) } else { 0 };
        let shown = Shown { status: job.status(), position, log_lines: log.len() };
        let mut bytes = String::new();
        if self.shown.as_ref() != Some(&shown) {
            let told = self.shown.as_ref().map_or(0, |shown| shown.log_lines);
            let old = if lines == LogLines::New { told } else { 0 };
            let news = self.logs.then(|| log.into_iter().skip(old).collect());
            bytes = event(&queue.status(number, job, now, &self.base, news));
            self.shown = Some(shown);
            self.spoke_at = now;
        } else if now >= self.spoke_at.saturating_add(PING_MS) {
            bytes = ": ping\n\n".to_owned();
            self.spoke_at = now;
        }
        if matches!(job.state, State::Done { .. }) {
            return Turn { bytes, next: None };
        }
        let ping = self.spoke_at.saturating_add(PING_MS);
        let change = queue.next_change(job, now, self.logs);
        Turn { bytes, next: Some(change.map_or(ping, |change| change.min(ping))) }
    }
}
