//! Replacing a key: look, create, deploy, check, look again, and only then revoke.
//!
//! Nothing is kept between two rotations, and nothing has to be: every key with the alias but the one that was just
//! checked is old. One that was cut off leaves at most one key that nobody uses, which the next one revokes. At every
//! moment the key that is deployed works.
//!
//! The keys and their ids stay with whoever drives this; here they are counted.

/// A step of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationStep {
    /// The keys with the alias are listed.
    Look,
    /// A key is made.
    Create,
    /// The app brings it to where it is used.
    Deploy,
    /// fal takes it, and the app says that its deployment works.
    Verify,
    /// Old keys are revoked.
    Revoke,
}

/// What happens next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationEffect {
    /// Nothing: what was reported is not what was asked for.
    Nothing,
    /// Lists the keys with the alias.
    List,
    /// Makes a key.
    Create,
    /// Hands it to the app's `deploy`.
    Deploy,
    /// Asks fal whether it takes the new key.
    Check,
    /// Asks the app's `verify`.
    Verify,
    /// Lists the keys with the alias once more.
    ListAgain,
    /// Asks whether the old key of this number is revoked.
    Choose(u32),
    /// Revokes the old key of this number.
    Revoke(u32),
    /// It is done.
    Done,
    /// There is no key with the alias, and none was to be made.
    Missing,
    /// There is a key with the alias that was not there before: somebody else is rotating it, too.
    Contested,
    /// The app's `verify` said no.
    Denied,
    /// A step failed.
    Stopped(RotationStep),
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RotationEvent {
    /// It begins, or goes on where it stopped. `creates` says that an alias without a key gets one.
    Started {
        /// Whether an alias without a key gets one.
        creates: bool,
    },
    /// So many keys have the alias.
    Listed(u32),
    /// So many keys with the alias are neither the new one nor of those that were listed before.
    ListedAgain(u32),
    /// What was asked for is done: a key was made, deployed, taken by fal, revoked.
    Done,
    /// Yes: the deployment works; the key is to be revoked.
    Yes,
    /// No.
    No,
    /// It failed, or its answer was lost.
    Failed,
}

/// One rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// How far it is: the effect it waits for, or with which it stopped.
    at: RotationEffect,
    old: u32,
}

impl Default for Rotation {
    fn default() -> Self {
        Self { at: RotationEffect::Nothing, old: 0 }
    }
}

impl Rotation {
    /// What to do now. `of` is the effect that the event is about, or any when it begins. What was not waited for, and so
    /// what is reported twice, changes nothing.
    pub fn on(&mut self, of: RotationEffect, event: RotationEvent) -> RotationEffect {
        if of != self.at && !matches!(event, RotationEvent::Started { .. }) {
            return RotationEffect::Nothing;
        }
        let next = self.next(event);
        if next != RotationEffect::Nothing {
            self.at = next;
        }
        next
    }

    fn next(&mut self, event: RotationEvent) -> RotationEffect {
        use RotationEffect as Effect;
        use RotationEvent as Event;
        use RotationStep as Step;
        match (self.at, event) {
            (Effect::Nothing, Event::Started { creates }) => {
                // Until the first list is there, this says whether an empty one will do.
                self.old = u32::from(creates);
                Effect::List
            }
            // A key that was made without anybody learning of it is listed, and counts as old.
            (Effect::Missing | Effect::Stopped(Step::Look | Step::Create), Event::Started { creates }) => {
                self.old = u32::from(creates);
                Effect::List
            }
            (Effect::List, Event::Listed(0)) if self.old == 0 => Effect::Missing,
            (Effect::List, Event::Listed(old)) => {
                self.old = old;
                Effect::Create
            }
            (Effect::Create, Event::Done) => Effect::Deploy,
            (Effect::Stopped(Step::Deploy), Event::Started { .. }) => Effect::Deploy,
            (Effect::Deploy, Event::Done) => Effect::Check,
            (Effect::Stopped(Step::Verify) | Effect::Denied | Effect::Contested, Event::Started { .. }) => {
                Effect::Check
            }
            (Effect::Check, Event::Done) => Effect::Verify,
            (Effect::Verify, Event::Yes) => Effect::ListAgain,
            (Effect::Verify, Event::No) => Effect::Denied,
            (Effect::ListAgain, Event::ListedAgain(0)) => self.revoke_from(0),
            (Effect::ListAgain, Event::ListedAgain(_)) => Effect::Contested,
            (Effect::Choose(place), Event::Yes) => Effect::Revoke(place),
            (Effect::Choose(place), Event::No) | (Effect::Revoke(place), Event::Done) => self.revoke_from(place + 1),
            (Effect::Stopped(Step::Revoke), Event::Started { .. }) => self.revoke_from(0),
            (Effect::List, Event::Failed) => Effect::Stopped(Step::Look),
            (Effect::Create, Event::Failed) => Effect::Stopped(Step::Create),
            (Effect::Deploy, Event::Failed) => Effect::Stopped(Step::Deploy),
            (Effect::Check | Effect::Verify | Effect::ListAgain, Event::Failed) => Effect::Stopped(Step::Verify),
            (Effect::Choose(_) | Effect::Revoke(_), Event::Failed) => Effect::Stopped(Step::Revoke),
            _ => Effect::Nothing,
        }
    }

    fn revoke_from(&self, place: u32) -> RotationEffect {
        if place < self.old { RotationEffect::Choose(place) } else { RotationEffect::Done }
    }

    /// How far it is, and how many old keys there are, for whoever keeps it between two events.
    pub fn parts(&self) -> (RotationEffect, u32) {
        (self.at, self.old)
    }

    /// From the same.
    pub fn from_parts((at, old): (RotationEffect, u32)) -> Self {
        Self { at, old }
    }
}
