//! One call of a visitor's through a proxy, step by step: what its machines want is done, with a network in between.

use fal_wasm::limits::{Answer, Asked, CallKind, Limit, Outcome, Taking, TakingEvent, TakingStep, Verdict};
use fal_wasm::proxy::{Call, CallEvent, CallStep, Refusal};

use super::World;
use super::fal::{Job, Work};
use crate::hostile::Dice;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    /// What it needs is taken.
    Taking(Taking),
    /// It goes to fal, and what came of its last step is on the way.
    Calling(Call, Option<CallEvent>),
    /// The visitor comes back for the result, or cancels, or never does.
    Return,
}

#[derive(Clone, Debug)]
pub struct Visit {
    pub ticket: String,
    pub server: usize,
    pub queued: bool,
    pub key: Option<u64>,
    pub estimate: f64,
    pub work: Work,
    pub step: Step,
    /// What fal was asked about for its sake, and the jobs that it is still to be asked about.
    pub asked: Asked,
    pub doubtful: Vec<usize>,
    pub job: Option<usize>,
    pub window: u64,
    pub reserved_at: u64,
    pub total_at: Option<u64>,
    pub total_window: u64,
    /// When to come again, as the last refusal said.
    pub retry_after: Option<u64>,
}

const ANSWER: Answer = Answer::of_status(200);

impl Visit {
    pub fn roll(dice: &mut Dice, n: usize, honest: bool, has_total: bool) -> Self {
        let estimate = (1 + dice.roll(12)) as f64;
        Self {
            ticket: n.to_string(),
            server: dice.roll(2) as usize,
            queued: dice.chance(60),
            key: dice.chance(60).then(|| dice.roll(4)),
            estimate,
            work: Work::roll(dice, estimate, honest),
            step: Step::Taking(Taking::new(has_total, true)),
            asked: Asked::default(),
            doubtful: Vec::new(),
            job: None,
            window: 0,
            reserved_at: 0,
            total_at: None,
            total_window: 0,
            retry_after: None,
        }
    }

    pub fn is_new(&self) -> bool {
        matches!(self.step, Step::Taking(taking) if taking.step() == TakingStep::Take)
    }
}

impl World {
    /// Does the next step of a visit; how long until the one after it.
    pub fn go_on(&mut self, visit: usize, at: u64) -> Option<u64> {
        let latency = 1 + self.dice.roll(400);
        match self.visits[visit].step {
            Step::Taking(taking) => self.take(visit, at, taking, latency),
            Step::Calling(mut call, event) => {
                if let Some(event) = event {
                    call.on(event);
                    call = self.mutated(call, event);
                }
                self.call(visit, at, call, latency)
            }
            Step::Return => {
                let id = self.visits[visit].job?;
                if self.dice.chance(20) {
                    self.fal.cut(id, at + self.dice.roll(5_000));
                    self.settle_job(self.visits[visit].server, at, id, Outcome::Cancelled);
                }
                self.fetched(visit, id, at);
                self.dice.chance(50).then(|| self.dice.roll(60_000))
            }
        }
    }

    fn take(&mut self, visit: usize, at: u64, mut taking: Taking, latency: u64) -> Option<u64> {
        let step = taking.step();
        let event = match step {
            TakingStep::Take | TakingStep::TakeAsked | TakingStep::TakeAskedAgain => {
                self.visits[visit].reserved_at = at;
                let verdict = self.reserve(visit, at);
                self.heard(visit, &verdict)
            }
            TakingStep::TakeOfAll | TakingStep::TakeOfAllAsked => {
                let verdict = self.count(visit, at);
                let event = self.heard(visit, &verdict);
                // Whoever does not know that it was taken cannot say what it came to.
                self.visits[visit].total_at = (event == TakingEvent::Ok).then_some(self.total.now);
                event
            }
            TakingStep::FindJobs => {
                let retry_after = self.visits[visit].retry_after;
                let verdict = self.find_jobs(visit, at);
                let event = self.heard(visit, &verdict);
                self.visits[visit].retry_after = retry_after;
                event
            }
            TakingStep::Ask | TakingStep::AskAgain | TakingStep::AskForAll => {
                for id in std::mem::take(&mut self.visits[visit].doubtful) {
                    self.question(visit, id, at);
                }
                TakingEvent::Ok
            }
            TakingStep::GiveBack => {
                if !self.unlucky() {
                    self.settle(visit, at, Outcome::Free, None);
                }
                TakingEvent::Ok
            }
            TakingStep::Taken => {
                self.passed += 1;
                let kind = if self.visits[visit].queued { CallKind::Submit } else { CallKind::Run };
                self.visits[visit].step = Step::Calling(Call::new(Some(kind), self.dice.chance(80)), None);
                return Some(0);
            }
            TakingStep::Replay => return None,
            // Somebody who was refused comes back, unless they were told that it is no use.
            TakingStep::Refused => {
                let wait = self.visits[visit].retry_after.filter(|_| self.dice.chance(40))?;
                let (next, step) = (self.visits.len(), Step::Taking(Taking::new(self.setup.total.is_some(), true)));
                let again =
                    Visit { ticket: next.to_string(), step, asked: Asked::default(), ..self.visits[visit].clone() };
                self.visits.push(again);
                self.at(at + wait, next);
                return None;
            }
        };
        if taking.on(event) == TakingStep::TakeOfAll || taking.step() == TakingStep::Taken {
            self.visits[visit].window = self.window_of(visit, step);
        }
        self.visits[visit].step = Step::Taking(taking);
        Some(latency)
    }

    /// The window of the visitor's account that something was taken in.
    fn window_of(&self, visit: usize, step: TakingStep) -> u64 {
        let is_own = matches!(step, TakingStep::Take | TakingStep::TakeAsked | TakingStep::TakeAskedAgain);
        if is_own { self.account.spent.start } else { self.visits[visit].window }
    }

    /// What an account has said, unless that is lost: then what was taken stays taken, and nobody knows.
    fn heard(&mut self, visit: usize, verdict: &Verdict) -> TakingEvent {
        self.visits[visit].retry_after = None;
        if self.unlucky() && self.dice.chance(30) {
            return TakingEvent::No;
        }
        match verdict {
            Verdict::Ok => TakingEvent::Ok,
            Verdict::Question { about, jobs } => {
                let visit = &mut self.visits[visit];
                visit.doubtful = jobs.iter().map(|job| job.id.parse().unwrap()).collect();
                visit.asked.jobs |= *about == Limit::Jobs;
                visit.asked.spending |= *about == Limit::Spending;
                TakingEvent::Question
            }
            Verdict::Refused { limit, retry_after } => {
                self.visits[visit].retry_after = *retry_after;
                if *limit == Limit::Spending { TakingEvent::Spent } else { TakingEvent::No }
            }
            _ => TakingEvent::No,
        }
    }

    /// The proxy asks fal where a job is, and what it came to when it is over.
    fn question(&mut self, visit: usize, id: usize, at: u64) {
        if self.unlucky() || !self.fal.is_over(id, at) {
            return;
        }
        self.settle_job(self.visits[visit].server, at, id, Outcome::Released);
        self.fetched(visit, id, at);
    }

    /// The result of a job passes through the proxy, perhaps twice.
    fn fetched(&mut self, visit: usize, id: usize, at: u64) {
        for _ in 0..1 + usize::from(self.unlucky()) {
            let mut call = Call::new(Some(CallKind::Result), true);
            call.on(CallEvent::KeyFound);
            let status = self.dice.pick(&[0, 400, 429, 502, 503, 504]);
            let is_lost = self.unlucky();
            let answer = if is_lost { Answer { status, ..ANSWER } } else { self.fal.result(id, at) };
            let is_none = is_lost && status == 0;
            call.on(if is_none { CallEvent::Failed(None) } else { CallEvent::Answered(answer) });
            self.settle_job(self.visits[visit].server, at, id, call.outcome());
        }
    }

    fn call(&mut self, visit: usize, at: u64, call: Call, latency: u64) -> Option<u64> {
        let is_unlucky = self.unlucky() && self.dice.chance(30);
        let (event, wait) = match call.step() {
            CallStep::FindKey | CallStep::FindNextKey if is_unlucky => {
                (CallEvent::Failed(self.dice.chance(50).then_some(Refusal::Misconfigured)), latency)
            }
            CallStep::FindKey => (CallEvent::KeyFound, latency),
            CallStep::FindNextKey if self.dice.chance(50) => (CallEvent::NoOtherKey, latency),
            CallStep::FindNextKey => (CallEvent::KeyFound, latency),
            CallStep::Send | CallStep::SendAgain => self.send(visit, at, latency),
            CallStep::Read if is_unlucky => (CallEvent::Failed(Some(Refusal::UpstreamBroken)), latency),
            CallStep::Read | CallStep::Sign => (CallEvent::Done, latency),
            CallStep::Record => {
                self.settle(visit, at, call.outcome(), self.visits[visit].job);
                (CallEvent::Done, latency)
            }
            CallStep::Pass | CallStep::Refuse | CallStep::Fail => return self.end(visit, at, call),
        };
        self.visits[visit].step = Step::Calling(call, Some(event));
        Some(wait)
    }

    /// The response has been read, or its reader has left.
    fn end(&mut self, visit: usize, at: u64, call: Call) -> Option<u64> {
        let queued = self.visits[visit].queued;
        if let Some(id) = self.visits[visit].job.filter(|_| !queued) {
            self.fal.cut(id, at);
        }
        if call.outcome() != Outcome::Unchanged {
            self.settle(visit, at, call.outcome(), None);
        }
        self.visits[visit].step = Step::Return;
        let is_known = queued && call.step() == CallStep::Pass && call.outcome() == Outcome::Unchanged;
        (is_known && self.dice.chance(60)).then(|| self.dice.roll(100_000))
    }

    /// The call goes to fal: what comes of it, and when.
    fn send(&mut self, visit: usize, at: u64, latency: u64) -> (CallEvent, u64) {
        let status = |status| CallEvent::Answered(Answer { status, ..ANSWER });
        let fate = if self.unlucky() { self.dice.roll(10) } else { 10 };
        match fate {
            0 => return (CallEvent::Failed(Some(Refusal::UpstreamUnreachable)), latency),
            1 => return (CallEvent::Failed(self.dice.chance(50).then_some(Refusal::UpstreamBroken)), latency),
            2 => return (status(self.dice.pick(&[401, 401, 404, 429])), latency),
            3 => return (CallEvent::Answered(Answer { status: 503, later: true, ..ANSWER }), latency),
            4 => return (status(self.dice.pick(&[302, 500, 502, 503, 504])), latency),
            _ => {}
        }
        // It arrives, and its answer does not, or is another's, or its visitor does not wait for it.
        let id = self.begin(visit, at);
        let Visit { queued, work, .. } = self.visits[visit];
        let wait = latency.max(if queued { 1 } else { work.takes });
        match fate {
            5 => (CallEvent::Failed(Some(Refusal::UpstreamBroken)), wait),
            6 => (CallEvent::Failed(Some(Refusal::UpstreamTimeout)), wait),
            7 => (status(self.dice.pick(&[302, 408, 500, 502, 503, 504])), wait),
            8 if !queued => {
                let leaves = self.dice.roll(work.takes);
                (CallEvent::Failed(Some(Refusal::UpstreamBroken)), leaves)
            }
            _ if queued => (CallEvent::Answered(ANSWER), wait),
            _ => (CallEvent::Answered(self.fal.result(id, at + wait)), wait),
        }
    }

    fn begin(&mut self, visit: usize, at: u64) -> usize {
        let Visit { work, estimate, window, reserved_at, key, total_window, .. } = self.visits[visit].clone();
        let id = self.fal.jobs.len();
        let reserved = (estimate * super::UNIT) as u64;
        let ends = at + work.takes;
        self.fal.jobs.push(Job { work, began: at, ends, reserved, window, total_window, reserved_at, key });
        self.visits[visit].job = Some(id);
        self.no_more_than_places(at);
        id
    }
}
