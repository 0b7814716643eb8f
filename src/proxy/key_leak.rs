//! When the operator is told of a key that came from a browser.
//!
//! Anybody can send what looks like a key, as often as they like. So keys that are not the proxy's own ring seldom, own
//! ones ring apart from them, and whose a key is gets looked up no faster than a secret store can be asked.

use crate::protocol::Millis;

/// Between two reports of the proxy's own key.
const OWN_EVERY: Millis = 60_000;
/// Between two reports of other keys.
const OTHER_EVERY: Millis = 600_000;
/// Keys that are looked up at once, and how often one more is.
const LOOKUPS: Millis = 20;
const LOOKUP_EVERY: Millis = 1_000;

/// The keys that came from browsers: a plain value that is told of each and says when to report one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct KeyLeaks {
    /// The latest time it was told.
    now: Millis,
    /// Until when lookups are spent: the more ahead of now, the fewer are left.
    spent_until: Millis,
    /// When a report of the own key, and one of another, is due at the earliest.
    own_due: Millis,
    other_due: Millis,
    /// Keys since the last report that were in none.
    unreported: u64,
}

impl KeyLeaks {
    /// A key has come: whether it should be looked up whose it is. If not, it is only counted.
    pub fn came(&mut self, now: Millis) -> bool {
        self.advance(now);
        let spent_until = self.spent_until.max(self.now) + LOOKUP_EVERY;
        let has_room = spent_until - self.now <= LOOKUPS * LOOKUP_EVERY;
        if has_room {
            self.spent_until = spent_until;
        } else {
            self.unreported = self.unreported.saturating_add(1);
        }
        has_room
    }

    /// It is known whose it is: whether to report it, and how many before it were in no report.
    pub fn identified(&mut self, now: Millis, is_own: bool) -> Option<u64> {
        self.advance(now);
        let (due, every) = if is_own { (&mut self.own_due, OWN_EVERY) } else { (&mut self.other_due, OTHER_EVERY) };
        if *due > self.now {
            self.unreported = self.unreported.saturating_add(1);
            return None;
        }
        *due = self.now.saturating_add(every);
        Some(core::mem::take(&mut self.unreported))
    }

    /// Time does not go back, and ends before it could overflow.
    fn advance(&mut self, now: Millis) {
        self.now = self.now.max(now).min(Millis::MAX / 2);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reports of keys that come at these times: time, and how many were in none before.
    fn reports(
        leaks: &mut KeyLeaks,
        is_own: bool,
        times: impl Iterator<Item = Millis>,
    ) -> std::vec::Vec<(Millis, u64)> {
        times
            .filter_map(|now| {
                leaks.came(now).then(|| leaks.identified(now, is_own).map(|missed| (now, missed))).flatten()
            })
            .collect()
    }

    #[test]
    fn a_flood_of_made_up_keys_rings_once_and_is_counted() {
        let mut leaks = KeyLeaks::default();
        assert_eq!(reports(&mut leaks, false, (0..50).map(|_| 5)), [(5, 0)]);
        let later = reports(&mut leaks, false, (1..=11_000).map(|n| n * 60));
        let [(when, missed)] = later.as_slice() else { panic!("{later:?}") };
        assert!((OTHER_EVERY + 5..OTHER_EVERY + 5 + 2 * LOOKUP_EVERY).contains(when), "{when}");
        assert_eq!(*missed, 49 + when / 60 - 1, "every one is counted");
    }

    #[test]
    fn the_own_key_rings_at_once_whatever_else_came() {
        let mut leaks = KeyLeaks::default();
        reports(&mut leaks, false, (0..1_000).map(|_| 0));
        assert_eq!(reports(&mut leaks, true, [0].into_iter()), [], "no lookup is left at that moment");
        assert_eq!(
            reports(&mut leaks, true, [1_000, 2_000, 60_999, 61_000].into_iter()),
            [(1_000, 1_000), (61_000, 2)]
        );
        assert_eq!(leaks.unreported, 0);
    }

    #[test]
    fn a_flood_leaves_no_more_lookups_than_one_a_second() {
        let mut leaks = KeyLeaks::default();
        let looked = (0..3_600_000).step_by(10).filter(|now| leaks.came(*now)).count();
        assert!((3_600..=3_600 + LOOKUPS as usize).contains(&looked), "{looked}");
    }

    #[test]
    fn a_clock_that_jumps_neither_rings_more_often_nor_breaks() {
        let mut leaks = KeyLeaks::default();
        assert_eq!(reports(&mut leaks, true, [90_000, 0, 20, 149_999].into_iter()), [(90_000, 0)]);
        reports(&mut leaks, true, [Millis::MAX, 0, Millis::MAX].into_iter());
        assert!(!leaks.came(0) || leaks.identified(0, true).is_none());
    }
}
