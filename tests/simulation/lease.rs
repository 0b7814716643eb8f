//! Deliveries of one webhook that meet: workers cut off or put to sleep anywhere, a store that is slow, loses answers, and
//! does late what it did not confirm; an app that fails and dawdles.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use fal_wasm::webhook::lease::{LEASE_SECONDS, Lease, LeaseEffect, LeaseEvent, PROBE_SECONDS, REMEMBERED_SECONDS};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;
/// How late the store does what it was asked for, at most.
const LATE: u64 = 9_000;
/// For how long an app has the webhook to itself, as the types promise.
const PROMISED: u64 = 100_000;

/// The two names in the store, and until when each is marked.
#[derive(Default)]
struct Store {
    lease: u64,
    handled: u64,
}

impl Store {
    /// Marks a name; whether it was marked.
    fn seen(mark: &mut u64, now: u64, seconds: u32) -> bool {
        let was = *mark > now;
        if !was {
            *mark = now + u64::from(seconds) * 1_000;
        }
        was
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The store does what a delivery has asked for. Whether the delivery hears of it, and after how long.
    Act(usize, u8, Option<u64>),
    /// A delivery hears of something.
    Hear(usize, u8),
    /// The app has handled it, or not.
    Worked(usize, bool),
}

const EVENTS: [LeaseEvent; 7] = [
    LeaseEvent::Delivered,
    LeaseEvent::Marked,
    LeaseEvent::WasMarked,
    LeaseEvent::Unmarked,
    LeaseEvent::Removed,
    LeaseEvent::Handled,
    LeaseEvent::Failed,
];
const ACTS: [LeaseEffect; 5] =
    [LeaseEffect::Take, LeaseEffect::Look, LeaseEffect::Clear, LeaseEffect::Remember, LeaseEffect::Release];

fn number<T: PartialEq>(all: &[T], one: &T) -> u8 {
    all.iter().position(|each| each == one).unwrap() as u8
}

struct Delivery {
    lease: Lease,
    is_cut_off: bool,
    /// Since when the app is at work.
    began: Option<u64>,
    end: Option<LeaseEffect>,
}

struct World {
    dice: Dice,
    trouble: u64,
    /// Whether the store can look without marking.
    looks: bool,
    store: Store,
    deliveries: Vec<Delivery>,
    coming: BinaryHeap<Reverse<(u64, u64, Step)>>,
    count: u64,
    now: u64,
    successes: u64,
}

impl World {
    fn push(&mut self, at: u64, step: Step) {
        self.count += 1;
        self.coming.push(Reverse((at, self.count, step)));
    }

    fn deliver(&mut self, at: u64) {
        self.deliveries.push(Delivery { lease: Lease::default(), is_cut_off: false, began: None, end: None });
        self.push(at, Step::Hear(self.deliveries.len() - 1, number(&EVENTS, &LeaseEvent::Delivered)));
    }

    /// How long something takes.
    fn moment(&mut self) -> u64 {
        if self.dice.chance(self.trouble / 4) { self.dice.roll(200_000) } else { 1 + self.dice.roll(500) }
    }

    fn perform(&mut self, who: usize, effect: LeaseEffect) {
        let now = self.now;
        match effect {
            LeaseEffect::Nothing => {}
            LeaseEffect::Handle => {
                self.deliveries[who].began = Some(now);
                let slow = self.dice.chance(self.trouble / 2);
                let takes = if slow { self.dice.roll(400_000) } else { self.dice.roll(5_000) };
                let succeeds = !self.dice.chance(self.trouble);
                self.push(now + takes, Step::Worked(who, succeeds));
            }
            effect if ACTS.contains(&effect) => {
                let act = number(&ACTS, &effect);
                let answer = self.moment();
                let failed = number(&EVENTS, &LeaseEvent::Failed);
                if !self.dice.chance(self.trouble) {
                    // However long the answer takes, the store has acted soon.
                    let acts = self.dice.roll(answer.min(LATE));
                    self.push(now + acts, Step::Act(who, act, Some(answer - acts)));
                } else {
                    if self.dice.chance(60) {
                        let late = self.dice.roll(LATE);
                        self.push(now + late, Step::Act(who, act, None));
                    }
                    self.push(now + answer, Step::Hear(who, failed));
                }
            }
            end => self.deliveries[who].end = Some(end),
        }
    }

    fn act(&mut self, act: u8) -> LeaseEvent {
        let (now, store) = (self.now, &mut self.store);
        let marked = |was| if was { LeaseEvent::WasMarked } else { LeaseEvent::Marked };
        match ACTS[act as usize] {
            LeaseEffect::Take => marked(Store::seen(&mut store.lease, now, LEASE_SECONDS)),
            LeaseEffect::Look if self.looks && store.handled > now => LeaseEvent::WasMarked,
            LeaseEffect::Look if self.looks => LeaseEvent::Unmarked,
            LeaseEffect::Look => marked(Store::seen(&mut store.handled, now, PROBE_SECONDS)),
            LeaseEffect::Remember => marked(Store::seen(&mut store.handled, now, REMEMBERED_SECONDS)),
            LeaseEffect::Clear => {
                store.handled = 0;
                LeaseEvent::Removed
            }
            _ => {
                store.lease = 0;
                LeaseEvent::Removed
            }
        }
    }

    fn step(&mut self) -> bool {
        let Some(Reverse((at, _, step))) = self.coming.pop() else { return false };
        self.now = self.now.max(at);
        let now = self.now;
        match step {
            Step::Act(who, act, after) => {
                let event = self.act(act);
                if let Some(after) = after {
                    self.push(now + after, Step::Hear(who, number(&EVENTS, &event)));
                }
            }
            Step::Worked(who, succeeds) => {
                if self.dice.chance(self.trouble / 2) {
                    self.deliveries[who].is_cut_off = true;
                }
                self.deliveries[who].began = None;
                if !self.deliveries[who].is_cut_off {
                    self.successes += u64::from(succeeds);
                    let event = if succeeds { LeaseEvent::Handled } else { LeaseEvent::Failed };
                    self.push(now, Step::Hear(who, number(&EVENTS, &event)));
                }
            }
            Step::Hear(who, event) => {
                if self.dice.chance(self.trouble / 3) {
                    self.deliveries[who].is_cut_off = true;
                }
                let delivery = &mut self.deliveries[who];
                if delivery.is_cut_off {
                    return true;
                }
                delivery.lease = Lease::from_parts(delivery.lease.parts());
                let effect = delivery.lease.on(now, EVENTS[event as usize]);
                let again = delivery.lease.on(now, LeaseEvent::Delivered);
                assert_eq!(again, LeaseEffect::Nothing, "what is told out of turn changes something");
                let successes = self.successes;
                if effect == LeaseEffect::Handled || effect == LeaseEffect::Forgotten {
                    assert!(successes > 0, "a webhook is lost");
                }
                if effect == LeaseEffect::Handle {
                    let others = self.deliveries.iter().enumerate().filter(|(other, _)| *other != who);
                    for (_, other) in others {
                        if let (false, Some(began)) = (other.is_cut_off, other.began) {
                            assert!(now - began >= PROMISED, "two at once, after {} ms", now - began);
                        }
                    }
                }
                self.perform(who, effect);
            }
        }
        true
    }
}

#[test]
fn a_webhook_is_handled_and_not_by_two_at_once() {
    let (mut handled, mut more) = (0, 0);
    let all = seeds(RUNS);
    for seed in &all {
        let result = std::panic::catch_unwind(|| run(*seed));
        let (successes, twice) = result.unwrap_or_else(|_| panic!("SEED={seed}"));
        handled += successes.min(1);
        more += u64::from(twice);
    }
    assert!(all.len() == 1 || (handled == RUNS && more < RUNS / 20), "{handled} {more}");
}

/// One webhook and all its deliveries: how often it was handled, and whether more often than it had to be.
fn run(seed: u64) -> (u64, bool) {
    let mut dice = Dice(seed);
    let trouble = dice.pick(&[0, 4, 12, 30]);
    let looks = dice.chance(50);
    let mut world = World {
        dice,
        trouble,
        looks,
        store: Store::default(),
        deliveries: Vec::new(),
        coming: BinaryHeap::new(),
        count: 0,
        now: 0,
        successes: 0,
    };
    let mut at = 0;
    for _ in 0..=world.dice.roll(6) {
        world.deliver(at);
        at += if world.dice.chance(50) { world.dice.roll(2_000) } else { world.dice.roll(200_000) };
    }
    while world.step() {}
    // Then all is well, and fal delivers once more.
    world.trouble = 0;
    world.deliver(world.now + u64::from(LEASE_SECONDS) * 1_000 + LATE);
    while world.step() {}
    let last = world.deliveries.last().unwrap();
    assert_eq!(last.end, Some(LeaseEffect::Handled), "in the end it is not handled");
    if trouble == 0 {
        assert_eq!(world.successes, 1, "it is handled twice though nothing went wrong");
    }
    (world.successes, world.successes > 1)
}
