//! What trying again costs a client, all its operations together.

/// What a call that went well at once gives back.
const CALM: u64 = 1;

/// What the tries of a client have cost and not earned back. It belongs to the client: every event of its operations
/// comes with it, and leaves with what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spent(pub u64);

impl Spent {
    /// Something went well: it earns back what its last retry cost, or a little when it needed none.
    pub(super) fn earn(&mut self, cost: u64) {
        self.0 = self.0.saturating_sub(cost.max(CALM));
    }
}
