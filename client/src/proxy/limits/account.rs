//! The arithmetic that every store shares: the core's, on an account that a store has read and writes again.

use fal_wasm::limits::{self, Account, After, Asked, Budget, Job, Limit, Once, Rate, Record, Wish};
use fal_wasm::protocol::Millis;

use super::types::{
    Correction, Exhausted, KeptAnswer, LimitedJob, Outcome, Reservation, Settled, Settlement, Verdict, Window,
};

impl Outcome {
    /// What the core says, and the units that fal billed; none when nothing has changed.
    pub(super) fn of(outcome: limits::Outcome) -> Option<(Self, Option<f64>)> {
        Some(match outcome {
            limits::Outcome::Charged { units } => (Self::Charged, units),
            limits::Outcome::Free => (Self::Free, None),
            limits::Outcome::Began => (Self::Began, None),
            limits::Outcome::Released => (Self::Released, None),
            limits::Outcome::Cancelled => (Self::Cancelled, None),
            limits::Outcome::Lost => (Self::Lost, None),
            limits::Outcome::Unchanged => return None,
        })
    }

    fn with(self, units: Option<f64>) -> limits::Outcome {
        match self {
            Self::Charged => limits::Outcome::Charged { units },
            Self::Free => limits::Outcome::Free,
            Self::Began => limits::Outcome::Began,
            Self::Released => limits::Outcome::Released,
            Self::Cancelled => limits::Outcome::Cancelled,
            Self::Lost => limits::Outcome::Lost,
        }
    }
}

impl From<Limit> for Exhausted {
    fn from(limit: Limit) -> Self {
        match limit {
            Limit::Requests => Self::Requests,
            Limit::Jobs => Self::Jobs,
            Limit::Spending => Self::Spending,
            Limit::Stopped => Self::Stopped,
        }
    }
}

impl Reservation {
    /// Takes all of it from an account, or nothing. `known` is what is kept under its idempotency key; after an
    /// [`Ok`](Verdict::Ok) the [`record`](Self::record) is kept there.
    pub fn reserve_in(
        &self,
        account: &mut Account,
        now: Millis,
        known: Option<(&Record, Option<&KeptAnswer>)>,
    ) -> Verdict {
        let rate = |window: Window| Rate { max: window.max, window: window.window_ms };
        let budget = |max, window| Budget { max, window };
        let wish = Wish {
            ticket: &self.ticket,
            lease: self.lease_ms,
            requests: self.requests.map(rate),
            jobs: self.jobs.map(|places| places.max),
            spending: self.spending.map(|money| (money.cost, money.unit, budget(money.max, money.window_ms))),
            once: self.once.as_ref().map(|once| (once.digest.as_str(), once.keep_ms)),
            asked: Asked {
                jobs: self.asked.contains(&Exhausted::Jobs),
                spending: self.asked.contains(&Exhausted::Spending),
            },
            counted_only: self.counted_only,
            alarm: self.alarm.map(|alarm| budget(alarm.max, alarm.window_ms)),
        };
        match account.reserve(now, &wish, known.map(|(record, _)| record)) {
            limits::Verdict::Ok => Verdict::Ok { at: account.now },
            limits::Verdict::Refused { limit, retry_after: retry_after_ms } => {
                Verdict::Refused { limit: limit.into(), retry_after_ms }
            }
            limits::Verdict::Question { about, jobs } => {
                let jobs = jobs.into_iter().map(|Job { app, id }| LimitedJob { app, id }).collect();
                Verdict::Question { about: about.into(), jobs }
            }
            limits::Verdict::Known(Once::Reused) => Verdict::Reused,
            limits::Verdict::Known(Once::Replay) => match known.and_then(|(_, answer)| answer) {
                Some(answer) => Verdict::Replay { answer: answer.clone() },
                None => Verdict::Pending,
            },
            limits::Verdict::Known(_) => Verdict::Pending,
            limits::Verdict::Alarm => Verdict::Alarm,
        }
    }

    /// What is kept under its idempotency key once it is taken, at that time of the account's.
    pub fn record(&self, at: Millis) -> Option<Record> {
        let once = self.once.as_ref()?;
        let until = at.saturating_add(once.keep_ms);
        Some(Record { ticket: self.ticket.clone(), digest: once.digest.clone(), until, answered: false })
    }
}

impl Settlement {
    /// Records it in an account: what that changed, and what becomes of the idempotency key whose `record` is kept.
    pub fn settle_in(&self, account: &mut Account, now: Millis, record: Option<&Record>) -> (Settled, After) {
        let outcome = self.outcome.with(self.units);
        let kept = self.answer.as_ref().filter(|_| record.is_some()).map_or(0, |answer| answer.body.len() as u64);
        let settled = match (&self.ticket, &self.job) {
            (Some(ticket), _) => {
                let became = self.became.as_ref().and_then(|job| Job::new(&job.app, &job.id));
                account.settle(now, ticket, outcome, became, self.total, kept)
            }
            (None, job) => account.settle_job(now, job.as_deref().unwrap_or_default(), outcome),
        };
        let has_answer = kept > 0 && settled.keeps;
        let ticket = self.ticket.as_deref().unwrap_or_default();
        let after = record.map_or(After::Unchanged, |record| record.after(ticket, outcome, has_answer));
        let known = |number| settled.found.then_some(number);
        let total = settled.total.filter(|_| settled.found);
        (Settled { reserved: known(settled.reserved), cost: known(settled.cost), total }, after)
    }
}

impl Correction {
    /// Corrects an account.
    pub fn correct_in(&self, account: &mut Account, now: Millis) {
        let (at, reserved, cost) = self.at.map_or((0, 0, 0), |at| (at, self.reserved, self.cost));
        account.correct(now, limits::Correction { at, reserved, cost });
        account.stopped = self.stopped.unwrap_or(account.stopped);
    }
}
