//! One call of a visitor's through a proxy, step by step: what `js/limits/limits.ts` does, with a network in between.

use fal_wasm::limits::{Answer, CallKind, Outcome, Verdict};

use super::World;
use super::fal::{Job, Work};
use crate::hostile::Dice;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Step {
    Ask,
    Questions,
    /// The account of the whole app.
    Count,
    Send,
    Answer(Answer),
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
    pub asked: Vec<usize>,
    pub job: Option<usize>,
    pub window: u64,
    pub reserved_at: u64,
    pub total_at: Option<u64>,
    pub total_window: u64,
}

const NO_ANSWER: Answer = Answer { status: 0, units: None, named: false, later: false, sent: true };

impl Visit {
    pub fn roll(dice: &mut Dice, n: usize, honest: bool) -> Self {
        let estimate = (1 + dice.roll(12)) as f64;
        Self {
            ticket: n.to_string(),
            server: dice.roll(2) as usize,
            queued: dice.chance(60),
            key: dice.chance(60).then(|| dice.roll(4)),
            estimate,
            work: Work::roll(dice, estimate, honest),
            step: Step::Ask,
            asked: Vec::new(),
            job: None,
            window: 0,
            reserved_at: 0,
            total_at: None,
            total_window: 0,
        }
    }
}

impl World {
    /// Does the next step of a visit; how long until the one after it.
    pub fn go_on(&mut self, visit: usize, at: u64) -> Option<u64> {
        let latency = 1 + self.dice.roll(400);
        match self.visits[visit].step {
            Step::Ask => {
                self.visits[visit].reserved_at = at;
                let verdict = self.reserve(visit, at, false);
                self.told(visit, verdict, latency)
            }
            Step::Questions => {
                for id in std::mem::take(&mut self.visits[visit].asked) {
                    self.question(visit, id, at);
                }
                self.visits[visit].reserved_at = at;
                let verdict = self.reserve(visit, at, true);
                self.told(visit, verdict, latency)
            }
            Step::Count => self.count(visit, at, latency),
            Step::Send => Some(self.send(visit, at, latency)),
            Step::Answer(answer) => {
                let queued = self.visits[visit].queued;
                let kind = if queued { CallKind::Submit } else { CallKind::Run };
                let outcome = answer.outcome(kind);
                let job = self.visits[visit].job.filter(|_| outcome == Outcome::Began);
                if let Some(id) = self.visits[visit].job.filter(|_| !queued) {
                    self.fal.cut(id, at);
                }
                self.settle(visit, at, outcome, job);
                self.visits[visit].step = Step::Return;
                (job.is_some() && self.dice.chance(60)).then(|| self.dice.roll(100_000))
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

    fn told(&mut self, visit: usize, verdict: Verdict, latency: u64) -> Option<u64> {
        match verdict {
            // The answer of the store is lost: what was taken stays taken, and nothing is sent.
            _ if self.unlucky() && self.dice.chance(30) => None,
            Verdict::Ok => {
                self.passed += 1;
                self.visits[visit].window = self.account.spent.start;
                self.visits[visit].step = if self.setup.total.is_some() { Step::Count } else { Step::Send };
                Some(latency)
            }
            Verdict::Question(jobs) => {
                self.visits[visit].asked = jobs.iter().map(|job| job.id.parse().unwrap()).collect();
                self.visits[visit].step = Step::Questions;
                Some(latency)
            }
            // Somebody who was refused comes back, unless they were told that it is no use.
            Verdict::Refused { retry_after: Some(wait), .. } if self.dice.chance(40) => {
                self.visits[visit].step = Step::Ask;
                Some(wait)
            }
            _ => None,
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
        let answer = if self.unlucky() {
            Answer { status: self.dice.pick(&[0, 400, 429, 502, 503, 504]), ..NO_ANSWER }
        } else {
            self.fal.result(id, at)
        };
        for _ in 0..1 + usize::from(self.unlucky()) {
            self.settle_job(self.visits[visit].server, at, id, answer.outcome(CallKind::Result));
        }
    }

    /// The call goes to fal; when its answer comes.
    fn send(&mut self, visit: usize, at: u64, latency: u64) -> u64 {
        let answer = match if self.unlucky() { self.dice.roll(7) } else { 7 } {
            0 => Answer { sent: false, ..NO_ANSWER },
            1 => NO_ANSWER,
            2 => Answer { status: self.dice.pick(&[401, 404, 429]), ..NO_ANSWER },
            3 => Answer { status: 503, later: true, ..NO_ANSWER },
            4 => Answer { status: self.dice.pick(&[500, 502, 503, 504]), ..NO_ANSWER },
            // It arrives, and its answer does not, or is another's.
            fate => {
                let id = self.begin(visit, at);
                let queued = self.visits[visit].queued;
                let patience = if queued { 30_000 } else { self.fal.jobs[id].work.takes };
                let wait = latency.max(if queued { 1 } else { patience });
                let answer = match fate {
                    5 => NO_ANSWER,
                    6 => Answer { status: self.dice.pick(&[408, 500, 502, 503, 504]), ..NO_ANSWER },
                    _ if queued => Answer { status: 200, ..NO_ANSWER },
                    _ => self.fal.result(id, at + wait),
                };
                self.visits[visit].step = Step::Answer(answer);
                return wait;
            }
        };
        self.visits[visit].step = Step::Answer(answer);
        latency
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
