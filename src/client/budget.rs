//! What trying again costs a client, all its operations together.

/// What a call that succeeded at once gives back.
const SUCCESS: u64 = 1;

/// What the retries of a client have cost and not earned back. It belongs to the client: every event of its operations
/// comes with it, and leaves with what became of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RetryBudget {
    /// What is spent, out of [`RetryPolicy::budget`](super::RetryPolicy::budget).
    pub spent: u64,
}

impl RetryBudget {
    /// Something succeeded: it earns back what its last retry cost, or a little when it needed none.
    pub(super) fn earn(&mut self, cost: u64) {
        self.spent = self.spent.saturating_sub(cost.max(SUCCESS));
    }

    /// Pays for one more request, when enough is left.
    pub(super) fn pay(&mut self, cost: u64, budget: u64) -> bool {
        let spent = self.spent.saturating_add(cost);
        if spent <= budget {
            self.spent = spent;
        }
        spent <= budget
    }
}
