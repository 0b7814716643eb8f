//! What bodies are expected to be, and what a machine learns from them.

use crate::protocol::{Fields, Initiated, QueueStatus, Receipt, Submitted};

/// What a body is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum BodyKind {
    /// Whatever the model answers. It goes to the caller.
    Anything = 0,
    /// The answer to a submit.
    Submitted = 1,
    /// A queue status.
    Status = 2,
    /// The answer to the question where to upload.
    Initiated = 3,
    /// The receipt of a part of a file.
    Receipt = 4,
    /// A body that is read as it comes.
    Stream = 5,
    /// Nothing of interest. It is read so that the connection can be used again.
    Nothing = 6,
    /// The explanation of an error, in JSON or not.
    Explanation = 7,
}

/// What a body says, as far as it decides anything. The texts in it (a request id, a URL) stay with the driver.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing that decides anything.
    Nothing,
    /// A request is queued.
    Submitted,
    /// Where a request is.
    Status(QueueStatus),
    /// There is a place for the file.
    Initiated,
}

impl BodyKind {
    /// The names of the text fields that decide something, two at most, with a space between them.
    pub const fn fields(self) -> &'static str {
        match self {
            Self::Submitted => Submitted::FIELDS,
            Self::Status => QueueStatus::FIELDS,
            Self::Initiated => Initiated::FIELDS,
            Self::Receipt => Receipt::FIELDS,
            _ => "",
        }
    }

    /// Reads those fields; none when the body is not what was expected.
    pub fn read(self, fields: Fields<'_>) -> Option<Body> {
        Some(match self {
            Self::Submitted => {
                Submitted::read(fields)?;
                Body::Submitted
            }
            Self::Status => Body::Status(QueueStatus::read(fields)?),
            Self::Initiated => {
                Initiated::read(fields)?;
                Body::Initiated
            }
            Self::Receipt => {
                Receipt::read(fields)?;
                Body::Nothing
            }
            _ => Body::Nothing,
        })
    }
}
