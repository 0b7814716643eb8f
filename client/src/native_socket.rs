//! Websockets, natively: reqwest opens them, with the TLS that it has, and tungstenite speaks on them.

use std::pin::Pin;
use std::task::{Context, Poll, Waker, ready};

use fal_wasm::client::FailureKind;
use futures_core::Stream;
use futures_sink::Sink;
use reqwest::header::{CONNECTION, HeaderMap, HeaderValue, UPGRADE};
use reqwest::{StatusCode, Upgraded};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::Role;

use crate::native::authorize;
use crate::realtime::socket::{Frame, LOST, Refused, Socket, SocketEvent, SocketRequest};

/// Close code of a socket that was closed without one.
const NO_CODE: u16 = 1005;
/// Nobody reads more of what a refusal says.
const MOST_SAID: usize = 64 * 1024;

/// Opens a websocket. `http` has to speak HTTP/1.1: there is no upgrade in later versions.
pub(crate) async fn open(http: reqwest::Client, request: SocketRequest) -> Result<Box<dyn Socket>, Refused> {
    let key = generate_key();
    let mut handshake = http.get(request.url).build().map_err(refused)?;
    declare(handshake.headers_mut(), &key, &request.authorization)?;
    let response = http.execute(handshake).await.map_err(refused)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(explained(response).await);
    }
    let accepted = response.headers().get("sec-websocket-accept");
    if accepted.is_none_or(|accepted| accepted.as_bytes() != derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(Refused {
            source: Some("The answer to the handshake is to another one.".into()),
            ..Refused::default()
        });
    }
    let upgraded = response.upgrade().await.map_err(refused)?;
    let stream = WebSocketStream::from_raw_socket(upgraded, Role::Client, None).await;
    Ok(Box::new(NativeSocket { stream, held: 0 }))
}

fn declare(
    headers: &mut HeaderMap,
    key: &str,
    authorization: &Option<crate::access::Authorization>,
) -> Result<(), Refused> {
    let internal = |_| Refused { source: Some(FailureKind::Internal.into()), ..Refused::default() };
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert("sec-websocket-version", HeaderValue::from_static("13"));
    headers.insert("sec-websocket-key", HeaderValue::from_str(key).map_err(internal)?);
    if let Some(authorization) = authorization {
        authorize(headers, authorization).map_err(internal)?;
    }
    Ok(())
}

/// The URL is left out: it may hold a token.
fn refused(error: reqwest::Error) -> Refused {
    Refused { source: Some(error.without_url().into()), ..Refused::default() }
}

/// What a refusal says about itself.
async fn explained(mut response: reqwest::Response) -> Refused {
    let mut said = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        said.extend_from_slice(&piece);
        if said.len() > MOST_SAID {
            break;
        }
    }
    let body = Some(String::from_utf8_lossy(&said).into_owned()).filter(|said| !said.is_empty());
    Refused { status: Some(response.status().as_u16()), body, source: None }
}

struct NativeSocket {
    stream: WebSocketStream<Upgraded>,
    /// How many bytes it was given since it has passed on everything.
    held: u32,
}

impl NativeSocket {
    fn flush(&mut self, context: &mut Context<'_>) {
        // What is broken is told by the next read, after what had come before it broke.
        if self.held > 0 && Pin::new(&mut self.stream).poll_flush(context).is_ready() {
            self.held = 0;
        }
    }
}

impl Socket for NativeSocket {
    fn send(&mut self, frame: Frame) -> bool {
        let size = frame.size();
        let message = match frame {
            Frame::Text(text) => Message::text(text),
            Frame::Binary(bytes) => Message::binary(bytes),
        };
        self.held = self.held.saturating_add(size.max(1));
        // It takes any number of messages; `buffered` tells when there are too many.
        Pin::new(&mut self.stream).start_send(message).is_ok()
    }

    fn buffered(&self) -> u32 {
        self.held
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent> {
        self.flush(context);
        loop {
            return Poll::Ready(match ready!(Pin::new(&mut self.stream).poll_next(context)) {
                Some(Ok(Message::Text(text))) => SocketEvent::Frame(Frame::Text(text.as_str().into())),
                Some(Ok(Message::Binary(bytes))) => SocketEvent::Frame(Frame::Binary(bytes)),
                Some(Ok(Message::Close(frame))) => {
                    let (code, reason) = frame.map_or((NO_CODE, String::new()), |frame| {
                        (frame.code.into(), frame.reason.as_str().to_owned())
                    });
                    SocketEvent::Closed { code, reason }
                }
                Some(Ok(_)) => continue,
                Some(Err(_)) | None => SocketEvent::Closed { code: LOST, reason: String::new() },
            });
        }
    }
}

impl Drop for NativeSocket {
    /// Says goodbye, as far as that takes no waiting.
    fn drop(&mut self) {
        let mut nobody = Context::from_waker(Waker::noop());
        let _ = Pin::new(&mut self.stream).poll_close(&mut nobody);
    }
}
