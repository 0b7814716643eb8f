//! One session: since when, how far, and why it ended.

use serde::Serialize;

use super::world::World;
use crate::model::http::Millis;

/// Why a session ends whose runner has died.
pub const DIED: &str = "died";

/// One session.
#[derive(Debug, Clone, Serialize)]
pub struct SessionReport {
    /// fal's name for it.
    pub session_id: String,
    /// The app.
    pub app: String,
    /// When it was opened.
    pub opened_ms: Millis,
    /// When it ended.
    pub ended_ms: Option<Millis>,
    /// Why: `left` (its page), `expired` (no heartbeats), `died` (its runner), or what was wrong with its offer.
    pub ended: Option<String>,
    /// Whether its peer is connected, or was.
    pub connected: bool,
    /// How many heartbeats came.
    pub heartbeats: u64,
    /// How many messages came.
    pub messages: u64,
    /// How many pictures were sent.
    pub pictures: u32,
    /// How many packets of media came.
    pub packets: u64,
}

/// A session, and what its runner shows.
#[derive(Debug)]
pub struct Session {
    /// What happened in it.
    pub report: SessionReport,
    /// Whose it is.
    pub account: String,
    /// The lease counts from here.
    pub kept: Millis,
    /// The answer to its offer.
    pub answer: Option<String>,
    /// What its runner shows.
    pub world: World,
}

impl Session {
    /// A session that begins.
    pub fn open(now: Millis, id: &str, app: String, account: String) -> Self {
        let report = SessionReport {
            session_id: id.to_owned(),
            app,
            opened_ms: now,
            ended_ms: None,
            ended: None,
            connected: false,
            heartbeats: 0,
            messages: 0,
            pictures: 0,
            packets: 0,
        };
        Self { report, account, kept: now, answer: None, world: World::default() }
    }

    /// Whether it lives.
    pub fn is_open(&self) -> bool {
        self.report.ended_ms.is_none()
    }

    /// When the stream of the answer ends, unless a heartbeat comes. Of a runner that has died nobody tells the bridge (chosen).
    pub fn stream_ends(&self, lease: Millis) -> Option<Millis> {
        let is_told = self.report.ended.as_deref().is_some_and(|why| why != DIED);
        if is_told { None } else { Some(self.kept.saturating_add(lease)) }
    }

    /// It ends, if it has not ended before.
    pub fn end(&mut self, now: Millis, why: &str) {
        if self.report.ended_ms.is_none() {
            self.report.ended_ms = Some(now);
            self.report.ended = Some(why.to_owned());
        }
    }
}
