//! A visitor's page that wants a session, and what the proxy does for it, step by step.

use fal_wasm::limits::{Answer, CallKind, Holding, HoldingEvent, HoldingStep, HoldingWants, Outcome};
use fal_wasm::proxy::{Call, CallEvent, CallStep, Refusal};

use super::world::{World, is_in};
use super::{LATENCY, LEASE, Mutant, PLACE};

#[derive(Clone, Copy, Debug)]
pub enum Doing {
    Opening(Holding),
    Calling(Call),
    /// It goes on, and its page may keep it, end it or leave.
    Live,
    Keeping(Holding),
    Ending,
}

#[derive(Clone, Copy, Debug)]
pub struct Visit {
    pub doing: Doing,
    /// When its pass says that it was opened.
    pub opened: u64,
    /// fal's session.
    pub session: Option<usize>,
    pub total_at: Option<u64>,
    /// The jobs that an account has named.
    pub named: [bool; 2],
    /// Whether a budget did not suffice.
    pub is_spent: bool,
}

/// A session at fal.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    pub began: u64,
    pub last: u64,
    pub gone: u64,
    /// Whether another may come in though it runs on for a moment: its page said that it is over, or nobody knows if its
    /// place was taken anew.
    pub is_unsure: bool,
}

impl Session {
    pub fn end(&self) -> u64 {
        self.gone.min(self.last + LEASE)
    }
}

impl World {
    /// Does the next step of a visit; how long until the one after it.
    pub fn step(&mut self, visit: usize, at: u64) -> Option<u64> {
        // The program ends: nothing more comes of this step. A page that is there goes on.
        if self.dice.chance(self.trouble / 20) {
            return self.visits[visit].session.and_then(|_| self.goes_on(visit));
        }
        let latency = 1 + self.dice.roll(LATENCY);
        match self.visits[visit].doing {
            Doing::Opening(mut holding) => {
                holding.on(self.hold(visit, at, holding.step()));
                let call = || Call::new(Some(CallKind::Session), true);
                self.visits[visit].doing = match holding.step() {
                    HoldingStep::Held => Doing::Calling(call()),
                    HoldingStep::Refused => {
                        assert!(
                            self.trouble > 0 || ![&self.places, &self.own].iter().any(|account| is_in(account, visit)),
                            "it is refused, and holds something"
                        );
                        let knows_all = self.own.open.iter().all(|entry| entry.job.is_none()) || self.is_asking();
                        assert!(
                            self.trouble > 0 || !self.visits[visit].is_spent || knows_all,
                            "refused, and not asked"
                        );
                        return None;
                    }
                    _ => Doing::Opening(holding),
                };
                Some(latency)
            }
            Doing::Calling(call) => self.call(visit, at, call),
            Doing::Live => self.live(visit, at),
            Doing::Keeping(mut holding) => {
                let (step, event) = (holding.step(), self.hold(visit, at, holding.step()));
                holding.on(event);
                let session = self.visits[visit].session.unwrap();
                if step == HoldingStep::KeepPlace {
                    self.sessions[session].is_unsure = event == HoldingEvent::Unknown;
                }
                match holding.step() {
                    HoldingStep::Held => {
                        assert!(self.trouble > 0 || is_in(&self.own, visit), "it goes on, and nobody pays for it");
                        if at < self.sessions[session].end() {
                            self.sessions[session].last = at;
                            self.kept += 1;
                        }
                        self.goes_on(visit)
                    }
                    HoldingStep::Refused => {
                        self.may_be_cut_off(visit, at);
                        self.leave(visit, at);
                        None
                    }
                    _ => {
                        self.visits[visit].doing = Doing::Keeping(holding);
                        Some(latency)
                    }
                }
            }
            Doing::Ending => {
                let session = self.visits[visit].session.unwrap();
                self.sessions[session].is_unsure = true;
                let units = ((at - self.visits[visit].opened) / 1_000 + LEASE / 1_000) as f64;
                self.give_back(visit, at, Outcome::Charged { units: Some(units) });
                // A heartbeat may still be on its way.
                self.dice.chance(50).then(|| self.goes_on(visit)).flatten()
            }
        }
    }

    /// The page keeps its session: perhaps it misses a heartbeat or two.
    fn goes_on(&mut self, visit: usize) -> Option<u64> {
        self.visits[visit].doing = Doing::Live;
        Some(if self.unlucky() { 10_000 + self.dice.roll(20_000) } else { 9_000 + self.dice.roll(2_000) })
    }

    fn live(&mut self, visit: usize, at: u64) -> Option<u64> {
        if self.dice.chance(10) {
            // Some say that it is over, and want it to go on. A store that fails cuts nobody off, them neither.
            if self.trouble > 0 || self.dice.chance(70) {
                self.leave(visit, at);
            }
            // Without a word, or it says so.
            let doing = self.dice.chance(60).then_some(Doing::Ending)?;
            self.visits[visit].doing = doing;
            return Some(1);
        }
        // Its pass says for how long.
        if at - self.visits[visit].opened > self.max_seconds * 1_000 {
            self.leave(visit, at);
            return None;
        }
        let wants = HoldingWants { place: self.mutant != Some(Mutant::KeepsNoPlace), ..self.wants() };
        let budget = self.mutant != Some(Mutant::GoesOnUnpaid);
        self.visits[visit].doing = Doing::Keeping(Holding::keep(HoldingWants { budget, ..wants }));
        Some(0)
    }

    fn leave(&mut self, visit: usize, at: u64) {
        let Some(session) = self.visits[visit].session else { return };
        let gone = &mut self.sessions[session].gone;
        *gone = (*gone).min(at);
    }

    /// Whoever came in time and is told no was over before, or nobody knew of the place.
    fn may_be_cut_off(&self, visit: usize, at: u64) {
        let is_settled = !is_in(&self.own, visit);
        let session = self.sessions[self.visits[visit].session.unwrap()];
        let is_late = at - session.last > PLACE - 3 * LATENCY || self.trouble > 0;
        assert!(is_settled || is_late, "cut off: {session:?} at {at}");
    }

    fn call(&mut self, visit: usize, at: u64, mut call: Call) -> Option<u64> {
        call.on(CallEvent::KeyFound);
        let fate = if self.unlucky() { self.dice.roll(8) } else { 8 };
        let status = |status| CallEvent::Answered(Answer::of_status(status));
        let refused = match fate {
            0 => Some(CallEvent::Failed(Some(Refusal::UpstreamUnreachable))),
            1 => Some(status(self.dice.pick(&[403, 422, 429]))),
            _ => None,
        };
        if refused.is_none() {
            self.begin(visit, at);
        }
        call.on(refused.unwrap_or(match fate {
            2 => CallEvent::Failed(Some(Refusal::UpstreamTimeout)),
            3 => CallEvent::Failed(None),
            4 => status(self.dice.pick(&[302, 408, 500, 502, 504])),
            _ => status(200),
        }));
        if call.step() == CallStep::Read {
            // Its name may never come, nobody may be there to keep it, or what would keep it is not signed.
            let fault = |refusal| CallEvent::Failed(Some(refusal));
            call.on(if fate == 5 { fault(Refusal::UpstreamBroken) } else { CallEvent::Done });
            call.on(match fate {
                6 => fault(Refusal::ClientLeftWaiting),
                7 => CallEvent::Failed(None),
                _ => CallEvent::Done,
            });
        }
        let outcome = match call.outcome() {
            Outcome::Lost if self.mutant == Some(Mutant::LostIsFree) => Outcome::Free,
            Outcome::Charged { .. } if self.mutant == Some(Mutant::UnkeptIsFree) => Outcome::Free,
            outcome => outcome,
        };
        if let Outcome::Free | Outcome::Charged { .. } = outcome {
            if let Some(session) = self.visits[visit].session {
                self.sessions[session].is_unsure = true;
            }
            self.give_back(visit, at, outcome);
        }
        if (call.step(), call.outcome()) != (CallStep::Pass, Outcome::Began) {
            // Its page hears that there is none.
            return None;
        }
        self.visits[visit].opened = at;
        self.goes_on(visit)
    }

    fn begin(&mut self, visit: usize, at: u64) {
        let alive = self.sessions.iter().filter(|session| at < session.end() && !session.is_unsure).count() as u64;
        assert!(alive < self.max, "{alive} at once already");
        self.visits[visit].session = Some(self.sessions.len());
        self.sessions.push(Session { began: at, last: at, gone: u64::MAX, is_unsure: false });
    }
}
