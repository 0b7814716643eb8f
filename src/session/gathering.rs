//! When the addresses that were gathered are enough.
//!
//! The bridge takes one offer with all of them in it. Waiting for the last one pays the full timeout of a server that is down;
//! not waiting leaves out the relay that a closed network needs.

use super::event::{Candidate, Moment};
use crate::client::Token;

/// The longest that is waited for addresses.
pub const TIMEOUT: Moment = 12_000;
/// How long none may come after there are enough.
pub const QUIET: Moment = 1_250;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gathering {
    pub limit: Token,
    /// The timer that fires when no more come.
    pub quiet: Option<Token>,
    needs_relay: bool,
    relay_only: bool,
    has_reflexive: bool,
    has_relay: bool,
}

impl Gathering {
    pub const NOTHING: Self = Self {
        limit: Token(0),
        quiet: None,
        needs_relay: false,
        relay_only: false,
        has_reflexive: false,
        has_relay: false,
    };

    /// With a relay among the servers, an offer without one of its addresses would be of no use where it is needed.
    pub const fn new(limit: Token, needs_relay: bool, relay_only: bool) -> Self {
        Self { limit, needs_relay, relay_only, ..Self::NOTHING }
    }

    /// Takes one more; whether there are enough now.
    pub fn suffices_with(&mut self, kind: Candidate) -> bool {
        self.has_reflexive |= kind == Candidate::Reflexive;
        self.has_relay |= kind == Candidate::Relay;
        if self.relay_only { self.has_relay } else { self.has_reflexive && (self.has_relay || !self.needs_relay) }
    }

    /// Whether this timer ends it.
    pub fn is_over(&self, timer: Token) -> bool {
        timer == self.limit || self.quiet == Some(timer)
    }

    /// Whether nothing of it may be used.
    pub fn lacks_relay(&self) -> bool {
        self.relay_only && !self.has_relay
    }
}
