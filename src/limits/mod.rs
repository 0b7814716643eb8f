//! What somebody may use of an app's fal account: how often, how much at once, and how much money.
//!
//! An [`Account`] is a plain value. A wish, a time and the account go in; a [`Verdict`] comes out, and the account has
//! been changed. Whoever keeps the account makes sure that two calls never do this at once; `js/limits` keeps it in
//! memory and in Durable Objects, and the script of `js/limits/redis.ts` say the same in the language of Redis.
//!
//! * What a call needs is taken before it is sent ([`Account::reserve`]), all of it or nothing.
//! * What the whole app may use is an account, too, which follows no single call ([`Wish::counted_only`]): it is told what turned
//!   out to cost something else ([`Account::correct`]), and it can be stopped, by hand or by an alarm.
//!   [`Taking`] says in which order accounts are asked, and what is given back when one says no; [`Holding`] the same of sessions.
//! * What became of it is told afterwards ([`Account::settle`]); what an answer means is said in [`Answer::outcome`].
//! * Money is given back only for what provably did not run, and for what fal does not bill. A place among the jobs is
//!   free when fal says that the job is over. Where that is not known, [`Verdict::Question`] names the jobs to ask about
//!   before anybody is refused.
//! * Time is an argument. An account remembers the latest it was told and never goes back behind it, so that a clock
//!   that is set back, or a second server whose clock is slow, opens no window again. A clock that is ahead closes the
//!   window early by as much; the next opens when the others get there.
//!
//! What one account cannot prevent is an estimate that is too low: when fal bills more than was reserved, the account is
//! over its budget by the difference. It counts at once, so nothing more passes in that window, and what is over is at
//! most the sum of these differences of the jobs that were in progress together.
//!
//! Nothing here waits, stores, or knows what is above it.

#![forbid(unsafe_code)]

mod account;
mod codec;
mod entry;
mod holding;
mod once;
mod outcome;
mod settle;
mod taking;
mod window;
mod wish;

pub use account::Account;
pub use codec::Unreadable;
pub use entry::{Entry, Job};
pub use holding::{
    Holding, HoldingEvent, HoldingStep, HoldingWants, SESSION_FIRST_PLACE_SECONDS, SESSION_LEASE_SECONDS,
    SESSION_PLACE_SECONDS,
};
pub use once::{After, Once, Record};
pub use outcome::{Answer, CallKind, Outcome};
pub use taking::{Taking, TakingEvent, TakingStep};
pub use window::{Budget, Rate, Sliding, Spent};
pub use wish::{Asked, Correction, Limit, Settled, Verdict, Wish};

use crate::protocol::Millis;

/// More than anybody has in progress at once, and what still fits where accounts are kept (128 KiB in a Durable Object).
pub const MAX_OPEN: usize = 300;
/// How many jobs fal is asked about before somebody is refused.
pub const MAX_QUESTIONS: usize = 8;
/// Between two questions about the same job.
pub const ASK_EVERY: Millis = 5_000;
/// How long a job is remembered that nobody asks about. fal forgets its result long before.
pub const JOB_KEPT: Millis = 7 * 24 * 3_600_000;
/// How many idempotency keys an account may have in the time they are kept.
pub const MAX_KEYS: u64 = 10_000;
/// How many bytes of answers are kept for them in that time.
pub const MAX_KEPT_BYTES: u64 = 16 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bounds_are_those_of_the_scripts_for_redis() {
        let source = include_str!("../../js/limits/bounds.ts").replace('_', "");
        let bounds = [
            ("MAXOPEN", MAX_OPEN as u64),
            ("MAXQUESTIONS", MAX_QUESTIONS as u64),
            ("ASKEVERYMS", ASK_EVERY),
            ("LONGESTWAITMS", entry::LONGEST_WAIT),
            ("JOBKEPTMS", JOB_KEPT),
            ("MAXKEYS", MAX_KEYS),
            ("MAXKEPTBYTES", MAX_KEPT_BYTES),
            ("DAYMS", settle::DAY),
        ];
        for (name, bound) in bounds {
            assert!(source.contains(&std::format!("{name}: {bound},")), "{name}");
        }
    }
}
