//! WebSockets: handshakes, and frames in both directions.

use serde_json::json;

use super::Fal;
use crate::model::access::Visibility;
use crate::model::catalogue::{RealtimeApp, find, no_such_app, visibility};
use crate::model::endpoint::Endpoint;
use crate::model::errors::{detail, not_found};
use crate::model::hosts::{Service, Target};
use crate::model::http::{Millis, Request, Response};
use crate::model::sockets::{
    Apps, Calls, Frame, HttpService, POLICY, RESTART, Realtime, Session, Socket, SocketOutput,
};
use crate::model::stream::{Stream, Turn};

impl Fal {
    /// A handshake. `now` must not be earlier than in the calls before.
    ///
    /// # Errors
    /// The answer of a handshake that is refused.
    pub fn open(&mut self, now: Millis, request: &Request) -> Result<Socket, Response> {
        self.advance(now);
        let session = self.session(now, request);
        let status = session.as_ref().map_or_else(|refusal| refusal.status, |_| 101);
        self.record(now, request, Some(status));
        session.map(|session| Socket { number: self.sockets.open(now, request), session, over: false })
    }

    fn session(&mut self, now: Millis, request: &Request) -> Result<Session, Response> {
        let place = Target::of(request).ok_or_else(not_found)?;
        let endpoint = Endpoint::parse(place.path).ok_or_else(not_found)?;
        let known = visibility(&endpoint.app);
        let allowed = known.unwrap_or(Visibility::Shared);
        match place.service {
            Service::Run => {
                let with_token = request.param("fal_jwt_token").is_some();
                let admitted = self.access.authorize_with_token(now, request, &endpoint, allowed);
                if with_token && admitted.is_err() {
                    return Ok(Session::Refused);
                }
                admitted?;
                known.ok_or_else(|| no_such_app(&endpoint))?;
                let app = realtime_app(&endpoint)?;
                Ok(Session::Realtime(Box::new(Realtime::begin(now, request, app)?)))
            }
            Service::Socket => {
                self.access.authorize(request, &endpoint, allowed)?;
                known.ok_or_else(|| no_such_app(&endpoint))?;
                Ok(Session::Calls(Box::new(Calls::begin(request, place.path))))
            }
            Service::Queue | Service::Rest | Service::Cdn | Service::Platform | Service::Bridge => Err(not_found()),
        }
    }

    /// A frame has come in.
    pub fn receive(&mut self, now: Millis, socket: &mut Socket, frame: Frame) {
        if socket.over {
            return;
        }
        self.advance(now);
        self.sockets.heard(socket.number, &frame);
        if let Frame::Close { code, .. } = frame {
            return self.disconnect(now, socket, code);
        }
        match &mut socket.session {
            Session::Refused => {}
            Session::Realtime(session) => {
                session.receive(&mut self.apps(), now, frame);
                self.sockets.dropped(socket.number, session.dropped);
            }
            Session::Calls(session) => session.receive(self, now, frame),
        }
    }

    /// What a socket sends now.
    pub fn poll_socket(&mut self, now: Millis, socket: &mut Socket) -> SocketOutput {
        if socket.over {
            return SocketOutput { frames: Vec::new(), next: None };
        }
        self.advance(now);
        let (mut frames, mut next) = match &mut socket.session {
            // Before a reset.
            _ if !self.sockets.knows(socket.number) => (vec![Frame::close(RESTART, "")], None),
            Session::Refused => {
                let message = json!({ "status": "error", "error": "Unauthorized" });
                (vec![Frame::Text(message.to_string()), Frame::close(POLICY, "Unauthorized")], None)
            }
            Session::Realtime(session) => session.poll(&mut self.apps(), now),
            Session::Calls(session) => session.poll(self, now),
        };
        let last = frames.iter().position(|frame| matches!(frame, Frame::Close { .. }));
        if let Some(last) = last {
            frames.truncate(last + 1);
            next = None;
            socket.over = true;
        }
        self.sockets.said(now, socket.number, &frames);
        SocketOutput { frames, next }
    }

    /// The caller has closed the socket, or it is gone ([`GONE`]).
    pub fn disconnect(&mut self, now: Millis, socket: &mut Socket, code: u16) {
        if !socket.over {
            socket.over = true;
            self.sockets.close(now, socket.number, code, false);
        }
    }
}

impl Fal {
    fn apps(&mut self) -> Apps<'_> {
        Apps { settings: self.realtime, ids: &mut self.ids, storage: &mut self.storage }
    }
}

impl HttpService for Fal {
    fn call(&mut self, now: Millis, request: &Request, path: &str) -> Response {
        let response = self.run(now, request, path).unwrap_or_else(|refusal| refusal);
        self.record(now, request, Some(response.status));
        response
    }

    fn play(&mut self, now: Millis, stream: &mut Stream) -> Turn {
        Self::play(self, now, stream)
    }

    fn new_id(&mut self) -> String {
        self.ids.uuid()
    }
}

fn realtime_app(endpoint: &Endpoint) -> Result<RealtimeApp, Response> {
    let missing = || detail(404, &format!("Path /{} not found", endpoint.path));
    let model = endpoint.without("realtime").and_then(|base| find(&base).ok());
    model.and_then(|model| model.realtime).ok_or_else(missing)
}
