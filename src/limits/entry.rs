//! Something in progress: what it holds, and how it is found again.

use alloc::string::String;

use crate::protocol::Millis;

use super::{ASK_EVERY, window::Spent};

/// Longest wait for a place that is told: longer, and a place that came free would stand empty.
pub(super) const LONGEST_WAIT: Millis = 60_000;

/// A job in fal's queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its app, as its URLs name it.
    pub app: String,
    /// Its request id.
    pub id: String,
}

/// Something in progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// What it is called by the one who reserved it.
    pub ticket: String,
    /// The job it became.
    pub job: Option<Job>,
    /// What it costs as far as is known.
    pub cost: u64,
    /// What one of the units costs that fal counts.
    pub unit: f64,
    /// When the window began that it was taken from.
    pub spent_start: Millis,
    /// When it was taken from what the whole app may use, by the clock of that account; none when it was not.
    pub total: Option<Millis>,
    /// Whether it takes a place among the jobs.
    pub place: bool,
    /// When it was reserved.
    pub since: Millis,
    /// When fal was last asked about it.
    pub asked: Millis,
    /// Until when it is kept when nothing is heard of it.
    pub until: Millis,
}

impl Entry {
    /// Whether fal may be asked about it now.
    pub fn may_ask(&self, now: Millis) -> bool {
        self.job.is_some() && self.asked.saturating_add(ASK_EVERY) <= now
    }

    /// When its place may be free: what has gone on for a while is likely to go on for as long again.
    pub fn wait(&self, now: Millis) -> Millis {
        (now.saturating_sub(self.since) / 2).clamp(ASK_EVERY, LONGEST_WAIT).min(self.until.saturating_sub(now).max(1))
    }

    /// What it costs when fal counts so many units; without, what was reserved.
    pub fn cost_of(&self, units: Option<f64>) -> u64 {
        units.map_or(self.cost, |units| ceil(units * self.unit))
    }

    /// Gives it another cost, in the window that it was taken from.
    pub fn recost(&mut self, cost: u64, spent: &mut Spent) {
        spent.replace(self.spent_start, self.cost, cost);
        self.cost = cost;
    }
}

/// Money in whole millionths. Sums stay below what JavaScript and Redis count exactly.
fn ceil(cost: f64) -> u64 {
    const MOST: f64 = 9_007_199_254_740_991.0;
    // What is no number counts as all there is: a budget fails closed.
    if cost.is_nan() || cost >= MOST {
        return MOST as u64;
    }
    let whole = cost.max(0.0) as u64;
    whole + u64::from((whole as f64) < cost)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cost_is_rounded_up_and_stays_a_number() {
        let of = |unit, units| Entry { unit, cost: 7, ..Entry::default() }.cost_of(units);
        assert_eq!((of(10.0, Some(2.5)), of(10.0, Some(0.01)), of(10.0, None)), (25, 1, 7));
        const MOST: u64 = 9_007_199_254_740_991;
        assert_eq!((of(0.0, Some(3.0)), of(1e300, Some(1e300)), of(f64::NAN, Some(1.0))), (0, MOST, MOST));
    }

    #[test]
    fn the_wait_for_a_place_grows_with_its_age() {
        let entry = Entry { since: 1_000, until: 10_000_000, ..Entry::default() };
        assert_eq!([1_000, 21_000, 500_000].map(|now| entry.wait(now)), [5_000, 10_000, 60_000]);
        assert_eq!(Entry { until: 1_500, ..entry }.wait(1_000), 500, "it ends by itself before");
    }
}
