//! The accounts, fal and its jobs, and how the accounts are asked.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fal_wasm::limits::{
    Account, Asked, Budget, Correction, Holding, HoldingEvent, HoldingStep, HoldingWants, Job, Limit, Outcome, Settled,
    Verdict, Wish,
};

use super::visit::{Doing, Session, Visit};
use super::{BEGIN, FIRST_PLACE, LEASE, Mutant, PLACE, PRICE};
use crate::hostile::Dice;

pub struct World {
    pub dice: Dice,
    pub mutant: Option<Mutant>,
    pub trouble: u64,
    pub max: u64,
    pub max_seconds: u64,
    pub budget: Budget,
    pub total_budget: Option<Budget>,
    pub places: Account,
    pub own: Account,
    pub total: Account,
    pub visits: Vec<Visit>,
    pub sessions: Vec<Session>,
    /// How many units the visitor's jobs came to. They are over, and nobody has fetched them.
    pub jobs: Vec<u64>,
    pub coming: BinaryHeap<Reverse<(u64, u64, usize)>>,
    pub count: u64,
    pub kept: u64,
}

impl World {
    pub fn new(seed: u64, mutant: Option<Mutant>) -> Self {
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

    pub fn wants(&self) -> HoldingWants {
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

    pub fn is_asking(&self) -> bool {
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

    pub fn at(&mut self, time: u64, visit: usize) {
        self.count += 1;
        self.coming.push(Reverse((time, self.count, visit)));
    }

    pub fn unlucky(&mut self) -> bool {
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

    pub fn take_place(&mut self, visit: usize, at: u64, lease: u64) -> HoldingEvent {
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

    pub fn give_back(&mut self, visit: usize, at: u64, outcome: Outcome) {
        let ticket = visit.to_string();
        self.over(|world| world.places.settle(at, &ticket, Outcome::Free, None, None, 0));
        self.settle(visit, at, outcome);
    }

    pub fn hold(&mut self, visit: usize, at: u64, step: HoldingStep) -> HoldingEvent {
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
}

pub fn is_in(account: &Account, visit: usize) -> bool {
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
