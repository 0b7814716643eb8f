//! Answers: heads, whole bodies, and streams.

use fal_emulator::Opening;
use fal_emulator::model::faults::Effect;
use fal_emulator::model::http::{Body, Response};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Emulator, Socket, millis};

/// What a request or a handshake gets.
#[wasm_bindgen]
pub struct Answer {
    response: Response,
    at: f64,
    fault: Option<Effect>,
    socket: Option<Socket>,
}

/// What a stream sends now.
#[wasm_bindgen]
pub struct Turn {
    bytes: String,
    next: Option<f64>,
}

impl Answer {
    /// An answer for now.
    pub(crate) fn of(response: Response) -> Self {
        Self { response, at: 0.0, fault: None, socket: None }
    }
}

impl From<fal_emulator::Answer> for Answer {
    fn from(answer: fal_emulator::Answer) -> Self {
        Self { response: answer.response, at: answer.at as f64, fault: answer.fault, socket: None }
    }
}

impl From<Opening> for Answer {
    fn from(opening: Opening) -> Self {
        let (response, socket) = match opening.socket {
            Ok(socket) => (Response::empty(101), Some(Socket::of(socket))),
            Err(refusal) => (refusal, None),
        };
        Self { response, at: opening.at as f64, fault: opening.fault, socket }
    }
}

#[wasm_bindgen]
impl Answer {
    /// When to send it.
    pub fn at(&self) -> f64 {
        self.at
    }

    /// What happens to it on the way, as JSON; undefined: nothing.
    pub fn fault(&self) -> Option<String> {
        self.fault.as_ref().and_then(|fault| serde_json::to_string(fault).ok())
    }

    /// HTTP status code.
    pub fn status(&self) -> u16 {
        self.response.status
    }

    /// Names and values in turns.
    pub fn headers(&self) -> Vec<String> {
        self.response.headers.iter().flat_map(|(name, value)| [name.clone(), value.clone()]).collect()
    }

    /// Whether the body is a stream.
    pub fn is_stream(&self) -> bool {
        matches!(self.response.body, Body::Stream(_))
    }

    /// The whole body; pictures are drawn now. Empty for a stream.
    pub fn bytes(&self) -> Vec<u8> {
        self.response.body_bytes().to_vec()
    }

    /// The next turn of a stream.
    pub fn play(&mut self, emulator: &mut Emulator, real: f64) -> Turn {
        let Body::Stream(stream) = &mut self.response.body else {
            return Turn { bytes: String::new(), next: None };
        };
        let turn = emulator.0.play(millis(real), stream);
        Turn { bytes: turn.bytes, next: turn.next.map(|next| next as f64) }
    }

    /// The socket of a handshake, once.
    pub fn socket(&mut self) -> Option<Socket> {
        self.socket.take()
    }
}

#[wasm_bindgen]
impl Turn {
    /// Events for the wire; empty when there is nothing new.
    pub fn bytes(&self) -> String {
        self.bytes.clone()
    }

    /// When to ask again; undefined: the stream has ended.
    pub fn next(&self) -> Option<f64> {
        self.next
    }
}
