//! HTTP over a WebSocket: `wss://ws.fal.run/{id}`.
//!
//! Each frame of the caller's is the body of one request. The answer is a `start` message with status and headers, the body,
//! and an `end` message; then the next request has its turn.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::frame::Frame;
use crate::model::http::{Body, Millis, Request, Response};
use crate::model::stream::{Stream, Turn};

/// How many requests may wait for their turn; what comes beyond is dropped.
const MAX_WAITING: usize = 1_000;
/// How much of a binary body goes into one frame (chosen: so that a client has to put pieces together).
const PIECE: usize = 64 * 1024;

/// What answers the requests of a socket.
pub trait HttpService {
    /// Answers a direct call.
    fn call(&mut self, now: Millis, request: &Request, path: &str) -> Response;
    /// The next turn of a stream.
    fn play(&mut self, now: Millis, stream: &mut Stream) -> Turn;
    /// A request id for an answer that has none.
    fn new_id(&mut self) -> String;
}

/// The requests of one socket.
#[derive(Debug)]
pub struct Calls {
    /// What all of them have in common: the host, the path and the headers of the handshake.
    handshake: Request,
    path: String,
    waiting: VecDeque<(Millis, Vec<u8>)>,
    current: Option<Call>,
    said: Vec<Frame>,
}

/// The request that has its turn.
#[derive(Debug)]
struct Call {
    id: String,
    asked: Millis,
    begins: Millis,
    begun: bool,
    response: Response,
}

impl Calls {
    /// A new socket for the endpoint at this path.
    pub fn begin(request: &Request, path: &str) -> Self {
        let (handshake, path) = (request.clone(), path.to_owned());
        Self { handshake, path, waiting: VecDeque::new(), current: None, said: Vec::new() }
    }

    /// Takes a request in.
    pub fn receive(&mut self, service: &mut impl HttpService, now: Millis, frame: Frame) {
        self.settle(service, now);
        let body = match frame {
            Frame::Text(text) => text.into_bytes(),
            Frame::Binary(bytes) => bytes.to_vec(),
            Frame::Deferred { .. } | Frame::Close { .. } => return,
        };
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push_back((now, body));
        }
    }

    /// What it sends now, and when to poll it again.
    pub fn poll(&mut self, service: &mut impl HttpService, now: Millis) -> (Vec<Frame>, Option<Millis>) {
        let next = self.settle(service, now);
        (std::mem::take(&mut self.said), next)
    }

    /// Lets everything happen that is due by now, in order. Returns when the next thing is.
    fn settle(&mut self, service: &mut impl HttpService, now: Millis) -> Option<Millis> {
        loop {
            let Some(call) = &mut self.current else {
                let (at, body) = self.waiting.pop_front()?;
                self.current = Some(call(service, at.max(now), &self.handshake, &self.path, body));
                continue;
            };
            if now < call.begins {
                return Some(call.begins);
            }
            if !call.begun {
                call.begun = true;
                self.said.push(start(call));
            }
            if let Some(next) = tell(service, now, &mut call.response, &mut self.said) {
                return Some(next);
            }
            self.said.push(end(call));
            self.current = None;
        }
    }
}

fn call(service: &mut impl HttpService, now: Millis, handshake: &Request, path: &str, body: Vec<u8>) -> Call {
    let request = Request { method: "POST".to_owned(), body, ..handshake.clone() };
    let response = service.call(now, &request, path);
    let id = response.header("x-fal-request-id").map_or_else(|| service.new_id(), str::to_owned);
    Call { id, asked: now, begins: now.saturating_add(response.after), begun: false, response }
}

fn start(call: &Call) -> Frame {
    let headers: Map<String, Value> =
        call.response.headers.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let message = json!({ "type": "start", "request_id": call.id, "status": call.response.status, "headers": headers });
    Frame::Text(message.to_string())
}

fn end(call: &Call) -> Frame {
    let waited = call.begins.saturating_sub(call.asked) as f64 / 1000.0;
    let message = json!({
        "type": "end",
        "request_id": call.id,
        "status": call.response.status,
        "time_to_first_byte_seconds": waited,
    });
    Frame::Text(message.to_string())
}

/// Says what there is of the body by now. Returns when there will be more.
fn tell(service: &mut impl HttpService, now: Millis, response: &mut Response, said: &mut Vec<Frame>) -> Option<Millis> {
    let text = response.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    match &mut response.body {
        Body::Bytes(bytes) if text => said.push(Frame::computed(bytes.to_vec(), true)),
        Body::Bytes(bytes) => said.extend(bytes.chunks(PIECE).map(Frame::binary)),
        Body::Deferred(body) => said.push(Frame::Deferred { body: body.clone(), text }),
        Body::Stream(stream) => {
            let turn = service.play(now, stream);
            // Events travel without their framing: a frame is an event already.
            let events = turn.bytes.split("\n\n").filter_map(|event| event.strip_prefix("data: "));
            said.extend(events.map(|data| Frame::Text(data.to_owned())));
            return turn.next;
        }
    }
    None
}
