//! What happens to a connection, and what is done about it.

use super::outbox::Dropped;
use crate::client::effects::List;
use crate::client::{FailureKind, Token};
use crate::protocol::Millis;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// The caller has one more message, which the driver keeps after those that wait. The first one begins.
    Queued {
        /// Its size in bytes.
        size: u32,
    },
    /// The message that was to be sent is written.
    Written {
        /// Its size in bytes.
        size: u32,
    },
    /// There is a token for this attempt.
    TokenIssued {
        /// Of which attempt.
        token: Token,
    },
    /// There is none.
    TokenDenied {
        /// Of which attempt.
        token: Token,
        /// Whether asking again may help.
        retryable: bool,
    },
    /// The socket is open.
    Opened {
        /// Which.
        token: Token,
    },
    /// A message came that is no error of the session.
    Received {
        /// On which socket.
        token: Token,
    },
    /// The app has ended the session, as it does when it had no input for a while.
    SessionEnded {
        /// On which socket.
        token: Token,
    },
    /// The app does not take the token any more.
    Unauthorized {
        /// On which socket.
        token: Token,
    },
    /// The socket is closed, or was never opened.
    Closed {
        /// Which.
        token: Token,
        /// A close code, or the HTTP status of a refused handshake.
        code: u16,
    },
    /// A timer has fired.
    TimerFired {
        /// Which.
        token: Token,
    },
    /// The caller does not want it any more.
    Left,
}

/// How a connection is doing: what a page shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ConnectionState {
    /// A socket is on its way: the first, or the one after a socket that was lost.
    Opening = 0,
    /// A socket is open.
    Live = 1,
    /// No connection can be had. The caller was told why.
    Failed = 2,
    /// The app has ended the session in order, or the caller has closed it.
    Closed = 3,
}

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Get a fresh token; answer with [`Event::TokenIssued`] or [`Event::TokenDenied`].
    IssueToken {
        /// Names the attempt.
        token: Token,
    },
    /// Open a socket, with the token issued last; answer with [`Event::Opened`] or [`Event::Closed`].
    Open {
        /// Names the socket.
        token: Token,
    },
    /// Send the oldest message that waits; answer with [`Event::Written`] before anything else.
    SendNext {
        /// On which socket.
        token: Token,
    },
    /// The oldest message that waits is never sent.
    DropOldest {
        /// Why.
        why: Dropped,
    },
    /// The newest message is never sent.
    DropNewest {
        /// Why.
        why: Dropped,
    },
    /// Nothing that waits is ever sent.
    DropAll {
        /// Why.
        why: Dropped,
    },
    /// Answer with [`Event::TimerFired`] after this long.
    Sleep {
        /// Names the timer.
        token: Token,
        /// How long.
        duration: Millis,
    },
    /// That token, socket or timer is not needed any more: no event is wanted from it, and a socket is closed, whatever it
    /// is doing.
    Cancel {
        /// Which.
        token: Token,
    },
    /// Tell the caller what went wrong.
    Failed {
        /// What.
        kind: FailureKind,
        /// After how many attempts; 0 for what needed none.
        attempts: u32,
    },
    /// Tell the caller how the connection is doing now. Nothing follows when it is closed.
    Changed {
        /// How.
        state: ConnectionState,
    },
}

/// The most effects that one event can have.
pub const MAX_EFFECTS: usize = 8;

/// What one event asks for, in order.
pub type Effects = List<Effect, MAX_EFFECTS>;
