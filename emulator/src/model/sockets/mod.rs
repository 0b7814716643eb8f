//! WebSockets as events: a handshake, frames in, frames out, and the time as an argument.
//!
//! Whoever holds a [`Socket`] (the server, a simulation) tells [`Fal::hear`] of every frame that comes in, and asks
//! [`Fal::speak`] what goes out: after each of them, and when the last answer said to.

mod calls;
mod frame;
mod realtime;
mod report;

pub use calls::{Calls, HttpService};
pub use frame::{Frame, GONE, NORMAL, SocketOutput};
pub(super) use frame::{POLICY, RESTART};
pub use realtime::{Apps, Realtime};
pub use report::{SocketReport, Sockets};

/// An open WebSocket.
#[derive(Debug)]
pub struct Socket {
    pub(super) number: u64,
    pub(super) session: Session,
    pub(super) over: bool,
}

#[derive(Debug)]
pub(super) enum Session {
    /// The token was no good. fal says so in a frame: a browser cannot read the status of a handshake.
    Refused,
    Realtime(Box<Realtime>),
    Calls(Box<Calls>),
}

impl Socket {
    /// Whether nothing more is said on it.
    pub fn is_closed(&self) -> bool {
        self.over
    }
}
