//! What a call is about: its kind, how long it may take, and what it means for somebody's budget.

use crate::protocol::Route;

/// The kinds of calls that a proxy lets through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RouteKind {
    /// A run that is waited for.
    Run = 0,
    /// A run that answers as it goes.
    Stream = 1,
    /// A run that is put into the queue.
    Submit = 2,
    /// Where a request is.
    Status = 3,
    /// The same, told whenever it changes.
    StatusStream = 4,
    /// The answer of a request.
    Result = 5,
    /// Taking a request back.
    Cancel = 6,
    /// A place for a file.
    Upload = 7,
    /// A short-lived token.
    Token = 8,
}

/// What an answer means for what was reserved before the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It is paid for; by the units that fal counts, else as estimated.
    Charge = 0,
    /// It costs nothing.
    Release = 1,
    /// A job has begun, which ends later.
    Began = 2,
    /// The job is over, and paid for.
    Ended = 3,
    /// The job is over, and costs nothing.
    Failed = 4,
    /// The job is over as far as anybody waits for it. What it costs is not known: the estimate stands.
    Dropped = 5,
    /// Nothing has changed.
    Nothing = 6,
}

impl RouteKind {
    /// Every kind, at the place of its number.
    pub const ALL: [Self; 9] = [
        Self::Run,
        Self::Stream,
        Self::Submit,
        Self::Status,
        Self::StatusStream,
        Self::Result,
        Self::Cancel,
        Self::Upload,
        Self::Token,
    ];

    /// The kind of a route.
    pub fn of(route: &Route) -> Self {
        match route {
            Route::Run(_) | Route::Requests(_) => Self::Run,
            Route::Stream(_) => Self::Stream,
            Route::Submit(..) => Self::Submit,
            Route::Status { .. } => Self::Status,
            Route::Follow { .. } => Self::StatusStream,
            Route::Result(..) => Self::Result,
            Route::Cancel(..) => Self::Cancel,
            Route::Initiate | Route::InitiateMultipart => Self::Upload,
            Route::Token(_) => Self::Token,
        }
    }

    /// What options and reports call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Stream => "stream",
            Self::Submit => "submit",
            Self::Status => "status",
            Self::StatusStream => "statusStream",
            Self::Result => "result",
            Self::Cancel => "cancel",
            Self::Upload => "upload",
            Self::Token => "token",
        }
    }

    /// How long the first byte of an answer may take, in milliseconds, after the last of the request was sent. A run is
    /// answered when the model is done, which may have to start first.
    pub const fn patience_ms(self) -> u32 {
        match self {
            Self::Run | Self::Stream => 600_000,
            Self::Result => 60_000,
            _ => 30_000,
        }
    }

    /// Whether something runs that costs money or takes somebody's turn.
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Run | Self::Stream | Self::Submit | Self::Upload | Self::Token)
    }

    /// Whether a model is put to work.
    pub const fn is_job(self) -> bool {
        matches!(self, Self::Run | Self::Stream | Self::Submit)
    }

    /// Whether something runs that has a price.
    pub const fn is_priced(self) -> bool {
        matches!(self, Self::Run | Self::Stream | Self::Submit | Self::Token)
    }

    /// What an answer with this status means for a budget; 0 when none came. `failed` says that fal names an error.
    ///
    /// Source: fal's documentation: what ends in a server error is not billed. Where it is not known what became of a
    /// call, it counts as paid for: a budget fails closed.
    pub const fn outcome(self, status: u16, failed: bool) -> Outcome {
        match self {
            Self::Run | Self::Stream => match status {
                0 | 200..=299 => Outcome::Charge,
                _ => Outcome::Release,
            },
            Self::Submit => match status {
                200..=299 => Outcome::Began,
                0 => Outcome::Charge,
                _ => Outcome::Release,
            },
            Self::Token => match status {
                0 | 200..=299 => Outcome::Charge,
                _ => Outcome::Release,
            },
            Self::Upload => Outcome::Release,
            // A result that is not there yet is a 400; a gateway that has trouble says so with 502 to 504.
            Self::Result => match status {
                200..=299 => Outcome::Ended,
                422 => Outcome::Failed,
                500..=599 if failed => Outcome::Failed,
                _ => Outcome::Nothing,
            },
            Self::Cancel => match status {
                200..=299 => Outcome::Dropped,
                _ => Outcome::Nothing,
            },
            Self::Status | Self::StatusStream => Outcome::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_javascript_layer() {
        let types = include_str!("../../js/proxy/types.ts");
        for (number, kind) in RouteKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert!(types.contains(&std::format!("\"{}\"", kind.name())), "{kind:?}");
        }
    }

    #[test]
    fn what_fal_does_not_bill_is_given_back_and_what_is_not_known_is_not() {
        for kind in [RouteKind::Run, RouteKind::Stream, RouteKind::Token] {
            assert_eq!(kind.outcome(200, false), Outcome::Charge);
            assert_eq!(kind.outcome(0, false), Outcome::Charge);
            for status in [400, 422, 429, 500, 503] {
                assert_eq!(kind.outcome(status, false), Outcome::Release, "{kind:?} {status}");
            }
        }
        assert_eq!(RouteKind::Submit.outcome(200, false), Outcome::Began);
        assert_eq!(RouteKind::Submit.outcome(0, false), Outcome::Charge);
        assert_eq!(RouteKind::Submit.outcome(429, false), Outcome::Release);
        assert_eq!(RouteKind::Result.outcome(200, false), Outcome::Ended);
        assert_eq!(RouteKind::Result.outcome(400, true), Outcome::Nothing, "it is not done yet");
        assert_eq!(RouteKind::Result.outcome(502, false), Outcome::Nothing);
        assert_eq!(RouteKind::Result.outcome(500, true), Outcome::Failed);
        assert_eq!(RouteKind::Cancel.outcome(202, false), Outcome::Dropped);
        assert_eq!(RouteKind::Cancel.outcome(400, false), Outcome::Nothing);
        assert_eq!(RouteKind::Status.outcome(200, false), Outcome::Nothing);
    }
}
