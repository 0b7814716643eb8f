//! One request in the queue, from submission to its end.

use serde::Serialize;
use serde_json::{Value, json};

use crate::model::catalogue::Outcome;
use crate::model::endpoint::Endpoint;
use crate::model::time::Millis;
use crate::model::time::timestamp;

/// How many lines a progress bar leaves in the log, at most, besides the first.
const MAX_LINES: u32 = 10;

/// One job.
#[derive(Debug)]
pub struct Job {
    /// The request id.
    pub id: String,
    /// `owner/alias`: where the request is found.
    pub app: String,
    /// The path on the app: what it runs there.
    pub path: String,
    /// Whose it is; `None` for an anonymous caller of a public model.
    pub account: Option<String>,
    /// Whether it waits behind every normal one.
    pub low_priority: bool,
    /// The runner hint, echoed.
    pub hint: Option<String>,
    /// The `x-fal-*` headers it came with.
    pub headers: Vec<(String, String)>,
    /// Where its caller wants to hear that it is done.
    pub webhook: Option<String>,
    /// When it came.
    pub submitted: Millis,
    /// Where it is.
    pub state: State,
}

/// Where a job is.
#[derive(Debug)]
pub enum State {
    /// Waiting.
    Waiting {
        /// The model's input.
        input: Value,
        /// How many other people's requests were in front of it.
        ahead: u32,
        /// How often one of them leaves.
        step_ms: Millis,
        /// When the last of them has left.
        clear_at: Millis,
        /// When it ends unless it has started.
        start_by: Option<Millis>,
    },
    /// On a runner.
    Running {
        /// Since when.
        started: Millis,
        /// For how long.
        run_ms: Millis,
        /// How many steps its progress bar counts.
        steps: u32,
        /// Its result.
        outcome: Outcome,
    },
    /// At its end.
    Done {
        /// When it started; `None` if it never did.
        started: Option<Millis>,
        /// How long the whole run would have taken, and its steps.
        run_ms: Millis,
        /// Steps of the progress bar.
        steps: u32,
        /// When it ended.
        ended: Millis,
        /// Its result.
        outcome: Outcome,
    },
}

/// One job, for the control report and the simulation.
#[derive(Debug, Clone, Serialize)]
pub struct JobReport {
    /// The request id.
    pub request_id: String,
    /// The whole endpoint id.
    pub endpoint: String,
    /// Whose it is.
    pub account: Option<String>,
    /// The `x-fal-*` headers it came with.
    pub fal_headers: Vec<(String, String)>,
    /// fal's status name.
    pub status: &'static str,
    /// When it came.
    pub submitted_ms: Millis,
    /// When it started.
    pub started_ms: Option<Millis>,
    /// When it ended.
    pub ended_ms: Option<Millis>,
    /// The HTTP status of its result, once it has ended.
    pub result_status: Option<u16>,
    /// What the queue says went wrong.
    pub error_type: Option<String>,
}

impl Job {
    /// The whole endpoint id, taken apart.
    pub fn endpoint(&self) -> Endpoint<'_> {
        Endpoint { app: self.app.clone(), path: &self.path }
    }

    /// fal's name of the state. There is no FAILED and no CANCELLED.
    pub fn status(&self) -> &'static str {
        match self.state {
            State::Waiting { .. } => "IN_QUEUE",
            State::Running { .. } => "IN_PROGRESS",
            State::Done { .. } => "COMPLETED",
        }
    }

    /// Ends the job: with `outcome`, or with the result of its run.
    pub fn finish(&mut self, at: Millis, outcome: Option<Outcome>) {
        let (started, run_ms, steps, own) = match &self.state {
            State::Waiting { .. } => (None, 0, 0, None),
            State::Running { started, run_ms, steps, outcome } => {
                (Some(*started), *run_ms, *steps, Some(outcome.clone()))
            }
            State::Done { .. } => return,
        };
        if let Some(outcome) = outcome.or(own) {
            self.state = State::Done { started, run_ms, steps, ended: at, outcome };
        }
    }

    /// How many other people's requests are still in front of it.
    pub fn others_ahead(&self, now: Millis) -> u64 {
        let State::Waiting { ahead, step_ms, .. } = self.state else {
            return 0;
        };
        let left = now.saturating_sub(self.submitted).checked_div(step_ms);
        u64::from(ahead).saturating_sub(left.unwrap_or(Millis::MAX))
    }

    /// The next instant at which the job changes by itself. Its start depends on others and is not among it.
    pub fn next_change(&self, logs: bool, now: Millis) -> Option<Millis> {
        match self.state {
            State::Waiting { step_ms, .. } if self.others_ahead(now) > 0 => {
                let left = now.saturating_sub(self.submitted).checked_div(step_ms)?;
                Some(self.submitted.saturating_add(step_ms.saturating_mul(left + 1)))
            }
            State::Waiting { .. } | State::Done { .. } => None,
            State::Running { started, run_ms, steps, .. } => {
                let tick = ticks(started, run_ms, steps).map(|(at, _)| at).find(|at| logs && *at > now);
                let end = started.saturating_add(run_ms);
                Some(tick.map_or(end, |tick| tick.min(end)))
            }
        }
    }

    /// The lines of the log so far, in the shape fal gives them.
    pub fn log(&self, now: Millis) -> Vec<Value> {
        let (started, run_ms, steps, until) = match self.state {
            State::Waiting { .. } | State::Done { started: None, .. } => return Vec::new(),
            State::Running { started, run_ms, steps, .. } => (started, run_ms, steps, now),
            State::Done { started: Some(started), run_ms, steps, ended, .. } => (started, run_ms, steps, ended),
        };
        let seen = ticks(started, run_ms, steps).take_while(|(at, _)| *at <= until);
        let line = |(at, step): (Millis, u32)| {
            json!({
                "message": progress(step, steps, at - started),
                "level": "STDERR",
                "source": "USER",
                "timestamp": timestamp(at),
                "labels": {},
            })
        };
        seen.map(line).collect()
    }

    /// The job for a report.
    pub fn report(&self) -> JobReport {
        let (started_ms, ended_ms, outcome) = match &self.state {
            State::Waiting { .. } => (None, None, None),
            State::Running { started, .. } => (Some(*started), None, None),
            State::Done { started, ended, outcome, .. } => (*started, Some(*ended), Some(outcome)),
        };
        JobReport {
            request_id: self.id.clone(),
            endpoint: self.endpoint().id(),
            account: self.account.clone(),
            fal_headers: self.headers.clone(),
            status: self.status(),
            submitted_ms: self.submitted,
            started_ms,
            ended_ms,
            result_status: outcome.map(|outcome| outcome.response.status),
            error_type: outcome.and_then(|outcome| outcome.failure.as_ref()).map(|(_, error_type)| error_type.clone()),
        }
    }
}

/// When the progress bar is written anew, and at which step.
fn ticks(started: Millis, run_ms: Millis, steps: u32) -> impl Iterator<Item = (Millis, u32)> {
    let lines = steps.min(MAX_LINES);
    let at = move |line: u32| {
        let share = |whole: u64| (u128::from(whole) * u128::from(line) / u128::from(lines.max(1))) as u64;
        (started.saturating_add(share(run_ms)), share(steps.into()) as u32)
    };
    (0..=lines).filter(move |_| lines > 0).map(at)
}

/// A line as tqdm writes it: ` 36%|███▌      | 10/28 [00:01<00:02,  8.50it/s]`.
fn progress(step: u32, steps: u32, elapsed: Millis) -> String {
    const CELLS: u32 = 10;
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (u64::from(step) * u64::from(CELLS) * 8 / u64::from(steps.max(1))) as usize;
    let part = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    let bar = format!("{}{part}", "█".repeat(eighths / 8));
    let percent = u64::from(step) * 100 / u64::from(steps.max(1));
    let seconds = elapsed as f64 / 1000.0;
    let clock = |seconds: f64| format!("{:02}:{:02}", (seconds / 60.0) as u64, seconds as u64 % 60);
    if step == 0 || elapsed == 0 {
        return format!("{percent:>3}%|{bar:<10}| {step}/{steps} [{}<?, ?it/s]", clock(seconds));
    }
    let rate = f64::from(step) / seconds;
    let remaining = f64::from(steps - step) / rate;
    format!("{percent:>3}%|{bar:<10}| {step}/{steps} [{}<{}, {rate:5.2}it/s]", clock(seconds), clock(remaining))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn log_lines_read_like_the_progress_bars_people_know() {
        assert_eq!(progress(0, 28, 0), "  0%|          | 0/28 [00:00<?, ?it/s]");
        assert_eq!(progress(10, 28, 1_176), " 35%|███▌      | 10/28 [00:01<00:02,  8.50it/s]");
        assert_eq!(progress(28, 28, 3_294), "100%|██████████| 28/28 [00:03<00:00,  8.50it/s]");
    }

    #[test]
    fn a_long_run_does_not_flood_the_log() {
        assert_eq!(ticks(0, 1_000, 50).count(), 11);
        assert_eq!(ticks(0, 1_000, 4).map(|(at, _)| at).collect::<Vec<_>>(), [0, 250, 500, 750, 1_000]);
        assert_eq!(ticks(0, 1_000, 0).count(), 0);
    }
}
