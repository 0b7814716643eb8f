//! Remembering which webhooks were seen before.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::marker::{BoxFuture, Source};

/// How many ids are remembered; beyond that the oldest is forgotten.
const MAX_IDS: usize = 10_000;

/// Remembers which webhooks were seen: fal delivers again what was not answered in time. The default is in the memory of one
/// process; where there are several, share one: Redis (`SET … NX EX`), or a table with a unique column.
pub trait ReplayStore: Send + Sync + 'static {
    /// Marks an id for this long, and says whether it was marked before. An existing mark is left as it is. It has to be
    /// atomic: of two calls at the same time only one gets `false`.
    fn seen<'a>(&'a self, id: &'a str, seconds: u32) -> BoxFuture<'a, Result<bool, Source>>;
    /// Whether an id is marked.
    fn has<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool, Source>>;
    /// Removes a mark.
    fn forget<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), Source>>;
}

/// A store in the memory of one process, for at most 10,000 ids.
#[derive(Debug, Default)]
pub struct MemoryReplayStore(Mutex<Marks>);

/// When each mark expires; in order, the oldest first.
#[derive(Debug, Default)]
struct Marks {
    until: HashMap<String, Instant>,
    order: VecDeque<String>,
}

impl MemoryReplayStore {
    fn marks(&self) -> MutexGuard<'_, Marks> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Marks {
    fn has(&self, id: &str) -> bool {
        self.until.get(id).is_some_and(|until| *until > Instant::now())
    }

    fn forget(&mut self, id: &str) {
        if self.until.remove(id).is_some() {
            self.order.retain(|other| other != id);
        }
    }
}

impl ReplayStore for MemoryReplayStore {
    fn seen<'a>(&'a self, id: &'a str, seconds: u32) -> BoxFuture<'a, Result<bool, Source>> {
        let mut marks = self.marks();
        let was_seen = marks.has(id);
        if !was_seen {
            marks.forget(id);
            marks.until.insert(id.into(), Instant::now() + Duration::from_secs(seconds.into()));
            marks.order.push_back(id.into());
            if marks.order.len() > MAX_IDS
                && let Some(oldest) = marks.order.pop_front()
            {
                marks.until.remove(&oldest);
            }
        }
        Box::pin(std::future::ready(Ok(was_seen)))
    }

    fn has<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<bool, Source>> {
        Box::pin(std::future::ready(Ok(self.marks().has(id))))
    }

    fn forget<'a>(&'a self, id: &'a str) -> BoxFuture<'a, Result<(), Source>> {
        self.marks().forget(id);
        Box::pin(std::future::ready(Ok(())))
    }
}
