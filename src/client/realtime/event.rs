//! What happens to a connection, and what is done about it.

use super::outbox::{Dropped, Frame};
use crate::client::{FailureKind, Token};
use crate::protocol::Millis;

/// What happened.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// The caller has a frame. The first one begins.
    Sent(Frame),
    /// There is a token for this attempt.
    Minted(Token),
    /// There is none, and whether asking again may help.
    Denied(Token, bool),
    /// The socket is open.
    Opened(Token),
    /// Something good came.
    Received(Token),
    /// The app has ended the session, as it does when it had no input for a while.
    Ended(Token),
    /// The app does not take the token any more.
    Unauthorized(Token),
    /// The socket is closed, or was never opened: a close code, or the HTTP status of a refused handshake.
    Closed(Token, u16),
    /// A rest is over.
    Woke(Token),
    /// The caller does not want it any more.
    Left,
}

/// What shall be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Get a fresh token; answer with [`Event::Minted`] or [`Event::Denied`].
    Mint(Token),
    /// Open a socket, with the token minted last; answer with [`Event::Opened`] or [`Event::Closed`].
    Open(Token),
    /// Close this socket, whatever it is doing; no event is wanted from it any more.
    Shut(Token),
    /// Send the frame with this number.
    Send(Token, u32),
    /// The frame with this number is never sent.
    Drop(u32, Dropped),
    /// Answer with [`Event::Woke`] after this long.
    Rest(Token, Millis),
    /// That rest is not needed any more.
    Forget(Token),
    /// Tell the caller what went wrong, and after how many attempts.
    Fail(FailureKind, u32),
    /// It is over. Nothing follows.
    Done,
}
