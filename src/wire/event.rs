//! What happened to an operation, as rows.

use super::tables::{Row, rows_in};
use crate::client::{BodyKind, FailureKind, Token};
use crate::protocol::Millis;

/// What happened, as it crosses: texts are in the text buffer, and here is how long they are.
#[derive(Clone, Copy, Debug, PartialEq)]
#[allow(missing_docs, reason = "each is the event of that name")]
pub enum EventRow {
    Started,
    /// The content type is the text.
    Answered {
        token: Token,
        status: u16,
        content_type: u32,
        retry_after: Option<Millis>,
        retryable: Option<bool>,
        user_timeout: bool,
    },
    /// The two fields that decide are the text, on two lines.
    Read {
        token: Token,
        body: BodyKind,
        fields: u32,
    },
    Chunk(Token),
    Ended(Token),
    Explained(Token),
    Paused(Token),
    Resumed(Token),
    Failed(Token, FailureKind),
    TimerFired(Token),
    Aborted,
}

rows_in!(
    /// What happened to an operation.
    event_row, EVENT, EventRow, {
        Started {} => EventRow::Started,
        Answered {
            token: Token, status: u16, contentType: u32, retryAfter: Option<Millis>, retryable: Option<bool>,
            userTimeout: bool,
        } => EventRow::Answered {
            token, status, content_type: contentType, retry_after: retryAfter, retryable, user_timeout: userTimeout,
        },
        Read { token: Token, body: BodyKind, fields: u32 } => EventRow::Read { token, body, fields },
        Chunk { token: Token } => EventRow::Chunk(token),
        Ended { token: Token } => EventRow::Ended(token),
        Explained { token: Token } => EventRow::Explained(token),
        Paused { token: Token } => EventRow::Paused(token),
        Resumed { token: Token } => EventRow::Resumed(token),
        Failed { token: Token, failure: FailureKind } => EventRow::Failed(token, failure),
        TimerFired { token: Token } => EventRow::TimerFired(token),
        Aborted {} => EventRow::Aborted,
    }
);
