//! What bodies are expected to be, and what is read from them.

use crate::protocol::{Fields, Initiated, QueueStatus, Receipt, Submitted};

/// What a body is expected to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// Whatever the model answers.
    Anything = 0,
    /// The answer to a submit.
    Submitted,
    /// A queue status.
    Status,
    /// The answer to the question where to upload.
    Initiated,
    /// The receipt of a part of a file.
    Receipt,
    /// A body that is read as it comes, by whoever asked for it.
    Stream,
    /// Nothing of interest; it is read so that the connection can be used again.
    Nothing,
    /// The explanation of an error, in JSON or not.
    Explanation,
}

impl Expect {
    const ALL: [Self; 8] = [
        Self::Anything,
        Self::Submitted,
        Self::Status,
        Self::Initiated,
        Self::Receipt,
        Self::Stream,
        Self::Nothing,
        Self::Explanation,
    ];

    /// The expectation with this number; a number without one expects nothing.
    pub fn from_code(code: u8) -> Self {
        Self::ALL.get(usize::from(code)).copied().unwrap_or(Self::Nothing)
    }

    /// The names of the text fields that are wanted from the body, two at most, with a space between them.
    pub fn fields(self) -> &'static str {
        match self {
            Expect::Submitted => Submitted::FIELDS,
            Expect::Status => QueueStatus::FIELDS,
            Expect::Initiated => Initiated::FIELDS,
            Expect::Receipt => Receipt::FIELDS,
            _ => "",
        }
    }

    /// Reads those fields; none when the body is not what was expected.
    pub fn read(self, fields: Fields<'_>) -> Option<Facts> {
        match self {
            Expect::Submitted => Submitted::read(fields).map(Facts::Submitted),
            Expect::Status => QueueStatus::read(fields).map(Facts::Status),
            Expect::Initiated => Initiated::read(fields).map(Facts::Initiated),
            Expect::Receipt => Receipt::read(fields).map(|_| Facts::Nothing),
            _ => Some(Facts::Nothing),
        }
    }
}

/// What a body says, as far as it decides anything.
#[derive(Clone, Debug)]
pub enum Facts {
    /// Nothing that decides anything.
    Nothing,
    /// A request is queued.
    Submitted(Submitted),
    /// Where a request is.
    Status(QueueStatus),
    /// Where to upload.
    Initiated(Initiated),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_expectation_stands_at_its_number() {
        for (code, expect) in Expect::ALL.into_iter().enumerate() {
            assert_eq!(expect as usize, code);
        }
    }
}
