//! The account of limits, as long as one decision takes: read from what is kept, asked, and written again.

use alloc::string::String;
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use fal_wasm::limits::{Account, After, Answer, Correction, Job, Record, Settled, Verdict, Wish};
use fal_wasm::protocol::Millis;
use fal_wasm::proxy::RouteKind;
use fal_wasm::wire::{LimitOutcome, LimitVerdict, Word, wish_row};

/// An account, and the last decision about it.
#[wasm_bindgen]
pub struct LimitAccount {
    account: Account,
    verdict: Verdict,
    settled: Settled,
    after: After,
}

#[wasm_bindgen]
impl LimitAccount {
    /// Reads what is kept, nothing at first; undefined when it is no account.
    pub fn read(bytes: &[u8]) -> Option<LimitAccount> {
        let account = Account::read(bytes).ok()?;
        Some(Self { account, verdict: Verdict::Ok, settled: Settled::default(), after: After::Unchanged })
    }

    /// What is to be kept.
    pub fn write(&self) -> Vec<u8> {
        self.account.write()
    }

    /// The latest time that it was told.
    pub fn now(&self) -> f64 {
        self.account.now as f64
    }

    /// Whether nothing of it counts any more.
    #[wasm_bindgen(js_name = isIdle)]
    pub fn is_idle(&self, now: f64) -> bool {
        self.account.is_idle(now as Millis)
    }

    /// Takes all of a wish, or nothing: the number of a [`LimitVerdict`]; undefined when the numbers are no wish.
    pub fn reserve(
        &mut self,
        now: f64,
        ticket: &str,
        words: &[f64],
        digest: Option<String>,
        known: Option<String>,
    ) -> Option<f64> {
        let row = wish_row(0, |place| words.get(place).copied().unwrap_or(f64::NAN))?;
        let record = known.zip(row.record_until).map(|(digest, until)| Record {
            ticket: String::new(),
            digest,
            until,
            answered: row.record_answered,
        });
        let wish = Wish {
            ticket,
            lease: row.lease,
            requests: row.requests,
            jobs: row.jobs,
            spending: row.spending,
            once: digest.as_deref().zip(row.kept),
            asked: row.asked,
            counted_only: row.counted_only,
            alarm: row.alarm,
        };
        self.verdict = self.account.reserve(now as Millis, &wish, record.as_ref());
        Some(LimitVerdict::from(&self.verdict).to_word())
    }

    /// What ran out: the number of a [`Limit`](fal_wasm::limits::Limit).
    pub fn limit(&self) -> Option<f64> {
        match self.verdict {
            Verdict::Refused { limit, .. } | Verdict::Question { about: limit, .. } => Some(limit.to_word()),
            _ => None,
        }
    }

    /// When to come again, in milliseconds; undefined when that is no use.
    #[wasm_bindgen(js_name = retryAfter)]
    pub fn retry_after(&self) -> Option<f64> {
        let Verdict::Refused { retry_after, .. } = self.verdict else { return None };
        retry_after.map(|ms| ms as f64)
    }

    /// The jobs to ask about: app and request id, in turns.
    pub fn jobs(&self) -> Vec<String> {
        let Verdict::Question { jobs, .. } = &self.verdict else { return Vec::new() };
        jobs.iter().flat_map(|job| [job.app.clone(), job.id.clone()]).collect()
    }

    /// Records what became of a ticket. `owner` is the ticket that has its idempotency key, `kept` the size of the answer,
    /// `total` when it was taken from what the whole app may use.
    #[allow(clippy::too_many_arguments, reason = "each is a word of its own")]
    pub fn settle(
        &mut self,
        now: f64,
        ticket: &str,
        outcome: f64,
        units: f64,
        app: &str,
        request: &str,
        total: f64,
        owner: Option<String>,
        kept: f64,
    ) {
        let Some(outcome) = LimitOutcome::from_word(outcome) else { return };
        let outcome = outcome.with(Word::from_word(units));
        self.settled = self.account.settle(
            now as Millis,
            ticket,
            outcome,
            Job::new(app, request),
            Word::from_word(total),
            kept as u64,
        );
        let has_answer = kept > 0.0 && self.settled.keeps;
        self.after = owner.map_or(After::Unchanged, |owner| {
            let record = Record { ticket: owner, digest: String::new(), until: 0, answered: false };
            record.after(ticket, outcome, has_answer)
        });
    }

    /// Records what became of a job.
    #[wasm_bindgen(js_name = settleJob)]
    pub fn settle_job(&mut self, now: f64, request: &str, outcome: f64, units: f64) {
        let Some(outcome) = LimitOutcome::from_word(outcome) else { return };
        self.settled = self.account.settle_job(now as Millis, request, outcome.with(Word::from_word(units)));
        self.after = After::Unchanged;
    }

    /// What the last settlement changed: what was reserved and what it costs, when it was found, and when it was taken
    /// from what the whole app may use, if it was.
    pub fn costs(&self) -> Vec<f64> {
        let Settled { found, reserved, cost, total, .. } = self.settled;
        let costs = [Some(reserved), Some(cost), total].into_iter().flatten();
        if found { costs.map(|number| number as f64).collect() } else { Vec::new() }
    }

    /// Corrects what was only counted.
    pub fn correct(&mut self, now: f64, at: f64, reserved: f64, cost: f64) {
        let correction = Correction { at: at as Millis, reserved: reserved as u64, cost: cost as u64 };
        self.account.correct(now as Millis, correction);
    }

    /// Stops it, or lets it go on.
    #[wasm_bindgen(js_name = setStopped)]
    pub fn set_stopped(&mut self, stopped: bool) {
        self.account.stopped = stopped;
    }

    /// What becomes of the idempotency key: the number of an [`After`].
    pub fn after(&self) -> f64 {
        self.after.to_word()
    }
}

/// What an answer means for what was reserved: the number of a [`LimitOutcome`]. The status is 0 when no answer came.
#[wasm_bindgen(js_name = limitOutcome)]
pub fn limit_outcome(route_kind: f64, status: u16, units: f64, named: bool, later: bool, sent: bool) -> f64 {
    let kind = RouteKind::from_word(route_kind).and_then(RouteKind::limited);
    let answer = Answer { status, units: Word::from_word(units), named, later, sent };
    kind.map_or(LimitOutcome::Unchanged, |kind| answer.outcome(kind).into()).to_word()
}
