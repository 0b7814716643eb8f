//! Questions about jobs: they cost nothing, so each process counts for itself, and nobody waits for a store.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use fal_wasm::limits::{Account, Rate, Verdict, Wish};
use fal_wasm::protocol::Millis;

/// Of how many people it is remembered, at least: those who asked last.
const MAX_PEOPLE: usize = 10_000;

/// Who has asked how often.
pub(super) struct Reads {
    rate: Rate,
    /// Those who asked last, and those before.
    people: Mutex<[HashMap<String, Account>; 2]>,
}

impl Reads {
    pub fn new(rate: Rate) -> Self {
        Self { rate, people: Mutex::default() }
    }

    /// When to come again; none when this question may be asked.
    pub fn wait(&self, person: &str, now: Millis) -> Option<Millis> {
        let mut people = self.people.lock().unwrap_or_else(PoisonError::into_inner);
        let [last, before] = &mut *people;
        if !last.contains_key(person) {
            if last.len() >= MAX_PEOPLE {
                *before = std::mem::take(last);
            }
            last.insert(person.to_owned(), before.remove(person).unwrap_or_default());
        }
        let wish = Wish { requests: Some(self.rate), ..Wish::default() };
        match last.get_mut(person)?.reserve(now, &wish, None) {
            Verdict::Refused { retry_after, .. } => retry_after,
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_too_often_waits_and_others_do_not() {
        let reads = Reads::new(Rate { max: 2, window: 1_000 });
        let asks = |person: &str, now| reads.wait(person, now).is_some();
        assert_eq!([asks("ann", 5_000), asks("ann", 5_000), asks("ann", 5_000)], [false, false, true]);
        assert!(!asks("bob", 5_000));
        for other in 0..2 * MAX_PEOPLE {
            assert!(!asks(&other.to_string(), 5_000));
        }
        assert!(!asks("ann", 5_000), "those who asked long ago are forgotten");
    }
}
