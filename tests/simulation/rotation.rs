//! Rotations that are killed at any step, whose answers are lost or come twice, that are resumed or begun anew.

use std::collections::{BTreeMap, BTreeSet};

use fal_wasm::platform::{Rotation, RotationEffect, RotationEvent, RotationStep};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;

/// fal's side, and the app's.
struct World {
    dice: Dice,
    /// In a hundred, how often something goes wrong.
    trouble: u64,
    /// Whether each key that works has the alias.
    keys: BTreeMap<u32, bool>,
    count: u32,
    /// The key that the app uses.
    deployed: Option<u32>,
    /// Old keys that the app wants to keep.
    keeps: BTreeSet<u32>,
}

/// What a program knows while it rotates.
#[derive(Default)]
struct Program {
    rotation: Rotation,
    creates: bool,
    old: Vec<u32>,
    made: Option<u32>,
    revoked: Vec<u32>,
    /// What happened since the last check, by which revoking is judged.
    is_checked: bool,
    /// Whether its key was made twice.
    is_twice: bool,
}

impl World {
    fn listed(&self) -> Vec<u32> {
        self.keys.iter().filter(|(_, has_alias)| **has_alias).map(|(key, _)| *key).collect()
    }

    fn make(&mut self, has_alias: bool) -> u32 {
        self.count += 1;
        self.keys.insert(self.count, has_alias);
        self.count
    }

    /// Does what is asked for: none when it is the end.
    fn act(&mut self, program: &mut Program, effect: RotationEffect) -> Option<RotationEvent> {
        Some(match effect {
            RotationEffect::List => {
                program.old = self.listed();
                RotationEvent::Listed(program.old.len() as u32)
            }
            RotationEffect::Create => {
                let had = self.listed().len();
                assert!(program.creates || had > 0, "a key of an alias that there is not");
                // A request that is sent again may be done twice, and one of its answers is heard.
                if self.dice.chance(self.trouble / 3) {
                    self.make(true);
                    program.is_twice = true;
                }
                program.made = Some(self.make(true));
                RotationEvent::Done
            }
            RotationEffect::Deploy => {
                self.deployed = program.made;
                RotationEvent::Done
            }
            RotationEffect::Check => {
                assert!(program.made.is_some_and(|key| self.keys.contains_key(&key)));
                RotationEvent::Done
            }
            RotationEffect::Verify => {
                if self.dice.chance(self.trouble / 2) {
                    return Some(RotationEvent::No);
                }
                program.is_checked = true;
                RotationEvent::Yes
            }
            RotationEffect::ListAgain => {
                let known = |key: &u32| Some(*key) == program.made || program.old.contains(key);
                RotationEvent::ListedAgain(self.listed().iter().filter(|key| !known(key)).count() as u32)
            }
            RotationEffect::Choose(place) => {
                let key = program.old[place as usize];
                let wanted = !self.keeps.contains(&key) && !program.revoked.contains(&key);
                if wanted { RotationEvent::Yes } else { RotationEvent::No }
            }
            RotationEffect::Revoke(place) => {
                let key = program.old[place as usize];
                assert!(program.is_checked && self.deployed == program.made, "revoked before the new one is in use");
                assert!(Some(key) != self.deployed && !self.keeps.contains(&key), "the wrong key is revoked");
                assert_ne!(self.keys.remove(&key), Some(false), "a key of another alias is revoked");
                program.revoked.push(key);
                RotationEvent::Done
            }
            _ => return None,
        })
    }

    /// Goes on until it ends or the program is killed; how it ended.
    fn run(&mut self, program: &mut Program) -> Option<RotationEffect> {
        let mut effect =
            program.rotation.on(RotationEffect::Nothing, RotationEvent::Started { creates: program.creates });
        loop {
            program.rotation = Rotation::from_parts(program.rotation.parts());
            if self.dice.chance(self.trouble / 3) {
                return None;
            }
            // It fails before it was done, or after that: then the answer is lost.
            let fails = self.dice.chance(self.trouble);
            let is_ending = matches!(
                effect,
                RotationEffect::Done
                    | RotationEffect::Missing
                    | RotationEffect::Contested
                    | RotationEffect::Denied
                    | RotationEffect::Stopped(_)
            );
            assert_ne!(effect, RotationEffect::Nothing);
            if is_ending {
                return Some(effect);
            }
            let event = if fails && self.dice.chance(50) {
                RotationEvent::Failed
            } else {
                let made = program.made;
                let event = self.act(program, effect).unwrap();
                if fails {
                    if effect == RotationEffect::Create {
                        program.made = made;
                    }
                    RotationEvent::Failed
                } else {
                    event
                }
            };
            if let Some(key) = self.deployed {
                assert!(self.keys.contains_key(&key), "what is deployed does not work");
            }
            if self.dice.chance(self.trouble / 3) {
                return None;
            }
            let next = program.rotation.on(effect, event);
            // Whatever comes again, or late, is about what is over.
            for late in [event, RotationEvent::Done, RotationEvent::Yes, RotationEvent::No, RotationEvent::Failed] {
                assert_eq!(program.rotation.on(effect, late), RotationEffect::Nothing, "{late:?} of {effect:?} again");
            }
            effect = next;
        }
    }
}

fn rotate(seed: u64) -> bool {
    let mut dice = Dice(seed);
    let trouble = dice.pick(&[0, 5, 15, 40]);
    let mut world = World { dice, trouble, keys: BTreeMap::new(), count: 0, deployed: None, keeps: BTreeSet::new() };
    for _ in 0..world.dice.roll(4) {
        let key = world.make(true);
        world.deployed = Some(key);
        if world.dice.chance(15) {
            world.keeps.insert(key);
        }
    }
    let others: Vec<u32> = (0..world.dice.roll(3)).map(|_| world.make(false)).collect();
    let mut was_stopped = false;
    for _ in 0..=world.dice.roll(4) {
        let mut program = Program { creates: world.dice.chance(50), ..Program::default() };
        for _ in 0..=world.dice.roll(4) {
            let before = world.keys.clone();
            match world.run(&mut program) {
                None => break,
                Some(RotationEffect::Done) => {
                    assert_eq!(world.deployed, program.made);
                    break;
                }
                Some(RotationEffect::Missing) => {
                    assert!(!program.creates && world.listed().is_empty() && before == world.keys);
                    break;
                }
                Some(end) => {
                    was_stopped = true;
                    assert!(end != RotationEffect::Contested || program.is_twice, "nobody else is there");
                    let is_early = matches!(end, RotationEffect::Stopped(RotationStep::Look));
                    assert!(!is_early || before == world.keys, "it looked, and something changed");
                }
            }
        }
    }
    // Then all is well.
    world.trouble = 0;
    let mut program = Program { creates: true, ..Program::default() };
    assert_eq!(world.run(&mut program), Some(RotationEffect::Done));
    let kept: Vec<u32> = world.keeps.iter().copied().filter(|key| world.keys.contains_key(key)).collect();
    assert_eq!(kept.len(), world.keeps.len(), "a key that was to stay is gone");
    assert_eq!(world.listed(), [kept, program.made.into_iter().collect()].concat(), "one is left over");
    assert!(others.iter().all(|key| world.keys.contains_key(key)));
    was_stopped
}

#[test]
fn the_deployed_key_works_and_one_is_left() {
    let all = seeds(RUNS);
    let stopped = all
        .iter()
        .filter(|seed| std::panic::catch_unwind(|| rotate(**seed)).unwrap_or_else(|_| panic!("SEED={seed}")))
        .count();
    assert!(all.len() == 1 || stopped > all.len() / 5, "{stopped}");
}

#[test]
fn of_two_that_looked_before_either_made_a_key_one_gives_way() {
    let mut ends = BTreeMap::new();
    for seed in seeds(20_000) {
        let dice = Dice(seed);
        let mut world =
            World { dice, trouble: 0, keys: BTreeMap::new(), count: 0, deployed: None, keeps: BTreeSet::new() };
        world.deployed = Some(world.make(true));
        let mut programs = [Program::default(), Program::default()];
        let mut effects = [RotationEffect::Nothing; 2];
        for (program, effect) in programs.iter_mut().zip(&mut effects) {
            *effect = program.rotation.on(RotationEffect::Nothing, RotationEvent::Started { creates: false });
            let event = world.act(program, *effect).unwrap();
            *effect = program.rotation.on(*effect, event);
        }
        // In any order, but each deploys where the other looks again, too: the app is the same.
        loop {
            let open: Vec<usize> =
                (0..2).filter(|at| !matches!(effects[*at], RotationEffect::Done | RotationEffect::Contested)).collect();
            let Some(at) = (!open.is_empty()).then(|| world.dice.pick(&open)) else { break };
            // One that revokes has seen that it is alone, and the other one sees that it is not.
            if let RotationEffect::Revoke(_) | RotationEffect::Choose(_) = effects[at] {
                assert_ne!(effects[1 - at], RotationEffect::Done, "SEED={seed}");
            }
            let is_revoking = matches!(effects[at], RotationEffect::Revoke(_));
            let event = if is_revoking {
                world.keys.remove(&programs[at].old[0]);
                RotationEvent::Done
            } else {
                world.act(&mut programs[at], effects[at]).unwrap()
            };
            effects[at] = programs[at].rotation.on(effects[at], event);
        }
        let done = effects.iter().filter(|effect| **effect == RotationEffect::Done).count();
        assert!(done <= 1, "SEED={seed}: both revoke");
        for program in &programs {
            assert!(program.made.is_some_and(|key| world.keys.contains_key(&key)), "SEED={seed}: a new key is gone");
        }
        *ends.entry(done).or_insert(0) += 1;
    }
    assert!(ends.len() == 2 || std::env::var("SEED").is_ok(), "{ends:?}");
}
