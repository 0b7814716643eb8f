//! When to try again, and when not to.

use super::failure::FailureKind;
use super::machine::Context;
use super::random::Random;
use super::request::Idempotency;
use crate::protocol::{Head, Millis};

/// Longest wait a server may ask for; beyond it the caller is told how long, instead of waiting less than asked.
const MAX_RETRY_AFTER: Millis = 60_000;

/// What one more try costs: less when the server is well and only asks for patience.
const TRANSIENT_COST: u64 = 14;
const THROTTLED_COST: u64 = 5;

/// HTTP statuses from 100 to 611, as a set that is a plain value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusSet([u64; 8]);

impl StatusSet {
    /// The least status that can be in a set.
    const FIRST: u16 = 100;

    /// A set of these.
    pub const fn of(statuses: &[u16]) -> Self {
        let mut set = Self([0; 8]);
        let mut rest = statuses;
        while let [status, tail @ ..] = rest {
            set = set.with(*status);
            rest = tail;
        }
        set
    }

    /// This set and one more. A number that is no status changes nothing.
    pub const fn with(self, status: u16) -> Self {
        let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = self.0;
        if let Some(place) = status.checked_sub(Self::FIRST) {
            let bit = 1 << (place % 64);
            match place / 64 {
                0 => a |= bit,
                1 => b |= bit,
                2 => c |= bit,
                3 => d |= bit,
                4 => e |= bit,
                5 => f |= bit,
                6 => g |= bit,
                7 => h |= bit,
                _ => {}
            }
        }
        Self([a, b, c, d, e, f, g, h])
    }

    /// Whether it is in the set.
    pub fn contains(&self, status: u16) -> bool {
        let Some(place) = status.checked_sub(Self::FIRST) else { return false };
        self.0.get(usize::from(place / 64)).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// How often and how patiently to try again. What a caller sets replaces what is here.
#[derive(Clone, Copy, Debug, PartialEq)]
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
    /// What all tries of a client may cost together before they are earned back. Default 500, which is 35 tries in a
    /// row (100 after a 429): in an outage a client adds that much load and no more. The numbers are those of the AWS
    /// SDKs.
    pub budget: u64,
    /// Answers worth another try. Default 429, 502, 503, 504.
    pub statuses: StatusSet,
    /// Whether a host to which no connection can be made is asked under its other name, at once and as a part of the
    /// same try. Default false.
    pub backup_hosts: bool,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            max_retries: 3,
            base_delay: 500,
            max_delay: 20_000,
            multiplier: 2.0,
            jitter: true,
            budget: 500,
            statuses: StatusSet::of(&[429, 502, 503, 504]),
            backup_hosts: false,
        }
    }
}

/// Retries of a status, which is only read, and on which work that is paid for depends.
const STATUS_RETRIES: u32 = 5;
/// Retries of each request of an upload, as in fal's server toolkit.
const UPLOAD_RETRIES: u32 = 5;
/// How often a realtime connection is tried again before the caller is told.
const RECONNECTS: u32 = 5;

impl RetryPolicy {
    /// For asking where a request is: 5 retries, after 500, too.
    pub fn for_status() -> Self {
        let usual = Self::default();
        Self { max_retries: STATUS_RETRIES, statuses: usual.statuses.with(500), ..usual }
    }

    /// For uploads: 5 retries, after what fal's server toolkit lists and all other errors of a server. Nothing is bought
    /// by it, so this is more patient than with a model.
    pub fn for_upload() -> Self {
        let mut statuses = StatusSet::of(&[408, 409, 429]);
        for status in 500..600 {
            statuses = statuses.with(status);
        }
        Self { max_retries: UPLOAD_RETRIES, statuses, ..Self::default() }
    }

    /// For connecting a realtime connection again: 5 attempts after the first.
    pub fn for_realtime() -> Self {
        Self { max_retries: RECONNECTS, ..Self::default() }
    }
}

/// What went wrong with a try.
pub(super) enum Trouble {
    /// An error as an answer.
    Answer(Head),
    /// No answer, or not all of it.
    Failure(FailureKind),
}

/// One more try.
pub(super) struct Retry {
    /// How long to wait before it.
    pub wait: Millis,
    /// What it costs.
    pub cost: u64,
}

impl RetryPolicy {
    /// Whether a try that went wrong is worth another one. There is none after the tries are used up, beyond the
    /// client's budget, and when it could not begin before the deadline: the caller learns at once what is wrong,
    /// instead of waiting for a try that will not be made.
    pub(super) fn again(
        &self,
        context: &mut Context<'_>,
        idempotency: Idempotency,
        trouble: &Trouble,
        retries: u32,
    ) -> Option<Retry> {
        let (worth, asked, cost) = match trouble {
            Trouble::Answer(head) => {
                let cost = if head.status == 429 { THROTTLED_COST } else { TRANSIENT_COST };
                (self.is_worth(idempotency, head), head.retry_after, cost)
            }
            Trouble::Failure(kind) => {
                let is_safe = idempotency == Idempotency::Safe;
                let transient = kind.is_before_send() || (*kind == FailureKind::ConnectionLost && is_safe);
                (transient, None, TRANSIENT_COST)
            }
        };
        if !worth || retries >= self.max_retries || asked.is_some_and(|wait| wait > MAX_RETRY_AFTER) {
            return None;
        }
        let wait = asked.unwrap_or_else(|| self.delay(retries, &mut context.state.random));
        let late = context.state.deadline.is_some_and(|deadline| context.state.now.saturating_add(wait) >= deadline);
        (!late && context.state.budget.pay(cost, self.budget)).then_some(Retry { wait, cost })
    }

    /// Whether a request that could not even be sent goes to the other name of its host; returns what that costs.
    pub(super) fn fails_over(&self, context: &mut Context<'_>, kind: FailureKind) -> Option<u64> {
        let pays = self.backup_hosts && kind.is_before_send();
        (pays && context.state.budget.pay(TRANSIENT_COST, self.budget)).then_some(TRANSIENT_COST)
    }

    /// Whether an answer is worth another try.
    fn is_worth(&self, idempotency: Idempotency, head: &Head) -> bool {
        let before_execution = head.status == 429 || (head.status == 503 && head.retry_after.is_some());
        let denied = head.user_timeout || head.retryable == Some(false);
        self.statuses.contains(head.status) && !denied && (idempotency == Idempotency::Safe || before_execution)
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

#[cfg(test)]
mod tests {
    use std::vec::Vec;

    use super::*;
    use crate::client::budget::RetryBudget;
    use crate::client::effects::Effects;
    use crate::client::machine::State;
    use crate::protocol::Media;

    fn head(status: u16, retry_after: Option<Millis>) -> Head {
        Head { status, media: Media::Json, retry_after, retryable: None, user_timeout: false }
    }

    fn again(
        policy: &RetryPolicy,
        state: &mut State,
        idempotency: Idempotency,
        head: Head,
        retries: u32,
    ) -> Option<Retry> {
        let mut effects = Effects::default();
        policy.again(&mut Context::of(state, &mut effects), idempotency, &Trouble::Answer(head), retries)
    }

    fn wait(policy: &RetryPolicy, idempotency: Idempotency, head: Head, retries: u32) -> Option<Millis> {
        again(policy, &mut State::new(7), idempotency, head, retries).map(|retry| retry.wait)
    }

    #[test]
    fn a_set_of_statuses_holds_what_was_put_into_it() {
        let listed = [100, 163, 164, 429, 500, 599, 611];
        let set = StatusSet::of(&listed);
        for status in 0..=u16::MAX {
            assert_eq!(set.contains(status), listed.contains(&status), "{status}");
        }
        assert_eq!(StatusSet::of(&[0, 99, 612, u16::MAX]), StatusSet::default());
    }

    #[test]
    fn a_run_is_repeated_only_when_it_did_not_begin() {
        let policy = RetryPolicy { jitter: false, ..RetryPolicy::default() };
        for (status, retry_after, safe, unsafe_) in [
            (429, None, Some(500), Some(500)),
            (503, Some(2_000), Some(2_000), Some(2_000)),
            (503, None, Some(500), None),
            (502, None, Some(500), None),
            (502, Some(1_000), Some(1_000), None),
            (504, None, Some(500), None),
            (500, None, None, None),
            (422, None, None, None),
        ] {
            let head = head(status, retry_after);
            assert_eq!(wait(&policy, Idempotency::Safe, head, 0), safe, "{status}");
            assert_eq!(wait(&policy, Idempotency::Unsafe, head, 0), unsafe_, "{status}");
        }
    }

    #[test]
    fn a_server_is_given_the_time_it_asks_for_or_the_caller_is_told() {
        let policy = RetryPolicy::default();
        for (asked, expected) in [(0, Some(0)), (1_234, Some(1_234)), (60_000, Some(60_000)), (60_001, None)] {
            assert_eq!(wait(&policy, Idempotency::Safe, head(429, Some(asked)), 0), expected);
        }
        let mut state = State::new(7);
        (state.now, state.deadline) = (1_000, Some(3_000));
        for (asked, waits) in [(1_999, true), (2_000, false)] {
            let head = head(429, Some(asked));
            assert_eq!(again(&policy, &mut state, Idempotency::Safe, head, 0).is_some(), waits);
        }
    }

    #[test]
    fn waits_grow_up_to_the_longest_and_are_spread_over_all_of_it() {
        let policy = RetryPolicy { jitter: false, ..RetryPolicy::default() };
        let head = head(503, None);
        let waits: Vec<_> = (0..3).map(|retries| wait(&policy, Idempotency::Safe, head, retries)).collect();
        assert_eq!(waits, [Some(500), Some(1_000), Some(2_000)]);
        let spread = RetryPolicy { base_delay: 1_000, ..RetryPolicy::default() };
        let mut random = Random::new(3);
        let drawn: Vec<_> = (0..200).map(|_| spread.delay(0, &mut random)).collect();
        assert!(drawn.iter().any(|wait| *wait < 200) && drawn.iter().any(|wait| *wait > 800));
        assert!(drawn.iter().all(|wait| *wait <= 1_000));
    }

    #[test]
    fn what_the_caller_says_about_statuses_and_tries_holds() {
        let policy = RetryPolicy { statuses: StatusSet::of(&[500]), max_retries: 1, ..RetryPolicy::default() };
        assert!(wait(&policy, Idempotency::Safe, head(500, None), 0).is_some());
        assert!(wait(&policy, Idempotency::Safe, head(500, None), 1).is_none());
        assert!(wait(&policy, Idempotency::Safe, head(429, None), 0).is_none());
        let denied = Head { retryable: Some(false), ..head(503, None) };
        assert!(wait(&RetryPolicy::default(), Idempotency::Safe, denied, 0).is_none());
    }

    #[test]
    fn tries_stop_when_the_budget_is_spent_and_come_back_when_things_go_well() {
        let policy = RetryPolicy::default();
        let mut state = State::new(1);
        let try_again = |state: &mut State, status| {
            again(&policy, state, Idempotency::Safe, head(status, None), 0).map(|retry| retry.cost)
        };
        let tries = core::iter::from_fn(|| try_again(&mut state, 503)).count();
        assert_eq!((tries, state.budget), (35, RetryBudget { spent: 490 }));
        // What is left is enough for a server that only asks for patience.
        assert_eq!(try_again(&mut state, 429), Some(5));
        state.budget.earn(14);
        assert_eq!(try_again(&mut state, 503), Some(14));
        for _ in 0..14 {
            state.budget.earn(0);
        }
        assert_eq!(try_again(&mut state, 503), Some(14));
        let none = RetryPolicy { budget: 0, ..RetryPolicy::default() };
        assert!(wait(&none, Idempotency::Safe, head(503, None), 0).is_none());
        let endless = RetryPolicy { budget: u64::MAX, ..RetryPolicy::default() };
        state.budget.spent = u64::MAX - 1;
        assert!(again(&endless, &mut state, Idempotency::Safe, head(503, None), 0).is_some());
    }
}
