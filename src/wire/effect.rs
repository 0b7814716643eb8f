//! What an operation asks for, as rows.

use super::RequestKind;
use super::tables::{Row, rows_out};
use crate::client::{BodyKind, Cancelled, Effect, FailureKind, Notice, Output, Payload, Request, Token};
use crate::protocol::{Media, Method, Millis};

/// What a part of a request carries in the row of an effect.
const fn part(request: Request) -> u32 {
    if let Request::PutPart { part } = request { part } else { 0 }
}

const fn logs(request: Request) -> bool {
    matches!(request, Request::Status { logs: true } | Request::Follow { logs: true })
}

/// The method of a request. That of a run, a stream and a submit is the caller's to choose, this one unless they do.
const fn method(request: Request) -> Method {
    match request {
        Request::Status { .. } | Request::Follow { .. } | Request::Result => Method::Get,
        Request::Cancel | Request::Put | Request::PutPart { .. } => Method::Put,
        _ => Method::Post,
    }
}

rows_out!(
    /// An effect of an operation.
    effect_row, EFFECT, Effect, {
        Effect::Send { token, request, to_backup } => Send {
            token: Token = token,
            request: RequestKind = request.into(),
            part: u32 = part(request),
            logs: bool = logs(request),
            method: Method = method(request),
            payload: Payload = request.payload(),
            isToFal: bool = request.is_to_fal(),
            isModels: bool = request.is_to_fal()
                && matches!(request.body(), BodyKind::Anything | BodyKind::Stream),
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
            retryAfter: Option<Millis> = failure.retry_after,
        },
    }
);

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
