//! The Platform APIs: whether a key goes along with a call, and how a key is replaced.

use super::Word;
use super::tables::numbered;
use crate::platform::{RotationEffect, RotationEvent, RotationStep, Who};

numbered!(WHO, Who, "Who", { Anybody = 0, KeyOptional = 1, Key = 2, Admin = 3 });
numbered!(ROTATION_STEP, RotationStep, "RotationStep", { Look = 0, Create = 1, Deploy = 2, Verify = 3, Revoke = 4 });

/// A [`RotationEffect`] by its name alone: the number of a key, or of a step, crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the effects")]
pub enum RotationEffectKind {
    Nothing,
    List,
    Create,
    Deploy,
    Check,
    Verify,
    ListAgain,
    Choose,
    Revoke,
    Done,
    Missing,
    Contested,
    Denied,
    Stopped,
}
numbered!(ROTATION_EFFECT, RotationEffectKind, "RotationEffect", {
    Nothing = 0, List = 1, Create = 2, Deploy = 3, Check = 4, Verify = 5, ListAgain = 6, Choose = 7, Revoke = 8,
    Done = 9, Missing = 10, Contested = 11, Denied = 12, Stopped = 13,
});

/// An effect of a rotation as two numbers.
pub fn rotation_effect_words(effect: RotationEffect) -> [f64; 2] {
    use RotationEffectKind as Kind;
    let (kind, beside) = match effect {
        RotationEffect::Nothing => (Kind::Nothing, 0),
        RotationEffect::List => (Kind::List, 0),
        RotationEffect::Create => (Kind::Create, 0),
        RotationEffect::Deploy => (Kind::Deploy, 0),
        RotationEffect::Check => (Kind::Check, 0),
        RotationEffect::Verify => (Kind::Verify, 0),
        RotationEffect::ListAgain => (Kind::ListAgain, 0),
        RotationEffect::Choose(place) => (Kind::Choose, place),
        RotationEffect::Revoke(place) => (Kind::Revoke, place),
        RotationEffect::Done => (Kind::Done, 0),
        RotationEffect::Missing => (Kind::Missing, 0),
        RotationEffect::Contested => (Kind::Contested, 0),
        RotationEffect::Denied => (Kind::Denied, 0),
        RotationEffect::Stopped(step) => return [Kind::Stopped.to_word(), step.to_word()],
    };
    [kind.to_word(), beside.to_word()]
}

/// An effect from its two numbers.
pub fn rotation_effect(kind: f64, beside: f64) -> Option<RotationEffect> {
    use RotationEffectKind as Kind;
    Some(match Kind::from_word(kind)? {
        Kind::Nothing => RotationEffect::Nothing,
        Kind::List => RotationEffect::List,
        Kind::Create => RotationEffect::Create,
        Kind::Deploy => RotationEffect::Deploy,
        Kind::Check => RotationEffect::Check,
        Kind::Verify => RotationEffect::Verify,
        Kind::ListAgain => RotationEffect::ListAgain,
        Kind::Choose => RotationEffect::Choose(u32::from_word(beside)?),
        Kind::Revoke => RotationEffect::Revoke(u32::from_word(beside)?),
        Kind::Done => RotationEffect::Done,
        Kind::Missing => RotationEffect::Missing,
        Kind::Contested => RotationEffect::Contested,
        Kind::Denied => RotationEffect::Denied,
        Kind::Stopped => RotationEffect::Stopped(RotationStep::from_word(beside)?),
    })
}

/// What has happened to a rotation, by its name alone: a count crosses beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are those of the events")]
pub enum RotationEventKind {
    Started,
    Listed,
    ListedAgain,
    Done,
    Yes,
    No,
    Failed,
}
numbered!(ROTATION_EVENT, RotationEventKind, "RotationEvent", {
    Started = 0, Listed = 1, ListedAgain = 2, Done = 3, Yes = 4, No = 5, Failed = 6,
});

/// An event of a rotation from its two numbers.
pub fn rotation_event(kind: f64, beside: f64) -> Option<RotationEvent> {
    use RotationEventKind as Kind;
    Some(match Kind::from_word(kind)? {
        Kind::Started => RotationEvent::Started { creates: beside != 0.0 },
        Kind::Listed => RotationEvent::Listed(u32::from_word(beside)?),
        Kind::ListedAgain => RotationEvent::ListedAgain(u32::from_word(beside)?),
        Kind::Done => RotationEvent::Done,
        Kind::Yes => RotationEvent::Yes,
        Kind::No => RotationEvent::No,
        Kind::Failed => RotationEvent::Failed,
    })
}
