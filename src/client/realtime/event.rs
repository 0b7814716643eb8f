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
    /// Close this socket, whatever it is doing; no event is wanted from it any more.
    Close {
        /// Which.
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
    /// That timer or token is not needed any more.
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
    /// It is over. Nothing follows.
    Done,
}

/// The most effects that one event can have.
pub const MAX_EFFECTS: usize = 8;

/// What one event asks for, in order.
pub type Effects = List<Effect, MAX_EFFECTS>;
