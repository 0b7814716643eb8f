//! Mistakes in the decisions about money, each of which the judge has to notice: a judge that notices nothing proves nothing.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::limits::Outcome;
use fal_wasm::proxy::{Call, CallEvent, CallStep};

use super::World;

/// A mistake.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutant {
    /// What nobody answered is given back.
    LostIsFree,
    /// What a gateway answered is given back.
    GatewayIsFree,
    /// What fal bills although it failed is given back.
    BilledErrorIsFree,
    /// What may have been begun is sent once more.
    SentAgain,
    /// A job that has begun is over.
    BegunIsOver,
}

const MUTANTS: [Mutant; 5] =
    [Mutant::LostIsFree, Mutant::GatewayIsFree, Mutant::BilledErrorIsFree, Mutant::SentAgain, Mutant::BegunIsOver];
/// In how many runs it has to be noticed.
const RUNS: u64 = 3_000;

impl World {
    /// A call with the mistake of this world.
    pub fn mutated(&self, call: Call, event: CallEvent) -> Call {
        let (kind, resendable, step, outcome) = call.parts();
        let status = if let CallEvent::Answered(answer) = event { answer.status } else { 0 };
        let free = Call::from_parts((kind, resendable, step, Outcome::Free));
        match self.mutant {
            Some(Mutant::LostIsFree) if step == CallStep::Fail => free,
            Some(Mutant::GatewayIsFree) if matches!(status, 502..=504) => free,
            Some(Mutant::BilledErrorIsFree) if status == 422 => free,
            Some(Mutant::SentAgain) if matches!(status, 500..=504) && outcome != Outcome::Free => {
                Call::from_parts((kind, resendable, CallStep::SendAgain, outcome))
            }
            Some(Mutant::BegunIsOver) if step == CallStep::Record => free,
            _ => call,
        }
    }
}

#[test]
fn every_mistake_about_money_is_noticed() {
    for mutant in MUTANTS {
        let is_noticed = (0..RUNS).any(|seed| {
            let mut world = World::new(seed);
            world.mutant = Some(mutant);
            let run = catch_unwind(AssertUnwindSafe(|| {
                let last = world.play();
                world.judge(last);
            }));
            run.is_err()
        });
        assert!(is_noticed, "{mutant:?}");
    }
}
