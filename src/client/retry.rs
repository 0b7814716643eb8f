//! When to try again, and when not to.

use alloc::vec::Vec;

use super::failure::FailureKind;
use super::random::Random;
use crate::protocol::{Head, Millis};

/// Longest wait a server may ask for; beyond it the caller is told how long, instead of waiting less than asked.
const MAX_RETRY_AFTER: Millis = 60_000;

/// Whether sending a request twice can do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// It cannot: reading, cancelling, uploading to the same place.
    Safe,
    /// It can: a model would run, and be paid for, twice. Repeated only when execution provably did not begin.
    Unsafe,
}

/// How often and how patiently to try again. What a caller sets replaces what is here.
#[derive(Clone, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Tries after the first one. Default 3; 0 sends one request.
    pub max_retries: u32,
    /// First wait. Default 500 ms.
    pub base_delay: Millis,
    /// Longest wait. Default 20 s.
    pub max_delay: Millis,
    /// Growth of the wait from one try to the next. Default 2.
    pub multiplier: f64,
    /// Whether the wait is drawn evenly between 0 and the computed one, so that clients do not return in step.
    /// Default true.
    pub jitter: bool,
    /// Answers worth another try. Default 429, 502, 503, 504.
    pub statuses: Vec<u16>,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: 500,
            max_delay: 20_000,
            multiplier: 2.0,
            jitter: true,
            statuses: Vec::from([429, 502, 503, 504]),
        }
    }
}

impl RetryPolicy {
    /// Whether an answer is worth another try, and when.
    pub(super) fn after_answer(&self, class: Class, head: &Head, retries: u32, random: &mut Random) -> Option<Millis> {
        let listed = self.statuses.contains(&head.status);
        let before_execution = head.status == 429 || (head.status == 503 && head.retry_after.is_some());
        let denied = head.user_timeout || head.retryable == Some(false);
        if !listed || denied || (class == Class::Unsafe && !before_execution) || retries >= self.max_retries {
            return None;
        }
        match head.retry_after {
            Some(wait) if wait > MAX_RETRY_AFTER => None,
            Some(wait) => Some(wait),
            None => Some(self.delay(retries, random)),
        }
    }

    /// Whether a failure without an answer is worth another try, and when.
    pub(super) fn after_failure(
        &self,
        class: Class,
        kind: FailureKind,
        retries: u32,
        random: &mut Random,
    ) -> Option<Millis> {
        let transient = kind.is_before_send() || (kind == FailureKind::ConnectionLost && class == Class::Safe);
        (transient && retries < self.max_retries).then(|| self.delay(retries, random))
    }

    /// How long to wait before the try after this many others.
    pub(super) fn delay(&self, retries: u32, random: &mut Random) -> Millis {
        let most = self.max_delay as f64;
        let mut delay = self.base_delay as f64;
        for _ in 0..retries {
            delay = most.min(delay * self.multiplier);
        }
        let delay = most.min(delay) as Millis;
        if self.jitter { random.below(delay.saturating_add(1)) } else { delay }
    }
}
