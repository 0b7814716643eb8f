//! What must hold, by fal's own count.

use std::collections::{BTreeMap, HashMap};

use fal_wasm::limits::{ASK_EVERY, Asked, MAX_QUESTIONS, Outcome, Verdict, Wish};

use super::{SKEW, UNIT, World, fal};

impl World {
    /// Whoever is refused for want of a place is refused for jobs that go on, or that fal was just asked about.
    pub fn places_are_held_for_a_reason(&self, at: u64) {
        let held: Vec<_> = self.account.open.iter().filter(|entry| entry.place).collect();
        assert!(held.len() as u64 >= self.setup.places);
        for entry in &held {
            let reserved = self.visits.iter().find(|visit| visit.ticket == entry.ticket).map(|visit| visit.reserved_at);
            match &entry.job {
                Some(job) => {
                    let goes_on = !self.fal.is_over(job.id.parse().unwrap(), at.saturating_sub(ASK_EVERY));
                    // By clocks that may stand still until the slower one gets there.
                    let asked = self.asked_at.get(&job.id.parse().unwrap());
                    let is_asked =
                        asked.is_some_and(|asked| at - asked <= ASK_EVERY + 2 * SKEW) || held.len() > MAX_QUESTIONS;
                    assert!(goes_on || is_asked, "{entry:?} at {at}");
                }
                None => assert!(at <= reserved.unwrap() + self.setup.lease + 2 * SKEW, "{entry:?} at {at}"),
            }
        }
    }

    /// No more is in progress at fal than there are places, but for what nobody could know of past its lease.
    pub fn no_more_than_places(&self, at: u64) {
        let known = |job: &&fal::Job| at < job.reserved_at + self.setup.lease.saturating_sub(2 * SKEW);
        let alive = self.fal.jobs.iter().filter(known).filter(|job| job.began <= at && at < job.ends).count();
        assert!(alive as u64 <= self.setup.places, "{alive} at once, at {at}");
    }

    /// By fal's own count.
    pub fn judge(&mut self, last: u64) {
        let mut windows: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        let mut totals: BTreeMap<u64, (u64, u64)> = BTreeMap::new();
        let mut keys: HashMap<u64, u32> = HashMap::new();
        for (id, job) in self.fal.jobs.iter().enumerate() {
            let billed = self.fal.billed(id, UNIT);
            for (sum, missing) in [windows.entry(job.window).or_default(), totals.entry(job.total_window).or_default()]
            {
                *sum += billed;
                *missing += billed.saturating_sub(job.reserved);
            }
            if let Some(key) = job.key.filter(|_| billed > 0) {
                *keys.entry(key).or_default() += 1;
            }
        }
        for (window, (sum, missing)) in windows {
            let max = self.setup.budget.max;
            assert!(sum <= max + missing, "{sum} of {max} in {window}");
            assert!(missing == 0 || !self.setup.honest);
        }
        for (window, (sum, missing)) in totals {
            let max = self.setup.total.map_or(u64::MAX, |total| total.max);
            assert!(sum <= max.saturating_add(missing), "{sum} of {max} for the whole app in {window}");
        }
        assert!(keys.values().all(|bought| *bought <= 1), "a key bought twice: {keys:?}");
        // When all is over, and the longest lease: there is a place for everybody again.
        let end = self.fal.jobs.iter().map(|job| job.ends).max().unwrap_or(last).max(last);
        let later = end + self.setup.lease + 2 * SKEW + ASK_EVERY;
        let wish = |ticket, jobs| {
            let asked = Asked { jobs, ..Asked::default() };
            Wish { ticket, jobs: Some(self.setup.places), asked, ..Wish::default() }
        };
        let mut account = self.account.clone();
        if let Verdict::Question { jobs, .. } = account.reserve(later, &wish("late", false), None) {
            for job in jobs {
                account.settle_job(later, &job.id, Outcome::Released);
            }
        }
        assert_eq!(account.reserve(later, &wish("late", true), None), Verdict::Ok, "a place is lost");
    }
}
