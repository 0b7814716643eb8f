//! What every operation can be told.

use super::retry::RetryPolicy;
use crate::protocol::Millis;

/// What every operation can be told, whatever it does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CallOptions {
    /// How often and how patiently to try again.
    pub retry: RetryPolicy,
    /// Time for all tries and the waits between them. Default: as long as it takes.
    pub timeout: Option<Millis>,
    /// Whether running the model twice does no harm. Default false: a run is repeated only when it provably did not begin.
    pub idempotent: bool,
}

impl Default for CallOptions {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl CallOptions {
    /// What is usual.
    pub const DEFAULT: Self = Self { retry: RetryPolicy::DEFAULT, timeout: None, idempotent: false };

    /// With a limit on the time for all of it.
    pub fn within(timeout: Millis) -> Self {
        Self { timeout: Some(timeout), ..Self::default() }
    }
}

impl From<RetryPolicy> for CallOptions {
    fn from(retry: RetryPolicy) -> Self {
        Self { retry, ..Self::default() }
    }
}
