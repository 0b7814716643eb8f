//! Heartbeats: fal keeps a session as long as they come.

use super::event::{Effect, Failure, Moment, Pulse};
use crate::client::{Sink, Token};

/// How often one is sent.
pub const PERIOD: Moment = 5_000;
/// How long an answer to one is waited for.
const TIMEOUT: Moment = 4_000;
/// So many refusals in a row are the end of a session. One may be a bridge that is being replaced.
const MAX_STRIKES: u32 = 3;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beats {
    /// When the next is due.
    next: Option<Token>,
    /// The one that is not answered yet, and how long that may take.
    under_way: Option<(Token, Token)>,
    last: Moment,
    strikes: u32,
}

impl Beats {
    pub const NONE: Self = Self { next: None, under_way: None, last: 0, strikes: 0 };

    /// The first is sent after one period: fal counts the offer as one.
    pub fn begin(&mut self, to: &mut dyn Sink<Effect>, now: Moment, timer: Token) {
        *self = Self { next: Some(timer), last: now, ..Self::NONE };
        to.push(Effect::Sleep { token: timer, duration: PERIOD });
    }

    pub fn fired(&mut self, to: &mut dyn Sink<Effect>, now: Moment, timer: Token, [next, beat, limit]: [Token; 3]) {
        if self.next == Some(timer) {
            self.next = Some(next);
            to.push(Effect::Sleep { token: next, duration: PERIOD });
            self.beat(to, now, [beat, limit]);
        } else if let Some((request, own)) = self.under_way
            && own == timer
        {
            self.under_way = None;
            to.push(Effect::Abort { token: request });
        }
    }

    /// Timers of a page that is not seen are late, and of a computer that sleeps do not fire at all.
    pub fn late(&mut self, to: &mut dyn Sink<Effect>, now: Moment, tokens: [Token; 2]) {
        if now.saturating_sub(self.last) >= PERIOD {
            self.beat(to, now, tokens);
        }
    }

    /// Never two at once: a bridge that is slow would have more and more of them.
    fn beat(&mut self, to: &mut dyn Sink<Effect>, now: Moment, [token, limit]: [Token; 2]) {
        if self.under_way.is_some() {
            return;
        }
        self.under_way = Some((token, limit));
        self.last = now;
        to.push(Effect::Beat { token });
        to.push(Effect::Sleep { token: limit, duration: TIMEOUT });
    }

    /// What came of one; why the session is lost by it, if it is.
    pub fn beaten(&mut self, to: &mut dyn Sink<Effect>, token: Token, pulse: Pulse) -> Option<(Failure, u32)> {
        let (_, limit) = self.under_way.take_if(|(request, _)| *request == token)?;
        to.push(Effect::Cancel { token: limit });
        match pulse {
            Pulse::Alive => self.strikes = 0,
            Pulse::Dead => return Some((Failure::LeaseLost, 0)),
            Pulse::Over => return Some((Failure::CutOff, 0)),
            Pulse::Strange => self.strikes += 1,
            // The bridge has said nothing, neither for nor against.
            Pulse::Lost => {}
        }
        (self.strikes >= MAX_STRIKES).then_some((Failure::LeaseLost, self.strikes))
    }
}
