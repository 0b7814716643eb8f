//! Everything that crosses to JavaScript, once.
//!
//! A value crosses as one number, an effect or an event as a row of numbers under names. `tools/wire` writes the
//! TypeScript side (`js/core/wire.ts`) from the tables in [`TABLE`]; `npm test` fails when what is checked in is stale.
//! What only a server needs is there with the feature `server`.

mod effects;
mod events;
#[cfg(feature = "server")]
mod limits;
#[cfg(feature = "server")]
mod line;
mod options;
#[cfg(feature = "server")]
mod platform;
#[cfg(feature = "server")]
mod proxy;
mod requests;
mod session;
mod tables;
#[cfg(feature = "server")]
mod webhook;
mod word;

pub use effects::{ROW_WORDS, effect_row, realtime_effect_row};
pub use events::{BodyRead, event, realtime_event};
#[cfg(feature = "server")]
pub use limits::{LimitOutcome, LimitVerdict, WishRow, wish_row};
#[cfg(feature = "server")]
pub use line::{LineEventKind, LineTellKind};
pub use options::Options;
#[cfg(feature = "server")]
pub use platform::{RotationEffectKind, RotationEventKind, rotation_effect, rotation_effect_words, rotation_event};
#[cfg(feature = "server")]
pub use proxy::{AdmissionEventKind, CallEventKind, Reader, TokenStep, Verdict, admission_row};
pub use requests::{RequestKind, traits};
pub use session::{SessionEffectKind, session_effect, session_event};
use tables::numbered;
pub use tables::{Numbered, Row};
pub use word::Word;

use crate::client::realtime::{ConnectionState, Dropped};
use crate::client::{BodyKind, Cancelled, FailureKind, Output, Payload};
use crate::credentials::ProxyUrlError;
use crate::protocol::{EndpointError, Media, Method, QueueState};

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
numbered!(CONNECTION_STATE, ConnectionState, "ConnectionState", { Opening = 0, Live = 1, Failed = 2, Closed = 3 });
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
        events::BODY_READ,
        OUTPUT,
        MEDIA,
        METHOD,
        DROPPED,
        CONNECTION_STATE,
        QUEUE_STATE,
        ENDPOINT_ERROR,
        PROXY_URL_ERROR,
        OPERATION_KIND,
        requests::REQUEST_KIND,
        events::EVENT_KIND,
        events::REALTIME_EVENT_KIND,
        session::CANDIDATE,
        session::PULSE,
        session::WARNING,
        session::FAILURE,
        session::SESSION_EVENT_KIND,
        session::SESSION_EFFECT_KIND,
        #[cfg(feature = "server")]
        limits::LIMIT,
        #[cfg(feature = "server")]
        limits::LIMIT_VERDICT,
        #[cfg(feature = "server")]
        limits::LIMIT_OUTCOME,
        #[cfg(feature = "server")]
        limits::AFTER,
        #[cfg(feature = "server")]
        limits::CALL_KIND,
        #[cfg(feature = "server")]
        limits::HOLDING_STEP,
        #[cfg(feature = "server")]
        limits::HOLDING_EVENT,
        #[cfg(feature = "server")]
        limits::TAKING_STEP,
        #[cfg(feature = "server")]
        limits::TAKING_EVENT,
        #[cfg(feature = "server")]
        line::LINE_EVENT_KIND,
        #[cfg(feature = "server")]
        line::LINE_TELL_KIND,
        #[cfg(feature = "server")]
        line::LINE_NEXT,
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
        proxy::BRIDGE_ROUTE,
        #[cfg(feature = "server")]
        proxy::ROUTE_KIND,
        #[cfg(feature = "server")]
        proxy::VERDICT,
        #[cfg(feature = "server")]
        proxy::READER,
        #[cfg(feature = "server")]
        proxy::ADMISSION_STEP,
        #[cfg(feature = "server")]
        proxy::ADMISSION_EVENT_KIND,
        #[cfg(feature = "server")]
        proxy::TOKEN_STEP,
        #[cfg(feature = "server")]
        proxy::CALL_STEP,
        #[cfg(feature = "server")]
        proxy::CALL_EVENT_KIND,
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
        ("Effect", effects::EFFECT),
        ("RealtimeEffect", effects::REALTIME_EFFECT),
        #[cfg(feature = "server")]
        ("LimitWish", limits::WISH),
        #[cfg(feature = "server")]
        ("Admission", proxy::ADMISSION),
    ],
    options: options::OPTIONS,
};
