//! Everything that can go wrong, as data. The sentences are in the skin (`js/errors/messages.ts`), under these numbers.

use crate::protocol::{Head, Millis, RequestId};

/// What went wrong. The numbers are how a failure crosses to JavaScript.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Code of the caller's own (middleware, response handler) threw; the error is theirs.
    CallersOwn = 25,
    /// It needs a key, and this runs where everybody could read one.
    ServerOnly = 26,
    /// The key is declared to have a scope that is not enough for the operation.
    ScopeRequired = 27,
}

impl FailureKind {
    /// Every kind, at the place of its number.
    pub const ALL: [Self; 28] = [
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
    ];

    /// The kind with this number; a number without one is a bug.
    pub fn from_code(code: u8) -> Self {
        Self::ALL.get(usize::from(code)).copied().unwrap_or(Self::Internal)
    }

    /// Whether it is certain that fal has not begun to work on the request.
    pub fn is_before_send(self) -> bool {
        self == Self::Unreachable
    }
}

/// What became of the attempt to cancel a request at fal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub kind: FailureKind,
    /// How many times the failing request was sent.
    pub attempts: u32,
    /// Status and headers, when there was an answer.
    pub head: Option<Head>,
    /// The request in fal's queue, when there is one by now.
    pub request: Option<RequestId>,
    /// What became of it.
    pub cancelled: Cancelled,
    /// How long the server asked to wait, when that is longer than we would.
    pub retry_after: Option<Millis>,
    /// Which part of a file it was, counted from 1; 0 when it was none.
    pub part: u32,
}

impl From<FailureKind> for Failure {
    fn from(kind: FailureKind) -> Self {
        Self {
            kind,
            attempts: 0,
            head: None,
            request: None,
            cancelled: Cancelled::NotAsked,
            retry_after: None,
            part: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_at_its_number() {
        for (code, kind) in FailureKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, code);
        }
        assert_eq!(FailureKind::from_code(200), FailureKind::Internal);
    }

    /// The skin has the numbers once more; a caller would read the wrong sentence.
    #[test]
    fn the_skin_counts_the_same_way() {
        let skin = include_str!("../../js/core/codes.ts");
        for kind in FailureKind::ALL {
            let name = std::format!("{kind:?}");
            let mut constant = std::string::String::new();
            for letter in name.chars() {
                if letter.is_uppercase() && !constant.is_empty() {
                    constant.push('_');
                }
                constant.push(letter.to_ascii_uppercase());
            }
            let line = std::format!("export const {constant} = {};", kind as u8);
            assert!(skin.contains(&line), "{line}");
        }
    }
}
