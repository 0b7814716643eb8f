//! The numbers among the options of a call, which the core asks for one by one.

use super::hands::Hands;
use fal_wasm::client::{Class, Request, RetryPolicy};
use fal_wasm::protocol::Millis;

/// How stubbornly a status is asked for: it is only read, and work that is paid for depends on it.
const STATUS_RETRIES: u32 = 5;

/// A number among the options of a call, at its place; `js/driver/open.ts` has the same names in the same order. The
/// statuses worth another try follow after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Decides every random number.
    Seed,
    MaxRetries,
    BaseDelay,
    MaxDelay,
    BackoffMultiplier,
    EnableJitter,
    Budget,
    /// Hosts have backups.
    #[cfg_attr(not(feature = "edge"), allow(dead_code, reason = "a browser talks to its proxy only"))]
    BackupHosts,
    /// Time for all tries together.
    Timeout,
    /// Running twice does no harm.
    Idempotent,
    Logs,
    /// Following ends with the result, not with the last status.
    Fetches,
    /// Following does without a stream.
    Polls,
    PollInterval,
    CancelOnTimeout,
    CancelOnAbort,
    MaxQueueLength,
    /// Longest silence of a stream.
    Idle,
    /// The size of a file, in bytes.
    Size,
    /// The file can be read once only.
    Once,
    /// Of the two contracts for tokens the newer one.
    Newer,
    /// A realtime connection needs a token.
    NeedsToken,
    /// Time between two of its messages.
    Throttle,
    /// What waits for it at most; no frames means that only the newest waits.
    Frames,
    Bytes,
    /// How many statuses follow.
    Statuses,
}

/// The numbers of a call. `NaN` stands for what was not set, no statuses for the usual ones.
pub struct Numbers<'a>(pub &'a Hands);

impl Numbers<'_> {
    /// A number; nothing when it was not set.
    pub fn get(&self, number: Number) -> Option<f64> {
        let value = self.0.number(number as u32);
        (!value.is_nan()).then_some(value)
    }

    /// A whole number; 0 when it was not set.
    pub fn count(&self, number: Number) -> u32 {
        self.get(number).unwrap_or_default() as u32
    }

    /// A time, or another large number.
    pub fn millis(&self, number: Number) -> Option<Millis> {
        self.get(number).map(|time| time as Millis)
    }

    /// Yes or no.
    pub fn flag(&self, number: Number) -> bool {
        self.get(number) == Some(1.0)
    }

    /// Decides every random number.
    pub fn seed(&self) -> u64 {
        self.get(Number::Seed).unwrap_or_default().to_bits()
    }

    /// Time for all tries together.
    #[cfg(feature = "edge")]
    pub fn timeout(&self) -> Option<Millis> {
        self.millis(Number::Timeout)
    }

    /// Longest silence of a stream.
    #[cfg(feature = "edge")]
    pub fn idle(&self) -> Option<Millis> {
        self.millis(Number::Idle)
    }

    /// The caller's numbers over the defaults of an operation.
    pub fn over(&self, mut policy: RetryPolicy) -> RetryPolicy {
        if let Some(tries) = self.get(Number::MaxRetries) {
            policy.max_retries = tries as u32;
        }
        if let Some(delay) = self.millis(Number::BaseDelay) {
            policy.base_delay = delay;
        }
        if let Some(delay) = self.millis(Number::MaxDelay) {
            policy.max_delay = delay;
        }
        if let Some(multiplier) = self.get(Number::BackoffMultiplier) {
            policy.multiplier = multiplier;
        }
        if let Some(jitter) = self.get(Number::EnableJitter) {
            policy.jitter = jitter != 0.0;
        }
        if let Some(budget) = self.millis(Number::Budget) {
            policy.budget = budget;
        }
        #[cfg(feature = "edge")]
        if self.flag(Number::BackupHosts) {
            policy.backup_hosts = true;
        }
        let statuses = self.count(Number::Statuses);
        if statuses > 0 {
            policy.statuses.clear();
        }
        for place in 1..=statuses {
            policy.statuses.push(self.0.number(Number::Statuses as u32 + place) as u16);
        }
        policy
    }

    /// How patient a call is.
    pub fn usual(&self) -> RetryPolicy {
        self.over(RetryPolicy::default())
    }

    /// How patient a question for a status is.
    pub fn status(&self) -> RetryPolicy {
        let mut policy = RetryPolicy { max_retries: STATUS_RETRIES, ..RetryPolicy::default() };
        policy.statuses.push(500);
        self.over(policy)
    }

    /// A request that runs a model, as repeatable as the caller says it is.
    pub fn classed(&self, request: Request) -> Request {
        let class = if self.flag(Number::Idempotent) { Class::Safe } else { request.class };
        Request { class, ..request }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The JavaScript layer has the names once more; an option of the caller's would be read as another one.
    #[test]
    fn javascript_has_the_same_numbers_in_the_same_order() {
        let all = [
            Number::Seed,
            Number::MaxRetries,
            Number::BaseDelay,
            Number::MaxDelay,
            Number::BackoffMultiplier,
            Number::EnableJitter,
            Number::Budget,
            Number::BackupHosts,
            Number::Timeout,
            Number::Idempotent,
            Number::Logs,
            Number::Fetches,
            Number::Polls,
            Number::PollInterval,
            Number::CancelOnTimeout,
            Number::CancelOnAbort,
            Number::MaxQueueLength,
            Number::Idle,
            Number::Size,
            Number::Once,
            Number::Newer,
            Number::NeedsToken,
            Number::Throttle,
            Number::Frames,
            Number::Bytes,
            Number::Statuses,
        ];
        let source = include_str!("../../js/driver/open.ts");
        let list = source.split("NUMBERS = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
        let names: std::vec::Vec<_> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(names.len(), all.len());
        for (place, (number, name)) in all.into_iter().zip(names).enumerate() {
            assert_eq!(number as usize, place);
            assert!(std::format!("{number:?}").eq_ignore_ascii_case(name), "{number:?} {name}");
        }
    }
}
