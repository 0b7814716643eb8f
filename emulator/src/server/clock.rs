//! The clock of the server: the real time, or one that moves only when a test says so.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::model::http::Millis;

/// How the clock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By itself.
    Real,
    /// Only when it is told to.
    Manual,
}

/// A clock that never runs backwards, and wakes the tasks that wait for it.
#[derive(Debug)]
pub struct Clock {
    reading: Mutex<Reading>,
    /// Counts the changes that waiting tasks may care about: the clock was set, or the model changed.
    changes: watch::Sender<u64>,
}

#[derive(Debug)]
struct Reading {
    mode: Mode,
    /// The time at `since`.
    shown: Millis,
    since: Instant,
}

impl Reading {
    fn now(&self) -> Millis {
        match self.mode {
            Mode::Manual => self.shown,
            Mode::Real => self.shown.saturating_add(self.since.elapsed().as_millis() as Millis),
        }
    }
}

impl Clock {
    /// A real clock that shows the time of day.
    pub fn new() -> Self {
        let shown = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as Millis;
        let reading = Mutex::new(Reading { mode: Mode::Real, shown, since: Instant::now() });
        Self { reading, changes: watch::Sender::new(0) }
    }

    /// The time.
    pub fn now(&self) -> Millis {
        self.with_reading(|reading| reading.now())
    }

    /// How it moves.
    pub fn mode(&self) -> Mode {
        self.with_reading(|reading| reading.mode)
    }

    /// Changes how it moves; it goes on from the time it shows.
    pub fn set(&self, mode: Mode) {
        self.with_reading(|reading| *reading = Reading { mode, shown: reading.now(), since: Instant::now() });
        self.notify();
    }

    /// Moves it forward.
    pub fn advance(&self, by: Millis) {
        self.with_reading(|reading| reading.shown = reading.shown.saturating_add(by));
        self.notify();
    }

    /// Wakes every waiting task: something has changed that it may care about.
    pub fn notify(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Subscribes to [`notify`](Self::notify), from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }

    /// Waits until the clock shows `until`, or something changes.
    pub async fn wait(&self, until: Millis, changes: &mut watch::Receiver<u64>) {
        let left = until.saturating_sub(self.now());
        if left == 0 {
            return;
        }
        let timer = async {
            match self.mode() {
                Mode::Real => tokio::time::sleep(Duration::from_millis(left)).await,
                Mode::Manual => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timer => {}
            _ = changes.changed() => {}
        }
    }

    /// Waits until the clock shows `until`.
    pub async fn reach(&self, until: Millis) {
        let mut changes = self.changes();
        while self.now() < until {
            self.wait(until, &mut changes).await;
        }
    }

    fn with_reading<T>(&self, use_it: impl FnOnce(&mut Reading) -> T) -> T {
        use_it(&mut self.reading.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
