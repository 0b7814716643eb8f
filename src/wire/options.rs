//! What an operation is opened with.

use super::tables::options;
use crate::client::realtime::{ConnectionOptions, OutboxPolicy};
use crate::client::{BodyKind, CallOptions, FollowMode, Goal, Start, StatusSet, SubscribeOptions};
use crate::protocol::Millis;

/// The options of all operations. What is not set is usual.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Decides every random number.
    pub seed: u64,
    /// Of every operation.
    pub call: CallOptions,
    /// Of a subscription; and whether log lines come along with a status. It ends with a status unless it `fetches`.
    pub subscribe: SubscribeOptions,
    /// Longest silence of a stream or of a realtime connection.
    pub idle: Option<Millis>,
    /// The size of a file, in bytes.
    pub size: u64,
    /// The file can be read once only.
    pub once: bool,
    /// Of the two contracts for tokens the newer one.
    pub newer: bool,
    /// A call of the Platform APIs carries a body.
    pub takes: bool,
    /// What a good answer of the Platform APIs is.
    pub gives: BodyKind,
    /// Of a realtime connection.
    pub connection: ConnectionOptions,
}

impl Options {
    /// What is usual.
    pub const DEFAULT: Self = Self {
        seed: 0,
        call: CallOptions::DEFAULT,
        subscribe: SubscribeOptions { goal: Goal::Status, ..SubscribeOptions::DEFAULT },
        idle: None,
        size: 0,
        once: false,
        newer: false,
        takes: false,
        gives: BodyKind::Nothing,
        connection: ConnectionOptions::DEFAULT,
    };
}

options!(Options, |options, value| {
    seed: f64 => options.seed = value.to_bits(),
    maxRetries: u32 => options.call.retry.max_retries = Some(value as u32),
    baseDelay: Millis => options.call.retry.base_delay = value as Millis,
    maxDelay: Millis => options.call.retry.max_delay = value as Millis,
    backoffMultiplier: f64 => options.call.retry.multiplier = value,
    enableJitter: bool => options.call.retry.jitter = value != 0.0,
    budget: u64 => options.call.retry.budget = value as u64,
    backupHosts: bool => options.call.retry.backup_hosts = value != 0.0,
    // A status worth another try. Set once for each.
    status: u16 => options.call.retry.statuses.get_or_insert(StatusSet::default()).insert(value as u16),
    timeout: Millis => options.call.timeout = Some(value as Millis),
    idempotent: bool => options.call.idempotent = value != 0.0,
    logs: bool => options.subscribe.logs = value != 0.0,
    fetches: bool => options.subscribe.goal = if value == 0.0 { Goal::Status } else { Goal::Result },
    resumes: bool => options.subscribe.start = if value == 0.0 { Start::Submit } else { Start::Resume },
    polls: bool => options.subscribe.mode = if value == 0.0 { FollowMode::Streaming } else { FollowMode::Polling },
    pollInterval: Millis => options.subscribe.poll_interval = value as Millis,
    cancelOnTimeout: bool => options.subscribe.cancel_on_timeout = value != 0.0,
    cancelOnAbort: bool => options.subscribe.cancel_on_abort = value != 0.0,
    idle: Millis => options.idle = Some(value as Millis),
    size: u64 => options.size = value as u64,
    once: bool => options.once = value != 0.0,
    newer: bool => options.newer = value != 0.0,
    takes: bool => options.takes = value != 0.0,
    gives: BodyKind => options.gives = BodyKind::with_number(value as u32 as i32).unwrap_or(BodyKind::Nothing),
    needsToken: bool => options.connection.needs_token = value != 0.0,
    throttle: Millis => options.connection.throttle = value as Millis,
    // How many messages wait, and how many bytes of them. Without, only the newest waits.
    messages: u32 => options.connection.outbox = match value as u32 {
        0 => OutboxPolicy::Latest,
        most => OutboxPolicy::Queue { messages: most, bytes: 0 },
    },
    bytes: u32 => if let OutboxPolicy::Queue { bytes: most, .. } = &mut options.connection.outbox {
        *most = value as u32;
    },
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_at_their_places() {
        let mut options = Options::DEFAULT;
        for (place, (name, _)) in OPTIONS.iter().enumerate() {
            let value = if *name == "status" { 429.0 } else { 7.0 + place as f64 };
            options.set(place as u32, value);
        }
        assert_eq!((options.seed, options.call.retry.max_retries), (7.0_f64.to_bits(), Some(8)));
        assert!(options.call.retry.statuses.is_some_and(|set| set.contains(429) && !set.contains(503)));
        assert_eq!(options.call.timeout, Some(16));
        let place = OPTIONS.len() as u32;
        let outbox = OutboxPolicy::Queue { messages: 7 + place - 2, bytes: 7 + place - 1 };
        assert_eq!((options.connection.outbox, options.subscribe.goal), (outbox, Goal::Result));
        options.set(place, 0.0);
    }
}
