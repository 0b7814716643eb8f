//! WebSockets on the wire: frames are carried between a connection and the model, which alone decides what they mean.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::FromRequestParts;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::request::Parts;
use axum::http::{Response, header};

use super::connection::AbortHandle;
use super::{Server, body, to_axum};
use crate::emulator::{Emulator, Opening};
use crate::model::faults::Effect;
use crate::model::http::Request;
use crate::model::sockets::{Frame, GONE, Socket};

/// The server goes away.
const GOING_AWAY: u16 = 1001;

/// Whether a request asks for a socket.
pub fn is_handshake(parts: &Parts) -> bool {
    let upgrade = parts.headers.get(header::UPGRADE);
    upgrade.is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"websocket"))
}

/// Answers a handshake. `None`: the connection is to be dropped.
pub async fn answer(
    server: &Server,
    mut parts: Parts,
    request: &Request,
    abort: AbortHandle,
) -> Option<Response<Body>> {
    let Ok(upgrade) = WebSocketUpgrade::from_request_parts(&mut parts, server).await else {
        return Some(to_axum(server, Emulator::refusal(400, "This is no handshake of a WebSocket."), None).await);
    };
    let Opening { socket, at, fault } = server.with(|emulator, real| emulator.open(real, request))?;
    server.reach(at).await;
    let socket = match socket {
        Ok(socket) => socket,
        Err(refusal) => return Some(to_axum(server, refusal, None).await),
    };
    let mut bridge = Bridge { server: Arc::clone(server), socket, abort, close_after: None };
    match fault {
        Some(Effect::DropAfter) => {
            bridge.disconnect(GONE);
            return None;
        }
        Some(Effect::Close { code, after }) => bridge.close_after = Some((after, code)),
        _ => {}
    }
    let open = server.sockets.token();
    Some(upgrade.on_upgrade(|connection| async move {
        bridge.run(connection).await;
        drop(open);
    }))
}

/// One WebSocket: carries frames between the connection and the model.
struct Bridge {
    server: Server,
    socket: Socket,
    abort: AbortHandle,
    /// A fault: after how many more frames of the model it is closed, and with which code.
    close_after: Option<(u64, u16)>,
}

impl Bridge {
    async fn run(mut self, mut connection: WebSocket) {
        let server = Arc::clone(&self.server);
        let mut changes = server.host.changes();
        loop {
            changes.borrow_and_update();
            if let Some((0, code)) = self.close_after {
                return self.close_early(connection, code).await;
            }
            let output = server.with(|emulator, real| emulator.poll_socket(real, &mut self.socket));
            for frame in output.frames {
                if !self.send(&mut connection, frame).await {
                    return;
                }
                if let Some((left, code)) = &mut self.close_after {
                    *left = left.saturating_sub(1);
                    if *left == 0 {
                        let code = *code;
                        return self.close_early(connection, code).await;
                    }
                }
            }
            if self.socket.is_closed() {
                return await_close(&mut connection).await;
            }
            if server.is_closing() {
                let close = Message::Close(Some(CloseFrame { code: GOING_AWAY, reason: "".into() }));
                let _ = connection.send(close).await;
                return;
            }
            let due = async {
                match output.next {
                    Some(next) => server.wait(next, &mut changes).await,
                    None => drop(changes.changed().await),
                }
            };
            tokio::select! {
                message = connection.recv() => self.receive(message.and_then(Result::ok)),
                () = due => {}
            }
        }
    }

    fn receive(&mut self, message: Option<Message>) {
        let frame = match message {
            Some(Message::Text(text)) => Frame::Text(text.to_string()),
            Some(Message::Binary(bytes)) => Frame::binary(&*bytes),
            Some(Message::Close(Some(close))) => Frame::close(close.code, &close.reason),
            // 1005 stands for a close without a code.
            Some(Message::Close(None)) => Frame::close(1005, ""),
            Some(Message::Ping(_) | Message::Pong(_)) => return,
            None => Frame::close(GONE, ""),
        };
        let Self { server, socket, .. } = self;
        server.with(|emulator, real| emulator.receive(real, socket, frame));
    }

    /// Sends a frame. `false`: the connection has ended.
    async fn send(&mut self, connection: &mut WebSocket, frame: Frame) -> bool {
        let frame = match frame {
            Frame::Deferred { body, text } => match body::compute(&self.server, body).await {
                Some(bytes) => Frame::computed(bytes, text),
                None => return false,
            },
            done => done,
        };
        let message = match frame {
            Frame::Text(text) => Message::Text(text.into()),
            Frame::Binary(bytes) => Message::Binary(axum::body::Bytes::from_owner(bytes)),
            Frame::Close { code, reason } => Message::Close(Some(CloseFrame { code, reason: reason.into() })),
            Frame::Deferred { .. } => return false,
        };
        let sent = connection.send(message).await.is_ok();
        if !sent {
            self.disconnect(GONE);
        }
        sent
    }

    /// Closes the socket as a fault asks: with this code, or without a close frame.
    async fn close_early(mut self, mut connection: WebSocket, code: u16) {
        self.disconnect(code);
        if code == GONE {
            // Earlier frames are still on their way.
            tokio::time::sleep(body::FLUSH).await;
            return self.abort.abort();
        }
        let close = Message::Close(Some(CloseFrame { code, reason: "".into() }));
        if connection.send(close).await.is_ok() {
            await_close(&mut connection).await;
        }
    }

    fn disconnect(&mut self, code: u16) {
        let Self { server, socket, .. } = self;
        server.with(|emulator, real| emulator.disconnect(real, socket, code));
    }
}

/// Waits for the other side to say close too, so that it hears ours before the connection ends.
async fn await_close(connection: &mut WebSocket) {
    let heard = async { while let Some(Ok(_)) = connection.recv().await {} };
    let _ = tokio::time::timeout(super::GRACE, heard).await;
}
