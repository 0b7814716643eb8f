//! When fal is asked for its keys.
//!
//! An isolate keeps the keys it has: an hour without asking, and up to a day while fal cannot be reached. A signature that
//! none of them made may come from a new key, and is a reason to ask; but anybody can send such a signature, so this
//! happens once per cooldown. One asks at a time, and the others wait.

use crate::protocol::Millis;

/// Where the keys are.
pub const URL: &str = "https://rest.fal.ai/.well-known/jwks.json";

const SECOND: Millis = 1_000;
const HOUR: Millis = 3_600 * SECOND;

/// For how long keys are used without asking again.
const FRESH: Millis = HOUR;
/// For how long they are used at all. It is fal's own number.
const USABLE: Millis = 24 * HOUR;
/// Between two questions while there are keys that can be used.
const COOLDOWN: Millis = 30 * SECOND;
/// Between two questions while there are none, and every webhook is put off.
const RETRY: Millis = 2 * SECOND;
/// For how long an answer is waited for.
pub const TIMEOUT: Millis = 5 * SECOND;
/// After which a question counts as forgotten: a worker may be cut off while it asks.
const LOST: Millis = TIMEOUT + SECOND;

/// What an isolate knows of fal's keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// When the keys at hand were asked for.
    pub since: Option<Millis>,
    /// When fal was last asked, or when that failed.
    pub asked: Option<Millis>,
    /// Whether that question is still open.
    pub open: bool,
}

/// What to do for a webhook that is to be checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Check it with the keys at hand.
    Use = 0,
    /// Ask fal for its keys.
    Ask = 1,
    /// Wait until somebody else has asked, and decide again.
    Wait = 2,
    /// There are no keys, and it is too early to ask again.
    Fail = 3,
}

impl Known {
    /// What to do now. `missed`: none of the keys at hand made the signature.
    pub fn next(&self, now: Millis, missed: bool) -> Step {
        // A clock that was set back makes everything old: nothing is trusted for longer than it should be.
        let within = |since: Option<Millis>, limit| {
            since.and_then(|since| now.checked_sub(since)).is_some_and(|age| age < limit)
        };
        let usable = within(self.since, USABLE);
        let asking = self.open && within(self.asked, LOST);
        let wanted = missed || !within(self.since, FRESH);
        let cooling = within(self.asked, if usable { COOLDOWN } else { RETRY });
        match (wanted, asking, cooling, usable) {
            (false, ..) => Step::Use,
            // Keys that are merely old do while another webhook sees to it.
            (true, true, _, true) if !missed => Step::Use,
            (true, true, ..) => Step::Wait,
            (true, false, false, _) => Step::Ask,
            (true, false, true, true) => Step::Use,
            (true, false, true, false) => Step::Fail,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The time keys were asked for and came.
    const T: Millis = 1_763_650_000_000;
    const HELD: Known = Known { since: Some(T), asked: Some(T), open: false };

    #[test]
    fn keys_come_from_fal_and_from_nowhere_else() {
        assert!(URL.starts_with(crate::protocol::Host::Rest.origin()));
    }

    #[test]
    fn the_first_webhook_asks_and_the_others_wait_for_it() {
        assert_eq!(Known::default().next(T, false), Step::Ask);
        let asking = Known { since: None, asked: Some(T), open: true };
        assert_eq!(asking.next(T + 4_999, false), Step::Wait);
        assert_eq!(HELD.next(T + 5_000, false), Step::Use);
    }

    #[test]
    fn a_question_that_nobody_waits_for_any_more_is_asked_again() {
        for since in [None, Some(T)] {
            let lost = Known { since, asked: Some(T + USABLE), open: true };
            assert_eq!(lost.next(T + USABLE + LOST - 1, true), Step::Wait);
            assert_eq!(lost.next(T + USABLE + LOST, true), Step::Ask);
        }
    }

    #[test]
    fn keys_are_used_for_an_hour_without_asking_and_for_a_day_at_most() {
        assert_eq!(HELD.next(T + FRESH - 1, false), Step::Use);
        assert_eq!(HELD.next(T + FRESH, false), Step::Ask);
        let down = |at| Known { asked: Some(at), ..HELD };
        assert_eq!(down(T + USABLE - 2).next(T + USABLE - 1, false), Step::Use);
        assert_eq!(down(T + USABLE - 1).next(T + USABLE, false), Step::Fail);
    }

    #[test]
    fn while_old_keys_are_renewed_they_still_do() {
        let renewing = Known { asked: Some(T + FRESH), open: true, ..HELD };
        assert_eq!(renewing.next(T + FRESH + 1, false), Step::Use);
        assert_eq!(renewing.next(T + FRESH + 1, true), Step::Wait);
    }

    #[test]
    fn forged_signatures_make_one_question_per_cooldown() {
        let (mut known, mut questions) = (HELD, 0);
        for now in (T..T + 10 * COOLDOWN).step_by(10) {
            if known.next(now, true) == Step::Ask {
                questions += 1;
                known.asked = Some(now);
            }
        }
        assert_eq!(questions, 9);
    }

    #[test]
    fn when_fal_is_down_it_is_not_hammered_and_is_asked_soon_again() {
        let failed = Known { since: None, asked: Some(T), open: false };
        assert_eq!(failed.next(T + RETRY - 1, false), Step::Fail);
        assert_eq!(failed.next(T + RETRY, false), Step::Ask);
    }

    #[test]
    fn a_clock_that_is_set_back_does_not_make_keys_last_longer() {
        assert_eq!(HELD.next(T - 1, false), Step::Ask);
        assert_eq!(HELD.next(0, true), Step::Ask);
    }

    #[test]
    fn a_webhook_is_never_left_waiting_by_one_that_was_cut_off() {
        // Whatever is known, it takes less than the time of one lost question until somebody may go on.
        for since in [None, Some(T), Some(T - FRESH), Some(T - USABLE)] {
            for missed in [false, true] {
                let known = Known { since, asked: Some(T), open: true };
                assert_ne!(known.next(T + LOST, missed), Step::Wait);
            }
        }
    }
}
