//! A session with a world model, in numbers: what happened comes in as three, what to do goes out as three.

use super::tables::{events, numbered};
use crate::client::Token;
use crate::session::{Candidate, Effect, Event, Failure, Pulse, Warning};

numbered!(CANDIDATE, Candidate, "SessionCandidate", { Host = 0, Reflexive = 1, Relay = 2 });
numbered!(PULSE, Pulse, "SessionPulse", { Alive = 0, Dead = 1, Over = 2, Strange = 3, Lost = 4 });
numbered!(WARNING, Warning, "SessionWarning", {
    BridgeSilent = 0, NoServers = 1, QueueFull = 2, Interrupted = 3, Resumed = 4, Reopening = 5, Unplugged = 6,
});
numbered!(FAILURE, Failure, "SessionFailure", {
    MediaRefused = 0, OfferFailed = 1, NoRelay = 2, Refused = 3, AcceptanceUnknown = 4, AnswerInvalid = 5, Unconnected = 6,
    ConnectionLost = 7, ChannelClosed = 8, LeaseLost = 9, CutOff = 10,
});

events!(
    /// What happened to a session. `IceGiven` comes with whether a relay is among the servers, `Candidate` with a
    /// [`Candidate`], `Refused` with a status, `Beaten` with a [`Pulse`].
    session_event, SESSION_EVENT_KIND, "SessionEventKind", Event, |token, value| {
        Opened => Event::Opened,
        MediaReady => Event::MediaReady,
        MediaRefused => Event::MediaRefused,
        IceGiven => Event::IceGiven { token, relay: value != 0 },
        IceMissing => Event::IceMissing { token },
        Candidate => Event::Candidate { token, kind: Candidate::with_number(value as i32)? },
        Gathered => Event::Gathered { token },
        OfferFailed => Event::OfferFailed { token },
        Accepted => Event::Accepted { token },
        Refused => Event::Refused { token, status: value },
        Applied => Event::Applied { token },
        AnswerInvalid => Event::AnswerInvalid { token },
        ChannelOpened => Event::ChannelOpened { token },
        ChannelClosed => Event::ChannelClosed { token },
        Connected => Event::Connected { token },
        Disconnected => Event::Disconnected { token },
        Unconnected => Event::Unconnected { token },
        Ended => Event::Ended { token },
        Beaten => Event::Beaten { token, pulse: Pulse::with_number(value as i32)? },
        TimerFired => Event::TimerFired { token },
        Queued => Event::Queued,
        Written => Event::Written,
        Full => Event::Full,
        Drained => Event::Drained,
        Hidden => Event::Hidden,
        Shown => Event::Shown,
        Unplugged => Event::Unplugged,
        Left => Event::Left,
    }
);

/// The kinds of effects of a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the effect of that name")]
pub enum SessionEffectKind {
    AskBridge,
    AskApp,
    MakePeer,
    Offer,
    Apply,
    Beat,
    Abort,
    Sleep,
    Cancel,
    SendNext,
    DropOldest,
    Live,
    Warn,
    ClosePeer,
    TellOver,
    Failed,
    Closed,
}
numbered!(SESSION_EFFECT_KIND, SessionEffectKind, "SessionEffectKind", {
    AskBridge = 0, AskApp = 1, MakePeer = 2, Offer = 3, Apply = 4, Beat = 5, Abort = 6, Sleep = 7, Cancel = 8,
    SendNext = 9, DropOldest = 10, Live = 11, Warn = 12, ClosePeer = 13, TellOver = 14, Failed = 15, Closed = 16,
});

/// An effect as its kind, its token, and one more number that some have: `MakePeer` whether servers were given, `Sleep` how long,
/// `Warn` a [`Warning`], `Failed` a [`Failure`] in the place of the token, and its detail.
pub fn session_effect(effect: Effect) -> [u32; 3] {
    use SessionEffectKind as Kind;
    let (kind, token, value) = match effect {
        Effect::AskBridge { token } => (Kind::AskBridge, token, 0),
        Effect::AskApp { token } => (Kind::AskApp, token, 0),
        Effect::MakePeer { token, given } => (Kind::MakePeer, token, given.into()),
        Effect::Offer { token } => (Kind::Offer, token, 0),
        Effect::Apply => (Kind::Apply, Token(0), 0),
        Effect::Beat { token } => (Kind::Beat, token, 0),
        Effect::Abort { token } => (Kind::Abort, token, 0),
        Effect::Sleep { token, duration } => (Kind::Sleep, token, duration),
        Effect::Cancel { token } => (Kind::Cancel, token, 0),
        Effect::SendNext => (Kind::SendNext, Token(0), 0),
        Effect::DropOldest => (Kind::DropOldest, Token(0), 0),
        Effect::Live => (Kind::Live, Token(0), 0),
        Effect::Warn(warning) => (Kind::Warn, Token(warning as u32), 0),
        Effect::ClosePeer => (Kind::ClosePeer, Token(0), 0),
        Effect::TellOver => (Kind::TellOver, Token(0), 0),
        Effect::Failed { why, detail } => (Kind::Failed, Token(why as u32), detail),
        Effect::Closed => (Kind::Closed, Token(0), 0),
    };
    [kind as u32, token.0, value]
}
