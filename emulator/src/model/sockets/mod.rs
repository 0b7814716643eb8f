//! WebSockets as events: a handshake, frames in, frames out, and the time as an argument.
//!
//! The holder of a [`Socket`] (the server, a simulation) passes every frame that comes in to `Fal::receive`, and asks
//! `Fal::poll_socket` what to send: after each frame, and when the last answer said to.

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
    /// Whether it is closed.
    pub fn is_closed(&self) -> bool {
        self.over
    }
}
