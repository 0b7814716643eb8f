//! A call on its way to fal, once what it needs is taken: which key it is sent with, whether it is sent again, and what
//! becomes of what was taken, whatever happens to it.

use super::{Refusal, answer};
use crate::limits::{Answer, CallKind, Outcome, SESSION_LEASE_SECONDS};

/// One call: a plain value that is told what happened and says what comes next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Call {
    /// What it is to limits; none when it changes nothing there.
    kind: Option<CallKind>,
    /// Whether its body can be sent a second time.
    resendable: bool,
    step: CallStep,
    outcome: Outcome,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallStep {
    /// The key is looked for.
    FindKey,
    /// It is sent.
    Send,
    /// fal has refused the key. The next one is looked for.
    FindNextKey,
    /// It is sent with the next key.
    SendAgain,
    /// fal's answer is read, because it names what has begun.
    Read,
    /// What has begun is recorded, by its name.
    Record,
    /// A session has begun: what its page keeps it with is signed.
    Sign,
    /// fal's answer is passed on. What was taken is settled when its reader is done, or has left.
    Pass,
    /// It is refused, and what was taken is settled.
    Refuse,
    /// What went wrong is said, and what was taken is settled.
    Fail,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum CallEvent {
    /// There is a key.
    KeyFound,
    /// There is no other key.
    NoOtherKey,
    /// fal has answered; or its answer to an earlier call is given again, and nothing is sent.
    Answered(Answer),
    /// What was to be done is done.
    Done,
    /// It failed: with this refusal, or by a mistake.
    Failed(Option<Refusal>),
}

impl Call {
    /// A call of this kind, whose body can or cannot be sent a second time.
    pub fn new(kind: Option<CallKind>, resendable: bool) -> Self {
        Self { kind, resendable, step: CallStep::FindKey, outcome: Outcome::Unchanged }
    }

    /// What comes next, after what happened. After its end nothing changes any more, whatever is told.
    pub fn on(&mut self, event: CallEvent) -> CallStep {
        use {CallEvent as Event, CallStep as Step};
        self.step = match (self.step, event) {
            (Step::FindKey, Event::KeyFound) => Step::Send,
            // fal refuses a key before anything runs.
            (Step::Send, Event::Answered(answer)) if answer.status == 401 && self.resendable => {
                self.outcome = self.outcome_of(answer);
                Step::FindNextKey
            }
            (Step::FindNextKey, Event::KeyFound) => Step::SendAgain,
            (Step::FindNextKey, Event::NoOtherKey) => Step::Refuse,
            (Step::FindKey | Step::Send | Step::SendAgain, Event::Answered(answer)) => self.answered(answer),
            (Step::Read, Event::Done) if self.kind == Some(CallKind::Session) => Step::Sign,
            (Step::Read, Event::Done) => Step::Record,
            (Step::Sign, Event::Done) => Step::Pass,
            // Nobody can keep it: fal ends it when its lease is over, and it is paid for until then.
            (Step::Sign, _) => {
                self.outcome = Outcome::Charged { units: Some(SESSION_LEASE_SECONDS.into()) };
                Step::Fail
            }
            // What is recorded is settled by that.
            (Step::Record, _) => {
                self.outcome = Outcome::Unchanged;
                Step::Pass
            }
            (Step::FindKey, Event::Failed(_)) => self.unanswered(false),
            // The answer that refused the first key stands.
            (Step::FindNextKey, _) => Step::Fail,
            (Step::Send | Step::SendAgain, Event::Failed(Some(refusal))) => self.unanswered(!refusal.is_unsent()),
            // A mistake after the answer changes nothing about what the answer means.
            (Step::Pass, Event::Failed(_)) => Step::Fail,
            (Step::Pass | Step::Refuse | Step::Fail, _) => self.step,
            // What nobody can explain may have been run.
            _ => self.unanswered(true),
        };
        self.step
    }

    fn answered(&mut self, said: Answer) -> CallStep {
        self.outcome = self.outcome_of(said);
        match answer(said.status) {
            _ if self.outcome == Outcome::Began => CallStep::Read,
            Ok(()) => CallStep::Pass,
            Err(_) => CallStep::Refuse,
        }
    }

    fn unanswered(&mut self, sent: bool) -> CallStep {
        self.outcome = self.outcome_of(Answer { sent, ..Answer::of_status(0) });
        CallStep::Fail
    }

    fn outcome_of(&self, answer: Answer) -> Outcome {
        self.kind.map_or(Outcome::Unchanged, |kind| answer.outcome(kind))
    }

    /// What comes next.
    pub fn step(&self) -> CallStep {
        self.step
    }

    /// What becomes of what was taken.
    pub fn outcome(&self) -> Outcome {
        self.outcome
    }

    /// All that it is, for whoever keeps it between two events.
    pub fn parts(&self) -> (Option<CallKind>, bool, CallStep, Outcome) {
        (self.kind, self.resendable, self.step, self.outcome)
    }

    /// From the same.
    pub fn from_parts((kind, resendable, step, outcome): (Option<CallKind>, bool, CallStep, Outcome)) -> Self {
        Self { kind, resendable, step, outcome }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OK: Answer = Answer::of_status(200);
    const PAID: Outcome = Outcome::Charged { units: None };

    fn sent(kind: CallKind) -> Call {
        let mut call = Call::new(Some(kind), true);
        assert_eq!(call.on(CallEvent::KeyFound), CallStep::Send);
        call
    }

    fn status(status: u16) -> CallEvent {
        CallEvent::Answered(Answer { status, ..OK })
    }

    #[test]
    fn a_refused_key_is_followed_by_the_next_one_once() {
        let mut call = sent(CallKind::Run);
        assert_eq!(call.on(status(401)), CallStep::FindNextKey);
        let mut alone = call;
        assert_eq!(call.on(CallEvent::KeyFound), CallStep::SendAgain);
        assert_eq!(call.on(status(401)), CallStep::Refuse);
        assert_eq!((alone.on(CallEvent::NoOtherKey), alone.outcome()), (CallStep::Refuse, Outcome::Free));
        let mut streamed = Call::new(Some(CallKind::Run), false);
        streamed.on(CallEvent::KeyFound);
        assert_eq!(streamed.on(status(401)), CallStep::Refuse, "its body is gone");
    }

    #[test]
    fn only_what_provably_did_not_run_is_given_back() {
        let missing = CallEvent::Failed(Some(Refusal::Misconfigured));
        for (kind, lost) in [(CallKind::Run, PAID), (CallKind::Submit, Outcome::Lost)] {
            let mut keyless = Call::new(Some(kind), true);
            assert_eq!((keyless.on(missing), keyless.outcome()), (CallStep::Fail, Outcome::Free));
            for (refusal, outcome) in [
                (Some(Refusal::UpstreamUnreachable), Outcome::Free),
                (Some(Refusal::BodyTooSlow), Outcome::Free),
                (Some(Refusal::UpstreamTimeout), lost),
                (Some(Refusal::UpstreamBroken), lost),
                (None, lost),
            ] {
                let mut call = sent(kind);
                assert_eq!((call.on(CallEvent::Failed(refusal)), call.outcome()), (CallStep::Fail, outcome));
            }
            // Between two keys nothing has run, whatever goes wrong.
            let mut between = sent(kind);
            between.on(status(401));
            assert_eq!((between.on(CallEvent::Failed(None)), between.outcome()), (CallStep::Fail, Outcome::Free));
        }
    }

    #[test]
    fn a_job_is_recorded_by_its_name_or_counts_as_begun() {
        let mut call = sent(CallKind::Submit);
        assert_eq!(call.on(status(200)), CallStep::Read);
        let mut broken = call;
        assert_eq!((call.on(CallEvent::Done), call.outcome()), (CallStep::Record, Outcome::Began));
        assert_eq!((call.on(CallEvent::Done), call.outcome()), (CallStep::Pass, Outcome::Unchanged));
        let fault = CallEvent::Failed(Some(Refusal::UpstreamBroken));
        assert_eq!((broken.on(fault), broken.outcome()), (CallStep::Fail, Outcome::Lost));
    }

    #[test]
    fn a_session_is_kept_by_its_page_or_paid_for_until_fal_ends_it() {
        let mut call = sent(CallKind::Session);
        assert_eq!(call.on(status(200)), CallStep::Read);
        let mut unnamed = call;
        assert_eq!(call.on(CallEvent::Done), CallStep::Sign);
        let mut alone = call;
        assert_eq!((call.on(CallEvent::Done), call.outcome()), (CallStep::Pass, Outcome::Began));
        let left = CallEvent::Failed(Some(Refusal::ClientLeftWaiting));
        let lease = Outcome::Charged { units: Some(SESSION_LEASE_SECONDS.into()) };
        assert_eq!((alone.on(left), alone.outcome()), (CallStep::Fail, lease));
        // What fal has begun without saying its name may be anything.
        assert_eq!((unnamed.on(left), unnamed.outcome()), (CallStep::Fail, Outcome::Lost));
    }

    #[test]
    fn what_is_decided_stays_decided() {
        let mut call = sent(CallKind::Run);
        assert_eq!(call.on(CallEvent::Answered(Answer { status: 422, units: Some(3.0), ..OK })), CallStep::Pass);
        let paid = Outcome::Charged { units: Some(3.0) };
        for event in [status(404), CallEvent::Failed(None), CallEvent::KeyFound, CallEvent::Done, status(401)] {
            call.on(event);
            assert_eq!(call.outcome(), paid, "{event:?}");
            assert!(matches!(call.step(), CallStep::Pass | CallStep::Fail), "nothing is sent again: {event:?}");
        }
    }
}
