//! Operations of a client: what they are, what they ask for, and how they end.

use super::tables::{Numbered, numbered};
use crate::client::{BodyKind, Cancelled, FailureKind, Output, Payload};
use crate::protocol::{EndpointError, Media, Method, QueueState};

numbered!(FAILURE_KIND, FailureKind, "FailureKind", {
    Internal = 0, CredentialsInBrowser = 1, ProxyUrlMissing = 2, ProxyUrlInvalid = 3, CredentialsMissing = 4,
    CredentialsMalformed = 5, EndpointIdInvalid = 6, RequestIdInvalid = 7, OptionInvalid = 8, InputInvalid = 9,
    Unreachable = 10, ConnectionLost = 11, Http = 12, AnswerInvalid = 13, Redirected = 14, TimedOut = 15, Aborted = 16,
    JobFailed = 17, FileUnreadable = 18, Stalled = 19, StreamFailed = 20, TokenUnavailable = 21, OutboxFull = 22,
    WebsocketMissing = 23, FetchFailed = 24, CallersOwn = 25, ServerOnly = 26, ScopeRequired = 27,
});
numbered!(CANCELLED, Cancelled, "Cancelled", { NotAsked = 0, Accepted = 1, Refused = 2, Unknown = 3 });
numbered!(PAYLOAD, Payload, "Payload", { None = 0, Input = 1, FileDescription = 2, File = 3, Receipts = 4 });
numbered!(BODY_KIND, BodyKind, "BodyKind", {
    Anything = 0, Submitted = 1, Status = 2, Initiated = 3, Receipt = 4, Stream = 5, Nothing = 6, Explanation = 7,
});
numbered!(OUTPUT, Output, "Output", { Value = 0, Result = 1, File = 2, Nothing = 3 });
numbered!(MEDIA, Media, "Media", { Json = 0, Text = 1, Bytes = 2, Events = 3 });
numbered!(METHOD, Method, "Method", { Get = 0, Post = 1, Put = 2, Delete = 3, Patch = 4 });
numbered!(QUEUE_STATE, QueueState, "QueueState", { InQueue = 0, InProgress = 1, Completed = 2 });
numbered!(ENDPOINT_ERROR, EndpointError, "EndpointError", { TooShort = 0, TooLong = 1, Segment = 2, Url = 3 });

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

/// Enums of this topic.
pub(super) const NUMBERED: &[Numbered] =
    &[FAILURE_KIND, CANCELLED, PAYLOAD, BODY_KIND, OUTPUT, MEDIA, METHOD, QUEUE_STATE, ENDPOINT_ERROR, OPERATION_KIND];
