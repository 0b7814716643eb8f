//! Everything that crosses to JavaScript, once.
//!
//! A value crosses as one number, an effect or an event as a row of numbers under names. `tools/wire` writes the
//! TypeScript side (`js/core/wire.ts`) from the tables in [`TABLE`]; `npm test` fails when what is checked in is stale.
//! What only a server needs is there with the feature `server`.

#[cfg(feature = "server")]
mod limits;
mod options;
#[cfg(feature = "server")]
mod platform;
#[cfg(feature = "server")]
mod proxy;
mod tables;
#[cfg(feature = "server")]
mod webhook;
mod word;

#[cfg(feature = "server")]
pub use limits::{LimitOutcome, LimitVerdict, WishRow, wish_row};
pub use options::Options;
#[cfg(feature = "server")]
pub use platform::{RotationEffectKind, RotationEventKind, rotation_effect, rotation_effect_words, rotation_event};
#[cfg(feature = "server")]
pub use proxy::{Reader, TokenStep, Verdict};
pub use tables::{Numbered, Row};
use tables::{events, numbered, rows};
pub use word::Word;

use crate::client::realtime::{self, Dropped};
use crate::client::{Body, BodyKind, Cancelled, Effect, Event, FailureKind, Notice, Output, Payload, Request, Token};
use crate::credentials::ProxyUrlError;
use crate::protocol::{EndpointError, Media, Method, Millis, QueueState, QueueStatus, SsePart, TokenContract};

numbered!(FAILURE_KIND, FailureKind, "FailureKind", {
    Internal = 0, CredentialsInBrowser = 1, ProxyUrlMissing = 2, ProxyUrlInvalid = 3, CredentialsMissing = 4,
    CredentialsMalformed = 5, EndpointIdInvalid = 6, RequestIdInvalid = 7, OptionInvalid = 8, InputInvalid = 9,
    Unreachable = 10, ConnectionLost = 11, Http = 12, AnswerInvalid = 13, Redirected = 14, TimedOut = 15, Aborted = 16,
    JobFailed = 17, FileUnreadable = 18, Stalled = 19, StreamFailed = 20, TokenUnavailable = 21, OutboxFull = 22,
    WebsocketMissing = 23, FetchFailed = 24, CallersOwn = 25, ServerOnly = 26, ScopeRequired = 27,
    WebassemblyMissing = 28,
});
numbered!(CANCELLED, Cancelled, "Cancelled", { NotAsked = 0, Accepted = 1, Refused = 2, Unknown = 3 });
numbered!(PAYLOAD, Payload, "Payload", { None = 0, Input = 1, FileDescription = 2, File = 3, Receipts = 4 });
numbered!(BODY_KIND, BodyKind, "BodyKind", {
    Anything = 0, Submitted = 1, Status = 2, Initiated = 3, Receipt = 4, Stream = 5, Nothing = 6, Explanation = 7,
});
numbered!(OUTPUT, Output, "Output", { Value = 0, Result = 1, File = 2, Nothing = 3 });
numbered!(MEDIA, Media, "Media", { Json = 0, Text = 1, Bytes = 2, Events = 3, Html = 4 });
numbered!(METHOD, Method, "Method", { Get = 0, Post = 1, Put = 2, Delete = 3, Patch = 4 });
numbered!(DROPPED, Dropped, "Dropped", { Superseded = 0, Full = 1, Lost = 2, Closed = 3 });
numbered!(QUEUE_STATE, QueueState, "QueueState", { InQueue = 0, InProgress = 1, Completed = 2 });
numbered!(ENDPOINT_ERROR, EndpointError, "EndpointError", { TooShort = 0, TooLong = 1, Segment = 2, Url = 3 });

numbered!(PROXY_URL_ERROR, ProxyUrlError, "ProxyUrlError", {
    Empty = 1, NoScheme = 2, Scheme = 3, UserInfo = 4, Host = 5, Character = 6, Fal = 7,
});

/// An operation that can be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the client")]
pub enum OperationKind {
    Run,
    Submit,
    Subscribe,
    Status,
    Result,
    Cancel,
    Stream,
    StreamStatus,
    Upload,
    IssueToken,
    Platform,
    Connect,
}
numbered!(OPERATION_KIND, OperationKind, "OperationKind", {
    Run = 0, Submit = 1, Subscribe = 2, Status = 3, Result = 4, Cancel = 5, Stream = 6, StreamStatus = 7, Upload = 8,
    IssueToken = 9, Platform = 10, Connect = 11,
});

/// A [`Request`] by its name alone; what else it has crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the requests")]
pub enum RequestKind {
    Run,
    Stream,
    Submit,
    Status,
    Follow,
    Result,
    Cancel,
    Initiate,
    InitiateMultipart,
    Put,
    PutPart,
    Complete,
    TokenOlder,
    TokenNewer,
    Platform,
}
numbered!(REQUEST_KIND, RequestKind, "RequestKind", {
    Run = 0, Stream = 1, Submit = 2, Status = 3, Follow = 4, Result = 5, Cancel = 6, Initiate = 7,
    InitiateMultipart = 8, Put = 9, PutPart = 10, Complete = 11, TokenOlder = 12, TokenNewer = 13, Platform = 14,
});

impl From<Request> for RequestKind {
    fn from(request: Request) -> Self {
        match request {
            Request::Run => Self::Run,
            Request::Stream => Self::Stream,
            Request::Submit => Self::Submit,
            Request::Status { .. } => Self::Status,
            Request::Follow { .. } => Self::Follow,
            Request::Result => Self::Result,
            Request::Cancel => Self::Cancel,
            Request::Initiate => Self::Initiate,
            Request::InitiateMultipart => Self::InitiateMultipart,
            Request::Put => Self::Put,
            Request::PutPart { .. } => Self::PutPart,
            Request::Complete => Self::Complete,
            Request::Token(TokenContract::Older) => Self::TokenOlder,
            Request::Token(TokenContract::Newer) => Self::TokenNewer,
            Request::Platform { .. } => Self::Platform,
        }
    }
}

impl RequestKind {
    /// The request of that name; none of the Platform APIs, whose URL is not the core's.
    pub fn request(self, part: u32, logs: bool) -> Option<Request> {
        Some(match self {
            Self::Run => Request::Run,
            Self::Stream => Request::Stream,
            Self::Submit => Request::Submit,
            Self::Status => Request::Status { logs },
            Self::Follow => Request::Follow { logs },
            Self::Result => Request::Result,
            Self::Cancel => Request::Cancel,
            Self::Initiate => Request::Initiate,
            Self::InitiateMultipart => Request::InitiateMultipart,
            Self::Put => Request::Put,
            Self::PutPart => Request::PutPart { part },
            Self::Complete => Request::Complete,
            Self::TokenOlder => Request::Token(TokenContract::Older),
            Self::TokenNewer => Request::Token(TokenContract::Newer),
            Self::Platform => return None,
        })
    }
}

/// Whether log lines come along.
const fn logs(request: Request) -> bool {
    matches!(request, Request::Status { logs: true } | Request::Follow { logs: true })
}

/// What a request is like whoever sends it: its method (of a run, a stream and a submit the caller may choose another, and
/// a call of the Platform APIs has its own), what it carries, whether it goes to fal, and whether it is a model's that
/// answers.
pub const fn traits(request: Request) -> (Method, Payload, bool, bool) {
    let method = match request {
        Request::Status { .. } | Request::Follow { .. } | Request::Result => Method::Get,
        Request::Cancel | Request::Put | Request::PutPart { .. } => Method::Put,
        _ => Method::Post,
    };
    let is_models = matches!(request.body(), BodyKind::Anything | BodyKind::Stream);
    (method, request.payload(), request.is_to_fal(), request.is_to_fal() && is_models)
}

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

/// What a body says, as the JavaScript layer has read it ([`BodyKind::read`] reads it for Rust).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the states of a request")]
pub enum BodyRead {
    /// Nothing that decides anything.
    Nothing,
    /// The request is in the queue.
    Submitted,
    /// There is a place for a file.
    Initiated,
    InQueue,
    InProgress,
    Completed,
    /// With an error.
    CompletedWithError,
    /// It is not what was expected.
    Invalid,
}
numbered!(BODY_READ, BodyRead, "BodyRead", {
    Nothing = 0, Submitted = 1, Initiated = 2, InQueue = 3, InProgress = 4, Completed = 5, CompletedWithError = 6,
    Invalid = 7,
});

impl BodyRead {
    /// The event of a body that was read under this token.
    fn event(self, token: Token) -> Event {
        let status = |state, failed| Body::Status(QueueStatus { state, failed });
        let body = match self {
            Self::Nothing => Body::Nothing,
            Self::Submitted => Body::Submitted,
            Self::Initiated => Body::Initiated,
            Self::InQueue => status(QueueState::InQueue, false),
            Self::InProgress => status(QueueState::InProgress, false),
            Self::Completed => status(QueueState::Completed, false),
            Self::CompletedWithError => status(QueueState::Completed, true),
            Self::Invalid => return Event::Failed { token, kind: FailureKind::AnswerInvalid },
        };
        Event::Read { token, body }
    }
}

events!(
    /// What happened to an operation. An answer comes with more ([`Event::Answered`]); `Read` with a [`BodyRead`],
    /// `Failed` with a [`FailureKind`].
    event, EVENT_KIND, "EventKind", Event, |token, value| {
        Started => Event::Started,
        Read => BodyRead::with_number(value as i32)?.event(token),
        Chunk => Event::Chunk { token },
        Ended => Event::Ended { token },
        Explained => Event::Explained { token },
        Paused => Event::Paused { token },
        Resumed => Event::Resumed { token },
        Failed => Event::Failed { token, kind: FailureKind::with_number(value as i32)? },
        TimerFired => Event::TimerFired { token },
        Aborted => Event::Aborted,
    }
);

events!(
    /// What happened to a realtime connection. `Queued` and `Written` come with a size in bytes, `TokenDenied` with
    /// whether asking again may help, `Closed` with a code.
    realtime_event, REALTIME_EVENT_KIND, "RealtimeEventKind", realtime::Event, |token, value| {
        Queued => realtime::Event::Queued { size: value },
        Written => realtime::Event::Written { size: value },
        TokenIssued => realtime::Event::TokenIssued { token },
        TokenDenied => realtime::Event::TokenDenied { token, retryable: value != 0 },
        Opened => realtime::Event::Opened { token },
        Received => realtime::Event::Received { token },
        SessionEnded => realtime::Event::SessionEnded { token },
        Unauthorized => realtime::Event::Unauthorized { token },
        Closed => realtime::Event::Closed { token, code: value as u16 },
        TimerFired => realtime::Event::TimerFired { token },
        Left => realtime::Event::Left,
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

/// What a part of a stream of events is, by the first of its three numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the parts")]
pub enum SsePartKind {
    Data,
    DataLine,
    Kind,
    KindBytes,
    Dispatch,
    Overflow,
}
numbered!(SSE_PART_KIND, SsePartKind, "SsePartKind", {
    Data = 0, DataLine = 1, Kind = 2, KindBytes = 3, Dispatch = 4, Overflow = 5,
});

impl From<SsePart> for SsePartKind {
    fn from(part: SsePart) -> Self {
        match part {
            SsePart::Data { .. } => Self::Data,
            SsePart::DataLine => Self::DataLine,
            SsePart::Kind => Self::Kind,
            SsePart::KindBytes { .. } => Self::KindBytes,
            SsePart::Dispatch => Self::Dispatch,
            SsePart::Overflow => Self::Overflow,
        }
    }
}

/// All of it, for the program that writes TypeScript.
pub struct Table {
    /// Enums.
    pub numbered: &'static [Numbered],
    /// Rows, by the name of their type.
    pub rows: &'static [(&'static str, &'static [Row])],
    /// Names and types of options, in order.
    pub options: &'static [(&'static str, &'static str)],
}

/// What crosses.
pub const TABLE: Table = Table {
    numbered: &[
        FAILURE_KIND,
        CANCELLED,
        PAYLOAD,
        BODY_KIND,
        BODY_READ,
        OUTPUT,
        MEDIA,
        METHOD,
        DROPPED,
        QUEUE_STATE,
        ENDPOINT_ERROR,
        PROXY_URL_ERROR,
        OPERATION_KIND,
        REQUEST_KIND,
        SSE_PART_KIND,
        EVENT_KIND,
        REALTIME_EVENT_KIND,
        #[cfg(feature = "server")]
        limits::LIMIT,
        #[cfg(feature = "server")]
        limits::LIMIT_VERDICT,
        #[cfg(feature = "server")]
        limits::LIMIT_OUTCOME,
        #[cfg(feature = "server")]
        limits::AFTER,
        #[cfg(feature = "server")]
        platform::WHO,
        #[cfg(feature = "server")]
        platform::ROTATION_STEP,
        #[cfg(feature = "server")]
        platform::ROTATION_EFFECT,
        #[cfg(feature = "server")]
        platform::ROTATION_EVENT,
        #[cfg(feature = "server")]
        proxy::PROXY_REFUSAL,
        #[cfg(feature = "server")]
        proxy::ROUTE_KIND,
        #[cfg(feature = "server")]
        proxy::VERDICT,
        #[cfg(feature = "server")]
        proxy::READER,
        #[cfg(feature = "server")]
        proxy::TOKEN_STEP,
        #[cfg(feature = "server")]
        webhook::WEBHOOK_REFUSAL,
        #[cfg(feature = "server")]
        webhook::KEYS_STEP,
        #[cfg(feature = "server")]
        webhook::LEASE_EFFECT,
        #[cfg(feature = "server")]
        webhook::LEASE_EVENT,
    ],
    rows: &[
        ("Effect", EFFECT),
        ("RealtimeEffect", REALTIME_EFFECT),
        #[cfg(feature = "server")]
        ("LimitWish", limits::WISH),
    ],
    options: options::OPTIONS,
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_crosses_comes_back() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_word(kind.to_word()), Some(*kind));
        }
        assert_eq!(FailureKind::from_word(200.0), None);
        assert_eq!(<Option<u32>>::from_word(None::<u32>.to_word()), Some(None));
        assert_eq!(u32::from_word(f64::NAN), None);
        let read = |number| event(EVENT_KIND.variants[1].1 as u32, Token(7), number);
        let status = QueueStatus { state: QueueState::Completed, failed: true };
        assert_eq!(read(6), Some(Event::Read { token: Token(7), body: Body::Status(status) }));
        assert_eq!(read(7), Some(Event::Failed { token: Token(7), kind: FailureKind::AnswerInvalid }));
        assert_eq!(read(8), None);
        let invalid = event(EVENT_KIND.variants.len() as u32, Token(7), 0);
        assert_eq!(invalid, None);
    }
}
