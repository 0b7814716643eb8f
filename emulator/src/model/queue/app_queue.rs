//! The queue of one app: who waits, who runs, and what happens next.

use std::collections::BTreeMap;

use super::job::{Job, State};
use crate::model::time::Millis;

/// One app's queue. Numbers are those of the queue's jobs.
#[derive(Debug, Default)]
pub struct AppQueue {
    /// In the order in which they will start.
    pub waiting: Vec<u64>,
    /// In the order in which they started.
    pub running: Vec<u64>,
    /// When something last happened here: nothing can start before.
    pub at: Millis,
}

/// A change of a job's state. At the same instant, what is listed first happens first: a run that ends makes room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Transition {
    /// Its run ends.
    End(u64),
    /// Its run starts.
    Start(u64),
    /// It has waited as long as its caller allowed.
    Expire(u64),
}

impl AppQueue {
    /// What happens next, and when.
    pub fn next_transition(&self, jobs: &BTreeMap<u64, Job>, concurrency: u32) -> Option<(Millis, Transition)> {
        let ends = self.running.iter().filter_map(|number| match &jobs.get(number)?.state {
            State::Running { started, run_ms, .. } => Some((started.saturating_add(*run_ms), Transition::End(*number))),
            _ => None,
        });
        let expiries = self.waiting.iter().filter_map(|number| match &jobs.get(number)?.state {
            State::Waiting { start_by, .. } => start_by.map(|by| (by.max(self.at), Transition::Expire(*number))),
            _ => None,
        });
        let room = self.running.len() < concurrency.max(1) as usize;
        let first = self.waiting.first().filter(|_| room);
        let start = first.and_then(|number| match &jobs.get(number)?.state {
            State::Waiting { clear_at, .. } => Some(((*clear_at).max(self.at), Transition::Start(*number))),
            _ => None,
        });
        ends.chain(expiries).chain(start).min()
    }
}
