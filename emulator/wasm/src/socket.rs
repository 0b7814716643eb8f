//! WebSockets: frames in, frames out.

use std::collections::VecDeque;

use fal_emulator::model::sockets::{self, Frame};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::{Emulator, millis};

/// An open socket.
#[wasm_bindgen]
pub struct Socket(sockets::Socket);

/// The frames that a socket sends now.
#[wasm_bindgen]
pub struct Output {
    frames: VecDeque<Frame>,
    next: Option<f64>,
}

impl Socket {
    pub(crate) fn of(socket: sockets::Socket) -> Self {
        Self(socket)
    }
}

#[wasm_bindgen]
impl Socket {
    /// A text has come in.
    pub fn receive_text(&mut self, emulator: &mut Emulator, real: f64, text: String) {
        emulator.0.receive(millis(real), &mut self.0, Frame::Text(text));
    }

    /// Bytes have come in.
    pub fn receive_bytes(&mut self, emulator: &mut Emulator, real: f64, bytes: &[u8]) {
        emulator.0.receive(millis(real), &mut self.0, Frame::binary(bytes));
    }

    /// The caller has closed it, or with 1006 it is gone.
    pub fn disconnect(&mut self, emulator: &mut Emulator, real: f64, code: u16) {
        emulator.0.disconnect(millis(real), &mut self.0, code);
    }

    /// What to send now.
    pub fn poll(&mut self, emulator: &mut Emulator, real: f64) -> Output {
        let output = emulator.0.poll_socket(millis(real), &mut self.0);
        Output { frames: output.frames.into(), next: output.next.map(|next| next as f64) }
    }

    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }
}

#[wasm_bindgen]
impl Output {
    /// When to poll again, unless a frame comes in before; undefined: not before one does.
    pub fn next(&self) -> Option<f64> {
        self.next
    }

    /// What the first frame is: `text`, `bytes` or `close`; undefined: there is none. Its picture is drawn now.
    pub fn kind(&mut self) -> Option<String> {
        let frame = self.frames.pop_front()?.resolved();
        let kind = match frame {
            Frame::Text(_) => "text",
            Frame::Close { .. } => "close",
            Frame::Binary(_) | Frame::Deferred { .. } => "bytes",
        };
        self.frames.push_front(frame);
        Some(kind.to_owned())
    }

    /// The code of a close.
    pub fn code(&self) -> u16 {
        if let Some(Frame::Close { code, .. }) = self.frames.front() { *code } else { 0 }
    }

    /// Takes the first frame as a text: what it says, or why it closes.
    pub fn text(&mut self) -> String {
        match self.frames.pop_front() {
            Some(Frame::Text(text) | Frame::Close { reason: text, .. }) => text,
            _ => String::new(),
        }
    }

    /// Takes the first frame as bytes.
    pub fn bytes(&mut self) -> Vec<u8> {
        match self.frames.pop_front() {
            Some(Frame::Binary(bytes)) => bytes.to_vec(),
            _ => Vec::new(),
        }
    }
}
