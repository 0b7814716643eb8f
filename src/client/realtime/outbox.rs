//! What waits to be sent: frames by their numbers and sizes. The bytes are with the driver.

use alloc::vec::Vec;

/// What happens to frames that cannot be sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxPolicy {
    /// Only the newest waits; it takes the place of the one before it.
    Latest,
    /// All wait, in order, up to these limits. One that finds no room is not taken.
    Queue {
        /// How many frames.
        frames: u32,
        /// How many bytes, all together.
        bytes: u32,
    },
}

/// A frame of the caller's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// Its number, given by the driver.
    pub number: u32,
    /// Its size in bytes.
    pub size: u32,
}

/// Why a frame is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dropped {
    /// A newer one took its place.
    Superseded = 0,
    /// There was no room.
    Full = 1,
    /// No connection could be made for it.
    Lost = 2,
    /// The caller closed the connection.
    Closed = 3,
}

/// Frames that wait.
#[derive(Debug)]
pub struct Outbox {
    policy: OutboxPolicy,
    frames: Vec<Frame>,
    /// How many of `frames`, from the first, are gone.
    gone: usize,
    bytes: u32,
}

/// How many may be gone before the list is written anew.
const MAX_GONE: usize = 64;

impl Outbox {
    /// An empty one.
    pub fn new(policy: OutboxPolicy) -> Self {
        Self { policy, frames: Vec::new(), gone: 0, bytes: 0 }
    }

    /// Takes a frame in; returns the one that is dropped for it, which may be itself.
    pub fn push(&mut self, frame: Frame) -> Option<(Frame, Dropped)> {
        let dropped = match self.policy {
            OutboxPolicy::Latest => self.pop().map(|old| (old, Dropped::Superseded)),
            OutboxPolicy::Queue { frames, bytes } => {
                let many = self.frames.len() - self.gone >= frames as usize;
                if many || frame.size > bytes.saturating_sub(self.bytes) {
                    return Some((frame, Dropped::Full));
                }
                None
            }
        };
        self.bytes = self.bytes.saturating_add(frame.size);
        self.frames.push(frame);
        dropped
    }

    /// Takes the oldest out.
    pub fn pop(&mut self) -> Option<Frame> {
        let frame = self.frames.get(self.gone).copied()?;
        self.gone += 1;
        self.bytes = self.bytes.saturating_sub(frame.size);
        if self.is_empty() {
            self.frames.clear();
            self.gone = 0;
        } else if self.gone >= MAX_GONE && self.gone * 2 >= self.frames.len() {
            let mut rest = Vec::new();
            for frame in self.frames.iter().skip(self.gone) {
                rest.push(*frame);
            }
            self.frames = rest;
            self.gone = 0;
        }
        Some(frame)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.gone == self.frames.len()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_newest_takes_the_place_of_the_one_that_waits() {
        let mut outbox = Outbox::new(OutboxPolicy::Latest);
        let [first, second] = [1, 2].map(|number| Frame { number, size: 10 });
        assert_eq!(outbox.push(first), None);
        assert_eq!(outbox.push(second), Some((first, Dropped::Superseded)));
        assert_eq!((outbox.pop(), outbox.pop()), (Some(second), None));
    }

    proptest! {
        /// What went in comes out in order, and never more waits than the limits say.
        #[test]
        fn a_queue_keeps_its_order_and_its_limits(steps in prop::collection::vec((any::<bool>(), 0..50u32), 0..600)) {
            let (max_frames, max_bytes) = (150, 2_000);
            let mut outbox = Outbox::new(OutboxPolicy::Queue { frames: max_frames, bytes: max_bytes });
            let mut model = VecDeque::new();
            for (number, (takes, size)) in steps.into_iter().enumerate() {
                if takes && size % 3 == 0 {
                    prop_assert_eq!(outbox.pop(), model.pop_front());
                    continue;
                }
                let frame = Frame { number: number as u32, size };
                let waiting: u32 = model.iter().map(|frame: &Frame| frame.size).sum();
                let room = model.len() < max_frames as usize && waiting + size <= max_bytes;
                prop_assert_eq!(outbox.push(frame), (!room).then_some((frame, Dropped::Full)));
                if room {
                    model.push_back(frame);
                }
            }
            while let Some(frame) = model.pop_front() {
                prop_assert_eq!(outbox.pop(), Some(frame));
            }
            prop_assert!(outbox.is_empty() && outbox.pop().is_none());
        }
    }
}
