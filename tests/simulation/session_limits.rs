//! Sessions with world models and their limits, under hostile schedules: accounts whose answers are lost or come twice, fal that
//! fails in every way, pages that leave without a word or miss heartbeats, programs that end at any step.
//!
//! By fal's own count: nobody spends more than their budget but for what fal bills beyond the longest session, nobody has more
//! sessions at once than they may, a page that keeps its session in time is not cut off, and what is over holds no place.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::limits::{
    Account, Answer, Asked, Budget, CallKind, Correction, Holding, HoldingEvent, HoldingStep, HoldingWants, Job, Limit,
    Outcome, Settled, Verdict, Wish,
};
use fal_wasm::proxy::{Call, CallEvent, CallStep, Refusal};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;
const BEGIN: u64 = 4_320_000_000_000;
/// What a second costs.
const PRICE: u64 = 1_000;
/// How long fal keeps a session after its last heartbeat: the assumption of `js/limits/sessions.ts`, like the two below.
const LEASE: u64 = 15_000;
const FIRST_PLACE: u64 = 150_000;
const PLACE: u64 = 25_000;
/// How long a step takes at most.
const LATENCY: u64 = 900;

/// A mistake in the decisions, which has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutant {
    /// What was opened without a word of it is given back.
    LostIsFree,
    /// What was refused is not given back.
    KeepsRefused,
    /// A heartbeat takes no place.
    KeepsNoPlace,
    /// A session goes on that was settled.
    GoesOnUnpaid,
    /// Nobody is asked for a place.
    TakesNoPlace,
    /// Nothing is taken from a budget.
    TakesNothing,
    /// fal is not asked about the jobs that an account names.
    AsksNobody,
}

const MUTANTS: [Mutant; 7] = [
    Mutant::LostIsFree,
    Mutant::KeepsRefused,
    Mutant::KeepsNoPlace,
    Mutant::GoesOnUnpaid,
    Mutant::TakesNoPlace,
    Mutant::TakesNothing,
    Mutant::AsksNobody,
];

#[derive(Clone, Copy, Debug)]
enum Doing {
    Opening(Holding),
    Calling(Call),
    /// It goes on, and its page may keep it, end it or leave.
    Live,
    Keeping(Holding),
    Ending,
}

#[derive(Clone, Copy, Debug)]
struct Visit {
    doing: Doing,
    /// When its pass says that it was opened.
    opened: u64,
    /// fal's session.
    session: Option<usize>,
    total_at: Option<u64>,
    /// The jobs that an account has named.
    named: [bool; 2],
    /// Whether a budget did not suffice.
    is_spent: bool,
}

/// A session at fal.
#[derive(Clone, Copy, Debug)]
struct Session {
    began: u64,
    last: u64,
    gone: u64,
    /// Whether another may come in though it runs on for a moment: its page said that it is over, or nobody knows if its
    /// place was taken anew.
    is_unsure: bool,
}

impl Session {
    fn end(&self) -> u64 {
        self.gone.min(self.last + LEASE)
    }
}

struct World {
    dice: Dice,
    mutant: Option<Mutant>,
    trouble: u64,
    max: u64,
    max_seconds: u64,
    budget: Budget,
    total_budget: Option<Budget>,
    places: Account,
    own: Account,
    total: Account,
    visits: Vec<Visit>,
    sessions: Vec<Session>,
    /// How many units the visitor's jobs came to. They are over, and nobody has fetched them.
    jobs: Vec<u64>,
    coming: BinaryHeap<Reverse<(u64, u64, usize)>>,
    count: u64,
    kept: u64,
}

impl World {
    fn new(seed: u64, mutant: Option<Mutant>) -> Self {
        let mut dice = Dice(seed);
        let trouble = if dice.chance(30) { 0 } else { dice.roll(40) };
        let (max, longest) = (1 + dice.roll(2), dice.pick(&[60, 60, 300]));
        let max_seconds = 15 + dice.roll(longest);
        let budget = Budget { max: PRICE * max_seconds * (1 + dice.roll(5)), window: 1_000_000_000_000 };
        let total_budget = dice.chance(50).then(|| Budget { max: PRICE * max_seconds * (1 + dice.roll(5)), ..budget });
        let mut world = Self {
            dice,
            mutant,
            trouble,
            max,
            max_seconds,
            budget,
            total_budget,
            places: Account::default(),
            own: Account::default(),
            total: Account::default(),
            visits: Vec::new(),
            sessions: Vec::new(),
            jobs: Vec::new(),
            coming: BinaryHeap::new(),
            count: 0,
            kept: 0,
        };
        for _ in 0..world.dice.roll(3) {
            world.job();
        }
        for visit in 0..2 + world.dice.roll(6) as usize {
            let doing = Doing::Opening(Holding::open(world.wants()));
            world.visits.push(Visit {
                doing,
                opened: 0,
                session: None,
                total_at: None,
                named: [false; 2],
                is_spent: false,
            });
            let at = BEGIN + world.dice.roll(longest * 1_000);
            world.at(at, visit);
        }
        world
    }

    fn wants(&self) -> HoldingWants {
        HoldingWants {
            place: self.mutant != Some(Mutant::TakesNoPlace),
            budget: true,
            total: self.total_budget.is_some(),
        }
    }

    /// A job for which more was taken than it came to, as far as there is so much.
    fn job(&mut self) {
        let (number, longest) = (self.jobs.len(), self.max_seconds);
        let (ticket, at) = (format!("job {number}"), BEGIN - 60_000);
        let wish = |budget| Wish {
            ticket: &ticket,
            lease: 3_600_000,
            spending: Some((PRICE * longest, PRICE as f64, budget)),
            ..Wish::default()
        };
        if self.own.reserve(at, &wish(self.budget), None) != Verdict::Ok {
            return;
        }
        let of_all = Wish { counted_only: true, ..wish(self.total_budget.unwrap_or(self.budget)) };
        if self.total_budget.is_some() && self.total.reserve(at, &of_all, None) != Verdict::Ok {
            self.own.settle(at, &ticket, Outcome::Free, None, None, 0);
            return;
        }
        let total_at = self.total_budget.map(|_| self.total.now);
        self.own.settle(at, &ticket, Outcome::Began, Job::new("a/b", &number.to_string()), total_at, 0);
        let units = self.dice.roll(longest);
        self.jobs.push(units);
    }

    fn is_asking(&self) -> bool {
        let asks = |step| matches!(step, HoldingStep::Ask | HoldingStep::AskForAll);
        self.visits.iter().any(|visit| matches!(visit.doing, Doing::Opening(holding) if asks(holding.step())))
    }

    /// Asks fal about the jobs that were named: what it says is settled.
    fn ask(&mut self, visit: usize, at: u64) {
        for (number, units) in self.jobs.clone().into_iter().enumerate() {
            if self.mutant == Some(Mutant::AsksNobody) || !self.visits[visit].named[number] || self.unlucky() {
                continue;
            }
            let outcome = Outcome::Charged { units: Some(units as f64) };
            let settled = self.own.settle_job(at, &number.to_string(), outcome);
            if let Settled { found: true, reserved, cost, total: Some(counted), .. } = settled {
                self.total.correct(at, Correction { at: counted, reserved, cost });
            }
        }
    }

    fn at(&mut self, time: u64, visit: usize) {
        self.count += 1;
        self.coming.push(Reverse((time, self.count, visit)));
    }

    fn unlucky(&mut self) -> bool {
        self.dice.chance(self.trouble)
    }

    /// An account that is asked over a network: what it is asked may come twice, and its answer may be lost.
    fn over<T>(&mut self, mut work: impl FnMut(&mut Self) -> T) -> Option<T> {
        if self.unlucky() && self.dice.chance(20) {
            return None;
        }
        if self.unlucky() {
            work(self);
        }
        let answer = work(self);
        (!(self.unlucky() && self.dice.chance(20))).then_some(answer)
    }

    /// Takes from an account of money, and keeps which jobs it names.
    fn take(&mut self, visit: usize, at: u64, of: fn(&mut Self) -> &mut Account, wish: &Wish<'_>) -> HoldingEvent {
        let Some(verdict) = self.over(|world| of(world).reserve(at, wish, None)) else { return HoldingEvent::Unknown };
        if let Verdict::Question { jobs, .. } = &verdict {
            self.visits[visit].named = [0, 1].map(|number| jobs.iter().any(|job| job.id == number.to_string()));
        }
        let event = said(&verdict);
        self.visits[visit].is_spent |= event == HoldingEvent::Spent;
        event
    }

    fn take_place(&mut self, visit: usize, at: u64, lease: u64) -> HoldingEvent {
        let (ticket, asked) = (visit.to_string(), Asked { jobs: true, ..Asked::default() });
        let wish = Wish { ticket: &ticket, lease, jobs: Some(self.max), asked, ..Wish::default() };
        let verdict = self.over(|world| world.places.reserve(at, &wish, None));
        verdict.map_or(HoldingEvent::Unknown, |verdict| said(&verdict))
    }

    fn settle(&mut self, visit: usize, at: u64, outcome: Outcome) -> HoldingEvent {
        let (ticket, total) = (visit.to_string(), self.visits[visit].total_at);
        let tell = |world: &mut Self| {
            let settled = world.own.settle(at, &ticket, outcome, None, total, 0);
            let Settled { found: true, reserved, cost, total: Some(counted), .. } = settled else { return settled };
            world.total.correct(at, Correction { at: counted, reserved, cost });
            settled
        };
        match self.over(tell) {
            Some(Settled { found: true, .. }) => HoldingEvent::Ok,
            Some(_) => HoldingEvent::No,
            None => HoldingEvent::Unknown,
        }
    }

    fn give_back(&mut self, visit: usize, at: u64, outcome: Outcome) {
        let ticket = visit.to_string();
        self.over(|world| world.places.settle(at, &ticket, Outcome::Free, None, None, 0));
        self.settle(visit, at, outcome);
    }

    fn hold(&mut self, visit: usize, at: u64, step: HoldingStep) -> HoldingEvent {
        let ticket = visit.to_string();
        let cost = if self.mutant == Some(Mutant::TakesNothing) { 0 } else { PRICE * self.max_seconds };
        let spending = Some((cost, PRICE as f64, self.budget));
        match step {
            HoldingStep::TakePlace => self.take_place(visit, at, FIRST_PLACE),
            HoldingStep::KeepPlace => self.take_place(visit, at, PLACE),
            HoldingStep::Take | HoldingStep::TakeAsked => {
                let lease = self.max_seconds * 1_000 + LEASE;
                let has_asked = step == HoldingStep::TakeAsked;
                let asked = Asked { jobs: has_asked, spending: has_asked };
                let wish = Wish { ticket: &ticket, lease, spending, asked, ..Wish::default() };
                self.take(visit, at, |world| &mut world.own, &wish)
            }
            HoldingStep::FindJobs => {
                let more = Some((1, 0.0, Budget { max: 1, ..self.budget }));
                let wish = Wish { ticket: "more than there is", lease: 1, spending: more, ..Wish::default() };
                self.take(visit, at, |world| &mut world.own, &wish)
            }
            HoldingStep::Ask | HoldingStep::AskForAll => {
                self.ask(visit, at);
                HoldingEvent::Ok
            }
            HoldingStep::TakeOfAll | HoldingStep::TakeOfAllAsked => {
                let spending = self.total_budget.map(|budget| (cost, PRICE as f64, budget));
                let wish = Wish { counted_only: true, ticket: &ticket, spending, ..Wish::default() };
                let event = self.take(visit, at, |world| &mut world.total, &wish);
                self.visits[visit].total_at = (event == HoldingEvent::Ok).then_some(self.total.now);
                event
            }
            HoldingStep::NoteTotal | HoldingStep::LookUp => self.settle(visit, at, Outcome::Lost),
            HoldingStep::GiveBack => {
                if self.mutant != Some(Mutant::KeepsRefused) {
                    self.give_back(visit, at, Outcome::Free);
                }
                HoldingEvent::Ok
            }
            HoldingStep::Held | HoldingStep::Refused => HoldingEvent::Ok,
        }
    }

    /// Does the next step of a visit; how long until the one after it.
    fn step(&mut self, visit: usize, at: u64) -> Option<u64> {
        // The program ends: nothing more comes of this step. A page that is there goes on.
        if self.dice.chance(self.trouble / 20) {
            return self.visits[visit].session.and_then(|_| self.goes_on(visit));
        }
        let latency = 1 + self.dice.roll(LATENCY);
        match self.visits[visit].doing {
            Doing::Opening(mut holding) => {
                holding.on(self.hold(visit, at, holding.step()));
                let call = || Call::new(Some(CallKind::Session), true);
                self.visits[visit].doing = match holding.step() {
                    HoldingStep::Held => Doing::Calling(call()),
                    HoldingStep::Refused => {
                        assert!(
                            self.trouble > 0 || ![&self.places, &self.own].iter().any(|account| is_in(account, visit)),
                            "it is refused, and holds something"
                        );
                        let knows_all = self.own.open.iter().all(|entry| entry.job.is_none()) || self.is_asking();
                        assert!(
                            self.trouble > 0 || !self.visits[visit].is_spent || knows_all,
                            "refused, and not asked"
                        );
                        return None;
                    }
                    _ => Doing::Opening(holding),
                };
                Some(latency)
            }
            Doing::Calling(call) => self.call(visit, at, call),
            Doing::Live => self.live(visit, at),
            Doing::Keeping(mut holding) => {
                let (step, event) = (holding.step(), self.hold(visit, at, holding.step()));
                holding.on(event);
                let session = self.visits[visit].session.unwrap();
                if step == HoldingStep::KeepPlace {
                    self.sessions[session].is_unsure = event == HoldingEvent::Unknown;
                }
                match holding.step() {
                    HoldingStep::Held => {
                        assert!(self.trouble > 0 || is_in(&self.own, visit), "it goes on, and nobody pays for it");
                        if at < self.sessions[session].end() {
                            self.sessions[session].last = at;
                            self.kept += 1;
                        }
                        self.goes_on(visit)
                    }
                    HoldingStep::Refused => {
                        self.may_be_cut_off(visit, at);
                        self.leave(visit, at);
                        None
                    }
                    _ => {
                        self.visits[visit].doing = Doing::Keeping(holding);
                        Some(latency)
                    }
                }
            }
            Doing::Ending => {
                let session = self.visits[visit].session.unwrap();
                self.sessions[session].is_unsure = true;
                let units = ((at - self.visits[visit].opened) / 1_000 + LEASE / 1_000) as f64;
                self.give_back(visit, at, Outcome::Charged { units: Some(units) });
                // A heartbeat may still be on its way.
                self.dice.chance(50).then(|| self.goes_on(visit)).flatten()
            }
        }
    }

    /// The page keeps its session: perhaps it misses a heartbeat or two.
    fn goes_on(&mut self, visit: usize) -> Option<u64> {
        self.visits[visit].doing = Doing::Live;
        Some(if self.unlucky() { 10_000 + self.dice.roll(20_000) } else { 9_000 + self.dice.roll(2_000) })
    }

    fn live(&mut self, visit: usize, at: u64) -> Option<u64> {
        if self.dice.chance(10) {
            // Some say that it is over, and want it to go on. A store that fails cuts nobody off, them neither.
            if self.trouble > 0 || self.dice.chance(70) {
                self.leave(visit, at);
            }
            // Without a word, or it says so.
            let doing = self.dice.chance(60).then_some(Doing::Ending)?;
            self.visits[visit].doing = doing;
            return Some(1);
        }
        // Its pass says for how long.
        if at - self.visits[visit].opened > self.max_seconds * 1_000 {
            self.leave(visit, at);
            return None;
        }
        let wants = HoldingWants { place: self.mutant != Some(Mutant::KeepsNoPlace), ..self.wants() };
        let budget = self.mutant != Some(Mutant::GoesOnUnpaid);
        self.visits[visit].doing = Doing::Keeping(Holding::keep(HoldingWants { budget, ..wants }));
        Some(0)
    }

    fn leave(&mut self, visit: usize, at: u64) {
        let Some(session) = self.visits[visit].session else { return };
        let gone = &mut self.sessions[session].gone;
        *gone = (*gone).min(at);
    }

    /// Whoever came in time and is told no was over before, or nobody knew of the place.
    fn may_be_cut_off(&self, visit: usize, at: u64) {
        let is_settled = !is_in(&self.own, visit);
        let session = self.sessions[self.visits[visit].session.unwrap()];
        let is_late = at - session.last > PLACE - 3 * LATENCY || self.trouble > 0;
        assert!(is_settled || is_late, "cut off: {session:?} at {at}");
    }

    fn call(&mut self, visit: usize, at: u64, mut call: Call) -> Option<u64> {
        call.on(CallEvent::KeyFound);
        let fate = if self.unlucky() { self.dice.roll(7) } else { 7 };
        let status = |status| CallEvent::Answered(Answer::of_status(status));
        let refused = match fate {
            0 => Some(CallEvent::Failed(Some(Refusal::UpstreamUnreachable))),
            1 => Some(status(self.dice.pick(&[403, 422, 429]))),
            _ => None,
        };
        if refused.is_none() {
            self.begin(visit, at);
        }
        call.on(refused.unwrap_or(match fate {
            2 => CallEvent::Failed(Some(Refusal::UpstreamTimeout)),
            3 => CallEvent::Failed(None),
            4 => status(self.dice.pick(&[302, 408, 500, 502, 504])),
            _ => status(200),
        }));
        if call.outcome() == Outcome::Free || (self.mutant == Some(Mutant::LostIsFree) && call.step() == CallStep::Fail)
        {
            self.give_back(visit, at, Outcome::Free);
        }
        if call.step() != CallStep::Read {
            // Its page hears that there is none.
            return None;
        }
        self.visits[visit].opened = at;
        if fate == 5 {
            // It left while it was opened.
            self.leave(visit, at);
            self.visits[visit].doing = Doing::Ending;
            return Some(1);
        }
        self.goes_on(visit)
    }

    fn begin(&mut self, visit: usize, at: u64) {
        let alive = self.sessions.iter().filter(|session| at < session.end() && !session.is_unsure).count() as u64;
        assert!(alive < self.max, "{alive} at once already");
        self.visits[visit].session = Some(self.sessions.len());
        self.sessions.push(Session { began: at, last: at, gone: u64::MAX, is_unsure: false });
    }

    fn run(&mut self) {
        let mut last = BEGIN;
        while let Some(Reverse((time, _, visit))) = self.coming.pop() {
            last = time;
            if let Some(wait) = self.step(visit, time) {
                self.at(time + wait, visit);
            }
        }
        let billed = |one: &Session| PRICE * (one.end() - one.began).div_ceil(1_000);
        let most = PRICE * (self.max_seconds + 1);
        let jobs: u64 = self.jobs.iter().map(|units| PRICE * units).sum();
        let sum: u64 = jobs + self.sessions.iter().map(billed).sum::<u64>();
        let beyond: u64 = self.sessions.iter().map(|one| billed(one).saturating_sub(most)).sum();
        let rounded = PRICE * self.sessions.len() as u64;
        assert!(sum <= self.budget.max + beyond + rounded, "{sum} of {}, {beyond} beyond", self.budget.max);
        let most = self.total_budget.map_or(u64::MAX, |budget| budget.max);
        assert!(sum <= most.saturating_add(beyond + rounded), "{sum} of {most} for the whole app");
        let end = self.sessions.iter().map(Session::end).max().unwrap_or(BEGIN);
        self.trouble = 0;
        let later = end.max(last) + FIRST_PLACE + 1;
        assert_eq!(self.take_place(99, later, PLACE), HoldingEvent::Ok, "a place is lost");
    }
}

fn is_in(account: &Account, visit: usize) -> bool {
    let ticket = visit.to_string();
    account.open.iter().any(|entry| entry.ticket == ticket)
}

fn said(verdict: &Verdict) -> HoldingEvent {
    match verdict {
        Verdict::Ok => HoldingEvent::Ok,
        Verdict::Question { .. } => HoldingEvent::Question,
        Verdict::Refused { limit: Limit::Spending, .. } => HoldingEvent::Spent,
        _ => HoldingEvent::No,
    }
}

#[test]
fn sessions_cost_no_more_than_was_taken_and_lose_no_place() {
    let seeds = seeds(RUNS);
    let (mut opened, mut kept) = (0, 0);
    for seed in &seeds {
        let mut world = World::new(*seed, None);
        let run = catch_unwind(AssertUnwindSafe(|| world.run()));
        let told = format!("SEED={seed} trouble {}: {:#?} {:#?}", world.trouble, world.visits, world.sessions);
        run.unwrap_or_else(|_| panic!("{told}"));
        opened += world.sessions.len();
        kept += world.kept;
    }
    assert!(seeds.len() == 1 || (opened as u64 > RUNS && kept > RUNS), "{opened} opened, {kept} kept");
}

#[test]
fn every_mistake_about_sessions_is_noticed() {
    for mutant in MUTANTS {
        let noticed = |seed| catch_unwind(AssertUnwindSafe(|| World::new(seed, Some(mutant)).run())).is_err();
        assert!((0..5_000).any(noticed), "{mutant:?}");
    }
}
