//! What machines ask for, as rows of numbers.

use super::requests::{RequestKind, logs};
use super::tables::rows;
use crate::client::realtime::{self, ConnectionState, Dropped};
use crate::client::{BodyKind, Cancelled, Effect, FailureKind, Notice, Output, Token};
use crate::protocol::{Media, Millis};

/// How many numbers a row of an effect takes, at most: its own number, and its fields.
pub const ROW_WORDS: usize = {
    let mut most = 0;
    let mut rest = EFFECT;
    while let [row, tail @ ..] = rest {
        if row.fields.len() > most {
            most = row.fields.len();
        }
        rest = tail;
    }
    1 + most
};

rows!(
    /// An effect of an operation.
    effect_row, EFFECT, Effect, {
        Effect::Send { token, request, to_backup } => Send {
            token: Token = token,
            request: RequestKind = request.into(),
            part: u32 = request.part(),
            logs: bool = logs(request),
            toBackup: bool = to_backup,
        },
        Effect::Read { token, media, body } => Read { token: Token = token, media: Media = media, body: BodyKind = body },
        Effect::Open { token, media, items } => Open {
            token: Token = token, media: Media = media, items: BodyKind = items,
        },
        Effect::Sleep { token, duration } => Sleep { token: Token = token, duration: Millis = duration },
        Effect::Cancel { token } => Cancel { token: Token = token },
        Effect::Notify(Notice::Enqueued) => Enqueued {},
        Effect::Notify(Notice::Status) => StatusRead {},
        Effect::Notify(Notice::PartAccepted { part }) => PartAccepted { part: u32 = part },
        Effect::Done(output) => Done { output: Output = output },
        Effect::Failed(failure) => Failed {
            failure: FailureKind = failure.kind,
            attempts: u32 = failure.attempts,
            cancelled: Cancelled = failure.cancelled,
            isQueued: bool = failure.is_queued,
            part: u32 = failure.part,
            retryAfter: Option<Millis> = failure.retry_after(),
        },
    }
);

rows!(
    /// An effect of a realtime connection.
    realtime_effect_row, REALTIME_EFFECT, realtime::Effect, {
        realtime::Effect::IssueToken { token } => IssueToken { token: Token = token },
        realtime::Effect::Open { token } => Open { token: Token = token },
        realtime::Effect::SendNext { token } => SendNext { token: Token = token },
        realtime::Effect::DropOldest { why } => DropOldest { why: Dropped = why },
        realtime::Effect::DropNewest { why } => DropNewest { why: Dropped = why },
        realtime::Effect::DropAll { why } => DropAll { why: Dropped = why },
        realtime::Effect::Sleep { token, duration } => Sleep { token: Token = token, duration: Millis = duration },
        realtime::Effect::Cancel { token } => Cancel { token: Token = token },
        realtime::Effect::Failed { kind, attempts } => Failed { failure: FailureKind = kind, attempts: u32 = attempts },
        realtime::Effect::Changed { state } => Changed { state: ConnectionState = state },
    }
);
