//! Chance: every run is its seed.

use std::cell::RefCell;
use std::rc::Rc;

use fal_wasm::client::{BodyKind, Idempotency, Request, RetryPolicy};
use fal_wasm::protocol::Millis;

use crate::world::{Clock, Fate, Scenario};

/// A small generator (splitmix64).
#[derive(Debug)]
pub struct Dice(pub u64);

impl Dice {
    pub fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (word ^ (word >> 31)) % sides
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.roll(from.len() as u64) as usize]
    }

    /// A caller's wish about trying again.
    pub fn policy(&mut self) -> RetryPolicy {
        RetryPolicy {
            max_retries: Some(self.roll(5) as u32),
            base_delay: self.roll(1_000),
            jitter: self.chance(70),
            budget: if self.chance(80) { 500 } else { self.roll(60) },
            ..RetryPolicy::default()
        }
    }

    /// Something that goes wrong with a request.
    fn trouble(&mut self, request: &Request) -> Fate {
        // Whoever answers for fal's storage does not know of a place that is gone: a 404 there is fal's own.
        let stored = !request.is_to_fal();
        let any = Some(400 + self.roll(200) as u16).filter(|status| !stored || *status != 404).unwrap_or(405);
        let gateway = self.pick(&[500, 502, 503, 504]);
        let wait = self.chance(50).then(|| self.pick(&[0, 1, 1, 2, 20, 61, 3_600]));
        // A page of HTML where fal's own answer belongs, as a server without a proxy would give.
        let body = request.body();
        let lies = matches!(body, BodyKind::Submitted | BodyKind::Status | BodyKind::Initiated)
            || (body == BodyKind::Stream && request.idempotency() == Idempotency::Safe);
        match self.roll(16) {
            0 => Fate::Refuse,
            1 => Fate::DropBefore,
            2 => Fate::DropAfter,
            3 => Fate::Silence,
            4 => Fate::Truncate,
            5 => Fate::TruncateAfter(self.roll(6) as u32),
            6 => Fate::Stall,
            7 => Fate::StallAfter(self.roll(6) as u32),
            8 => Fate::Collect,
            9 => Fate::Answer(429, wait),
            10 => Fate::Answer(503, Some(self.roll(4))),
            11 => Fate::Answer(gateway, wait),
            12 => Fate::Answer(any, wait),
            13 => Fate::Garble(if any == 429 { gateway } else { any }),
            14 => Fate::Garble(gateway),
            _ if lies && self.chance(50) => Fate::Answer(200, None),
            _ => Fate::Answer(self.pick(&[0, 300, 301, 302, 304, 307, 399, 600, 999]), wait),
        }
    }

    /// A caller's clock, in a run that takes about so long.
    fn clock(&mut self, length: Millis) -> Clock {
        Clock {
            sleep: self.chance(10).then(|| (1 + self.roll(length), self.roll(600_000))),
            stands: self.chance(50),
            leap: self.chance(10).then(|| (self.roll(length), self.roll(1_200_000) as i64 - 600_000)),
        }
    }

    /// A bad network, an impatient caller and a strange clock, in a run that takes about so long.
    pub fn scenario(mut self, trouble: u64, length: Millis) -> Scenario {
        let calm = Scenario::calm();
        let trouble = self.roll(trouble);
        let slowest = 1 + self.roll(800);
        let abort_at = self.chance(20).then(|| self.roll(length));
        let abort_after = self.chance(20).then(|| 1 + self.roll(30) as usize);
        let clock = self.clock(length);
        // One kind of request may be under a curse: almost every one of it meets the same fate.
        let kinds = [
            BodyKind::Stream,
            BodyKind::Status,
            BodyKind::Submitted,
            BodyKind::Anything,
            BodyKind::Nothing,
            BodyKind::Receipt,
        ];
        let cursed = self.chance(30).then(|| self.pick(&kinds));
        let mut curse = None;
        let mut fate = move |dice: &mut Self, request: &Request| {
            if cursed == Some(request.body()) && dice.chance(95) {
                *curse.get_or_insert_with(|| dice.trouble(request))
            } else if dice.chance(trouble) {
                dice.trouble(request)
            } else {
                Fate::Deliver
            }
        };
        let shared = Rc::new(RefCell::new(self));
        let (lag, luck, knife) = (Rc::clone(&shared), Rc::clone(&shared), shared);
        Scenario {
            latency: Box::new(move || 1 + lag.borrow_mut().roll(slowest)),
            fate: Box::new(move |request: &Request| fate(&mut luck.borrow_mut(), request)),
            cut: Box::new(move || 1 + knife.borrow_mut().roll(200) as usize),
            abort_at,
            abort_after,
            clock,
            ..calm
        }
    }
}
