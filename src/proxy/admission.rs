//! A call on its way in: what has to be known before anything is taken for it or sent, in which order, and what ends it.
//!
//! What comes after is [`Taking`](crate::limits::Taking), which takes what it needs, and [`Call`](super::Call), which sends it.

use super::{Refusal, RouteKind};
use crate::protocol::BridgeRoute;

/// One call: a plain value that is told what was found and says what to look for next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    wants: AdmissionWants,
    /// Where it goes, once that is known.
    target: Option<AdmissionTarget>,
    step: AdmissionStep,
}

/// What the app wants of calls, and what this one brings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is an option of the proxy")]
pub struct AdmissionWants {
    /// Each visitor calls fal with a key of their own.
    pub own_keys: bool,
    /// The platform limits rates.
    pub rate: bool,
    /// Who asks about a request shows that it is their own.
    pub ownership: bool,
    /// What costs money is attested before.
    pub attestation: bool,
    /// There are endpoints that need a grant, or this call brings one.
    pub grants: bool,
    /// This call brings one.
    pub has_grant: bool,
    /// The app is asked where results are posted to.
    pub webhook: bool,
    /// Something is counted.
    pub limits: bool,
    /// What the app's rules would refuse goes through, and is told.
    pub watch: bool,
}

/// Where a call goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionTarget {
    /// To a model, its queue, a storage, or for a token.
    Route(RouteKind),
    /// To the bridge for sessions.
    Bridge(BridgeRoute),
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionStep {
    /// The app is asked who calls.
    Authenticate,
    /// The visitor's own key is looked for: who has none has nothing to be counted for.
    FindKey,
    /// Its target is read and held against what is open.
    Route,
    /// The rate limiter of the platform is asked.
    Rate,
    /// Whether what it is about is the visitor's own.
    Ownership,
    /// The app is asked for its proof that the call comes from its own page.
    Attest,
    /// The grant is looked at, or that there is none.
    Grant,
    /// What signs the capability of what it begins is looked for.
    SigningKey,
    /// Its body is read, as far as that is needed.
    ReadBody,
    /// The apps that its body names are held against what is open.
    Apps,
    /// Its input is held to the rules.
    JudgeInput,
    /// The app is asked where its result is posted to.
    Webhook,
    /// What it needs is taken.
    Reserve,
    /// It is let in.
    Pass,
    /// It is refused.
    Refuse,
}

/// What was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AdmissionEvent {
    /// Nothing speaks against it.
    Ok,
    /// It goes there.
    Goes(AdmissionTarget),
    /// It is to be refused; without a refusal something failed that nobody can explain.
    Refused(Option<Refusal>),
    /// The visitor has left, before the step that is next was done.
    Left,
}

/// The steps to a model and to what it has begun, in their order. What ends a call without a question to anybody comes before
/// what asks somebody, that before what reads the body, and what takes something is the last.
const TO_A_MODEL: &[AdmissionStep] = &[
    AdmissionStep::Authenticate,
    AdmissionStep::FindKey,
    AdmissionStep::Route,
    AdmissionStep::Rate,
    AdmissionStep::Ownership,
    AdmissionStep::Attest,
    AdmissionStep::Grant,
    AdmissionStep::SigningKey,
    AdmissionStep::ReadBody,
    AdmissionStep::JudgeInput,
    AdmissionStep::Webhook,
    AdmissionStep::Reserve,
];
/// The steps to a token, whose body names what it is for.
const TO_A_TOKEN: &[AdmissionStep] = &[
    AdmissionStep::Authenticate,
    AdmissionStep::FindKey,
    AdmissionStep::Route,
    AdmissionStep::Rate,
    AdmissionStep::Attest,
    AdmissionStep::ReadBody,
    AdmissionStep::Apps,
    AdmissionStep::Grant,
    AdmissionStep::Reserve,
];
/// The steps to a session, whose body names its app or the session.
const TO_A_SESSION: &[AdmissionStep] = &[
    AdmissionStep::Authenticate,
    AdmissionStep::FindKey,
    AdmissionStep::Route,
    AdmissionStep::ReadBody,
    AdmissionStep::Ownership,
    AdmissionStep::Rate,
    AdmissionStep::Apps,
    AdmissionStep::Attest,
    AdmissionStep::SigningKey,
    AdmissionStep::Reserve,
];

impl Admission {
    /// A call of which it is known that it comes from a page that may ask.
    pub fn new(wants: AdmissionWants) -> Self {
        Self { wants, target: None, step: AdmissionStep::Authenticate }
    }

    /// What comes next, after what was found. After its end nothing changes any more.
    pub fn on(&mut self, event: AdmissionEvent) -> AdmissionStep {
        use {AdmissionEvent as Event, AdmissionStep as Step};
        self.step = match (self.step, event) {
            (Step::Pass | Step::Refuse, _) => self.step,
            (step, Event::Left) => {
                if self.is_for_its_reader() {
                    Step::Refuse
                } else {
                    step
                }
            }
            (Step::Route, Event::Goes(target)) => {
                self.target = Some(target);
                self.after(Step::Route)
            }
            (Step::Route, Event::Ok) | (_, Event::Goes(_)) => Step::Refuse,
            (step, Event::Ok) => self.after(step),
            (step, Event::Refused(Some(refusal))) if self.only_watches(step, refusal) => self.after(step),
            (_, Event::Refused(_)) => Step::Refuse,
        };
        self.step
    }

    /// The next step that this call needs.
    fn after(&self, step: AdmissionStep) -> AdmissionStep {
        let steps = match self.target {
            Some(AdmissionTarget::Bridge(_)) => TO_A_SESSION,
            Some(AdmissionTarget::Route(RouteKind::Token)) => TO_A_TOKEN,
            _ => TO_A_MODEL,
        };
        let behind = steps.iter().skip_while(|one| **one != step).skip(1);
        behind.copied().find(|one| self.needs(*one)).unwrap_or(AdmissionStep::Pass)
    }

    fn needs(&self, step: AdmissionStep) -> bool {
        use {AdmissionStep as Step, AdmissionTarget as Target};
        let (wants, target) = (self.wants, self.target);
        let kind = if let Some(Target::Route(kind)) = target { Some(kind) } else { None };
        let is_submit = kind == Some(RouteKind::Submit);
        let is_priced = kind.is_some_and(RouteKind::is_priced);
        let opens = target == Some(Target::Bridge(BridgeRoute::Session));
        let is_opened = matches!(target, Some(Target::Bridge(BridgeRoute::Heartbeat | BridgeRoute::Over)));
        match step {
            Step::FindKey => wants.own_keys,
            Step::Rate => wants.rate && !is_opened,
            Step::Ownership => is_opened || (wants.ownership && kind.is_some_and(RouteKind::is_about_a_request)),
            Step::Attest => wants.attestation && (is_priced || opens),
            Step::Grant => wants.grants && is_priced,
            Step::SigningKey => opens || (wants.ownership && is_submit),
            Step::Apps => !is_opened,
            Step::Webhook => wants.webhook && is_submit,
            Step::Reserve => opens || (wants.limits && kind.is_some()),
            _ => true,
        }
    }

    /// Whether nobody wants it once its visitor has left. A job goes on without them, a cancel and the end of a session are
    /// what a page sends that is left.
    fn is_for_its_reader(&self) -> bool {
        let Some(AdmissionTarget::Route(kind)) = self.target else { return false };
        !matches!(kind, RouteKind::Submit | RouteKind::Cancel)
    }

    /// Whether a refusal is only told. Who asks, where a call may go and whose something is are never only watched.
    fn only_watches(&self, step: AdmissionStep, refusal: Refusal) -> bool {
        let is_watched = match step {
            AdmissionStep::Attest => true,
            AdmissionStep::JudgeInput => matches!(refusal, Refusal::Input | Refusal::BodyTooLarge),
            // A grant that is not counted could be used again.
            AdmissionStep::Reserve if self.wants.has_grant => false,
            AdmissionStep::Reserve if matches!(self.target, Some(AdmissionTarget::Bridge(_))) => false,
            // For other reasons limits refuse an idempotency key that has bought, and an app that was stopped.
            AdmissionStep::Rate | AdmissionStep::Reserve => matches!(
                refusal,
                Refusal::Rate
                    | Refusal::Jobs
                    | Refusal::Budget
                    | Refusal::PriceUnknown
                    | Refusal::LimitsUnavailable
                    | Refusal::Misconfigured
            ),
            _ => false,
        };
        self.wants.watch && is_watched
    }

    /// What comes next.
    pub fn step(&self) -> AdmissionStep {
        self.step
    }

    /// All that it is, for whoever keeps it between two events.
    pub fn parts(&self) -> (AdmissionWants, Option<AdmissionTarget>, AdmissionStep) {
        (self.wants, self.target, self.step)
    }

    /// From the same.
    pub fn from_parts((wants, target, step): (AdmissionWants, Option<AdmissionTarget>, AdmissionStep)) -> Self {
        Self { wants, target, step }
    }
}
