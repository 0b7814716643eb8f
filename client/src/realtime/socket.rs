//! A websocket, wherever the client runs.

use std::task::{Context, Poll};

use bytes::Bytes;

#[cfg(not(target_arch = "wasm32"))]
use crate::access::Authorization;
use crate::marker::{MaybeSend, Source};

/// Close code of a connection that was lost without a word.
pub(crate) const LOST: u16 = 1006;

/// Which websocket to open.
pub struct SocketRequest {
    /// Begins with `https`, or `http` on this machine. The query may hold a token.
    pub url: String,
    /// What says who asks, where no token does. In WebAssembly a handshake takes no headers.
    #[cfg(not(target_arch = "wasm32"))]
    pub authorization: Option<Authorization>,
}

/// A message, whichever way it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Bytes),
}

impl Frame {
    /// What is in it.
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Binary(bytes) => bytes,
        }
    }

    /// How many bytes that is.
    pub fn size(&self) -> u32 {
        u32::try_from(self.bytes().len()).unwrap_or(u32::MAX)
    }
}

/// What an open websocket tells.
pub enum SocketEvent {
    /// A message came.
    Frame(Frame),
    /// It is closed.
    Closed {
        /// By which close code.
        code: u16,
        /// What the other side says about it.
        reason: String,
    },
}

/// Why no websocket was opened.
#[derive(Default)]
pub struct Refused {
    /// HTTP status of the handshake, when there was an answer.
    pub status: Option<u16>,
    /// What the answer says.
    pub body: Option<String>,
    /// What the runtime says.
    pub source: Option<Source>,
}

/// An open websocket. Dropping it closes it, in order where that takes no waiting.
pub trait Socket: MaybeSend {
    /// Gives it a message; false when it is broken.
    fn send(&mut self, frame: Frame) -> bool;
    /// How many bytes it has been given and not passed on.
    fn buffered(&self) -> u32;
    /// Passes on what it was given, and tells what came next.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<SocketEvent>;
}
