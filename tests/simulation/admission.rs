//! Calls on their way in, under hostile schedules: questions that are refused, fail, or are answered with what was not asked;
//! visitors who leave and programs that end at any step.
//!
//! Whatever the app wants and wherever a call goes: nothing is taken for it and nothing is sent before all that has to hold was
//! found to hold, and nobody is asked anything once it is refused. The awaits of JavaScript around it have a test of their
//! own: `tests/node/proxy-schedules.test.mjs`.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::protocol::BridgeRoute;
use fal_wasm::proxy::{
    Admission, AdmissionEvent as Event, AdmissionStep as Step, AdmissionTarget as Target, AdmissionWants, Refusal,
    RouteKind,
};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;
const REFUSALS: [Refusal; 14] = [
    Refusal::Unauthenticated,
    Refusal::AuthenticationUnavailable,
    Refusal::Endpoint,
    Refusal::RequestUnknown,
    Refusal::Misconfigured,
    Refusal::Input,
    Refusal::BodyTooLarge,
    Refusal::Rate,
    Refusal::Jobs,
    Refusal::Budget,
    Refusal::LimitsUnavailable,
    Refusal::KeyReused,
    Refusal::Stopped,
    Refusal::Attestation,
];

/// A mistake in the decisions, which has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutant {
    /// This step is left out.
    Skips(Step),
    /// What is refused goes on.
    RefusedIsOk,
    /// Whoever left goes on.
    LeftIsOk,
    /// What only watches passes whom nobody knows.
    WatchesAll,
    /// A grant that is not counted is let through.
    WatchesGrants,
    /// It is taken before the input is judged.
    TakesFirst,
}

struct World {
    dice: Dice,
    wants: AdmissionWants,
    target: Target,
    mutant: Option<Mutant>,
    admission: Admission,
    /// The steps that were found to hold, or were only watched, in their order.
    passed: Vec<(Step, Option<Refusal>)>,
}

impl World {
    fn new(seed: u64, mutant: Option<Mutant>) -> Self {
        let mut dice = Dice(seed);
        let mut want = |percent| dice.chance(percent);
        let (own_keys, rate, ownership, attestation) = (want(30), want(50), want(70), want(50));
        let (has_grant, webhook, limits, watch) = (want(20), want(30), want(70), want(30));
        let grants = has_grant || want(20);
        let wants =
            AdmissionWants { own_keys, rate, ownership, attestation, grants, has_grant, webhook, limits, watch };
        let target = if dice.chance(70) {
            Target::Route(dice.pick(&RouteKind::ALL))
        } else {
            Target::Bridge(dice.pick(&[
                BridgeRoute::Ice,
                BridgeRoute::Session,
                BridgeRoute::Heartbeat,
                BridgeRoute::Over,
            ]))
        };
        Self { dice, wants, target, mutant, admission: Admission::new(wants), passed: Vec::new() }
    }

    /// What the machine says, with the mistake of this world. Between two events nothing of it is kept but its parts.
    fn on(&mut self, event: Event) -> Step {
        let mut admission = Admission::from_parts(self.admission.parts());
        let before = admission.step();
        let refused = matches!(event, Event::Refused(_));
        let mut step = match self.mutant {
            Some(Mutant::LeftIsOk) if event == Event::Left => before,
            Some(Mutant::RefusedIsOk) if refused && before != Step::Route => admission.on(Event::Ok),
            Some(Mutant::WatchesAll) if refused && before == Step::Authenticate => admission.on(Event::Ok),
            Some(Mutant::WatchesGrants) if refused && self.wants.watch && before == Step::Reserve => {
                admission.on(Event::Ok)
            }
            _ => admission.on(event),
        };
        match self.mutant {
            Some(Mutant::Skips(skipped)) if step == skipped => step = admission.on(Event::Ok),
            Some(Mutant::TakesFirst) if step == Step::ReadBody && self.wants.limits => {
                let (wants, target, _) = admission.parts();
                admission = Admission::from_parts((wants, target, Step::Reserve));
                step = Step::Reserve;
            }
            _ => {}
        }
        self.admission = admission;
        step
    }

    fn run(&mut self) -> bool {
        let trouble = self.dice.roll(20);
        let mut step = self.admission.step();
        for _ in 0..20 {
            if matches!(step, Step::Pass | Step::Refuse) {
                break;
            }
            assert!(self.passed.iter().all(|(one, _)| *one != step), "{step:?} twice");
            // The program ends here, and nothing more comes of it.
            if self.dice.chance(1) {
                return false;
            }
            let event = match self.dice.chance(trouble) {
                true => match self.dice.roll(8) {
                    0 => Event::Left,
                    1 => Event::Refused(None),
                    2 => self.dice.pick(&[Event::Ok, Event::Goes(Target::Route(RouteKind::Status))]),
                    _ => Event::Refused(Some(self.dice.pick(&REFUSALS))),
                },
                false if step == Step::Route => Event::Goes(self.target),
                false => Event::Ok,
            };
            let next = self.on(event);
            self.judge(step, event, next);
            step = next;
        }
        // What is told after the end changes nothing.
        for event in [Event::Ok, Event::Left, Event::Goes(self.target), Event::Refused(None)] {
            assert_eq!(self.on(event), step);
        }
        step == Step::Pass
    }

    /// What follows from an event, by the promises of the proxy.
    fn judge(&mut self, step: Step, event: Event, next: Step) {
        match event {
            Event::Ok if step != Step::Route => self.passed.push((step, None)),
            Event::Goes(target) if step == Step::Route => {
                self.target = target;
                self.passed.push((step, None));
            }
            Event::Refused(Some(refusal)) if next != Step::Refuse => {
                assert!(self.wants.watch && is_a_rule(step, refusal, self.wants), "{step:?}: {refusal:?}");
                self.passed.push((step, Some(refusal)));
            }
            // Nothing more is taken for nobody; what goes on without its visitor does.
            Event::Left => return assert_eq!(next, if self.is_for_its_reader() { Step::Refuse } else { step }),
            _ => return assert_eq!(next, Step::Refuse, "{step:?}"),
        }
        // Whatever takes something is the last: it would have to be given back.
        assert!(step != Step::Reserve || next == Step::Pass);
        // Nobody whom the app does not know is asked about anything.
        assert_eq!(self.passed[0].0, Step::Authenticate);
        if next == Step::Pass {
            for step in self.promised() {
                assert!(
                    self.passed.iter().any(|(one, _)| *one == step),
                    "{step:?}: {:?} {:?}",
                    self.target,
                    self.wants
                );
            }
        }
    }

    fn is_for_its_reader(&self) -> bool {
        use RouteKind::{Result, Run, Status, StatusStream, Stream, Token, Upload};
        let is_routed = self.passed.iter().any(|(step, _)| *step == Step::Route);
        let is_read = |kind| matches!(kind, Run | Stream | Status | StatusStream | Result | Token | Upload);
        is_routed && matches!(self.target, Target::Route(kind) if is_read(kind))
    }

    /// What holds for every call that is let in: written here once more, by what a call can do.
    fn promised(&self) -> Vec<Step> {
        let AdmissionWants { own_keys, rate, ownership, attestation, grants, webhook, limits, .. } = self.wants;
        let mut steps = vec![(true, Step::Authenticate), (own_keys, Step::FindKey), (true, Step::Route)];
        match self.target {
            Target::Route(kind) => {
                let costs = matches!(kind, RouteKind::Run | RouteKind::Stream | RouteKind::Submit | RouteKind::Token);
                let is_submit = kind == RouteKind::Submit;
                let asks = !costs && kind != RouteKind::Upload;
                let is_token = kind == RouteKind::Token;
                steps.extend([
                    (rate, Step::Rate),
                    (ownership && asks, Step::Ownership),
                    (attestation && costs, Step::Attest),
                    (grants && costs, Step::Grant),
                    (ownership && is_submit, Step::SigningKey),
                    (true, Step::ReadBody),
                    (true, if is_token { Step::Apps } else { Step::JudgeInput }),
                    (webhook && is_submit, Step::Webhook),
                    (limits, Step::Reserve),
                ]);
            }
            Target::Bridge(to) => {
                let is_known = matches!(to, BridgeRoute::Heartbeat | BridgeRoute::Over);
                let opens = to == BridgeRoute::Session;
                steps.extend([
                    (true, Step::ReadBody),
                    (is_known, Step::Ownership),
                    (rate && !is_known, Step::Rate),
                    (!is_known, Step::Apps),
                    (attestation && opens, Step::Attest),
                    (opens, Step::SigningKey),
                    (opens, Step::Reserve),
                ]);
            }
        }
        steps.into_iter().filter_map(|(is_promised, step)| is_promised.then_some(step)).collect()
    }
}

/// Whether a refusal is a rule of the app's that can be tried without holding anybody back.
fn is_a_rule(step: Step, refusal: Refusal, wants: AdmissionWants) -> bool {
    match step {
        Step::Attest => true,
        Step::JudgeInput => matches!(refusal, Refusal::Input | Refusal::BodyTooLarge),
        Step::Rate => !matches!(refusal, Refusal::Stopped | Refusal::KeyReused),
        Step::Reserve => !wants.has_grant && !matches!(refusal, Refusal::Stopped | Refusal::KeyReused),
        _ => false,
    }
}

#[test]
fn nothing_is_taken_or_sent_before_all_that_has_to_hold_was_found() {
    let seeds = seeds(RUNS);
    let mut passed = 0;
    for seed in &seeds {
        let mut world = World::new(*seed, None);
        let run = catch_unwind(AssertUnwindSafe(|| world.run()));
        let told = format!("SEED={seed} {:?} {:?} {:?}", world.wants, world.target, world.passed);
        passed += u64::from(run.unwrap_or_else(|_| panic!("{told}")));
    }
    assert!(seeds.len() == 1 || passed > RUNS / 5, "{passed}");
}

#[test]
fn every_mistake_about_who_comes_in_is_noticed() {
    let skipped = [
        Step::FindKey,
        Step::Rate,
        Step::Ownership,
        Step::Apps,
        Step::Attest,
        Step::Grant,
        Step::SigningKey,
        Step::ReadBody,
        Step::JudgeInput,
        Step::Webhook,
        Step::Reserve,
    ];
    let others = [Mutant::RefusedIsOk, Mutant::LeftIsOk, Mutant::WatchesAll, Mutant::WatchesGrants, Mutant::TakesFirst];
    for mutant in skipped.iter().map(|step| Mutant::Skips(*step)).chain(others) {
        let noticed = |seed| catch_unwind(AssertUnwindSafe(|| World::new(seed, Some(mutant)).run())).is_err();
        assert!((0..2_000).any(noticed), "{mutant:?}");
    }
}
