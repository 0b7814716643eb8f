//! What an account is asked for, and what it answers.

use alloc::vec::Vec;

use crate::protocol::Millis;

use super::Job;
use super::once::Once;
use super::window::{Budget, Rate};

/// What is wanted before a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// What it is called until it is a job. A ticket that is open already is not taken twice: its lease begins anew.
    pub ticket: &'a str,
    /// How long it is open when nothing is heard of it.
    pub lease: Millis,
    /// How often one may call.
    pub requests: Option<Rate>,
    /// How many may be in progress at once.
    pub jobs: Option<u64>,
    /// What it costs, what one unit costs, and the budget.
    pub spending: Option<(u64, f64, Budget)>,
    /// The digest of what an idempotency key is sent with, and how long the key is remembered.
    pub once: Option<(&'a str, Millis)>,
    /// What fal was asked about for its sake: about that there is no other question, but an answer.
    pub asked: Asked,
    /// Whether what becomes of it is not told by its ticket, but by corrections: it is counted, and not open.
    pub counted_only: bool,
    /// So much money in a window is an alarm: the account stops.
    pub alarm: Option<Budget>,
}

/// What fal was asked about for the sake of a wish. Who was asked about one can lack the other when they come back: somebody else
/// may have taken the last place in between.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// The jobs that hold places.
    pub jobs: bool,
    /// The jobs that hold money.
    pub spending: bool,
}

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests in a window.
    Requests = 0,
    /// Places among the jobs.
    Jobs = 1,
    /// Money in a window.
    Spending = 2,
    /// Everything: it was stopped.
    Stopped = 3,
}

/// The answer to a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All of it was taken.
    Ok,
    /// Nothing was taken. `retry_after` is when there may be room; none when there never will be.
    Refused {
        /// What ran out.
        limit: Limit,
        /// When to come again.
        retry_after: Option<Millis>,
    },
    /// Nothing was taken yet: fal is to be asked about these jobs, what it says to be settled, and the wish to be made
    /// once more.
    Question {
        /// What ran out: [`Limit::Jobs`] or [`Limit::Spending`].
        about: Limit,
        /// The jobs.
        jobs: Vec<Job>,
    },
    /// What the idempotency key says. Never [`Once::Fresh`].
    Known(Once),
    /// Nothing was taken, and from now on nothing is: this wish has rung the alarm.
    Alarm,
}

/// What a settlement changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// Whether it was open.
    pub found: bool,
    /// What was reserved for it.
    pub reserved: u64,
    /// What it costs, as far as is known.
    pub cost: u64,
    /// When it was taken from what the whole app may use: then that is to be corrected.
    pub total: Option<Millis>,
    /// Whether an answer of the length that was given may be kept.
    pub keeps: bool,
}

/// Something that was counted turned out to be something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When it was counted, by the clock of the account.
    pub at: Millis,
    /// What it was counted as.
    pub reserved: u64,
    /// What it costs.
    pub cost: u64,
}
