//! fal's bridge to the runners of world models, `wma.fal.run`: sessions over WebRTC.
//!
//! Who may open a session, how long it lives, and what its runner shows and says is decided here. The network is up to the server:
//! it takes the [`PeerTask`]s, and tells what became of them and what a peer has heard. A server without WebRTC says so in
//! [`Settings`](super::settings::Settings), and offers are refused.

mod session;
mod vp8;
mod world;

pub use session::SessionReport;

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Access, Caller};
use super::errors::{detail, validation_error};
use super::fields::Fields;
use super::http::{Millis, Request, Response};
use super::ids::Ids;
use super::live_settings::{AnswerForm, IceAnswer, Runner, SessionSettings};
use super::stream::{Stream, Turn, event};
use session::{DIED, Session};

/// The app that sessions can be opened with.
const APP: &str = "emulator/world";

/// How many sessions are remembered.
const MAX_SESSIONS: usize = 1_000;

/// What a server has for sessions.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Peers {
    /// It answers offers, and has a STUN server of its own: the URL of that.
    Stun(String),
    /// It does not: a sentence about what to do.
    None(String),
}

/// What a server has to do for a session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "task", rename_all = "snake_case")]
pub enum PeerTask {
    /// Make a peer for an offer, and report with [`Bridge::answered`] or [`Bridge::not_answered`].
    Answer {
        /// The session.
        session: String,
        /// The offer.
        sdp: String,
        /// Whether the answer's addresses lead to the peer.
        reachable: bool,
    },
    /// Close the peer.
    Close {
        /// The session.
        session: String,
    },
}

/// How far an answer to an offer has come.
#[derive(Debug, Clone)]
pub(super) struct AnswerCursor {
    session: String,
    form: AnswerForm,
    said: bool,
}

/// The bridge.
#[derive(Debug)]
pub struct Bridge {
    /// How it behaves.
    pub settings: SessionSettings,
    peers: Peers,
    sessions: VecDeque<Session>,
    tasks: Vec<PeerTask>,
}

impl Bridge {
    /// A bridge without sessions.
    pub fn new(peers: Peers, settings: SessionSettings) -> Self {
        Self { settings, peers, sessions: VecDeque::new(), tasks: Vec::new() }
    }

    /// A bridge that has forgotten the sessions of an earlier one: their peers are to be closed.
    pub fn after(earlier: &Self, settings: SessionSettings) -> Self {
        let open = earlier.sessions.iter().filter(|session| session.is_open());
        let tasks = open.map(|session| PeerTask::Close { session: session.report.session_id.clone() }).collect();
        Self { tasks, ..Self::new(earlier.peers.clone(), settings) }
    }

    /// Everything on the host.
    pub fn handle(
        &mut self,
        access: &Access,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        path: &str,
    ) -> Result<Response, Response> {
        if request.method != "POST" {
            return Err(detail(405, "Method Not Allowed"));
        }
        let missing = || Response::json(401, &json!({ "error": "missing Authorization header" }));
        let caller = access.identify(request)?.ok_or_else(missing)?;
        let body: Value = serde_json::from_slice(&request.body)
            .map_err(|_| validation_error(&["body"], "json_invalid", "JSON decode error"))?;
        match path {
            "/ice" => {
                read_app(&body, |_| {})?;
                Ok(self.ice())
            }
            "/session" => self.open(ids, now, &caller, &body),
            "/session/heartbeat" => self.beat(now, &caller, &body),
            _ => Err(detail(404, "Not Found")),
        }
    }

    fn ice(&self) -> Response {
        match (self.settings.ice, &self.peers) {
            (IceAnswer::Servers, Peers::Stun(url)) => {
                Response::json(200, &json!({ "ice_servers": [{ "urls": url }], "status": "stun" }))
            }
            (IceAnswer::App, _) => Response::json(200, &json!({ "ice_servers": [], "status": "app_managed" })),
            _ => detail(503, "There are no ICE servers."),
        }
    }

    fn open(&mut self, ids: &mut Ids, now: Millis, caller: &Caller, body: &Value) -> Result<Response, Response> {
        let mut sdp = String::new();
        let app = read_app(body, |fields| {
            sdp = fields.required_text("sdp");
            fields.choice("type", &["offer"], "offer");
        })?;
        if !(sdp.starts_with("v=0") && sdp.contains("\nm=") && sdp.contains("a=fingerprint:")) {
            return Err(validation_error(
                &["body", "sdp"],
                "value_error",
                "The offer is no SDP with media and a fingerprint.",
            ));
        }
        if let Peers::None(sentence) = &self.peers {
            return Err(detail(501, sentence));
        }
        if self.settings.runner == Runner::Dead {
            return Err(detail(503, "There is no runner."));
        }
        if self.sessions.len() >= MAX_SESSIONS
            && let Some(oldest) = self.sessions.pop_front()
            && oldest.is_open()
        {
            self.tasks.push(PeerTask::Close { session: oldest.report.session_id });
        }
        let session_id = ids.uuid();
        self.sessions.push_back(Session::open(now, &session_id, app, caller.account.clone()));
        self.tasks.push(PeerTask::Answer { session: session_id.clone(), sdp, reachable: self.settings.reachable });
        let form = self.settings.answer;
        let stream = Stream::session(AnswerCursor { session: session_id, form, said: false });
        let mut response = Response::events(stream);
        if form == AnswerForm::Json {
            response.headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        }
        Ok(response)
    }

    fn beat(&mut self, now: Millis, caller: &Caller, body: &Value) -> Result<Response, Response> {
        let mut fields = Fields::of(body);
        let id = fields.required_text("session_id");
        fields.finish()?;
        let session = self.find(&id).filter(|session| session.account == caller.account);
        let session = session.ok_or_else(|| detail(404, "Session not found"))?;
        let alive = session.is_open();
        if alive {
            session.kept = now;
            session.report.heartbeats += 1;
        }
        Ok(Response::json(200, &json!({ "alive": alive })))
    }

    /// Lets everything happen that is due by now: sessions without heartbeats end.
    pub fn advance(&mut self, now: Millis) {
        let lease = self.settings.lease_ms;
        self.end_those(|session| {
            (session.kept.saturating_add(lease) <= now).then(|| (session.kept + lease, "expired"))
        });
    }

    /// When the next session ends, unless a heartbeat comes.
    pub fn next_end(&self) -> Option<Millis> {
        let open = self.sessions.iter().filter(|session| session.is_open());
        open.map(|session| session.kept.saturating_add(self.settings.lease_ms)).min()
    }

    /// Changes the settings, from now on.
    pub fn change_settings(&mut self, now: Millis, settings: SessionSettings) {
        self.settings = settings;
        if settings.runner == Runner::Dead {
            self.end_those(|_| Some((now, DIED)));
        }
    }

    fn end_those(&mut self, over: impl Fn(&Session) -> Option<(Millis, &'static str)>) {
        for session in self.sessions.iter_mut().filter(|session| session.is_open()) {
            if let Some((at, why)) = over(session) {
                session.end(at, why);
                self.tasks.push(PeerTask::Close { session: session.report.session_id.clone() });
            }
        }
    }

    /// The next turn of an answer to an offer.
    pub(super) fn play(&mut self, now: Millis, cursor: &mut AnswerCursor) -> Turn {
        let lease = self.settings.lease_ms;
        let Some(session) = self.find(&cursor.session) else {
            return Turn { bytes: String::new(), next: None };
        };
        let next = session.stream_ends(lease).filter(|end| *end > now);
        let Some(sdp) = &session.answer else {
            let ended = session.report.ended.as_ref();
            let error = ended.map(|why| format!("event: error\n{}", event(&json!({ "detail": why }))));
            return Turn { next: next.filter(|_| error.is_none()), bytes: error.unwrap_or_default() };
        };
        let answer = json!({ "session_id": session.report.session_id, "sdp": sdp, "type": "answer" });
        match cursor.form {
            AnswerForm::Json => Turn { bytes: answer.to_string(), next: None },
            AnswerForm::Stream => {
                let bytes = if cursor.said { String::new() } else { format!("event: answer\n{}", event(&answer)) };
                cursor.said = true;
                Turn { bytes, next }
            }
        }
    }

    /// What the server has to do. Everything is told once.
    pub fn take_tasks(&mut self) -> Vec<PeerTask> {
        std::mem::take(&mut self.tasks)
    }

    /// A peer has an answer to its offer.
    pub fn answered(&mut self, session: &str, sdp: String) {
        if let Some(session) = self.find(session) {
            session.answer = Some(sdp);
        }
    }

    /// There is no peer for an offer.
    pub fn not_answered(&mut self, now: Millis, session: &str, why: &str) {
        if let Some(session) = self.find(session) {
            session.end(now, why);
        }
    }

    /// A peer is connected.
    pub fn connected(&mut self, session: &str) {
        if let Some(session) = self.find(session) {
            session.report.connected = true;
        }
    }

    /// A peer is gone: the page has left.
    pub fn left(&mut self, now: Millis, session: &str) {
        if let Some(session) = self.find(session) {
            session.end(now, "left");
        }
    }

    /// Packets of media have come.
    pub fn received(&mut self, session: &str, packets: u64) {
        if let Some(session) = self.find(session) {
            session.report.packets += packets;
        }
    }

    /// A message has come; what is answered.
    pub fn heard(&mut self, session: &str, text: &str) -> Option<String> {
        let session = self.find(session)?;
        session.report.messages += 1;
        Some(session.world.hear(text).to_string())
    }

    /// The next picture of a session, if there is one.
    pub fn picture(&mut self, session: &str) -> Option<Vec<u8>> {
        let shows = self.settings.media;
        let session = self.find(session).filter(|session| shows && session.is_open())?;
        let picture = session.world.picture();
        session.report.pictures = session.world.pictures;
        Some(picture)
    }

    /// Every session that is remembered, oldest first.
    pub fn report(&self) -> Vec<SessionReport> {
        self.sessions.iter().map(|session| session.report.clone()).collect()
    }

    fn find(&mut self, id: &str) -> Option<&mut Session> {
        self.sessions.iter_mut().find(|session| session.report.session_id == id)
    }
}

/// The app of a request.
fn read_app<'a>(body: &'a Value, more: impl FnOnce(&mut Fields<'a>)) -> Result<String, Response> {
    let mut fields = Fields::of(body);
    let app = fields.required_text("app_id");
    more(&mut fields);
    fields.finish()?;
    if app == APP { Ok(app) } else { Err(detail(404, &format!("Application '{app}' not found"))) }
}
