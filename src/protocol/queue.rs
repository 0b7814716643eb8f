//! What the queue says about a request.

use super::answer::Fields;
use super::request_id::RequestId;

/// The three states a request can be in. There is no failed state: a failed or cancelled request is completed.
///
/// Source: fal's queue reference, status object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueState {
    /// Waiting.
    InQueue,
    /// A runner works on it.
    InProgress,
    /// Over; whether well shows in the status' `error` and in the result.
    Completed,
}

/// The fields of a status object that decide what happens next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueStatus {
    /// Where the request is.
    pub state: QueueState,
    /// Whether a completed request carries an `error`.
    pub failed: bool,
}

impl QueueStatus {
    /// The names of the fields it is read from.
    pub const FIELDS: [&str; 2] = ["status", "error"];

    /// Reads a status object; none when it is not one.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        let state = match fields.first? {
            "IN_QUEUE" => QueueState::InQueue,
            "IN_PROGRESS" => QueueState::InProgress,
            "COMPLETED" => QueueState::Completed,
            _ => return None,
        };
        Some(Self { state, failed: fields.second.is_some() })
    }
}

/// The field of a submit's answer that decides what happens next: the id everything later is asked with. The URLs that
/// come along are not used: they are rebuilt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Submitted(pub RequestId);

impl Submitted {
    /// The names of the fields it is read from.
    pub const FIELDS: [&str; 2] = ["request_id", ""];

    /// Reads a submit's answer; none when it names no request.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        RequestId::parse(fields.first?).ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(first: &'static str, second: Option<&'static str>) -> Option<QueueStatus> {
        QueueStatus::read(Fields { first: Some(first), second })
    }

    #[test]
    fn a_failure_is_a_completed_request_with_an_error() {
        let failed = QueueStatus { state: QueueState::Completed, failed: true };
        assert_eq!(read("COMPLETED", Some("boom")), Some(failed));
        assert_eq!(read("COMPLETED", None).map(|status| status.failed), Some(false));
    }

    #[test]
    fn an_answer_of_something_else_is_not_taken_for_a_status() {
        assert_eq!(read("FAILED", None), None);
        assert_eq!(QueueStatus::read(Fields::default()), None);
        assert_eq!(Submitted::read(Fields { first: Some("../../x"), second: None }), None);
    }
}
