//! What waits to be sent: how many messages, and how many bytes. The messages themselves wait with the driver.

/// What happens to messages that cannot be sent yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutboxPolicy {
    /// Only the newest waits; it takes the place of the one before it.
    Latest,
    /// All wait, in order, up to these limits. One that finds no room is not taken.
    Queue {
        /// How many messages.
        messages: u32,
        /// How many bytes, all together.
        bytes: u32,
    },
}

/// Why a message is never sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
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

/// What became of a message that was put into the outbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Taken {
    /// It waits.
    Waits,
    /// It waits in the place of the one before it.
    InPlaceOfOldest,
    /// There was no room for it.
    NotAtAll,
}

/// Messages that wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outbox {
    policy: OutboxPolicy,
    messages: u32,
    bytes: u32,
}

impl Outbox {
    /// An empty one.
    pub fn new(policy: OutboxPolicy) -> Self {
        Self { policy, messages: 0, bytes: 0 }
    }

    /// Puts a message of this size in.
    pub fn push(&mut self, size: u32) -> Taken {
        match self.policy {
            OutboxPolicy::Latest if self.messages > 0 => {
                (self.messages, self.bytes) = (1, size);
                return Taken::InPlaceOfOldest;
            }
            OutboxPolicy::Queue { messages, bytes }
                if self.messages >= messages || size > bytes.saturating_sub(self.bytes) =>
            {
                return Taken::NotAtAll;
            }
            _ => {}
        }
        self.messages = self.messages.saturating_add(1);
        self.bytes = self.bytes.saturating_add(size);
        Taken::Waits
    }

    /// The oldest, of this size, has left.
    pub fn pop(&mut self, size: u32) {
        self.messages = self.messages.saturating_sub(1);
        self.bytes = self.bytes.saturating_sub(size);
    }

    /// Forgets all of them.
    pub fn clear(&mut self) {
        (self.messages, self.bytes) = (0, 0);
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.messages == 0
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
        assert_eq!(outbox.push(10), Taken::Waits);
        assert_eq!(outbox.push(12), Taken::InPlaceOfOldest);
        outbox.pop(12);
        assert!(outbox.is_empty());
    }

    proptest! {
        /// What went in is counted until it leaves, and never more waits than the limits say.
        #[test]
        fn a_queue_keeps_its_limits(steps in prop::collection::vec((any::<bool>(), 0..50u32), 0..600)) {
            let (max_messages, max_bytes) = (150, 2_000);
            let mut outbox = Outbox::new(OutboxPolicy::Queue { messages: max_messages, bytes: max_bytes });
            let mut model = VecDeque::new();
            for (takes, size) in steps {
                if takes && size % 3 == 0 {
                    if let Some(size) = model.pop_front() {
                        outbox.pop(size);
                    }
                    continue;
                }
                let waiting: u32 = model.iter().sum();
                let room = model.len() < max_messages as usize && waiting + size <= max_bytes;
                prop_assert_eq!(outbox.push(size), if room { Taken::Waits } else { Taken::NotAtAll });
                if room {
                    model.push_back(size);
                }
            }
            while let Some(size) = model.pop_front() {
                prop_assert!(!outbox.is_empty());
                outbox.pop(size);
            }
            prop_assert!(outbox.is_empty());
        }
    }
}
