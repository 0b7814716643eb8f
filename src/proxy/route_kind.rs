//! What a call is about: its kind, how long it may take, and what it means for somebody's budget.

use crate::limits::CallKind;
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

    /// Whether it is about a request that was begun before.
    pub const fn is_about_a_request(self) -> bool {
        matches!(self, Self::Status | Self::StatusStream | Self::Result | Self::Cancel)
    }

    /// What it is to limits; none when it changes nothing there.
    pub const fn limited(self) -> Option<CallKind> {
        match self {
            Self::Run | Self::Stream => Some(CallKind::Run),
            Self::Submit => Some(CallKind::Submit),
            Self::Result => Some(CallKind::Result),
            Self::Token => Some(CallKind::Token),
            Self::Upload => Some(CallKind::Upload),
            Self::Cancel => Some(CallKind::Cancel),
            Self::Status | Self::StatusStream => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_those_of_the_javascript_layer() {
        let types = include_str!("../../js/proxy/decision-types.ts");
        for (number, kind) in RouteKind::ALL.into_iter().enumerate() {
            assert_eq!(kind as usize, number);
            assert!(types.contains(&std::format!("\"{}\"", kind.name())), "{kind:?}");
        }
    }
}
