//! The account of the whole app: counted before a call is sent, corrected when it cost something else.

use fal_wasm::limits::{Budget, Correction, Settled, Verdict, Wish};

use super::{UNIT, World};

impl World {
    /// Counts a call.
    pub fn count(&mut self, visit: usize, at: u64) -> Verdict {
        let now = self.shows(self.visits[visit].server, at);
        let budget = self.setup.total.unwrap();
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
        if verdict == Verdict::Ok {
            assert!(!was_stopped, "what is stopped lets nothing through");
            self.visits[visit].total_window = self.total.spent.start;
        }
        verdict
    }

    /// Asks the visitor's account for more than it has: it names jobs to ask about.
    pub fn find_jobs(&mut self, visit: usize, at: u64) -> Verdict {
        let now = self.shows(self.visits[visit].server, at);
        let ticket = format!("{} more", self.visits[visit].ticket);
        let budget = Budget { max: 1, window: self.setup.budget.window };
        let wish = Wish { ticket: &ticket, lease: 1, spending: Some((1, 0.0, budget)), ..Wish::default() };
        let verdict = self.account.reserve(now, &wish, None);
        self.trace.reserve("ann", now, None, &wish, self.account.now, &verdict);
        if let Verdict::Question { jobs, .. } = &verdict {
            self.asked_at.extend(jobs.iter().map(|job| (job.id.parse::<usize>().unwrap(), at)));
        }
        verdict
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
