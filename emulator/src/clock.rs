//! The clock of an emulator: it follows the time of its host, or moves only when a test says so. It reads no clock itself.

use serde::{Deserialize, Serialize};

use crate::model::http::Millis;

/// How the clock moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// By itself.
    Real,
    /// Only when it is told to.
    Manual,
}

/// A clock that never runs backwards, given that `real`, the time of the host, does not.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    mode: Mode,
    /// The time at `since`.
    shown: Millis,
    since: Millis,
}

impl Clock {
    /// A clock that shows the time of the host.
    pub fn new(real: Millis) -> Self {
        Self { mode: Mode::Real, shown: real, since: real }
    }

    /// The time.
    pub fn now(&self, real: Millis) -> Millis {
        match self.mode {
            Mode::Manual => self.shown,
            Mode::Real => self.shown.saturating_add(real.saturating_sub(self.since)),
        }
    }

    /// How it moves.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Changes how it moves; it goes on from the time it shows.
    pub fn set(&mut self, real: Millis, mode: Mode) {
        *self = Self { mode, shown: self.now(real), since: real };
    }

    /// Moves it forward.
    pub fn advance(&mut self, by: Millis) {
        self.shown = self.shown.saturating_add(by);
    }

    /// How long the host has to wait until the clock shows `until`. `None`: until somebody moves it.
    pub fn wait(&self, real: Millis, until: Millis) -> Option<Millis> {
        match until.saturating_sub(self.now(real)) {
            0 => Some(0),
            left => (self.mode == Mode::Real).then_some(left),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_stands_still_when_told_to_and_goes_on_from_there_so_no_wait_is_lost_or_doubled() {
        let mut clock = Clock::new(1000);
        assert_eq!((clock.now(1500), clock.wait(1500, 2000)), (1500, Some(500)));
        clock.set(1500, Mode::Manual);
        assert_eq!((clock.now(9000), clock.wait(9000, 2000), clock.wait(9000, 1500)), (1500, None, Some(0)));
        clock.advance(500);
        clock.set(9000, Mode::Real);
        assert_eq!((clock.now(9001), clock.wait(9001, 2000)), (2001, Some(0)));
    }
}
