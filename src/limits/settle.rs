//! What became of what was taken from an account.

use crate::protocol::Millis;

use super::account::Account;
use super::window::Sliding;
use super::wish::{Correction, Settled};
use super::{Entry, JOB_KEPT, Job, MAX_KEPT_BYTES, Outcome};

/// How long answers are counted before they are forgotten.
pub(super) const DAY: Millis = 24 * 3_600_000;

impl Account {
    /// Records what became of a ticket. `total` says when it was taken from what the whole app may use.
    pub fn settle(
        &mut self,
        now: Millis,
        ticket: &str,
        outcome: Outcome,
        became: Option<Job>,
        total: Option<Millis>,
        kept: u64,
    ) -> Settled {
        let place = self.open.iter().position(|entry| entry.ticket == ticket);
        if let Some(entry) = place.and_then(|place| self.open.get_mut(place)) {
            entry.total = total.or(entry.total);
        }
        self.settle_at(now, place, outcome, became, kept)
    }

    /// Records what became of a job.
    pub fn settle_job(&mut self, now: Millis, id: &str, outcome: Outcome) -> Settled {
        let is_it = |entry: &Entry| entry.job.as_ref().is_some_and(|job| job.id == id);
        let place = self.open.iter().position(is_it);
        self.settle_at(now, place, outcome, None, 0)
    }

    fn settle_at(
        &mut self,
        now: Millis,
        place: Option<usize>,
        outcome: Outcome,
        became: Option<Job>,
        kept: u64,
    ) -> Settled {
        self.now = self.now.max(now);
        let window = self.kept.at(self.now, DAY);
        let keeps = window.count.saturating_add(window.before).saturating_add(kept) <= MAX_KEPT_BYTES;
        if keeps && kept > 0 {
            self.kept = Sliding { count: window.count.saturating_add(kept), ..window };
            self.until = self.until.max(window.until(DAY));
        }
        let Some(entry) = place.and_then(|place| self.open.get_mut(place)) else {
            return Settled { keeps, ..Settled::default() };
        };
        let reserved = entry.cost;
        let (cost, is_over) = match outcome {
            Outcome::Charged { units } => (entry.cost_of(units), true),
            Outcome::Free => (0, true),
            Outcome::Began => {
                // Word that comes twice may lack the name.
                if became.is_some() {
                    entry.until = self.now.saturating_add(JOB_KEPT).max(entry.until);
                    entry.job = became;
                }
                (entry.cost, false)
            }
            Outcome::Released => {
                entry.place = false;
                (entry.cost, entry.cost == 0)
            }
            Outcome::Cancelled => {
                entry.asked = 0;
                (entry.cost, false)
            }
            Outcome::Lost | Outcome::Unchanged => (entry.cost, false),
        };
        let total = entry.total;
        entry.recost(cost, &mut self.spent);
        if let Some(place) = place.filter(|_| is_over) {
            self.open.remove(place);
        }
        Settled { found: true, reserved, cost, total, keeps }
    }

    /// Corrects what was only counted. What is past in its window changes nothing.
    pub fn correct(&mut self, now: Millis, correction: Correction) {
        self.now = self.now.max(now);
        let Correction { at, reserved, cost } = correction;
        self.spent.replace(at, reserved, cost);
        self.pace.replace(at, reserved, cost);
    }
}
