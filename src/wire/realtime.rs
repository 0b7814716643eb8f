//! Realtime connections.

use super::tables::{Numbered, Row, numbered, rows_in, rows_out};
use crate::client::realtime::{self, Dropped};
use crate::client::{FailureKind, Token};
use crate::protocol::Millis;

numbered!(DROPPED, Dropped, "Dropped", { Superseded = 0, Full = 1, Lost = 2, Closed = 3 });

rows_out!(
    /// An effect of a realtime connection.
    realtime_effect_row, REALTIME_EFFECT, realtime::Effect, {
        realtime::Effect::IssueToken { token } => IssueToken { token: Token = token },
        realtime::Effect::Open { token } => Open { token: Token = token },
        realtime::Effect::Close { token } => Close { token: Token = token },
        realtime::Effect::SendNext { token } => SendNext { token: Token = token },
        realtime::Effect::DropOldest { why } => DropOldest { why: Dropped = why },
        realtime::Effect::DropNewest { why } => DropNewest { why: Dropped = why },
        realtime::Effect::DropAll { why } => DropAll { why: Dropped = why },
        realtime::Effect::Sleep { token, duration } => Sleep { token: Token = token, duration: Millis = duration },
        realtime::Effect::Cancel { token } => Cancel { token: Token = token },
        realtime::Effect::Failed { kind, attempts } => Failed { failure: FailureKind = kind, attempts: u32 = attempts },
        realtime::Effect::Done => Done {},
    }
);

rows_in!(
    /// What happened to a realtime connection.
    realtime_event_row, REALTIME_EVENT, realtime::Event, {
        Queued { size: u32 } => realtime::Event::Queued { size },
        Written { size: u32 } => realtime::Event::Written { size },
        TokenIssued { token: Token } => realtime::Event::TokenIssued { token },
        TokenDenied { token: Token, retryable: bool } => realtime::Event::TokenDenied { token, retryable },
        Opened { token: Token } => realtime::Event::Opened { token },
        Received { token: Token } => realtime::Event::Received { token },
        SessionEnded { token: Token } => realtime::Event::SessionEnded { token },
        Unauthorized { token: Token } => realtime::Event::Unauthorized { token },
        Closed { token: Token, code: u16 } => realtime::Event::Closed { token, code },
        TimerFired { token: Token } => realtime::Event::TimerFired { token },
        Left {} => realtime::Event::Left,
    }
);

/// Enums of this topic.
pub(super) const NUMBERED: &[Numbered] = &[DROPPED];
