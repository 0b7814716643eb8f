//! Windows of time: of requests, which move along, and of money, which do not.

use crate::protocol::Millis;

/// So many in a window.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How many.
    pub max: u64,
    /// The length of the window.
    pub window: Millis,
}

/// So much money in a window. Money is in millionths of the currency that prices are in, so that sums are whole numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// How much.
    pub max: u64,
    /// The length of the window.
    pub window: Millis,
}

/// When the window began that a moment is in. Windows begin at whole multiples of their length.
fn start(now: Millis, length: Millis) -> Millis {
    now - now.checked_rem(length).unwrap_or(0)
}

/// What was counted in a window that moves along: in this window, and of the one before as much as if it had been evenly
/// spread, so that nobody has twice as much by waiting for the end of one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sliding {
    /// When the window began.
    pub start: Millis,
    /// What was counted in it.
    pub count: u64,
    /// What was counted in the one before.
    pub before: u64,
}

impl Sliding {
    /// The window that `now` is in. A window that has begun never begins again.
    pub fn at(self, now: Millis, length: Millis) -> Self {
        let start = start(now, length);
        if start <= self.start {
            self
        } else if start == self.start.saturating_add(length) {
            Self { start, count: 0, before: self.count }
        } else {
            Self { start, count: 0, before: 0 }
        }
    }

    /// How long the window still is.
    fn left(self, now: Millis, length: Millis) -> Millis {
        self.start.saturating_add(length).saturating_sub(now)
    }

    /// How long it is too full for one more; none when it is not. Call it on the window of that moment.
    pub fn wait(self, now: Millis, Rate { max, window }: Rate) -> Option<Millis> {
        let (count, before, left) = (self.count as f64, self.before as f64, self.left(now, window) as f64);
        let (max, length) = (max as f64, window as f64);
        if count + before * left / length < max {
            return None;
        }
        let wait =
            if count >= max { left + length * (1.0 - max / count) } else { left - length * (max - count) / before };
        Some(wait.max(0.0) as Millis + 1)
    }

    /// Until when any of it counts.
    pub fn until(self, length: Millis) -> Millis {
        self.start.saturating_add(length).saturating_add(length)
    }
}

/// What was spent in a window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent {
    /// When the window began.
    pub start: Millis,
    /// What was spent in it.
    pub sum: u64,
}

impl Spent {
    /// The window that `now` is in. A window that has begun never begins again.
    pub fn at(self, now: Millis, length: Millis) -> Self {
        let start = start(now, length);
        if start <= self.start { self } else { Self { start, sum: 0 } }
    }

    /// How long it is closed for this cost; none when there is room. `Some(None)` when no window is large enough.
    pub fn wait(self, now: Millis, cost: u64, Budget { max, window }: Budget) -> Option<Option<Millis>> {
        if self.sum.saturating_add(cost) <= max {
            return None;
        }
        let left = self.start.saturating_add(window).saturating_sub(now);
        Some((cost <= max).then_some(left.max(1)))
    }

    /// Replaces a cost that was taken at that time. What was taken in an older window is past.
    pub fn replace(&mut self, at: Millis, old: u64, new: u64) {
        if at >= self.start {
            self.sum = self.sum.saturating_sub(old).saturating_add(new);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Millis = 3_600_000;

    #[test]
    fn a_window_never_begins_again() {
        let spent = Spent { start: 5 * HOUR, sum: 9 };
        assert_eq!(spent.at(5 * HOUR - 1, HOUR), spent);
        assert_eq!(spent.at(6 * HOUR, HOUR), Spent { start: 6 * HOUR, sum: 0 });
        assert_eq!(spent.at(5 * HOUR + 1, 24 * HOUR), spent, "a longer window does not forget a shorter one");
        let sliding = Sliding { start: 5 * HOUR, count: 9, before: 3 };
        assert_eq!(sliding.at(4 * HOUR, HOUR), sliding);
        assert_eq!(sliding.at(6 * HOUR, HOUR), Sliding { start: 6 * HOUR, count: 0, before: 9 });
        assert_eq!(sliding.at(7 * HOUR, HOUR), Sliding { start: 7 * HOUR, count: 0, before: 0 });
    }

    #[test]
    fn a_full_window_says_when_there_is_room_again() {
        let rate = Rate { max: 4, window: HOUR };
        for (count, before, minute) in [(4, 0, 59), (4, 0, 1), (0, 4, 0), (1, 4, 1), (3, 4, 40), (9, 9, 30)] {
            let now = 5 * HOUR + minute * 60_000;
            let window = Sliding { start: 5 * HOUR, count, before };
            let Some(wait) = window.wait(now, rate) else { continue };
            let later = |wait| window.at(now + wait, HOUR).wait(now + wait, rate);
            assert_eq!(later(wait), None, "{count} {before} {minute}");
            assert!(later(wait.saturating_sub(2)).is_some(), "{count} {before} {minute}");
        }
    }

    #[test]
    fn what_is_larger_than_a_whole_budget_never_fits() {
        let budget = Budget { max: 10, window: HOUR };
        let spent = Spent { start: 0, sum: 5 };
        assert_eq!(spent.wait(1, 5, budget), None);
        assert_eq!(spent.wait(1, 6, budget), Some(Some(HOUR - 1)));
        assert_eq!(spent.wait(1, 11, budget), Some(None));
    }
}
