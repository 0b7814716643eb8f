//! Limits: what is wanted of them, what they say, and what became of something that was reserved.

use super::tables::{numbered, rows_in};
use crate::limits::{
    After, Asked, Budget, CallKind, HoldingEvent, HoldingStep, Limit, Once, Outcome, Rate, TakingEvent, TakingStep,
    Verdict,
};
use crate::protocol::Millis;

numbered!(LIMIT, Limit, "Limit", { Requests = 0, Jobs = 1, Spending = 2, Stopped = 3 });

/// What limits say to a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the verdicts")]
pub enum LimitVerdict {
    Ok,
    Refused,
    Question,
    Replay,
    Pending,
    Reused,
    Alarm,
}
numbered!(LIMIT_VERDICT, LimitVerdict, "LimitVerdict", {
    Ok = 0, Refused = 1, Question = 2, Replay = 3, Pending = 4, Reused = 5, Alarm = 6,
});

impl From<&Verdict> for LimitVerdict {
    fn from(verdict: &Verdict) -> Self {
        match verdict {
            Verdict::Ok | Verdict::Known(Once::Fresh) => Self::Ok,
            Verdict::Refused { .. } => Self::Refused,
            Verdict::Question { .. } => Self::Question,
            Verdict::Known(Once::Replay) => Self::Replay,
            Verdict::Known(Once::Pending) => Self::Pending,
            Verdict::Known(Once::Reused) => Self::Reused,
            Verdict::Alarm => Self::Alarm,
        }
    }
}

/// What became of something that was reserved. The units of what is charged cross beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the outcome of that name")]
pub enum LimitOutcome {
    Unchanged,
    Charged,
    Free,
    Began,
    Released,
    Lost,
    Cancelled,
}
numbered!(LIMIT_OUTCOME, LimitOutcome, "LimitOutcome", {
    Unchanged = 0, Charged = 1, Free = 2, Began = 3, Released = 4, Lost = 5,
    Cancelled = 6,
});

impl From<Outcome> for LimitOutcome {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Unchanged => Self::Unchanged,
            Outcome::Charged { .. } => Self::Charged,
            Outcome::Free => Self::Free,
            Outcome::Began => Self::Began,
            Outcome::Released => Self::Released,
            Outcome::Lost => Self::Lost,
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

impl LimitOutcome {
    /// The outcome, with the units that cross beside it.
    pub fn with(self, units: Option<f64>) -> Outcome {
        match self {
            Self::Unchanged => Outcome::Unchanged,
            Self::Charged => Outcome::Charged { units },
            Self::Free => Outcome::Free,
            Self::Began => Outcome::Began,
            Self::Released => Outcome::Released,
            Self::Lost => Outcome::Lost,
            Self::Cancelled => Outcome::Cancelled,
        }
    }
}

numbered!(CALL_KIND, CallKind, "CallKind", {
    Run = 0, Submit = 1, Result = 2, Token = 3, Upload = 4, Cancel = 5, Session = 6,
});
numbered!(TAKING_STEP, TakingStep, "TakingStep", {
    Take = 0, Ask = 1, TakeAsked = 2, TakeOfAll = 3, FindJobs = 4, AskForAll = 5, TakeOfAllAsked = 6, GiveBack = 7,
    Taken = 8, Replay = 9, Refused = 10, AskAgain = 11, TakeAskedAgain = 12,
});
numbered!(TAKING_EVENT, TakingEvent, "TakingEvent", { Ok = 0, Question = 1, Replay = 2, Spent = 3, No = 4 });
numbered!(HOLDING_STEP, HoldingStep, "HoldingStep", {
    TakePlace = 0, Take = 1, TakeOfAll = 2, NoteTotal = 3, GiveBack = 4, LookUp = 5, KeepPlace = 6, Held = 7, Refused = 8,
    Ask = 9, TakeAsked = 10, FindJobs = 11, AskForAll = 12, TakeOfAllAsked = 13,
});
numbered!(HOLDING_EVENT, HoldingEvent, "HoldingEvent", { Ok = 0, No = 1, Unknown = 2, Question = 3, Spent = 4 });
numbered!(AFTER, After, "KeyAfter", { Unchanged = 0, Forgotten = 1, Answered = 2 });

/// The numbers of a wish.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "they are those of `Wish`, and of the record of its idempotency key")]
pub struct WishRow {
    pub lease: Millis,
    pub requests: Option<Rate>,
    pub jobs: Option<u64>,
    pub spending: Option<(u64, f64, Budget)>,
    pub kept: Option<Millis>,
    pub asked: Asked,
    pub counted_only: bool,
    pub alarm: Option<Budget>,
    pub record_until: Option<Millis>,
    pub record_answered: bool,
}

rows_in!(
    /// What is wanted of limits.
    wish_row, WISH, WishRow, {
        Reserve {
            leaseMs: Millis, requestsMax: Option<u64>, requestsWindowMs: Option<Millis>, jobsMax: Option<u64>,
            cost: Option<u64>, unit: Option<f64>, spendingMax: Option<u64>, spendingWindowMs: Option<Millis>,
            keepMs: Option<Millis>, askedJobs: bool, askedSpending: bool, countedOnly: bool,
            alarmMax: Option<u64>, alarmWindowMs: Option<Millis>, recordUntil: Option<Millis>, recordAnswered: bool,
        } => WishRow {
            lease: leaseMs,
            requests: requestsMax.zip(requestsWindowMs).map(|(max, window)| Rate { max, window }),
            jobs: jobsMax,
            spending: cost.zip(unit).zip(spendingMax.zip(spendingWindowMs))
                .map(|((cost, unit), (max, window))| (cost, unit, Budget { max, window })),
            kept: keepMs,
            asked: Asked { jobs: askedJobs, spending: askedSpending },
            counted_only: countedOnly,
            alarm: alarmMax.zip(alarmWindowMs).map(|(max, window)| Budget { max, window }),
            record_until: recordUntil,
            record_answered: recordAnswered,
        },
    }
);
