//! The account of one person, and what is decided about it.

use alloc::string::String;
use alloc::vec::Vec;

use crate::protocol::Millis;

use super::once::{Once, Record};
use super::window::{Budget, Rate, Sliding, Spent};
use super::{ASK_EVERY, Entry, JOB_KEPT, Job, MAX_KEPT_BYTES, MAX_KEYS, MAX_OPEN, MAX_QUESTIONS, Outcome};

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

/// What is wanted before a call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wish<'a> {
    /// What it is called until it is a job. A ticket that is open already is not taken twice.
    pub ticket: &'a str,
    /// How long it is open when nothing is heard of it.
    pub lease: Millis,
    /// How often one may call.
    pub requests: Option<Rate>,
    /// How many may be in progress at once.
    pub jobs: Option<u64>,
    /// What it costs, what one unit costs, and the budget.
    pub spending: Option<(u64, f64, Budget)>,
    /// The digest of what an idempotency key is sent with, and how long the key is remembered.
    pub once: Option<(&'a str, Millis)>,
    /// Whether fal was asked: then there is no other question, but an answer.
    pub asked: bool,
    /// Whether what becomes of it is not told by its ticket, but by corrections: it is counted, and not open.
    pub counted_only: bool,
    /// So much money in a window is an alarm: the account stops.
    pub alarm: Option<Budget>,
}

/// What ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// Requests in a window.
    Requests = 0,
    /// Places among the jobs.
    Jobs = 1,
    /// Money in a window.
    Spending = 2,
    /// Everything: it was stopped.
    Stopped = 3,
}

/// The answer to a wish.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// All of it was taken.
    Ok,
    /// Nothing was taken. `retry_after` is when there may be room; none when there never will be.
    Refused {
        /// What ran out.
        limit: Limit,
        /// When to come again.
        retry_after: Option<Millis>,
    },
    /// Nothing was taken yet: fal is to be asked about these jobs, what it says to be settled, and the wish to be made
    /// once more.
    Question(Vec<Job>),
    /// What the idempotency key says. Never [`Once::Fresh`].
    Known(Once),
    /// Nothing was taken, and from now on nothing is: this wish has rung the alarm.
    Alarm,
}

/// What a settlement changed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    /// Whether it was open.
    pub found: bool,
    /// What was reserved for it.
    pub reserved: u64,
    /// What it costs, as far as is known.
    pub cost: u64,
    /// When it was taken from what the whole app may use: then that is to be corrected.
    pub total: Option<Millis>,
    /// Whether an answer of the length that was given may be kept.
    pub keeps: bool,
}

/// Something that was counted turned out to be something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Correction {
    /// When it was counted, by the clock of the account.
    pub at: Millis,
    /// What it was counted as.
    pub reserved: u64,
    /// What it costs.
    pub cost: u64,
}

/// How long answers are counted before they are forgotten.
pub(super) const DAY: Millis = 24 * 3_600_000;

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
        if self.open.iter().any(|entry| entry.ticket == wish.ticket) {
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
            let question = self.question(now, wish.asked, |entry| entry.place);
            return question.unwrap_or_else(|| refused(Limit::Jobs, Some(self.place_wait(now))));
        }
        let spent = wish.spending.map(|(cost, _, budget)| (self.spent.at(now, budget.window), cost, budget));
        if let Some((window, cost, budget)) = spent
            && let Some(wait) = window.wait(now, cost, budget)
        {
            let question = wait.and_then(|_| {
                self.question(now, wish.asked, |entry| entry.cost > 0 && entry.spent_start == window.start)
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
    fn question(&mut self, now: Millis, asked: bool, wanted: impl Fn(&Entry) -> bool) -> Option<Verdict> {
        if asked {
            return None;
        }
        let mut due: Vec<&mut Entry> =
            self.open.iter_mut().filter(|entry| wanted(entry) && entry.may_ask(now)).collect();
        due.sort_by_key(|entry| entry.asked);
        due.truncate(MAX_QUESTIONS);
        let mut jobs = Vec::new();
        for entry in due {
            entry.asked = now;
            jobs.extend(entry.job.clone());
        }
        (!jobs.is_empty()).then_some(Verdict::Question(jobs))
    }

    /// When one of the places may be free.
    fn place_wait(&self, now: Millis) -> Millis {
        let places = self.open.iter().filter(|entry| entry.place);
        places.map(|entry| entry.wait(now)).min().unwrap_or(ASK_EVERY)
    }

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
        let Verdict::Question(jobs) = account.reserve(AT + HOUR * 3, &wish("3"), None) else { panic!("{account:?}") };
        assert_eq!(jobs.len(), 2);
        let refused = Verdict::Refused { limit: Limit::Jobs, retry_after: Some(60_000) };
        assert_eq!(account.reserve(AT + HOUR * 3, &Wish { asked: true, ..wish("3") }, None), refused);
        assert_eq!(account.reserve(AT + HOUR * 3 + 1, &wish("3"), None), refused, "they were just asked about");
        account.settle_job(AT + HOUR * 3, "r1", Outcome::Released);
        assert_eq!(account.reserve(AT + HOUR * 3, &wish("3"), None), Verdict::Ok);
    }

    #[test]
    fn a_released_job_keeps_its_money_until_the_bill_is_known() {
        let mut account = Account::default();
        let wish = |ticket| Wish { ticket, lease: HOUR, jobs: Some(1), spending: money(100), ..Wish::default() };
        account.reserve(AT, &wish("1"), None);
        account.settle(AT, "1", Outcome::Began, job(1), None, 0);
        account.settle_job(AT, "r1", Outcome::Released);
        assert!(matches!(account.reserve(AT, &wish("2"), None), Verdict::Question(_)), "the bill is asked for");
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
