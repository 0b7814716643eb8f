//! What the queue says about a request.

use super::answer::Fields;
use super::endpoint::EndpointShape;
use super::host::Host;
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

impl QueueState {
    /// fal's word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InQueue => "IN_QUEUE",
            Self::InProgress => "IN_PROGRESS",
            Self::Completed => "COMPLETED",
        }
    }
}

/// The fields of a status object that decide what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStatus {
    /// Where the request is.
    pub state: QueueState,
    /// Whether a completed request carries an `error`.
    pub failed: bool,
}

impl QueueStatus {
    /// The names of the fields it is read from.
    pub const FIELDS: &str = "status error";

    /// Reads a status object; none when it is not one.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        let word = fields.first?;
        let states = [QueueState::InQueue, QueueState::InProgress, QueueState::Completed];
        let state = states.into_iter().find(|state| state.as_str() == word)?;
        Some(Self { state, failed: fields.second.is_some() })
    }
}

/// The fields of a submit's answer that decide what happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Submitted<'a> {
    /// The id everything later is asked with; a [`RequestId`].
    pub request: &'a str,
    /// The app that owns the queue, as fal's `status_url` names it; an [`AppId`](super::AppId). None when that is not a
    /// URL of fal's queue: it is never used as it is, and without it the app is the one of the endpoint that was called.
    pub app: Option<&'a str>,
}

impl<'a> Submitted<'a> {
    /// The names of the fields it is read from.
    pub const FIELDS: &'static str = "request_id status_url";

    /// Reads a submit's answer; none when it names no request.
    pub fn read(fields: Fields<'a>) -> Option<Self> {
        let request = fields.first.filter(|id| RequestId::is_one(id))?;
        let app = fields.second.and_then(|url| app_of(url, request));
        Some(Self { request, app })
    }
}

/// The app in the URL of a request's status.
fn app_of<'a>(url: &'a str, request: &str) -> Option<&'a str> {
    let path = url.strip_prefix(Host::Queue.origin())?.strip_suffix("/status")?;
    path.strip_suffix(request)?.strip_suffix("/requests/").filter(|app| EndpointShape::is_app(app))
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

    #[test]
    fn fal_says_who_owns_the_queue_and_nobody_else_does() {
        let app = |url| Submitted::read(Fields { first: Some("r-1"), second: Some(url) }).unwrap().app;
        assert_eq!(app("https://queue.fal.run/fal-ai/flux/requests/r-1/status"), Some("fal-ai/flux"));
        assert_eq!(app("https://queue.fal.run/workflows/me/card/requests/r-1/status"), Some("workflows/me/card"));
        for url in [
            "https://evilfal.run/fal-ai/flux/requests/r-1/status",
            "http://queue.fal.run/fal-ai/flux/requests/r-1/status",
            "https://queue.fal.run/fal-ai/flux/requests/r-2/status",
            "https://queue.fal.run/fal-ai/flux/../x/requests/r-1/status",
            "",
        ] {
            assert_eq!(app(url), None, "{url}");
        }
    }
}
