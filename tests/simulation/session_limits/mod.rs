//! Sessions with world models and their limits, under hostile schedules: accounts whose answers are lost or come twice, fal that
//! fails in every way, pages that leave without a word or miss heartbeats, programs that end at any step.
//!
//! By fal's own count: nobody spends more than their budget but for what fal bills beyond the longest session, nobody has more
//! sessions at once than they may, a page that keeps its session in time is not cut off, and what is over holds no place.

mod visit;
mod world;

use std::cmp::Reverse;
use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::limits::{HoldingEvent, SESSION_FIRST_PLACE_SECONDS, SESSION_LEASE_SECONDS, SESSION_PLACE_SECONDS};

use crate::realtime::seeds;
use visit::Session;
use world::World;

const RUNS: u64 = 100_000;
const BEGIN: u64 = 4_320_000_000_000;
/// What a second costs.
const PRICE: u64 = 1_000;
/// How long fal keeps a session after its last heartbeat.
const LEASE: u64 = SESSION_LEASE_SECONDS as u64 * 1_000;
/// For how long its place is held at first, and from a heartbeat on.
const FIRST_PLACE: u64 = SESSION_FIRST_PLACE_SECONDS as u64 * 1_000;
const PLACE: u64 = SESSION_PLACE_SECONDS as u64 * 1_000;
/// How long a step takes at most.
const LATENCY: u64 = 900;

/// A mistake in the decisions, which has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutant {
    /// What was opened without a word of it is given back.
    LostIsFree,
    /// What was opened, and nobody keeps, is given back.
    UnkeptIsFree,
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

const MUTANTS: [Mutant; 8] = [
    Mutant::LostIsFree,
    Mutant::UnkeptIsFree,
    Mutant::KeepsRefused,
    Mutant::KeepsNoPlace,
    Mutant::GoesOnUnpaid,
    Mutant::TakesNoPlace,
    Mutant::TakesNothing,
    Mutant::AsksNobody,
];

impl World {
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
