//! One HTTP request, named.

use super::body::BodyKind;
use crate::protocol::{Millis, TokenContract};

/// How long an answer to the question for a status may take.
const STATUS_TIMEOUT: Millis = 30_000;

/// Whether sending a request twice can do harm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Idempotency {
    /// It cannot: reading, cancelling, uploading to the same place.
    Safe,
    /// It can: a model would run, and be paid for, twice. Repeated only when execution provably did not begin.
    Unsafe,
}

/// What a request carries, body and headers. Both stay with the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Payload {
    /// No body.
    None = 0,
    /// The input of the operation, as JSON.
    Input = 1,
    /// Name and type of the file, as JSON.
    FileDescription = 2,
    /// Bytes of the file: all of them, or those of one part.
    File = 3,
    /// The receipts of all parts of the file, as JSON.
    Receipts = 4,
}

/// A request to send. The driver knows the endpoint, the id and the URL it is about, and spells it
/// ([`Spelling`](super::Spelling)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Run a model and wait.
    Run,
    /// Run a model and get its answer as it comes.
    Stream,
    /// Put a request into the queue.
    Submit,
    /// Ask where a request is.
    Status {
        /// Whether log lines come along.
        logs: bool,
    },
    /// Be told where a request is, whenever that changes.
    Follow {
        /// Whether log lines come along.
        logs: bool,
    },
    /// Fetch the result of a request.
    Result,
    /// Cancel a request.
    Cancel,
    /// Ask where to upload a file. A place that is never used costs nothing, so asking again is safe.
    Initiate,
    /// Ask where to upload a file in parts.
    InitiateMultipart,
    /// Put the whole file where fal said. The place holds one file, so the same bytes twice are the same as once.
    Put,
    /// Put one part of the file where fal said.
    PutPart {
        /// Which part, counted from 1.
        part: u32,
    },
    /// Make the parts one file. Saying so twice makes it once.
    Complete,
    /// Ask for a realtime token. One that is never used costs nothing and soon expires.
    Token(TokenContract),
    /// Call an operation of the Platform APIs. Its URL, method and body are the driver's own.
    Platform {
        /// Whether it carries a body.
        takes: bool,
        /// What a good answer is.
        gives: BodyKind,
        /// Whether it may be sent again.
        idempotency: Idempotency,
    },
}

impl Request {
    /// What it carries.
    pub const fn payload(self) -> Payload {
        match self {
            Self::Run | Self::Stream | Self::Submit | Self::Token(_) | Self::Platform { takes: true, .. } => {
                Payload::Input
            }
            Self::Initiate | Self::InitiateMultipart => Payload::FileDescription,
            Self::Put | Self::PutPart { .. } => Payload::File,
            Self::Complete => Payload::Receipts,
            _ => Payload::None,
        }
    }

    /// What a good answer is.
    pub const fn body(self) -> BodyKind {
        match self {
            Self::Run | Self::Result | Self::Token(_) => BodyKind::Anything,
            Self::Stream | Self::Follow { .. } => BodyKind::Stream,
            Self::Submit => BodyKind::Submitted,
            Self::Status { .. } => BodyKind::Status,
            Self::Initiate | Self::InitiateMultipart => BodyKind::Initiated,
            Self::PutPart { .. } => BodyKind::Receipt,
            Self::Cancel | Self::Put | Self::Complete => BodyKind::Nothing,
            Self::Platform { gives, .. } => gives,
        }
    }

    /// Whether it may be sent again, unless the caller says more.
    pub const fn idempotency(self) -> Idempotency {
        match self {
            Self::Run | Self::Stream | Self::Submit => Idempotency::Unsafe,
            Self::Platform { idempotency, .. } => idempotency,
            _ => Idempotency::Safe,
        }
    }

    /// How often it is tried again, unless the caller says more: a status, on which work that is paid for depends, and
    /// each request of an upload 5 times, as in fal's server toolkit; anything else 3 times.
    pub const fn usual_retries(self) -> u32 {
        if self.is_status() || self.is_of_upload() { 5 } else { 3 }
    }

    /// Whether an answer with this status is worth another try, unless the caller says more: 429, 502, 503, and 504; after
    /// the question for a status 500, too; in an upload, by which nothing is bought, what fal's server toolkit lists and
    /// all errors of a server.
    pub const fn usually_retries_after(self, status: u16) -> bool {
        match status {
            429 | 502..=504 => true,
            500 if self.is_status() => true,
            408 | 409 | 500..=599 => self.is_of_upload(),
            _ => false,
        }
    }

    const fn is_status(self) -> bool {
        matches!(self, Self::Status { .. } | Self::Follow { .. })
    }

    const fn is_of_upload(self) -> bool {
        matches!(self, Self::Initiate | Self::InitiateMultipart | Self::Put | Self::PutPart { .. } | Self::Complete)
    }

    /// Which part of a file it carries, counted from 1; 0 when it carries none.
    pub const fn part(self) -> u32 {
        if let Self::PutPart { part } = self { part } else { 0 }
    }

    /// Whether it is about a request in the queue.
    pub const fn is_about_request(self) -> bool {
        matches!(self, Self::Status { .. } | Self::Follow { .. } | Self::Result | Self::Cancel)
    }

    /// Whether it goes to fal, or to the proxy in front of it; otherwise it goes to the place fal gave for a file, and no
    /// credential ever goes there.
    pub const fn is_to_fal(self) -> bool {
        !matches!(self, Self::Put | Self::PutPart { .. } | Self::Complete)
    }

    /// How long one try may take. A status is small and asked for again; nobody should wait for a connection that has
    /// died without a word. Everything else takes the time it takes.
    pub const fn timeout(self) -> Option<Millis> {
        if matches!(self, Self::Status { .. }) { Some(STATUS_TIMEOUT) } else { None }
    }

    /// Whether its host has another name for when the first cannot be reached.
    pub const fn has_backup(self) -> bool {
        matches!(self, Self::Run | Self::Stream | Self::Submit) || self.is_about_request()
    }
}
