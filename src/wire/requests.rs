//! Requests: their names, and what each is like.

use super::tables::numbered;
use crate::client::{BodyKind, Payload, Request};
use crate::protocol::{Method, TokenContract};

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
    #[inline(never)]
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
pub(super) const fn logs(request: Request) -> bool {
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
