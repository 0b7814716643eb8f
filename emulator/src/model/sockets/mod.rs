//! WebSockets as events: a handshake, frames in, frames out, and the time as an argument.
//!
//! Whoever holds a [`Socket`] (the server, a simulation) tells [`Fal::hear`] of every frame that comes in, and asks
//! [`Fal::speak`] what goes out: after each of them, and when the last answer said to.

mod calls;
pub mod codec;
mod frame;
mod realtime;
mod report;

use serde_json::json;

use super::Fal;
use super::auth::Access;
use super::catalogue::{RealtimeApp, access, find, no_such_app};
use super::endpoint::Endpoint;
use super::errors::{detail, not_found};
use super::hosts::{Place, Service};
use super::http::{Millis, Request, Response};
use calls::Calls;
pub use frame::{Frame, GONE, NORMAL, Speech};
use frame::{POLICY, RESTART};
use realtime::Realtime;
pub use report::{SocketReport, Sockets};

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket {
    number: u64,
    session: Session,
    over: bool,
}

#[derive(Debug)]
enum Session {
    /// The token was no good. fal says so in a frame: a browser cannot read the status of a handshake.
    Refused,
    Realtime(Box<Realtime>),
    Calls(Box<Calls>),
}

impl Socket {
    /// Whether nothing more is said on it.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Fal {
    /// A handshake. `now` must not be earlier than in the calls before.
    ///
    /// # Errors
    /// The answer of a handshake that is refused.
    pub fn open(&mut self, now: Millis, request: &Request) -> Result<Socket, Response> {
        self.settle(now);
        let session = self.session(now, request);
        let status = session.as_ref().map_or_else(|refusal| refusal.status, |_| 101);
        self.note(now, request, Some(status));
        session.map(|session| Socket { number: self.sockets.open(now, request), session, over: false })
    }

    fn session(&mut self, now: Millis, request: &Request) -> Result<Session, Response> {
        let place = Place::of(request).ok_or_else(not_found)?;
        let endpoint = Endpoint::parse(place.path).ok_or_else(not_found)?;
        let known = access(&endpoint.app);
        let access = known.unwrap_or(Access::Shared);
        match place.service {
            Service::Run => {
                let with_token = request.param("fal_jwt_token").is_some();
                let admitted = self.credentials.admit_or_token(now, request, &endpoint, access);
                if with_token && admitted.is_err() {
                    return Ok(Session::Refused);
                }
                admitted?;
                known.ok_or_else(|| no_such_app(&endpoint))?;
                let app = realtime_app(&endpoint)?;
                Ok(Session::Realtime(Box::new(Realtime::begin(now, request, app)?)))
            }
            Service::Socket => {
                self.credentials.admit(request, &endpoint, access)?;
                known.ok_or_else(|| no_such_app(&endpoint))?;
                Ok(Session::Calls(Box::new(Calls::begin(request, place.path))))
            }
            Service::Queue | Service::Rest | Service::Cdn | Service::Platform => Err(not_found()),
        }
    }

    /// A frame has come in.
    pub fn hear(&mut self, now: Millis, socket: &mut Socket, frame: Frame) {
        if socket.over {
            return;
        }
        self.settle(now);
        self.sockets.heard(socket.number, &frame);
        if let Frame::Close { code, .. } = frame {
            return self.leave(now, socket, code);
        }
        match &mut socket.session {
            Session::Refused => {}
            Session::Realtime(session) => {
                session.hear(self, now, frame);
                self.sockets.dropped(socket.number, session.dropped);
            }
            Session::Calls(session) => session.hear(self, now, frame),
        }
    }

    /// What a socket says now.
    pub fn speak(&mut self, now: Millis, socket: &mut Socket) -> Speech {
        if socket.over {
            return Speech { frames: Vec::new(), next: None };
        }
        self.settle(now);
        let (mut frames, mut next) = match &mut socket.session {
            // Before a reset.
            _ if !self.sockets.knows(socket.number) => (vec![Frame::close(RESTART, "")], None),
            Session::Refused => {
                let message = json!({ "status": "error", "error": "Unauthorized" });
                (vec![Frame::Text(message.to_string()), Frame::close(POLICY, "Unauthorized")], None)
            }
            Session::Realtime(session) => session.speak(self, now),
            Session::Calls(session) => session.speak(self, now),
        };
        let last = frames.iter().position(|frame| matches!(frame, Frame::Close { .. }));
        if let Some(last) = last {
            frames.truncate(last + 1);
            next = None;
            socket.over = true;
        }
        self.sockets.said(now, socket.number, &frames);
        Speech { frames, next }
    }

    /// The caller has closed the socket, or it is gone ([`GONE`]).
    pub fn leave(&mut self, now: Millis, socket: &mut Socket, code: u16) {
        if !socket.over {
            socket.over = true;
            self.sockets.close(now, socket.number, code, false);
        }
    }
}

fn realtime_app(endpoint: &Endpoint) -> Result<RealtimeApp, Response> {
    let missing = || detail(404, &format!("Path /{} not found", endpoint.path));
    let model = endpoint.without("realtime").and_then(|base| find(&base).ok());
    model.and_then(|model| model.realtime).ok_or_else(missing)
}
