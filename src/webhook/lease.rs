//! A webhook is handled once, however often it is delivered.
//!
//! fal delivers again what was not answered in time, and a worker may be cut off at any moment. So a delivery takes a
//! lease before it does anything, and marks the webhook as handled only when the app has handled it. Nothing is lost:
//! what is answered as handled was handled. Nothing is handled by two at once, unless a handler takes longer than the
//! lease.
//!
//! The store knows two things: to mark a name that is not marked yet, and to remove a mark. Where it cannot look without
//! marking, looking leaves a mark for [`PROBE_SECONDS`], which is gone before the lease is: a worker that is cut off
//! between looking and removing must not leave a webhook behind that counts as handled.

use crate::protocol::Millis;

/// For how long nobody else handles the same webhook.
pub const LEASE_SECONDS: u32 = 120;
/// For how long a mark stays that was only made to look.
pub const PROBE_SECONDS: u32 = 10;
/// For how long a handled webhook is remembered: fal delivers again for two hours at most.
pub const REMEMBERED_SECONDS: u32 = 86_400;

/// A lease that is about to end is left to end by itself: by the time the store hears of it, it may be somebody else's.
const MARGIN: Millis = 10_000;
/// How long looking may take from the moment the lease was asked for. A worker that was put to sleep there gives up:
/// the lease may be over before the app has had the time it is promised.
const LOOKING: Millis = 20_000;

/// What a delivery does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEffect {
    /// Nothing: what was reported is not what was asked for.
    Nothing,
    /// Marks the name of the lease for [`LEASE_SECONDS`].
    Take,
    /// Looks whether the webhook is marked as handled.
    Look,
    /// Removes the mark that looking has made.
    Clear,
    /// The app handles the webhook.
    Handle,
    /// Marks the webhook as handled, for [`REMEMBERED_SECONDS`].
    Remember,
    /// Removes the mark of the lease.
    Release,
    /// It is handled: now, or by an earlier delivery.
    Handled,
    /// It is handled, and the store does not know it: if fal delivers it again, it is handled again.
    Forgotten,
    /// Somebody else is handling it. fal delivers again.
    Busy,
    /// The app failed. fal delivers again.
    NotHandled,
    /// The store failed before the app was called. fal delivers again.
    StoreFailed,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeaseEvent {
    /// A delivery has come, and fal has signed it.
    Delivered,
    /// The store has marked what was not marked.
    Marked,
    /// It was marked already.
    WasMarked,
    /// It is not marked, and still is not.
    Unmarked,
    /// A mark was removed.
    Removed,
    /// The app has handled the webhook.
    Handled,
    /// The store, or the app, failed.
    Failed,
}

/// One delivery. The effect says what it waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lease {
    waits_for: LeaseEffect,
    /// How it ends, once the lease is given back.
    end: LeaseEffect,
    /// When the lease was asked for, so it lasts a little longer than what is counted from here.
    since: Millis,
    /// Whether looking has left a mark.
    has_probed: bool,
}

impl Default for Lease {
    fn default() -> Self {
        Self { waits_for: LeaseEffect::Nothing, end: LeaseEffect::StoreFailed, since: 0, has_probed: false }
    }
}

impl Lease {
    /// What to do now. What was not waited for, and so what is reported twice, changes nothing.
    pub fn on(&mut self, now: Millis, event: LeaseEvent) -> LeaseEffect {
        let next = self.next(now, event);
        if next != LeaseEffect::Nothing {
            self.waits_for = next;
        }
        next
    }

    fn next(&mut self, now: Millis, event: LeaseEvent) -> LeaseEffect {
        use LeaseEffect as Effect;
        use LeaseEvent as Event;
        match (self.waits_for, event) {
            (Effect::Nothing, Event::Delivered) => {
                self.since = now;
                Effect::Take
            }
            (Effect::Take | Effect::Look | Effect::Clear, Event::Marked | Event::Unmarked | Event::Removed)
                if self.end != Effect::Forgotten && self.age(now) > LOOKING =>
            {
                self.give_up(now)
            }
            (Effect::Take, Event::Marked) => Effect::Look,
            (Effect::Take, Event::WasMarked) => Effect::Busy,
            (Effect::Look, Event::WasMarked) => self.end(now, Effect::Handled),
            (Effect::Look, Event::Unmarked) => Effect::Handle,
            (Effect::Look, Event::Marked) => {
                self.has_probed = true;
                Effect::Clear
            }
            (Effect::Clear, Event::Removed) if self.end == Effect::Forgotten => Effect::Remember,
            (Effect::Clear, Event::Removed) => Effect::Handle,
            // What may have been marked by looking ends before the lease does, so the lease is not given back.
            (Effect::Take | Effect::Look | Effect::Clear, Event::Failed) => self.end,
            (Effect::Handle, Event::Handled) => Effect::Remember,
            (Effect::Handle, Event::Failed) => self.end(now, Effect::NotHandled),
            (Effect::Remember, Event::Marked) => self.end(now, Effect::Handled),
            // The mark that is there may be the one that looking made, if its removal was late.
            (Effect::Remember, Event::WasMarked)
                if self.has_probed && self.is_ours(now) && self.end != Effect::Forgotten =>
            {
                self.end = Effect::Forgotten;
                Effect::Clear
            }
            (Effect::Remember, Event::WasMarked) => self.end(now, Effect::Handled),
            // The lease stays, so that a delivery under way is put off. fal is answered that all is well, and does not
            // deliver again.
            (Effect::Remember, Event::Failed) if self.end == Effect::Forgotten => Effect::Forgotten,
            (Effect::Remember, Event::Failed) => {
                self.end = Effect::Forgotten;
                Effect::Remember
            }
            (Effect::Release, Event::Removed | Event::Failed) => self.end,
            _ => Effect::Nothing,
        }
    }

    /// Gives the lease back, if it is certainly still ours, and ends.
    fn end(&mut self, now: Millis, end: LeaseEffect) -> LeaseEffect {
        self.end = end;
        if self.is_ours(now) { LeaseEffect::Release } else { end }
    }

    /// Ends without the app. After looking there may be a mark, so the lease is left to outlive it.
    fn give_up(&mut self, now: Millis) -> LeaseEffect {
        if self.waits_for == LeaseEffect::Take {
            self.end(now, LeaseEffect::StoreFailed)
        } else {
            LeaseEffect::StoreFailed
        }
    }

    fn age(&self, now: Millis) -> Millis {
        now.checked_sub(self.since).unwrap_or(Millis::MAX)
    }

    fn is_ours(&self, now: Millis) -> bool {
        self.age(now).saturating_add(MARGIN) < Millis::from(LEASE_SECONDS) * 1_000
    }

    /// As numbers, for whoever keeps it between two events.
    pub fn parts(&self) -> (LeaseEffect, LeaseEffect, Millis, bool) {
        (self.waits_for, self.end, self.since, self.has_probed)
    }

    /// From the same numbers.
    pub fn from_parts((waits_for, end, since, has_probed): (LeaseEffect, LeaseEffect, Millis, bool)) -> Self {
        Self { waits_for, end, since, has_probed }
    }
}

#[cfg(test)]
mod tests {
    use super::LeaseEffect as Effect;
    use super::LeaseEvent as Event;
    use super::*;

    /// What comes of these events, one a second.
    fn effects(events: &[Event]) -> std::vec::Vec<Effect> {
        let mut lease = Lease::default();
        events.iter().enumerate().map(|(second, event)| lease.on(second as Millis * 1_000, *event)).collect()
    }

    #[test]
    fn a_webhook_is_marked_only_when_it_was_handled() {
        use Event::{Delivered, Handled, Marked, Removed, Unmarked, WasMarked};
        assert_eq!(
            effects(&[Delivered, Marked, Unmarked, Handled, Marked, Removed]),
            [Effect::Take, Effect::Look, Effect::Handle, Effect::Remember, Effect::Release, Effect::Handled]
        );
        assert_eq!(
            effects(&[Delivered, Marked, WasMarked, Removed]),
            [Effect::Take, Effect::Look, Effect::Release, Effect::Handled]
        );
        assert_eq!(effects(&[Delivered, WasMarked]), [Effect::Take, Effect::Busy]);
    }

    #[test]
    fn what_is_reported_twice_changes_nothing() {
        use Event::{Delivered, Handled, Marked, Unmarked};
        let all = effects(&[Delivered, Delivered, Marked, Unmarked, Unmarked, Handled, Handled]);
        assert_eq!(all.iter().filter(|effect| **effect == Effect::Handle).count(), 1);
        assert_eq!(all.last(), Some(&Effect::Nothing));
    }

    #[test]
    fn a_lease_that_may_be_somebody_elses_is_not_given_back() {
        for (elapsed, expected) in [(109_999, Effect::Release), (110_000, Effect::NotHandled)] {
            let mut lease = Lease::default();
            for event in [Event::Delivered, Event::Marked, Event::Unmarked] {
                lease.on(1_000, event);
            }
            assert_eq!(lease.on(1_000 + elapsed, Event::Failed), expected);
        }
    }

    #[test]
    fn it_survives_as_numbers() {
        let mut lease = Lease::default();
        lease.on(5, Event::Delivered);
        lease.on(6, Event::Marked);
        assert_eq!(Lease::from_parts(lease.parts()), lease);
    }
}
