//! Sessions with world models: what a server with WebRTC does for them, and tells of them.

use super::Fal;
use crate::model::bridge::PeerTask;
use crate::model::http::Millis;

/// What a peer of a server tells.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeerNews {
    /// It has an answer to its offer.
    Answered(String),
    /// There is none, for this reason.
    NotAnswered(String),
    /// The way to the page is there.
    Connected,
    /// The page is gone.
    Left,
    /// So many packets of media have come.
    Received(u64),
}

impl Fal {
    /// What peers are to do now. Everything is told once.
    pub fn peer_tasks(&mut self, now: Millis) -> Vec<PeerTask> {
        self.advance(now);
        self.bridge.take_tasks()
    }

    /// When there may be something to do for peers next, unless something else happens before.
    pub fn next_peer_task(&self) -> Option<Millis> {
        self.bridge.next_end()
    }

    /// Something has happened to the peer of a session.
    pub fn peer_news(&mut self, now: Millis, session: &str, news: PeerNews) {
        self.advance(now);
        match news {
            PeerNews::Answered(sdp) => self.bridge.answered(session, sdp),
            PeerNews::NotAnswered(why) => self.bridge.not_answered(now, session, &why),
            PeerNews::Connected => self.bridge.connected(session),
            PeerNews::Left => self.bridge.left(now, session),
            PeerNews::Received(packets) => self.bridge.received(session, packets),
        }
    }

    /// A message has come through a session; the answer of its runner.
    pub fn session_message(&mut self, session: &str, text: &str) -> Option<String> {
        self.bridge.heard(session, text)
    }

    /// The next picture of a session, a key frame of VP8, while it has one.
    pub fn session_picture(&mut self, session: &str) -> Option<Vec<u8>> {
        self.bridge.picture(session)
    }
}
