//! Limits in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use fal_wasm::limits::{Account, After, Record};
use fal_wasm::protocol::Millis;

use super::store::LimitStore;
use super::types::{Correction, KeptAnswer, Reservation, Settled, Settlement, Verdict};
use crate::marker::Source;
use crate::native::wall;

/// When what counts for nothing any more is looked for, at least.
const MANY: usize = 1_024;

/// Counts in the memory of this process, and forgets when it ends: for development, and for an app that is one process. Several
/// processes count each for themselves, so together they let through as many times as much; they need a store that they share.
pub struct MemoryLimits {
    now: Box<dyn Fn() -> Millis + Send + Sync>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    accounts: HashMap<String, Account>,
    /// By account and idempotency key.
    records: HashMap<(String, String), (Record, Option<KeptAnswer>)>,
    /// Beyond so many accounts and records, what is over is forgotten.
    enough: usize,
}

impl MemoryLimits {
    /// With the clock of the system.
    pub fn new() -> Self {
        Self::with_clock(wall)
    }

    /// With a clock of one's own, in milliseconds since 1970: for tests.
    pub fn with_clock(now: impl Fn() -> Millis + Send + Sync + 'static) -> Self {
        Self { now: Box::new(now), kept: Mutex::default() }
    }

    fn within<T>(&self, work: impl FnOnce(&mut Kept, Millis) -> T) -> T {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut kept, (self.now)())
    }
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self::new()
    }
}

impl Kept {
    /// Forgets what counts for nothing any more, when there is much of it.
    fn tidy(&mut self, now: Millis) {
        if self.accounts.len() + self.records.len() > self.enough {
            self.accounts.retain(|_, account| !account.is_idle(now));
            self.records.retain(|_, (record, _)| record.until > now);
            self.enough = MANY.max(2 * (self.accounts.len() + self.records.len()));
        }
    }
}

impl LimitStore for MemoryLimits {
    async fn reserve(&self, id: &str, wish: &Reservation) -> Result<Verdict, Source> {
        Ok(self.within(|kept, now| {
            kept.tidy(now);
            let name = wish.once.as_ref().map(|once| (id.to_owned(), once.key.clone()));
            let known = name.as_ref().and_then(|name| kept.records.get(name));
            let known = known.map(|(record, answer)| (record, answer.as_ref()));
            let account = kept.accounts.entry(id.to_owned()).or_default();
            let verdict = wish.reserve_in(account, now, known);
            if let (Verdict::Ok { at }, Some(name)) = (&verdict, name)
                && let Some(record) = wish.record(*at)
            {
                kept.records.insert(name, (record, None));
            }
            verdict
        }))
    }

    async fn settle(&self, id: &str, settlement: &Settlement) -> Result<Settled, Source> {
        Ok(self.within(|kept, now| {
            let name = settlement.once.as_ref().map(|key| (id.to_owned(), key.clone()));
            let record = name.as_ref().and_then(|name| kept.records.get(name)).map(|(record, _)| record);
            let account = kept.accounts.entry(id.to_owned()).or_default();
            let (settled, after) = settlement.settle_in(account, now, record);
            if let Some(name) = name {
                match (after, &settlement.answer) {
                    (After::Forgotten, _) => drop(kept.records.remove(&name)),
                    (After::Answered, Some(answer)) => {
                        if let Some((record, kept)) = kept.records.get_mut(&name) {
                            record.answered = true;
                            *kept = Some(answer.clone());
                        }
                    }
                    _ => {}
                }
            }
            settled
        }))
    }

    async fn correct(&self, id: &str, correction: &Correction) -> Result<(), Source> {
        self.within(|kept, now| correction.correct_in(kept.accounts.entry(id.to_owned()).or_default(), now));
        Ok(())
    }
}

impl fmt::Debug for MemoryLimits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("MemoryLimits(..)")
    }
}
