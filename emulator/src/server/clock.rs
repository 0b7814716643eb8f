//! Waiting for the clock of the emulator, and for changes.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use tokio::sync::watch;

use super::Shared;
use crate::model::http::Millis;

/// The time of this machine, which never runs backwards, and the news for tasks that wait.
#[derive(Debug)]
pub struct Host {
    began: Instant,
    shown: Millis,
    /// Counts the changes that waiting tasks may care about: the clock was set, or the model changed.
    changes: watch::Sender<u64>,
}

impl Host {
    pub fn new() -> Self {
        let shown = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as Millis;
        Self { began: Instant::now(), shown, changes: watch::Sender::new(0) }
    }

    /// The time of this machine.
    pub fn real(&self) -> Millis {
        self.shown.saturating_add(self.began.elapsed().as_millis() as Millis)
    }

    /// Wakes every waiting task: something has changed that it may care about.
    pub fn notify(&self) {
        self.changes.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Subscribes to [`notify`](Self::notify), from now on.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl Shared {
    /// Waits until the clock shows `until`, or something changes.
    pub async fn wait(&self, until: Millis, changes: &mut watch::Receiver<u64>) {
        let left = self.with(|emulator, real| emulator.wait(real, until));
        if left == Some(0) {
            return;
        }
        let timer = async {
            match left {
                Some(left) => tokio::time::sleep(Duration::from_millis(left)).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = timer => {}
            _ = changes.changed() => {}
        }
    }

    /// Waits until the clock shows `until`.
    pub async fn reach(&self, until: Millis) {
        let mut changes = self.host.changes();
        while self.now() < until {
            self.wait(until, &mut changes).await;
        }
    }
}
