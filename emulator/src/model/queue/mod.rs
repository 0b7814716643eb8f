//! `queue.fal.run`: requests wait in a line per app, run a few at a time, and end COMPLETED, whatever happened to them.

mod follow;
mod job;
mod line;
mod routes;
mod status;

use std::collections::BTreeMap;

pub use follow::Follow;
pub use job::JobReport;
use job::{Job, State};
use line::{Due, Line};

use super::Fal;
use super::catalogue::{Execution, Outcome, Visit, execute};
use super::http::Millis;
use super::settings::QueueSettings;

/// How many jobs are remembered; the oldest finished one is forgotten beyond that.
const MAX_JOBS: usize = 10_000;

/// Every job, and the line of every app.
#[derive(Debug)]
pub struct Queue {
    /// How busy the queue is.
    pub settings: QueueSettings,
    /// By the order of submission.
    jobs: BTreeMap<u64, Job>,
    by_id: BTreeMap<String, u64>,
    lines: BTreeMap<String, Line>,
    submitted: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new(settings: QueueSettings) -> Self {
        Self { settings, jobs: BTreeMap::new(), by_id: BTreeMap::new(), lines: BTreeMap::new(), submitted: 0 }
    }

    /// Takes a job in. `false` when there are too many that have not finished.
    fn submit(&mut self, job: Job) -> bool {
        if self.jobs.len() >= MAX_JOBS {
            let done =
                self.jobs.iter().find(|(_, job)| matches!(job.state, State::Done { .. })).map(|(number, _)| *number);
            let Some(forgotten) = done.and_then(|number| self.jobs.remove(&number)) else {
                return false;
            };
            self.by_id.remove(&forgotten.id);
        }
        self.submitted += 1;
        let number = self.submitted;
        // Normal requests go in front of every low one.
        let line = self.lines.entry(job.app.clone()).or_default();
        let low = |number: &u64| self.jobs.get(number).is_some_and(|job| job.low_priority);
        let place = if job.low_priority { None } else { line.waiting.iter().position(low) };
        line.waiting.insert(place.unwrap_or(line.waiting.len()), number);
        self.by_id.insert(job.id.clone(), number);
        self.jobs.insert(number, job);
        true
    }

    /// The number of a request, for its own app and account. To anybody else it does not exist.
    fn find(&self, id: &str, app: &str, account: Option<&str>) -> Option<u64> {
        let number = *self.by_id.get(id)?;
        let job = self.jobs.get(&number)?;
        (job.app == app && job.account.as_deref() == account).then_some(number)
    }

    /// How many requests of an account are running.
    pub fn running(&self, account: Option<&str>) -> usize {
        let running = |job: &&Job| matches!(job.state, State::Running { .. }) && job.account.as_deref() == account;
        self.jobs.values().filter(running).count()
    }

    /// How many requests would be in front of a new one of this app.
    fn length(&self, app: &str) -> u64 {
        let waiting = self.lines.get(app).map_or(0, |line| line.waiting.len());
        waiting as u64 + u64::from(self.settings.ahead)
    }

    /// How many requests are in front of a waiting job.
    fn position(&self, number: u64, job: &Job, now: Millis) -> u64 {
        let line = self.lines.get(&job.app);
        let place = line.and_then(|line| line.waiting.iter().position(|other| *other == number)).unwrap_or(0);
        place as u64 + job.strangers(now)
    }

    /// The next thing that happens in any line.
    fn next_due(&self) -> Option<(Millis, Due)> {
        let due = |line: &Line| line.next_due(&self.jobs, self.settings.concurrency);
        self.lines.values().filter_map(due).min_by_key(|(at, _)| *at)
    }

    /// When something happens next in any line.
    pub fn next_event(&self) -> Option<Millis> {
        self.next_due().map(|(at, _)| at)
    }

    fn start(&mut self, number: u64, at: Millis, execution: Execution) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        let run_ms = self.settings.run_ms.unwrap_or(execution.run_ms);
        job.state = State::Running { started: at, run_ms, steps: execution.steps, outcome: execution.outcome };
        if let Some(line) = self.lines.get_mut(&job.app) {
            line.waiting.retain(|other| *other != number);
            line.running.push(number);
            line.at = line.at.max(at);
        }
    }

    /// Ends a job: with `outcome`, or with what its run came to.
    fn finish(&mut self, number: u64, at: Millis, outcome: Option<Outcome>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.finish(at, outcome);
        if let Some(line) = self.lines.get_mut(&job.app) {
            line.waiting.retain(|other| *other != number);
            line.running.retain(|other| *other != number);
            line.at = line.at.max(at);
        }
    }

    /// The next instant at which the status of a job changes, or may change; `logs` counts lines of its log as changes.
    fn next_change(&self, job: &Job, now: Millis, logs: bool) -> Option<Millis> {
        let of_job = job.next_change(logs, now);
        let line = self.lines.get(&job.app).filter(|_| matches!(job.state, State::Waiting { .. }));
        let of_line = line.and_then(|line| line.next_due(&self.jobs, self.settings.concurrency)).map(|(at, _)| at);
        of_job.into_iter().chain(of_line).min()
    }
}

impl Fal {
    /// Lets everything happen that is due by now, in order.
    pub(super) fn settle(&mut self, now: Millis) {
        while let Some((at, due)) = self.queue.next_due().filter(|(at, _)| *at <= now) {
            match due {
                Due::End(number) => self.finish(number, at, None),
                Due::Expire(number) => self.finish(number, at, Some(timed_out())),
                Due::Start(number) => self.begin(number, at),
            }
        }
    }

    /// Ends a job, and lets its caller know who wants to.
    fn finish(&mut self, number: u64, at: Millis, outcome: Option<Outcome>) {
        self.queue.finish(number, at, outcome);
        let job = self.queue.jobs.get(&number);
        let Some(Job { webhook: Some(url), id, account, state: State::Done { outcome, .. }, .. }) = job else {
            return;
        };
        self.webhooks.add(at, url, id, account.as_deref(), &outcome.response);
    }

    fn begin(&mut self, number: u64, at: Millis) {
        let Some(job) = self.queue.jobs.get(&number) else {
            return;
        };
        let State::Waiting { input, .. } = &job.state else {
            return;
        };
        let endpoint = job.endpoint();
        let mut visit = Visit { now: at, input, headers: &job.headers, ids: &mut self.ids, store: &mut self.store };
        let execution = execute(&endpoint, &mut visit);
        self.queue.start(number, at, execution);
    }

    /// Changes how busy the queue is. Requests that wait already keep the other people's requests in front of them.
    pub fn set_queue(&mut self, now: Millis, settings: QueueSettings) {
        self.settle(now);
        self.queue.settings = settings;
        for line in self.queue.lines.values_mut() {
            line.at = line.at.max(now);
        }
    }

    /// Every job that is remembered, oldest first.
    pub fn jobs(&mut self, now: Millis) -> Vec<JobReport> {
        self.settle(now);
        self.queue.jobs.values().map(Job::report).collect()
    }
}

/// The end of a request that did not start in the time its caller gave it.
pub fn timed_out() -> Outcome {
    let mut outcome = Outcome::failed("request_timeout", "The request did not start within the requested timeout.");
    outcome.response = outcome.response.with_header("x-fal-request-timeout-type", "user");
    outcome
}

/// The end of a request that its caller cancelled.
fn cancelled() -> Outcome {
    Outcome::failed("client_cancelled", "Request cancelled by the client.")
}
