//! `queue.fal.run`: requests wait per app, run a few at a time, and end COMPLETED, whatever happened to them.

mod app_queue;
mod job;
mod routes;
mod status;
mod stream;

use std::collections::BTreeMap;

use serde_json::Value;

use app_queue::{AppQueue, Transition};
pub use job::Job;
pub use job::JobReport;
use job::State;

use super::catalogue::{Execution, Outcome};
use super::http::Response;
use super::settings::QueueSettings;
use super::time::Millis;

/// How many jobs are remembered; the oldest finished one is forgotten beyond that.
const MAX_JOBS: usize = 10_000;

/// A webhook that is due: a job has ended whose caller asked for one.
#[derive(Debug)]
pub struct Notice {
    /// When the job ended.
    pub at: Millis,
    /// Where the webhook goes.
    pub url: String,
    /// The request id.
    pub request_id: String,
    /// Whose job it is.
    pub account: Option<String>,
    /// The result.
    pub response: Response,
}

/// Every job, by the app it runs on.
#[derive(Debug)]
pub struct Queue {
    /// How busy the queue is.
    pub settings: QueueSettings,
    /// By the order of submission.
    jobs: BTreeMap<u64, Job>,
    by_id: BTreeMap<String, u64>,
    apps: BTreeMap<String, AppQueue>,
    /// Webhooks that [`take_notices`](Self::take_notices) will hand out.
    notices: Vec<Notice>,
    submitted: u64,
}

impl Queue {
    /// An empty queue.
    pub fn new(settings: QueueSettings) -> Self {
        Self {
            settings,
            jobs: BTreeMap::new(),
            by_id: BTreeMap::new(),
            apps: BTreeMap::new(),
            notices: Vec::new(),
            submitted: 0,
        }
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
        let app = self.apps.entry(job.app.clone()).or_default();
        let low = |number: &u64| self.jobs.get(number).is_some_and(|job| job.low_priority);
        let place = if job.low_priority { None } else { app.waiting.iter().position(low) };
        app.waiting.insert(place.unwrap_or(app.waiting.len()), number);
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
        let waiting = self.apps.get(app).map_or(0, |app| app.waiting.len());
        waiting as u64 + u64::from(self.settings.ahead)
    }

    /// How many requests are in front of a waiting job.
    fn position(&self, number: u64, job: &Job, now: Millis) -> u64 {
        let app = self.apps.get(&job.app);
        let place = app.and_then(|app| app.waiting.iter().position(|other| *other == number)).unwrap_or(0);
        place as u64 + job.others_ahead(now)
    }

    /// The next transition in any app.
    fn next_transition(&self) -> Option<(Millis, Transition)> {
        let due = |app: &AppQueue| app.next_transition(&self.jobs, self.settings.concurrency);
        self.apps.values().filter_map(due).min_by_key(|(at, _)| *at)
    }

    /// When something happens next in any app.
    pub fn next_event(&self) -> Option<Millis> {
        self.next_transition().map(|(at, _)| at)
    }

    fn start(&mut self, number: u64, at: Millis, execution: Execution) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        let run_ms = self.settings.run_ms.unwrap_or(execution.run_ms);
        job.state = State::Running { started: at, run_ms, steps: execution.steps, outcome: execution.outcome };
        if let Some(app) = self.apps.get_mut(&job.app) {
            app.waiting.retain(|other| *other != number);
            app.running.push(number);
            app.at = app.at.max(at);
        }
    }

    /// Ends a job: with `outcome`, or with the result of its run.
    fn finish(&mut self, number: u64, at: Millis, outcome: Option<Outcome>) {
        let Some(job) = self.jobs.get_mut(&number) else { return };
        job.finish(at, outcome);
        if let Some(app) = self.apps.get_mut(&job.app) {
            app.waiting.retain(|other| *other != number);
            app.running.retain(|other| *other != number);
            app.at = app.at.max(at);
        }
        if let (Some(url), State::Done { outcome, .. }) = (&job.webhook, &job.state) {
            let (url, request_id, account) = (url.clone(), job.id.clone(), job.account.clone());
            self.notices.push(Notice { at, url, request_id, account, response: outcome.response.clone() });
        }
    }

    /// The next instant at which the status of a job changes, or may change; `logs` counts lines of its log as changes.
    fn next_change(&self, job: &Job, now: Millis, logs: bool) -> Option<Millis> {
        let of_job = job.next_change(logs, now);
        let app = self.apps.get(&job.app).filter(|_| matches!(job.state, State::Waiting { .. }));
        let of_app = app.and_then(|app| app.next_transition(&self.jobs, self.settings.concurrency)).map(|(at, _)| at);
        of_job.into_iter().chain(of_app).min()
    }
}

impl Queue {
    /// Lets everything happen that is due by now, in order. `run` computes the result of a job that starts.
    pub fn advance(&mut self, now: Millis, mut run: impl FnMut(&Job, &Value, Millis) -> Execution) {
        while let Some((at, transition)) = self.next_transition().filter(|(at, _)| *at <= now) {
            match transition {
                Transition::End(number) => self.finish(number, at, None),
                Transition::Expire(number) => self.finish(number, at, Some(timed_out())),
                Transition::Start(number) => {
                    let Some(job) = self.jobs.get(&number) else { return };
                    let State::Waiting { input, .. } = &job.state else { return };
                    let execution = run(job, input, at);
                    self.start(number, at, execution);
                }
            }
        }
    }

    /// The webhooks of the jobs that have ended since the last call, in the order of their ends.
    pub fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }

    /// Changes how busy the queue is. Jobs that wait already keep the other people's requests in front of them.
    pub fn change_settings(&mut self, now: Millis, settings: QueueSettings) {
        self.settings = settings;
        for app in self.apps.values_mut() {
            app.at = app.at.max(now);
        }
    }

    /// Every job that is remembered, oldest first.
    pub fn report(&self) -> Vec<JobReport> {
        self.jobs.values().map(Job::report).collect()
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
