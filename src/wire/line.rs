//! Requests over one WebSocket: what happens to them, and what to do.

use super::tables::numbered;
use crate::client::{FailureKind, LineEvent, LineNext, LineTell};

/// What happens. The failure of a socket that could not even be tried crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the event of that name")]
pub enum LineEventKind {
    Asked,
    Opened,
    Unsent,
    Start,
    End,
    Frame,
    Closed,
    Failed,
    FirstLeft,
    OtherLeft,
    Ended,
}
numbered!(LINE_EVENT_KIND, LineEventKind, "LineEventKind", {
    Asked = 0, Opened = 1, Unsent = 2, Start = 3, End = 4, Frame = 5, Closed = 6, Failed = 7, FirstLeft = 8,
    OtherLeft = 9, Ended = 10,
});

impl LineEventKind {
    /// The event, with the failure that crosses beside it.
    pub fn with(self, kind: FailureKind) -> LineEvent {
        match self {
            Self::Asked => LineEvent::Asked,
            Self::Opened => LineEvent::Opened,
            Self::Unsent => LineEvent::Unsent,
            Self::Start => LineEvent::Start,
            Self::End => LineEvent::End,
            Self::Frame => LineEvent::Frame,
            Self::Closed => LineEvent::Closed,
            Self::Failed => LineEvent::Failed(kind),
            Self::FirstLeft => LineEvent::FirstLeft,
            Self::OtherLeft => LineEvent::OtherLeft,
            Self::Ended => LineEvent::Ended,
        }
    }
}

/// Who is told what. The failure crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "they are those of `LineTell`")]
pub enum LineTellKind {
    Nothing,
    Begin,
    Push,
    Complete,
    FailFirst,
    FailAll,
}
numbered!(LINE_TELL_KIND, LineTellKind, "LineTell", {
    Nothing = 0, Begin = 1, Push = 2, Complete = 3, FailFirst = 4, FailAll = 5,
});

impl From<LineTell> for (LineTellKind, Option<FailureKind>) {
    fn from(tell: LineTell) -> Self {
        match tell {
            LineTell::Nothing => (LineTellKind::Nothing, None),
            LineTell::Begin => (LineTellKind::Begin, None),
            LineTell::Push => (LineTellKind::Push, None),
            LineTell::Complete => (LineTellKind::Complete, None),
            LineTell::FailFirst(kind) => (LineTellKind::FailFirst, Some(kind)),
            LineTell::FailAll(kind) => (LineTellKind::FailAll, Some(kind)),
        }
    }
}

numbered!(LINE_NEXT, LineNext, "LineNext", { Nothing = 0, Open = 1, Send = 2 });
