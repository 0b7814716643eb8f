//! When to try again, and when not to.

use super::random::Random;
use super::request::Request;
use crate::protocol::{Head, Millis};

/// Longest wait a server may ask for; beyond it the caller is told how long, instead of waiting less than asked.
pub(super) const MAX_RETRY_AFTER: Millis = 60_000;

/// What one more try costs: less when the server is well and only asks for patience.
pub(super) const TRANSIENT_COST: u64 = 14;
const THROTTLED_COST: u64 = 5;

/// The least status that can be in a set.
const FIRST_STATUS: usize = 100;

/// HTTP statuses from 100 to 611, as a set that is a plain value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatusSet([u64; 8]);

impl StatusSet {
    /// A set of these.
    pub fn of(statuses: &[u16]) -> Self {
        statuses.iter().fold(Self::default(), |set, status| set.with(*status))
    }

    /// This set and one more. A number that is no status changes nothing.
    pub fn with(mut self, status: u16) -> Self {
        self.insert(status);
        self
    }

    /// Takes one more. A number that is no status changes nothing.
    pub fn insert(&mut self, status: u16) {
        let place = usize::from(status).wrapping_sub(FIRST_STATUS);
        if let Some(word) = self.0.get_mut(place / 64) {
            *word |= 1 << (place % 64);
        }
    }

    /// Whether it is in the set.
    pub fn contains(&self, status: u16) -> bool {
        let place = usize::from(status).wrapping_sub(FIRST_STATUS);
        self.0.get(place / 64).is_some_and(|word| word >> (place % 64) & 1 == 1)
    }
}

/// How often and how patiently to try again. What a caller sets replaces what is here.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RetryPolicy {
    /// Tries after the first one; 0 sends one request. Default: as many as are usual for the request
    /// ([`Request::usual_retries`]).
    pub max_retries: Option<u32>,
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
    /// Answers worth another try. Default: those that usually are ([`Request::usually_retries_after`]).
    pub statuses: Option<StatusSet>,
    /// Whether a host to which no connection can be made is asked under its other name, at once and as a part of the
    /// same try. Default false.
    pub backup_hosts: bool,
}

impl RetryPolicy {
    /// What is usual.
    pub const DEFAULT: Self = Self {
        max_retries: None,
        base_delay: 500,
        max_delay: 20_000,
        multiplier: 2.0,
        jitter: true,
        budget: 500,
        statuses: None,
        backup_hosts: false,
    };
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self::DEFAULT
    }
}

/// What another try costs after an answer like this.
pub(super) fn cost_of(head: &Head) -> u64 {
    if head.status == 429 { THROTTLED_COST } else { TRANSIENT_COST }
}

impl RetryPolicy {
    /// Whether an answer is worth another try. What is not safe to repeat is only when it provably did not begin.
    pub(super) fn is_worth(&self, request: Request, is_safe: bool, head: &Head) -> bool {
        let listed =
            self.statuses.map_or_else(|| request.usually_retries_after(head.status), |set| set.contains(head.status));
        let before_execution = head.status == 429 || (head.status == 503 && head.retry_after.is_some());
        let denied = head.user_timeout || head.retryable == Some(false);
        listed && !denied && (is_safe || before_execution)
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
    use crate::client::call_options::CallOptions;
    use crate::client::effects::{Effect, Effects};
    use crate::client::machine::{Context, Event, State};
    use crate::client::retrying_request::RetryingRequest;
    use crate::protocol::Media;

    fn head(status: u16, retry_after: Option<Millis>) -> Head {
        Head { status, media: Media::Json, retry_after, retryable: None, user_timeout: false }
    }

    /// Sends a request that is answered with this; returns how long it waits then, when it does.
    fn again(policy: &RetryPolicy, state: &mut State, is_safe: bool, head: Head, retries: u32) -> Option<Millis> {
        let mut effects = Effects::default();
        let options = CallOptions { idempotent: is_safe, ..CallOptions::from(*policy) };
        let context = &mut Context::of(state, &options, &mut effects);
        let mut request = RetryingRequest::new();
        request.begin(context, Request::Run);
        let mut slept = None;
        for _ in 0..=retries {
            request.handle(context, &Event::Answered { token: request.token(), head });
            slept = if request.is_out() { None } else { Some(request.token()) };
            request.handle(context, &Event::TimerFired { token: request.token() });
        }
        let slept = slept?;
        effects.iter().find_map(|effect| match effect {
            Effect::Sleep { token, duration } if token == slept => Some(duration),
            _ => None,
        })
    }

    fn wait(policy: &RetryPolicy, is_safe: bool, head: Head, retries: u32) -> Option<Millis> {
        again(policy, &mut State::new(7), is_safe, head, retries)
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
            assert_eq!(wait(&policy, true, head, 0), safe, "{status}");
            assert_eq!(wait(&policy, false, head, 0), unsafe_, "{status}");
        }
    }

    #[test]
    fn a_server_is_given_the_time_it_asks_for_or_the_caller_is_told() {
        let policy = RetryPolicy::default();
        for (asked, expected) in [(0, Some(0)), (1_234, Some(1_234)), (60_000, Some(60_000)), (60_001, None)] {
            assert_eq!(wait(&policy, true, head(429, Some(asked)), 0), expected);
        }
        let mut state = State::new(7);
        (state.now, state.deadline) = (1_000, Some(3_000));
        for (asked, waits) in [(1_999, true), (2_000, false)] {
            let head = head(429, Some(asked));
            assert_eq!(again(&policy, &mut state, true, head, 0).is_some(), waits);
        }
    }

    #[test]
    fn waits_grow_up_to_the_longest_and_are_spread_over_all_of_it() {
        let policy = RetryPolicy { jitter: false, ..RetryPolicy::default() };
        let head = head(503, None);
        let waits: Vec<_> = (0..3).map(|retries| wait(&policy, true, head, retries)).collect();
        assert_eq!(waits, [Some(500), Some(1_000), Some(2_000)]);
        let spread = RetryPolicy { base_delay: 1_000, ..RetryPolicy::default() };
        let mut random = Random::new(3);
        let drawn: Vec<_> = (0..200).map(|_| spread.delay(0, &mut random)).collect();
        assert!(drawn.iter().any(|wait| *wait < 200) && drawn.iter().any(|wait| *wait > 800));
        assert!(drawn.iter().all(|wait| *wait <= 1_000));
    }

    #[test]
    fn what_the_caller_says_about_statuses_and_tries_holds() {
        let policy =
            RetryPolicy { statuses: Some(StatusSet::of(&[500])), max_retries: Some(1), ..RetryPolicy::default() };
        assert!(wait(&policy, true, head(500, None), 0).is_some());
        assert!(wait(&policy, true, head(500, None), 1).is_none());
        assert!(wait(&policy, true, head(429, None), 0).is_none());
        let denied = Head { retryable: Some(false), ..head(503, None) };
        assert!(wait(&RetryPolicy::default(), true, denied, 0).is_none());
    }

    #[test]
    fn tries_stop_when_the_budget_is_spent_and_come_back_when_things_go_well() {
        let policy = RetryPolicy::default();
        let mut state = State::new(1);
        let try_again = |state: &mut State, status| {
            let before = state.budget.spent;
            again(&policy, state, true, head(status, None), 0).map(|_| state.budget.spent.saturating_sub(before))
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
        assert!(wait(&none, true, head(503, None), 0).is_none());
        let endless = RetryPolicy { budget: u64::MAX, ..RetryPolicy::default() };
        state.budget.spent = u64::MAX - 1;
        assert!(again(&endless, &mut state, true, head(503, None), 0).is_some());
    }
}
