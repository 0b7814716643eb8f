//! The account of one person, and what is decided about it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::Millis;

use super::once::{Once, Record};
use super::window::{Budget, Rate, Sliding, Spent};
use super::wish::{Limit, Verdict, Wish};
use super::{ASK_EVERY, Entry, Job, MAX_KEYS, MAX_OPEN, MAX_QUESTIONS};

/// What somebody has used, and has in progress.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Account {
    /// The latest time it was told.
    pub now: Millis,
    /// Requests.
    pub requests: Sliding,
    /// Idempotency keys.
    pub keys: Sliding,
    /// Bytes of answers that are kept for them.
    pub kept: Sliding,
    /// Money.
    pub spent: Spent,
    /// Money in the window of its alarm.
    pub pace: Spent,
    /// Whether nothing may be taken, until somebody says that it may.
    pub stopped: bool,
    /// Until when any of these counts.
    pub until: Millis,
    /// What is in progress, the oldest first.
    pub open: Vec<Entry>,
}

impl Account {
    /// Tells it the time, which never goes back, and forgets what is over.
    pub fn advance(&mut self, now: Millis) -> Millis {
        self.now = self.now.max(now);
        let now = self.now;
        self.open.retain(|entry| entry.until > now);
        now
    }

    /// Takes all of a wish, or nothing.
    pub fn reserve(&mut self, now: Millis, wish: &Wish<'_>, record: Option<&Record>) -> Verdict {
        let now = self.advance(now);
        if let Some((digest, _)) = wish.once {
            match Record::read(record, digest, now) {
                Once::Fresh => {}
                known => return Verdict::Known(known),
            }
        }
        if let Some(entry) = self.open.iter_mut().find(|entry| entry.ticket == wish.ticket) {
            // Asked for again, it is kept for as long again. How long a job is kept does not depend on who asks.
            if entry.job.is_none() {
                entry.until = now.saturating_add(wish.lease);
            }
            return Verdict::Ok;
        }
        let refused = |limit, retry_after| Verdict::Refused { limit, retry_after };
        if self.stopped {
            return refused(Limit::Stopped, None);
        }
        let requests = wish.requests.map(|rate| (self.requests.at(now, rate.window), rate));
        if let Some(wait) = requests.and_then(|(window, rate)| window.wait(now, rate)) {
            return refused(Limit::Requests, Some(wait));
        }
        let keys = wish.once.map(|(_, kept)| (self.keys.at(now, kept), Rate { max: MAX_KEYS, window: kept }));
        if let Some(wait) = keys.and_then(|(window, rate)| window.wait(now, rate)) {
            return refused(Limit::Requests, Some(wait));
        }
        let is_kept = !wish.counted_only && (wish.jobs.is_some() || wish.spending.is_some());
        let places = self.open.iter().filter(|entry| entry.place).count();
        let is_full = wish.jobs.is_some_and(|max| places as u64 >= max) || (is_kept && self.open.len() >= MAX_OPEN);
        if is_full {
            let question = if wish.asked.jobs { None } else { self.question(now, Limit::Jobs, |entry| entry.place) };
            return question.unwrap_or_else(|| refused(Limit::Jobs, Some(self.place_wait(now))));
        }
        let spent = wish.spending.map(|(cost, _, budget)| (self.spent.at(now, budget.window), cost, budget));
        if let Some((window, cost, budget)) = spent
            && let Some(wait) = window.wait(now, cost, budget)
        {
            let question = wait.filter(|_| !wish.asked.spending).and_then(|_| {
                self.question(now, Limit::Spending, |entry| entry.cost > 0 && entry.spent_start == window.start)
            });
            return question.unwrap_or_else(|| refused(Limit::Spending, wait));
        }
        let pace = wish.alarm.map(|alarm| (self.pace.at(now, alarm.window), alarm));
        let cost = wish.spending.map_or(0, |(cost, ..)| cost);
        if let Some((window, alarm)) = pace {
            if window.sum.saturating_add(cost) > alarm.max {
                self.stopped = true;
                return Verdict::Alarm;
            }
            self.pace = Spent { sum: window.sum.saturating_add(cost), ..window };
            self.until = self.until.max(window.start.saturating_add(alarm.window));
        }
        self.take(now, wish, is_kept, requests, keys, spent);
        Verdict::Ok
    }

    fn take(
        &mut self,
        now: Millis,
        wish: &Wish<'_>,
        is_kept: bool,
        requests: Option<(Sliding, Rate)>,
        keys: Option<(Sliding, Rate)>,
        spent: Option<(Spent, u64, Budget)>,
    ) {
        if let Some((window, rate)) = requests {
            self.requests = Sliding { count: window.count + 1, ..window };
            self.until = self.until.max(window.until(rate.window));
        }
        if let Some((window, rate)) = keys {
            self.keys = Sliding { count: window.count + 1, ..window };
            self.until = self.until.max(window.until(rate.window));
        }
        if let Some((window, cost, budget)) = spent {
            self.spent = Spent { sum: window.sum.saturating_add(cost), ..window };
            self.until = self.until.max(window.start.saturating_add(budget.window));
        }
        if is_kept {
            self.open.push(Entry {
                ticket: wish.ticket.into(),
                job: None,
                cost: spent.map_or(0, |(_, cost, _)| cost),
                unit: wish.spending.map_or(0.0, |(_, unit, _)| unit),
                spent_start: spent.map_or(0, |(window, ..)| window.start),
                total: None,
                place: wish.jobs.is_some(),
                since: now,
                asked: 0,
                until: now.saturating_add(wish.lease),
            });
        }
    }

    /// Which jobs to ask fal about: a few, each not more often than every few seconds, and the longest unasked first.
    fn question(&mut self, now: Millis, about: Limit, wanted: impl Fn(&Entry) -> bool) -> Option<Verdict> {
        let mut due: Vec<&mut Entry> =
            self.open.iter_mut().filter(|entry| wanted(entry) && entry.may_ask(now)).collect();
        due.sort_by_key(|entry| entry.asked);
        due.truncate(MAX_QUESTIONS);
        let mut jobs = Vec::new();
        for entry in due {
            entry.asked = now;
            jobs.extend(entry.job.clone());
        }
        (!jobs.is_empty()).then_some(Verdict::Question { about, jobs })
    }

    /// When one of the places may be free.
    fn place_wait(&self, now: Millis) -> Millis {
        let places = self.open.iter().filter(|entry| entry.place);
        places.map(|entry| entry.wait(now)).min().unwrap_or(ASK_EVERY)
    }

    /// Whether nothing of it counts any more: nothing is open, and its windows are past.
    pub fn is_idle(&self, now: Millis) -> bool {
        let now = self.now.max(now);
        !self.stopped && self.until <= now && self.open.iter().all(|entry| entry.until <= now)
    }
}

/// What one knows of a job by its id alone.
impl Job {
    /// A job, when both texts are short enough to be kept.
    pub fn new(app: &str, id: &str) -> Option<Self> {
        let fits = |text: &str| !text.is_empty() && text.len() <= 128;
        (fits(app) && fits(id)).then(|| Self { app: String::from(app), id: String::from(id) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{Asked, Correction, MAX_KEPT_BYTES, Outcome};

    const HOUR: Millis = 3_600_000;
    const AT: Millis = 1_000_000 * HOUR;

    fn money(cost: u64) -> Option<(u64, f64, Budget)> {
        Some((cost, 10.0, Budget { max: 100, window: HOUR }))
    }

    fn job(n: u32) -> Option<Job> {
        Job::new("fal-ai/flux", &std::format!("r{n}"))
    }

    #[test]
    fn a_clock_that_steps_back_opens_no_window() {
        let mut account = Account::default();
        let wish = |ticket| Wish { ticket, lease: HOUR, spending: money(100), ..Wish::default() };
        let rate = Wish { ticket: "r", requests: Some(Rate { max: 1, window: HOUR }), ..Wish::default() };
        assert_eq!(account.reserve(AT, &wish("1"), None), Verdict::Ok);
        assert_eq!(account.reserve(AT, &rate, None), Verdict::Ok);
        for now in [AT - 1, AT, AT - HOUR, AT + 1, 0] {
            assert!(matches!(account.reserve(now, &wish("2"), None), Verdict::Refused { .. }), "{now}");
            assert!(matches!(account.reserve(now, &rate, None), Verdict::Refused { .. }), "{now}");
        }
        assert_eq!(account.now, AT + 1);
    }

    #[test]
    fn fal_is_asked_before_anybody_is_refused_and_not_too_often() {
        let mut account = Account::default();
        let wish = |ticket| Wish { ticket, lease: HOUR, jobs: Some(2), spending: money(1), ..Wish::default() };
        for (n, ticket) in ["1", "2"].into_iter().enumerate() {
            assert_eq!(account.reserve(AT, &wish(ticket), None), Verdict::Ok);
            account.settle(AT, ticket, Outcome::Began, job(n as u32), None, 0);
        }
        let Verdict::Question { about: Limit::Jobs, jobs } = account.reserve(AT + HOUR * 3, &wish("3"), None) else {
            panic!("{account:?}")
        };
        assert_eq!(jobs.len(), 2);
        let refused = Verdict::Refused { limit: Limit::Jobs, retry_after: Some(60_000) };
        assert_eq!(
            account.reserve(
                AT + HOUR * 3,
                &Wish { asked: Asked { jobs: true, ..Asked::default() }, ..wish("3") },
                None
            ),
            refused
        );
        assert_eq!(account.reserve(AT + HOUR * 3 + 1, &wish("3"), None), refused, "they were just asked about");
        account.settle_job(AT + HOUR * 3, "r1", Outcome::Released);
        assert_eq!(account.reserve(AT + HOUR * 3, &wish("3"), None), Verdict::Ok);
    }

    #[test]
    fn who_was_asked_about_money_is_asked_about_places_before_they_are_refused_one() {
        let mut account = Account::default();
        let wish = |ticket| Wish { ticket, lease: HOUR, jobs: Some(1), spending: money(60), ..Wish::default() };
        let about = |verdict| if let Verdict::Question { about, .. } = verdict { Some(about) } else { None };
        account.reserve(AT, &wish("1"), None);
        account.settle(AT, "1", Outcome::Began, job(1), None, 0);
        account.settle_job(AT, "r1", Outcome::Released);
        assert_eq!(about(account.reserve(AT, &wish("2"), None)), Some(Limit::Spending));
        // While fal is asked somebody else takes the last place, and their job is soon over.
        account.reserve(AT, &Wish { spending: money(0), ..wish("3") }, None);
        account.settle(AT, "3", Outcome::Began, job(3), None, 0);
        let (spending, jobs) = (true, true);
        let asked = Wish { asked: Asked { spending, jobs: false }, ..wish("2") };
        assert_eq!(about(account.reserve(AT, &asked, None)), Some(Limit::Jobs));
        account.settle_job(AT, "r3", Outcome::Free);
        account.settle_job(AT, "r1", Outcome::Free);
        assert_eq!(account.reserve(AT, &Wish { asked: Asked { spending, jobs }, ..asked }, None), Verdict::Ok);
    }

    #[test]
    fn a_released_job_keeps_its_money_until_the_bill_is_known() {
        let mut account = Account::default();
        let wish = |ticket| Wish { ticket, lease: HOUR, jobs: Some(1), spending: money(100), ..Wish::default() };
        account.reserve(AT, &wish("1"), None);
        account.settle(AT, "1", Outcome::Began, job(1), None, 0);
        account.settle_job(AT, "r1", Outcome::Released);
        assert!(
            matches!(account.reserve(AT, &wish("2"), None), Verdict::Question { about: Limit::Spending, .. }),
            "the bill is asked for"
        );
        let settled = account.settle_job(AT, "r1", Outcome::Charged { units: Some(2.5) });
        assert_eq!((settled.reserved, settled.cost), (100, 25));
        assert!(!account.settle_job(AT, "r1", Outcome::Free).found, "only once");
        assert_eq!(account.spent.sum, 25);
    }

    #[test]
    fn a_ticket_that_comes_twice_is_taken_once() {
        let mut account = Account::default();
        let wish = Wish { ticket: "1", lease: HOUR, spending: money(60), ..Wish::default() };
        assert_eq!([0, 1].map(|_| account.reserve(AT, &wish, None)), [Verdict::Ok, Verdict::Ok]);
        assert_eq!((account.spent.sum, account.open.len()), (60, 1));
        let until = |account: &Account| account.open.first().map(|entry| entry.until);
        account.reserve(AT + 5, &wish, None);
        assert_eq!(until(&account), Some(AT + 5 + HOUR), "asked for again, it is kept for as long again");
        account.settle(AT, "1", Outcome::Began, job(1), None, 0);
        account.reserve(AT + 6, &wish, None);
        assert_eq!(until(&account), Some(AT + 5 + crate::limits::JOB_KEPT), "but for a job");
    }

    #[test]
    fn answers_are_kept_up_to_a_bound() {
        let mut account = Account::default();
        let keeps =
            |account: &mut Account, now| account.settle(now, "x", Outcome::Free, None, None, MAX_KEPT_BYTES / 4).keeps;
        assert_eq!([0; 5].map(|_| keeps(&mut account, AT)), [true, true, true, true, false]);
        assert!(keeps(&mut account, AT + 72 * HOUR));
    }

    #[test]
    fn an_alarm_stops_an_account_until_somebody_says_otherwise() {
        let mut account = Account::default();
        let alarm = Some(Budget { max: 25, window: HOUR });
        let wish = Wish { counted_only: true, spending: money(10), alarm, ..Wish::default() };
        let stopped = Verdict::Refused { limit: Limit::Stopped, retry_after: None };
        let quick = Wish { spending: Some((1, 1.0, Budget { max: 9, window: 1 })), ..wish };
        assert_eq!(account.reserve(AT, &quick, None), Verdict::Ok);
        assert!(!account.is_idle(AT + 2), "the window of the alarm counts, too");
        let said = [0; 4].map(|_| account.reserve(AT, &wish, None));
        assert_eq!(said, [Verdict::Ok, Verdict::Ok, Verdict::Alarm, stopped.clone()], "it rings once");
        assert_eq!(account.reserve(AT + HOUR * 99, &wish, None), stopped);
        assert!(!account.is_idle(AT + HOUR * 999), "it is not forgotten that it was stopped");
        account.stopped = false;
        assert_eq!(account.reserve(AT + HOUR * 99, &wish, None), Verdict::Ok);
    }

    #[test]
    fn what_is_only_counted_is_corrected_in_its_own_window() {
        let mut account = Account::default();
        let wish = Wish { counted_only: true, spending: money(60), ..Wish::default() };
        assert_eq!(account.reserve(AT + 5, &wish, None), Verdict::Ok);
        let of = |reserved, cost| Correction { at: AT + 5, reserved, cost };
        account.correct(AT + 6, of(60, 25));
        assert_eq!((account.spent.sum, account.open.len()), (25, 0));
        assert_eq!(account.reserve(AT + HOUR, &wish, None), Verdict::Ok);
        account.correct(AT + HOUR, of(60, 0));
        assert_eq!(account.spent.sum, 60, "the hour before is past");
    }

    #[test]
    fn a_full_account_fits_where_it_is_kept() {
        let mut account = Account::default();
        let longest = "x".repeat(128);
        for n in 0..MAX_OPEN + 5 {
            let ticket = std::format!("{n:036}");
            account.reserve(AT, &Wish { ticket: &ticket, lease: HOUR, spending: money(0), ..Wish::default() }, None);
            account.settle(AT, &ticket, Outcome::Began, Job::new(&longest, &longest), Some(AT), 0);
        }
        assert_eq!(account.open.len(), MAX_OPEN);
        assert!(account.write().len() < 128 * 1024, "{}", account.write().len());
    }
}
