//! Messages that wait, in order. Those that are sent before the channel is open would be lost.

use super::event::{Effect, Warning};
use crate::client::Sink;

/// How many may wait. The oldest make room.
const MOST: u32 = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    waiting: u32,
    is_open: bool,
    was_open: bool,
    /// One is being sent.
    is_busy: bool,
    /// The channel did not take it.
    is_full: bool,
    has_warned: bool,
}

impl Outbox {
    pub const EMPTY: Self =
        Self { waiting: 0, is_open: false, was_open: false, is_busy: false, is_full: false, has_warned: false };

    pub const fn is_open(&self) -> bool {
        self.is_open
    }

    /// Whether it was open, in this session or in one that was lost.
    pub const fn was_open(&self) -> bool {
        self.was_open
    }

    pub fn queued(&mut self, to: &mut dyn Sink<Effect>) {
        if self.waiting >= MOST {
            to.push(Effect::DropOldest);
            if !core::mem::replace(&mut self.has_warned, true) {
                to.push(Effect::Warn(Warning::QueueFull));
            }
        } else {
            self.waiting += 1;
        }
        self.send(to);
    }

    pub fn opened(&mut self, to: &mut dyn Sink<Effect>) {
        (self.is_open, self.was_open) = (true, true);
        self.send(to);
    }

    pub fn closed(&mut self) {
        (self.is_open, self.is_busy, self.is_full) = (false, false, false);
    }

    pub fn written(&mut self, to: &mut dyn Sink<Effect>) {
        if core::mem::take(&mut self.is_busy) {
            self.waiting = self.waiting.saturating_sub(1);
        }
        self.send(to);
    }

    /// The message that was to be sent waits on, and so does all behind it.
    pub fn full(&mut self) {
        self.is_full = self.is_busy;
    }

    /// The channel takes more: that message is tried again.
    pub fn drained(&mut self, to: &mut dyn Sink<Effect>) {
        if core::mem::take(&mut self.is_full) {
            self.is_busy = false;
            self.send(to);
        }
    }

    fn send(&mut self, to: &mut dyn Sink<Effect>) {
        if self.is_open && !self.is_busy && self.waiting > 0 {
            self.is_busy = true;
            to.push(Effect::SendNext);
        }
    }
}
