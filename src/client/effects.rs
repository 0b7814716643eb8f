//! What a machine asks for.

use super::body::BodyKind;
use super::failure::Failure;
use super::machine::Token;
use super::request::Request;
use crate::protocol::{Media, Millis};

/// What the driver does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Effect {
    /// Send a request; answer with [`Event::Answered`](super::Event::Answered) or [`Event::Failed`](super::Event::Failed).
    Send {
        /// Names the exchange in everything that follows.
        token: Token,
        /// What to send.
        request: Request,
        /// Whether it goes to the other name of its host ([`Host::backup`](crate::protocol::Host::backup)).
        to_backup: bool,
    },
    /// Read the whole body that came under this token; answer with [`Event::Read`](super::Event::Read) or
    /// [`Event::Failed`](super::Event::Failed).
    Read {
        /// Which exchange.
        token: Token,
        /// How the body is decoded.
        media: Media,
        /// What it is expected to be.
        body: BodyKind,
    },
    /// Read the body that came under this token as it comes. Of server-sent events each item is expected to be
    /// `items`; bytes of anything else go to the caller. Answer with [`Event::Chunk`](super::Event::Chunk) for whatever
    /// comes, and at the end with [`Event::Ended`](super::Event::Ended), [`Event::Explained`](super::Event::Explained)
    /// or [`Event::Failed`](super::Event::Failed).
    Open {
        /// Which exchange.
        token: Token,
        /// What the body is made of.
        media: Media,
        /// What an item is expected to be: [`BodyKind::Anything`] goes to the caller, anything else comes back as
        /// [`Event::Read`](super::Event::Read).
        items: BodyKind,
    },
    /// Answer with [`Event::TimerFired`](super::Event::TimerFired) after this long.
    Sleep {
        /// Names the timer.
        token: Token,
        /// How long.
        duration: Millis,
    },
    /// Stop what is under way under this token; no event is wanted from it any more.
    Cancel {
        /// Which exchange or timer.
        token: Token,
    },
    /// Tell the caller.
    Notify(Notice),
    /// The operation has succeeded. Nothing follows.
    Done(Output),
    /// The operation has failed. Nothing follows.
    Failed(Failure),
}

impl Effect {
    /// How the operation failed, when this is that.
    pub fn failure(&self) -> Option<&Failure> {
        if let Self::Failed(failure) = self { Some(failure) } else { None }
    }
}

/// What the caller is told on the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The request is in the queue, under the id in the body read last.
    Enqueued,
    /// The body read last is a queue status.
    Status,
    /// The body read last is the receipt of this part of the file.
    PartAccepted {
        /// Which part, counted from 1.
        part: u32,
    },
}

/// What an operation ends with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Output {
    /// The body read last.
    Value = 0,
    /// The body read last, as the result of a model, with the id of its request in the queue if it has one.
    Result = 1,
    /// The URL of an uploaded file.
    File = 2,
    /// Nothing.
    Nothing = 3,
}

/// The most effects that one event can have.
pub const MAX_EFFECTS: usize = 16;

/// What one event asks for, in order.
pub type Effects = List<Effect, MAX_EFFECTS>;

/// Takes what one event asks for, in order: a list, or whoever does it at once.
pub trait Sink<T> {
    /// Another event is about to be handled.
    fn clear(&mut self);
    /// Takes one more.
    fn push(&mut self, item: T);
}

/// A few things in order, in a fixed array: a machine needs no allocator.
#[derive(Clone, Copy, Debug)]
pub struct List<T, const MOST: usize> {
    items: [Option<T>; MOST],
    count: usize,
}

impl<T: Copy, const MOST: usize> Default for List<T, MOST> {
    fn default() -> Self {
        Self { items: [None; MOST], count: 0 }
    }
}

/// What was cleared is still in the array, and does not count.
impl<T: Copy + PartialEq, const MOST: usize> PartialEq for List<T, MOST> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<T: Copy, const MOST: usize> List<T, MOST> {
    /// They, in the order in which they are to be carried out.
    pub fn iter(&self) -> impl Iterator<Item = T> + '_ {
        self.items.iter().take(self.count).flatten().copied()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }
}

impl<T: Copy, const MOST: usize> Sink<T> for List<T, MOST> {
    fn clear(&mut self) {
        self.count = 0;
    }

    fn push(&mut self, item: T) {
        // The simulation and the fuzzer hold every event below the limit.
        debug_assert!(self.count < MOST, "too many effects of one event");
        if let Some(place) = self.items.get_mut(self.count) {
            *place = Some(item);
            self.count += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver uses one list for all events. What one of them asked for must not be compared with what another did.
    #[test]
    fn lists_are_equal_when_they_hold_the_same_now() {
        let (mut used, mut fresh) = (List::<u8, 4>::default(), List::default());
        used.push(1);
        used.push(2);
        assert_ne!(used, fresh);
        used.clear();
        assert_eq!(used, fresh);
        used.push(3);
        fresh.push(3);
        assert_eq!(used, fresh);
    }
}
