//! The account of the whole app: counted before a call is sent, corrected when it cost something else.

use fal_wasm::limits::{Correction, Outcome, Settled, Verdict, Wish};

use super::visit::Step;
use super::{UNIT, World};

impl World {
    /// Counts a call; how long until the next step.
    pub fn count(&mut self, visit: usize, at: u64, latency: u64) -> Option<u64> {
        let now = self.shows(self.visits[visit].server, at);
        let budget = self.setup.total?;
        let ticket = self.visits[visit].ticket.clone();
        let cost = (self.visits[visit].estimate * UNIT) as u64;
        let spending = Some((cost, UNIT, budget));
        let wish = Wish { ticket: &ticket, counted_only: true, spending, alarm: self.setup.alarm, ..Wish::default() };
        let was_stopped = self.total.stopped;
        // When the question comes twice, it counts twice: too much, never too little.
        let mut verdict = Verdict::Ok;
        for _ in 0..1 + usize::from(self.unlucky()) {
            verdict = self.total.reserve(now, &wish, None);
            self.trace.reserve("", now, None, &wish, self.total.now, &verdict);
        }
        if self.unlucky() && self.dice.chance(30) {
            return None;
        }
        if verdict == Verdict::Ok {
            assert!(!was_stopped, "what is stopped lets nothing through");
            self.visits[visit].total_at = Some(self.total.now);
            self.visits[visit].total_window = self.total.spent.start;
            self.visits[visit].step = Step::Send;
            return Some(latency);
        }
        // Nothing is sent: what was taken is given back, if the isolate lives and the store answers.
        if !self.unlucky() {
            self.settle(visit, at, Outcome::Free, None);
        }
        None
    }

    /// Tells the account of the app what became of a call, unless that is lost.
    pub fn correct(&mut self, now: u64, settled: &Settled) {
        let Settled { found, reserved, cost, total: Some(at), .. } = *settled else { return };
        // What costs more than was thought is not lost here: by how much a budget is exceeded then is told in `judge`.
        if !found || reserved == cost || self.unlucky() {
            return;
        }
        let correction = Correction { at, reserved, cost };
        self.total.correct(now, correction);
        self.trace.correct(now, correction);
    }
}
