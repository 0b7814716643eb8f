//! The requests of an operation, by their names.

use super::tables::{Numbered, numbered};
use crate::client::Request;
use crate::protocol::TokenContract;

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

/// Enums of this topic.
pub(super) const NUMBERED: &[Numbered] = &[REQUEST_KIND];
