//! A model of fal that counts what it bills: the judge of every budget.

use fal_wasm::limits::Answer;

use crate::hostile::Dice;

/// What a model does with an input.
#[derive(Clone, Copy, Debug)]
pub struct Work {
    pub status: u16,
    /// What is billed, in units.
    pub units: f64,
    /// Whether the answer says so.
    pub says_units: bool,
    pub named: bool,
    pub takes: u64,
}

impl Work {
    /// Some work that was estimated to take `units` at most; `honest` when it does.
    pub fn roll(dice: &mut Dice, units: f64, honest: bool) -> Self {
        let longest = if dice.chance(20) { 400_000 } else { 20_000 };
        let takes = 100 + dice.roll(longest);
        let billed = if !honest && dice.chance(30) { units * 3.0 } else { units * dice.roll(101) as f64 / 100.0 };
        let work = Self { status: 200, units: billed, says_units: dice.chance(80), named: false, takes };
        match dice.roll(10) {
            // A 422 that a runner spent time on, with the header or without.
            0 | 1 => Self { status: 422, ..work },
            // A server error that fal names is not billed, unless the header says so.
            2 => Self { status: 500, units: 0.0, says_units: false, named: true, ..work },
            3 => Self { status: 500, says_units: true, named: true, ..work },
            4 => Self { status: 422, units: 0.0, says_units: true, ..work },
            // What fal does not say is at most what was thought, where estimates are honest.
            _ => work,
        }
    }
}

/// Something that was run.
#[derive(Clone, Debug)]
pub struct Job {
    pub work: Work,
    pub began: u64,
    pub ends: u64,
    /// What the ledger reserved for it, in which window, at what real time, under which key.
    pub reserved: u64,
    pub window: u64,
    pub total_window: u64,
    pub reserved_at: u64,
    pub key: Option<u64>,
}

#[derive(Debug, Default)]
pub struct Fal {
    pub jobs: Vec<Job>,
}

impl Fal {
    pub fn is_over(&self, id: usize, at: u64) -> bool {
        self.jobs[id].ends <= at
    }

    /// The answer with the result.
    pub fn result(&self, id: usize, at: u64) -> Answer {
        let Work { status, units, says_units, named, .. } = self.jobs[id].work;
        if !self.is_over(id, at) {
            return Answer::of_status(400);
        }
        Answer { status, units: says_units.then_some(units), named, later: false, sent: true }
    }

    /// A run whose client has left, or a job that is cancelled: it ends, and is billed all the same.
    pub fn cut(&mut self, id: usize, at: u64) {
        let ends = &mut self.jobs[id].ends;
        *ends = (*ends).min(at);
    }

    pub fn billed(&self, id: usize, unit: f64) -> u64 {
        (self.jobs[id].work.units * unit).ceil() as u64
    }
}
