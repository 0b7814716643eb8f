//! When to try again, and when not to.

use alloc::vec::Vec;

use super::budget::Spent;
use super::failure::FailureKind;
use super::machine::Context;
use super::random::Random;
use super::request::Class;
use crate::protocol::{Head, Millis};

/// Longest wait a server may ask for; beyond it the caller is told how long, instead of waiting less than asked.
const MAX_RETRY_AFTER: Millis = 60_000;

/// What one more try costs: less when the server is well and only asks for patience.
const TRANSIENT_COST: u64 = 14;
const THROTTLED_COST: u64 = 5;

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
    /// What all tries of a client may cost together before they are earned back. Default 500, which is 35 tries in a
    /// row (100 after a 429): in an outage a client adds that much load and no more. The numbers are those of the AWS
    /// SDKs.
    pub budget: u64,
    /// Answers worth another try. Default 429, 502, 503, 504.
    pub statuses: Vec<u16>,
    /// Whether a host to which no connection can be made is asked under its other name, at once and as a part of the
    /// same try. Default false.
    #[cfg(feature = "server")]
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
            statuses: Vec::from([429, 502, 503, 504]),
            #[cfg(feature = "server")]
            backup_hosts: false,
        }
    }
}

/// What went wrong with a try.
pub(super) enum Trouble<'a> {
    /// An error as an answer.
    Answer(&'a Head),
    /// No answer, or no whole one.
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
        context: &mut Context,
        class: Class,
        trouble: &Trouble<'_>,
        retries: u32,
    ) -> Option<Retry> {
        let (worth, asked, cost) = match trouble {
            Trouble::Answer(head) => {
                let cost = if head.status == 429 { THROTTLED_COST } else { TRANSIENT_COST };
                (self.is_worth(class, head), head.retry_after, cost)
            }
            Trouble::Failure(kind) => {
                let transient = kind.is_before_send() || (*kind == FailureKind::ConnectionLost && class == Class::Safe);
                (transient, None, TRANSIENT_COST)
            }
        };
        if !worth || retries >= self.max_retries || asked.is_some_and(|wait| wait > MAX_RETRY_AFTER) {
            return None;
        }
        let wait = asked.unwrap_or_else(|| self.delay(retries, &mut context.random));
        let late = context.deadline.is_some_and(|deadline| context.now.saturating_add(wait) >= deadline);
        (!late && self.pay(context, cost)).then_some(Retry { wait, cost })
    }

    /// Pays for one more request, when the budget has enough left.
    fn pay(&self, context: &mut Context, cost: u64) -> bool {
        let spent = context.spent.0.saturating_add(cost);
        if spent <= self.budget {
            context.spent = Spent(spent);
        }
        spent <= self.budget
    }

    /// Whether a request that could not even be sent goes to the other name of its host; returns what that costs.
    #[cfg(feature = "server")]
    pub(super) fn turns_to_backup(&self, context: &mut Context, kind: FailureKind) -> Option<u64> {
        (self.backup_hosts && kind.is_before_send() && self.pay(context, TRANSIENT_COST)).then_some(TRANSIENT_COST)
    }

    /// Whether an answer is worth another try.
    fn is_worth(&self, class: Class, head: &Head) -> bool {
        let before_execution = head.status == 429 || (head.status == 503 && head.retry_after.is_some());
        let denied = head.user_timeout || head.retryable == Some(false);
        self.statuses.contains(&head.status) && !denied && (class == Class::Safe || before_execution)
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
    use super::*;
    use crate::protocol::Media;

    fn head(status: u16, retry_after: Option<Millis>) -> Head {
        Head { status, media: Media::Json, retry_after, retryable: None, user_timeout: false }
    }

    fn wait(policy: &RetryPolicy, class: Class, head: &Head, retries: u32) -> Option<Millis> {
        policy.again(&mut Context::new(7), class, &Trouble::Answer(head), retries).map(|retry| retry.wait)
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
            assert_eq!(wait(&policy, Class::Safe, &head, 0), safe, "{status}");
            assert_eq!(wait(&policy, Class::Unsafe, &head, 0), unsafe_, "{status}");
        }
    }

    #[test]
    fn a_server_is_given_the_time_it_asks_for_or_the_caller_is_told() {
        let policy = RetryPolicy::default();
        for (asked, expected) in [(0, Some(0)), (1_234, Some(1_234)), (60_000, Some(60_000)), (60_001, None)] {
            assert_eq!(wait(&policy, Class::Safe, &head(429, Some(asked)), 0), expected);
        }
        let mut context = Context::new(7);
        (context.now, context.deadline) = (1_000, Some(3_000));
        for (asked, waits) in [(1_999, true), (2_000, false)] {
            let head = head(429, Some(asked));
            assert_eq!(policy.again(&mut context, Class::Safe, &Trouble::Answer(&head), 0).is_some(), waits);
        }
    }

    #[test]
    fn waits_grow_up_to_the_longest_and_are_spread_over_all_of_it() {
        let policy = RetryPolicy { jitter: false, ..RetryPolicy::default() };
        let head = head(503, None);
        let waits: Vec<_> = (0..3).map(|retries| wait(&policy, Class::Safe, &head, retries)).collect();
        assert_eq!(waits, [Some(500), Some(1_000), Some(2_000)]);
        let spread = RetryPolicy { base_delay: 1_000, ..RetryPolicy::default() };
        let mut context = Context::new(3);
        let drawn: Vec<_> = (0..200).map(|_| spread.delay(0, &mut context.random)).collect();
        assert!(drawn.iter().any(|wait| *wait < 200) && drawn.iter().any(|wait| *wait > 800));
        assert!(drawn.iter().all(|wait| *wait <= 1_000));
    }

    #[test]
    fn what_the_caller_says_about_statuses_and_tries_holds() {
        let policy = RetryPolicy { statuses: Vec::from([500]), max_retries: 1, ..RetryPolicy::default() };
        assert!(wait(&policy, Class::Safe, &head(500, None), 0).is_some());
        assert!(wait(&policy, Class::Safe, &head(500, None), 1).is_none());
        assert!(wait(&policy, Class::Safe, &head(429, None), 0).is_none());
        let denied = Head { retryable: Some(false), ..head(503, None) };
        assert!(wait(&RetryPolicy::default(), Class::Safe, &denied, 0).is_none());
    }

    #[test]
    fn tries_stop_when_the_budget_is_spent_and_come_back_when_things_go_well() {
        let policy = RetryPolicy::default();
        let mut context = Context::new(1);
        let try_again = |context: &mut Context, status| {
            policy.again(context, Class::Safe, &Trouble::Answer(&head(status, None)), 0).map(|retry| retry.cost)
        };
        let tries = core::iter::from_fn(|| try_again(&mut context, 503)).count();
        assert_eq!((tries, context.spent), (35, Spent(490)));
        // What is left is enough for a server that only asks for patience.
        assert_eq!(try_again(&mut context, 429), Some(5));
        context.spent.earn(14);
        assert_eq!(try_again(&mut context, 503), Some(14));
        for _ in 0..14 {
            context.spent.earn(0);
        }
        assert_eq!(try_again(&mut context, 503), Some(14));
        let none = RetryPolicy { budget: 0, ..RetryPolicy::default() };
        assert!(wait(&none, Class::Safe, &head(503, None), 0).is_none());
        let endless = RetryPolicy { budget: u64::MAX, ..RetryPolicy::default() };
        context.spent = Spent(u64::MAX - 1);
        assert!(endless.again(&mut context, Class::Safe, &Trouble::Answer(&head(503, None)), 0).is_some());
    }
}
