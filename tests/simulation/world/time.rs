//! The caller's clock: a laptop is closed, a clock is set.

use fal_wasm::protocol::Millis;

/// What happens to the caller's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct Clock {
    /// From when on, and for how long, nothing at all happens at the caller's: timers and answers come after it.
    pub sleep: Option<(Millis, Millis)>,
    /// Whether the clock stands still meanwhile.
    pub stands: bool,
    /// When, and by how much, it is set.
    pub leap: Option<(Millis, i64)>,
}

impl Clock {
    /// When something happens at the caller's that is due at this time.
    pub fn awake(&self, time: Millis) -> Millis {
        match self.sleep {
            Some((start, length)) if time >= start => time.max(start + length),
            _ => time,
        }
    }

    /// What the clock shows.
    pub fn shows(&self, time: Millis) -> Millis {
        let slept = self.sleep.filter(|(start, length)| self.stands && time >= start + length);
        let leapt = self.leap.filter(|(start, _)| time >= *start).map_or(0, |(_, leap)| leap);
        (time - slept.map_or(0, |(_, length)| length)).saturating_add_signed(leapt)
    }
}
