//! The ledger under hostile schedules: two servers whose clocks differ and are set, answers that are lost or come twice,
//! isolates that are killed at any step, errors that are billed.
//!
//! What must hold, by fal's own count: no budget is exceeded (where an estimate was too low, by no more than the sum of what
//! was missing), no place is lost for longer than its job lives and a bounded time, and no idempotency key buys twice.

mod fal;
mod judge;
mod mutants;
mod total;
mod trace;
mod visit;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::limits::{Account, After, Budget, Limit, Outcome, Rate, Record, Verdict, Wish};

use crate::hostile::Dice;
use fal::Fal;
use mutants::Mutant;
use trace::{Settling, Trace};
use visit::Visit;

const RUNS: u64 = 100_000;
/// What a unit costs.
const UNIT: f64 = 10.0;
/// How far a clock is off at most.
const SKEW: u64 = 60_000;
const KEYS_KEPT: u64 = 24 * 3_600_000;
/// At the edge of a window, far from now: where these runs are repeated, nothing is due by the clock on the wall.
const BEGIN: u64 = 4_320_000_000_000 - 1_000;

#[derive(Debug)]
struct Setup {
    honest: bool,
    budget: Budget,
    places: u64,
    lease: u64,
    rate: Option<Rate>,
    /// What everybody together may spend, and when that is an alarm.
    total: Option<Budget>,
    alarm: Option<Budget>,
    /// In a hundred, how often something goes wrong.
    trouble: u64,
}

/// All there is.
struct World {
    dice: Dice,
    setup: Setup,
    account: Account,
    /// That of the whole app.
    total: Account,
    records: HashMap<u64, Record>,
    fal: Fal,
    visits: Vec<Visit>,
    coming: BinaryHeap<Reverse<(u64, usize, u64)>>,
    /// When a clock is set, and by how much, for each server: before and after.
    clocks: [(u64, i64, i64); 2],
    passed: usize,
    /// When fal was last asked about each job.
    asked_at: HashMap<usize, u64>,
    /// Word about a ticket that is under way for the second time.
    late: Option<(usize, Outcome, Option<usize>)>,
    count: u64,
    trace: Trace,
    /// What is wrong with the decisions, where that is to be noticed.
    mutant: Option<Mutant>,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let window = dice.pick(&[60_000, 600_000, 3_600_000]);
        let setup = Setup {
            honest: dice.chance(70),
            budget: Budget { max: 100 + dice.roll(600), window },
            places: 1 + dice.roll(3),
            lease: 120_000 + dice.roll(300_000),
            rate: dice.chance(30).then_some(Rate { max: 5, window: 60_000 }),
            trouble: dice.roll(40),
            total: None,
            alarm: None,
        };
        let mut budget = |least, percent| {
            let window = dice.pick(&[60_000, 600_000, 3_600_000]);
            dice.chance(percent).then(|| Budget { max: least + dice.roll(600), window })
        };
        let setup = Setup { total: budget(50, 50), alarm: budget(100, 20), ..setup };
        let mut clock = || {
            let mut off = || dice.roll(2 * SKEW) as i64 - SKEW as i64;
            let (before, after) = (off(), off());
            (BEGIN + dice.roll(400_000), before, after)
        };
        let clocks = [clock(), clock()];
        let mut world = Self {
            dice,
            setup,
            account: Account::default(),
            total: Account::default(),
            records: HashMap::new(),
            fal: Fal::default(),
            visits: Vec::new(),
            coming: BinaryHeap::new(),
            clocks,
            passed: 0,
            asked_at: HashMap::new(),
            late: None,
            count: 0,
            trace: Trace::default(),
            mutant: None,
        };
        for n in 0..6 + world.dice.roll(14) as usize {
            let at = BEGIN + world.dice.roll(if world.dice.0 & 1 == 0 { 5_000 } else { 500_000 });
            let visit = Visit::roll(&mut world.dice, n, world.setup.honest, world.setup.total.is_some());
            world.visits.push(visit);
            world.at(at, n);
        }
        world
    }

    fn at(&mut self, time: u64, visit: usize) {
        self.count += 1;
        self.coming.push(Reverse((time, visit, self.count)));
    }

    /// What the clock of a server shows.
    fn shows(&self, server: usize, at: u64) -> u64 {
        let (set, before, after) = self.clocks[server];
        at.saturating_add_signed(if at < set { before } else { after })
    }

    fn unlucky(&mut self) -> bool {
        self.dice.chance(self.setup.trouble)
    }

    fn play(&mut self) -> u64 {
        let mut last = BEGIN;
        while let Some(Reverse((time, visit, _))) = self.coming.pop() {
            last = last.max(time);
            if let Some(wait) = self.step(visit, time) {
                self.at(time + wait, visit);
            }
            // Every decision begins from what is kept.
            self.account = Account::read(&self.account.write()).unwrap();
            self.total = Account::read(&self.total.write()).unwrap();
        }
        last
    }

    /// Makes a wish, perhaps twice.
    fn reserve(&mut self, visit: usize, at: u64) -> Verdict {
        let times = 1 + usize::from(self.unlucky());
        let now = self.shows(self.visits[visit].server, at);
        let Visit { ticket, estimate, key, asked, .. } = self.visits[visit].clone();
        let wish = Wish {
            ticket: &ticket,
            lease: self.setup.lease,
            requests: self.setup.rate,
            jobs: Some(self.setup.places),
            spending: Some(((estimate * UNIT) as u64, UNIT, self.setup.budget)),
            once: key.map(|_| ("digest", KEYS_KEPT)),
            asked,
            ..Wish::default()
        };
        let mut verdict = Verdict::Ok;
        for _ in 0..times {
            let record = key.and_then(|key| self.records.get(&key));
            verdict = self.account.reserve(now, &wish, record);
            self.trace.reserve("ann", now, key, &wish, self.account.now, &verdict);
            if let Verdict::Question { jobs, .. } = &verdict {
                self.asked_at.extend(jobs.iter().map(|job| (job.id.parse::<usize>().unwrap(), at)));
            }
            if let (Verdict::Ok, Some(key)) = (&verdict, key) {
                let until = self.account.now + KEYS_KEPT;
                self.records
                    .insert(key, Record { ticket: ticket.clone(), digest: "digest".into(), until, answered: false });
            }
        }
        if let Verdict::Refused { limit, retry_after } = verdict {
            assert!(retry_after != Some(0), "{verdict:?}");
            if limit == Limit::Jobs {
                self.places_are_held_for_a_reason(at);
            }
        }
        verdict
    }

    /// Says what became of a ticket, perhaps twice; the second time may come late.
    fn settle(&mut self, visit: usize, at: u64, outcome: Outcome, job: Option<usize>) {
        let late = self.late.take().filter(|_| self.dice.chance(50));
        self.settle_once(visit, at, outcome, job);
        if self.unlucky() {
            self.late = Some((visit, outcome, job));
        }
        if let Some((visit, outcome, job)) = late {
            self.settle_once(visit, at, outcome, job);
        }
    }

    fn settle_once(&mut self, visit: usize, at: u64, outcome: Outcome, job: Option<usize>) {
        let now = self.shows(self.visits[visit].server, at);
        let Visit { ticket, key, total_at, .. } = self.visits[visit].clone();
        let became = job.and_then(|id| fal_wasm::limits::Job::new("app", &id.to_string()));
        let record = key.and_then(|key| self.records.get_mut(&key));
        let answered = outcome != Outcome::Lost;
        let kept = if record.is_some() && answered { 4 } else { 0 };
        let settled = self.account.settle(now, &ticket, outcome, became.clone(), total_at, kept);
        let (by, name, became) = ("ticket", &*ticket, became.as_ref());
        self.trace.settle(now, Settling { by, name, outcome, became, total: total_at, key, answered }, &settled);
        match record.map(|record| (record.after(&ticket, outcome, kept > 0 && settled.keeps), record)) {
            Some((After::Forgotten, _)) => drop(key.map(|key| self.records.remove(&key))),
            Some((After::Answered, record)) => record.answered = true,
            _ => {}
        }
        self.correct(now, &settled);
    }

    /// Says what became of a job.
    fn settle_job(&mut self, server: usize, at: u64, id: usize, outcome: Outcome) {
        let now = self.shows(server, at);
        let name = &*id.to_string();
        if outcome == Outcome::Unchanged {
            return;
        }
        let settled = self.account.settle_job(now, name, outcome);
        let what = Settling { by: "job", name, outcome, became: None, total: None, key: None, answered: false };
        self.trace.settle(now, what, &settled);
        self.correct(now, &settled);
    }
}

#[test]
fn no_budget_is_exceeded_no_place_is_lost_and_no_key_buys_twice() {
    let asked = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    let (mut passed, mut visits) = (0, 0);
    for seed in asked.map_or(0..RUNS, |seed: u64| seed..seed + 1) {
        let mut world = World::new(seed);
        let run = catch_unwind(AssertUnwindSafe(|| {
            let last = world.play();
            world.judge(last);
        }));
        let again = format!("SEED={seed} cargo test --features server --test simulation no_budget");
        assert!(run.is_ok(), "{again}\n{:#?}\n{:#?}\n{:#?}", world.setup, world.account, world.fal);
        passed += world.passed;
        visits += world.visits.len();
    }
    // Limits that let nothing through would prove nothing.
    assert!(asked.is_some() || passed > visits / 5, "{passed} of {visits}");
}

impl World {
    fn step(&mut self, visit: usize, at: u64) -> Option<u64> {
        // An isolate may be killed before every step: nothing more comes of it, and its connections break.
        let is_killed = self.dice.chance(self.setup.trouble / 8);
        if is_killed && !self.visits[visit].is_new() {
            if let Some(id) = self.visits[visit].job.filter(|_| !self.visits[visit].queued) {
                self.fal.cut(id, at);
            }
            return None;
        }
        self.go_on(visit, at)
    }
}

/// Some runs, one after the other, for the stores in JavaScript to repeat.
#[test]
fn schedules_for_the_stores() {
    let Ok(path) = std::env::var("LIMIT_SCHEDULES") else { return };
    let mut lines = String::new();
    for seed in 0..300 {
        let mut world = World::new(seed);
        world.trace = Trace::wanted();
        let last = world.play();
        world.judge(last);
        lines.push_str(&world.trace.lines());
        lines.push('\n');
    }
    std::fs::write(path, lines).unwrap();
}
