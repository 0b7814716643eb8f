//! The frames of a WebSocket.

use std::sync::Arc;

use crate::model::deferred::DeferredBody;
use crate::model::time::Millis;

/// Closed in good order.
pub const NORMAL: u16 = 1000;
/// Closed because of a policy.
pub const POLICY: u16 = 1008;
/// Closed because the server restarts.
pub const RESTART: u16 = 1012;
/// Not closed at all: the connection is gone. Never on the wire, but what a browser reports then.
pub const GONE: u16 = 1006;

/// One frame, in either direction.
#[derive(Debug, Clone)]
pub enum Frame {
    /// Text.
    Text(String),
    /// Bytes.
    Binary(Arc<[u8]>),
    /// Text or bytes, computed outside the model: drawing a picture takes too long to do while other requests wait.
    Deferred {
        /// What to compute.
        body: Arc<DeferredBody>,
        /// Whether it goes out as text.
        text: bool,
    },
    /// The last frame of its side.
    Close {
        /// Why, as a number.
        code: u16,
        /// Why, in words.
        reason: String,
    },
}

/// What a socket sends now.
#[derive(Debug)]
pub struct SocketOutput {
    /// The frames to send, in order. After a [`Frame::Close`] the socket is over.
    pub frames: Vec<Frame>,
    /// When to poll again, or earlier if a frame has come in. `None`: not before one has.
    pub next: Option<Millis>,
}

impl Frame {
    /// A frame of bytes.
    pub fn binary(bytes: impl Into<Arc<[u8]>>) -> Self {
        Self::Binary(bytes.into())
    }

    /// The last frame, in good order.
    pub fn close(code: u16, reason: &str) -> Self {
        Self::Close { code, reason: reason.to_owned() }
    }

    /// The same frame; a deferred one is computed.
    #[must_use]
    pub fn resolved(self) -> Self {
        match self {
            Self::Deferred { body, text } => Self::computed(body.compute(), text),
            other => other,
        }
    }

    /// A frame of bytes that were computed.
    pub fn computed(bytes: Vec<u8>, text: bool) -> Self {
        if text { Self::Text(String::from_utf8_lossy(&bytes).into_owned()) } else { Self::binary(bytes) }
    }
}
