//! What happened, in numbers.

use super::tables::{events, numbered};
use crate::client::{Body, Event, FailureKind, Token, realtime};
use crate::protocol::{QueueState, QueueStatus};

/// What a body says, as the JavaScript layer has read it ([`crate::client::BodyKind::read`] reads it for Rust).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the states of a request")]
pub enum BodyRead {
    /// Nothing that decides anything.
    Nothing,
    /// The request is in the queue.
    Submitted,
    /// There is a place for a file.
    Initiated,
    InQueue,
    InProgress,
    Completed,
    /// With an error.
    CompletedWithError,
    /// It is not what was expected.
    Invalid,
}
numbered!(BODY_READ, BodyRead, "BodyRead", {
    Nothing = 0, Submitted = 1, Initiated = 2, InQueue = 3, InProgress = 4, Completed = 5, CompletedWithError = 6,
    Invalid = 7,
});

impl BodyRead {
    /// The event of a body that was read under this token.
    fn event(self, token: Token) -> Event {
        let status = |state, failed| Body::Status(QueueStatus { state, failed });
        let body = match self {
            Self::Nothing => Body::Nothing,
            Self::Submitted => Body::Submitted,
            Self::Initiated => Body::Initiated,
            Self::InQueue => status(QueueState::InQueue, false),
            Self::InProgress => status(QueueState::InProgress, false),
            Self::Completed => status(QueueState::Completed, false),
            Self::CompletedWithError => status(QueueState::Completed, true),
            Self::Invalid => return Event::Failed { token, kind: FailureKind::AnswerInvalid },
        };
        Event::Read { token, body }
    }
}

events!(
    /// What happened to an operation. An answer comes with more ([`Event::Answered`]); `Read` with a [`BodyRead`],
    /// `Failed` with a [`FailureKind`].
    event, EVENT_KIND, "EventKind", Event, |token, value| {
        Started => Event::Started,
        Read => BodyRead::with_number(value as i32)?.event(token),
        Chunk => Event::Chunk { token },
        Ended => Event::Ended { token },
        Explained => Event::Explained { token },
        Paused => Event::Paused { token },
        Resumed => Event::Resumed { token },
        Failed => Event::Failed { token, kind: FailureKind::with_number(value as i32)? },
        TimerFired => Event::TimerFired { token },
        Aborted => Event::Aborted,
    }
);

events!(
    /// What happened to a realtime connection. `Queued` and `Written` come with a size in bytes, `TokenDenied` with
    /// whether asking again may help, `Closed` with a code.
    realtime_event, REALTIME_EVENT_KIND, "RealtimeEventKind", realtime::Event, |token, value| {
        Queued => realtime::Event::Queued { size: value },
        Written => realtime::Event::Written { size: value },
        TokenIssued => realtime::Event::TokenIssued { token },
        TokenDenied => realtime::Event::TokenDenied { token, retryable: value != 0 },
        Opened => realtime::Event::Opened { token },
        Received => realtime::Event::Received { token },
        SessionEnded => realtime::Event::SessionEnded { token },
        Unauthorized => realtime::Event::Unauthorized { token },
        Closed => realtime::Event::Closed { token, code: value as u16 },
        TimerFired => realtime::Event::TimerFired { token },
        Left => realtime::Event::Left,
    }
);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Word;

    #[test]
    fn what_crosses_comes_back() {
        for kind in FailureKind::ALL {
            assert_eq!(FailureKind::from_word(kind.to_word()), Some(*kind));
        }
        assert_eq!(FailureKind::from_word(200.0), None);
        assert_eq!(<Option<u32>>::from_word(None::<u32>.to_word()), Some(None));
        assert_eq!(u32::from_word(f64::NAN), None);
        let read = |number| event(EVENT_KIND.variants[1].1 as u32, Token(7), number);
        let status = QueueStatus { state: QueueState::Completed, failed: true };
        assert_eq!(read(6), Some(Event::Read { token: Token(7), body: Body::Status(status) }));
        assert_eq!(read(7), Some(Event::Failed { token: Token(7), kind: FailureKind::AnswerInvalid }));
        assert_eq!(read(8), None);
        let invalid = event(EVENT_KIND.variants.len() as u32, Token(7), 0);
        assert_eq!(invalid, None);
    }
}
