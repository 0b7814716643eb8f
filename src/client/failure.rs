//! Everything that can go wrong, as data. The sentences are in the JavaScript layer (`js/errors/messages.ts`).

use core::fmt;

use crate::protocol::{Head, Millis};

/// What went wrong. The numbers are how a failure crosses to JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum FailureKind {
    /// A bug in this crate.
    Internal = 0,
    /// A credential was handed to code that runs where everybody can read it.
    CredentialsInBrowser = 1,
    /// A browser client has no proxy to talk to.
    ProxyUrlMissing = 2,
    /// `proxyUrl` cannot be used; the detail is a [`ProxyUrlError`](crate::credentials::ProxyUrlError).
    ProxyUrlInvalid = 3,
    /// No credential was found.
    CredentialsMissing = 4,
    /// A credential is not one; the detail is a [`KeyError`](crate::credentials::KeyError).
    CredentialsMalformed = 5,
    /// The endpoint id is not one.
    EndpointIdInvalid = 6,
    /// The request id is not one.
    RequestIdInvalid = 7,
    /// An option has a value it cannot have; the detail names it.
    OptionInvalid = 8,
    /// The input cannot be written as JSON.
    InputInvalid = 9,
    /// No connection could be made: nothing was sent.
    Unreachable = 10,
    /// The connection failed, and what became of the request is not known.
    ConnectionLost = 11,
    /// fal, or the proxy, answered with an error.
    Http = 12,
    /// The answer is not what the protocol says it is.
    AnswerInvalid = 13,
    /// The answer is a redirect, and none is ever followed.
    Redirected = 14,
    /// The caller's `timeout` ran out.
    TimedOut = 15,
    /// The caller aborted.
    Aborted = 16,
    /// The request was completed with an error and without a result that says so.
    JobFailed = 17,
    /// The bytes of a file could not be read.
    FileUnreadable = 18,
    /// A stream was silent for longer than it may be.
    Stalled = 19,
    /// A stream ended with an event that says what went wrong.
    StreamFailed = 20,
    /// No token for a realtime connection could be had.
    TokenUnavailable = 21,
    /// A message for a realtime connection found no room in its outbox.
    OutboxFull = 22,
    /// The runtime has no WebSocket.
    WebsocketMissing = 23,
    /// The caller's own `fetch` threw something that is no failure of the network.
    FetchFailed = 24,
    /// Code of the caller (middleware, response handler) threw; the error is theirs.
    CallersOwn = 25,
    /// It needs a key, and this runs where everybody could read one.
    ServerOnly = 26,
    /// The key is declared to have a scope that is not enough for the operation.
    ScopeRequired = 27,
    /// WebAssembly is not there, or is not allowed to run: the first call says so.
    WebassemblyMissing = 28,
}

impl FailureKind {
    /// Every kind, at the place of its number.
    pub const ALL: &'static [Self] = &[
        Self::Internal,
        Self::CredentialsInBrowser,
        Self::ProxyUrlMissing,
        Self::ProxyUrlInvalid,
        Self::CredentialsMissing,
        Self::CredentialsMalformed,
        Self::EndpointIdInvalid,
        Self::RequestIdInvalid,
        Self::OptionInvalid,
        Self::InputInvalid,
        Self::Unreachable,
        Self::ConnectionLost,
        Self::Http,
        Self::AnswerInvalid,
        Self::Redirected,
        Self::TimedOut,
        Self::Aborted,
        Self::JobFailed,
        Self::FileUnreadable,
        Self::Stalled,
        Self::StreamFailed,
        Self::TokenUnavailable,
        Self::OutboxFull,
        Self::WebsocketMissing,
        Self::FetchFailed,
        Self::CallersOwn,
        Self::ServerOnly,
        Self::ScopeRequired,
        Self::WebassemblyMissing,
    ];

    /// The kind with this number; a number without one is a bug.
    pub fn from_number(number: u8) -> Self {
        Self::ALL.get(usize::from(number)).copied().unwrap_or(Self::Internal)
    }

    /// The stable name of the error, as callers see it. Of an answer with an error status the layer above says more.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::CredentialsInBrowser => "credentials_in_browser",
            Self::ProxyUrlMissing => "proxy_url_missing",
            Self::ProxyUrlInvalid => "proxy_url_invalid",
            Self::CredentialsMissing => "credentials_missing",
            Self::CredentialsMalformed => "credentials_malformed",
            Self::EndpointIdInvalid => "invalid_endpoint_id",
            Self::RequestIdInvalid => "invalid_request_id",
            Self::OptionInvalid => "invalid_option",
            Self::InputInvalid => "invalid_input",
            Self::Unreachable => "unreachable",
            Self::ConnectionLost => "connection_lost",
            Self::Http => "http",
            Self::AnswerInvalid => "invalid_answer",
            Self::Redirected => "redirected",
            Self::TimedOut => "timeout",
            Self::Aborted => "aborted",
            Self::JobFailed => "job_failed",
            Self::FileUnreadable => "file_unreadable",
            Self::Stalled => "stream_stalled",
            Self::StreamFailed => "stream_failed",
            Self::TokenUnavailable => "token_unavailable",
            Self::OutboxFull => "outbox_full",
            Self::WebsocketMissing => "websocket_missing",
            Self::FetchFailed => "fetch_failed",
            Self::CallersOwn => "callers_own",
            Self::ServerOnly => "server_only",
            Self::ScopeRequired => "scope_required",
            Self::WebassemblyMissing => "webassembly_missing",
        }
    }

    /// What happened, in one short sentence.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Internal => "A bug in fal-wasm",
            Self::CredentialsInBrowser => "A credential was given to code that everybody can read",
            Self::ProxyUrlMissing => "There is no proxy to talk to",
            Self::ProxyUrlInvalid => "The proxy URL cannot be used",
            Self::CredentialsMissing => "No fal key was found",
            Self::CredentialsMalformed => "The fal key is not one",
            Self::EndpointIdInvalid => "The endpoint id is not one",
            Self::RequestIdInvalid => "The request id is not one",
            Self::OptionInvalid => "An option has a value it cannot have",
            Self::InputInvalid => "The input cannot be written as JSON",
            Self::Unreachable => "No connection could be made",
            Self::ConnectionLost => "The connection was lost, and what became of the request is not known",
            Self::Http => "The answer is an error",
            Self::AnswerInvalid => "The answer is not what the protocol says it is",
            Self::Redirected => "The answer is a redirect, and none is followed",
            Self::TimedOut => "The time for the operation is over",
            Self::Aborted => "The caller aborted",
            Self::JobFailed => "The request was completed with an error",
            Self::FileUnreadable => "The bytes of a file could not be read",
            Self::Stalled => "The stream was silent for too long",
            Self::StreamFailed => "The stream ended with an error",
            Self::TokenUnavailable => "No realtime token could be had",
            Self::OutboxFull => "The outbox of the realtime connection is full",
            Self::WebsocketMissing => "The runtime has no WebSocket",
            Self::FetchFailed => "The fetch that was given failed for a reason of its own",
            Self::CallersOwn => "Code of the caller threw an error",
            Self::ServerOnly => "This needs a key, and everybody can read what runs here",
            Self::ScopeRequired => "The scope of the key is not enough",
            Self::WebassemblyMissing => "WebAssembly cannot run here",
        }
    }

    /// Whether the same call may succeed when it is made again later. Of an answer with an error status
    /// ([`FailureKind::Http`]) the status decides.
    pub const fn is_retryable(self) -> bool {
        matches!(
            self,
            Self::Internal
                | Self::Unreachable
                | Self::ConnectionLost
                | Self::TimedOut
                | Self::Stalled
                | Self::OutboxFull
        )
    }

    /// Whether it is certain that fal has not begun to work on the request.
    pub fn is_before_send(self) -> bool {
        self == Self::Unreachable
    }
}

/// What became of the attempt to cancel a request at fal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[repr(u8)]
pub enum Cancelled {
    /// Nobody asked for it.
    NotAsked = 0,
    /// fal took it.
    Accepted = 1,
    /// fal refused, usually because the request was completed already.
    Refused = 2,
    /// No answer in time.
    Unknown = 3,
}

/// How an operation failed.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// How many times the failing request was sent.
    pub attempts: u32,
    /// Status and headers, when there was an answer.
    pub head: Option<Head>,
    /// Whether there is a request in fal's queue by now. The driver knows its id.
    pub is_queued: bool,
    /// What became of it.
    pub cancelled: Cancelled,
    /// Which part of a file it was, counted from 1; 0 when it was none.
    pub part: u32,
}

impl Failure {
    /// How long the server asked to wait, in milliseconds.
    pub fn retry_after(&self) -> Option<Millis> {
        self.head?.retry_after
    }
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Self {
        Self { kind, attempts: 0, head: None, is_queued: false, cancelled: Cancelled::NotAsked, part: 0 }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.kind.message())?;
        if let (FailureKind::Http, Some(head)) = (self.kind, self.head) {
            write!(out, " (status {})", head.status)?;
        }
        if self.attempts > 1 {
            write!(out, "; tried {} times", self.attempts)?;
        }
        Ok(())
    }
}

impl core::error::Error for Failure {}

impl fmt::Display for FailureKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.message())
    }
}

impl core::error::Error for FailureKind {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_number_with_a_code_of_its_own() {
        for (number, kind) in FailureKind::ALL.iter().enumerate() {
            assert_eq!(*kind as usize, number);
            assert_eq!(FailureKind::ALL.iter().filter(|other| other.code() == kind.code()).count(), 1);
        }
        assert_eq!(FailureKind::from_number(200), FailureKind::Internal);
    }

    #[test]
    fn an_error_says_what_happened() {
        let failure = Failure { attempts: 3, ..FailureKind::Unreachable.into() };
        assert_eq!(std::format!("{failure}"), "No connection could be made; tried 3 times");
    }
}
