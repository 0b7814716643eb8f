//! The options of an operation.

use super::Word;
use crate::client::BodyKind;
use crate::protocol::Millis;

macro_rules! options {
    ($($(#[$doc:meta])* $field:ident / $name:literal: $type:ty),* $(,)?) => {
        /// The options of an operation that decide anything. What is not given crosses as `NaN`.
        #[derive(Clone, Copy, Debug)]
        pub struct Options {
            $($(#[$doc])* pub $field: Option<$type>,)*
        }

        impl Options {
            /// Reads them from their places.
            pub fn read(word: impl Fn(usize) -> f64) -> Self {
                let mut place = 0..;
                let mut next = || place.next().map_or(f64::NAN, &word);
                Self { $($field: <$type as Word>::from_word(next()),)* }
            }
        }

        impl Options {
            /// How many there are.
            pub const COUNT: usize = OPTIONS.len();
        }

        pub(super) const OPTIONS: &[(&str, &str)] = &[$(($name, <$type as Word>::TYPE)),*];
    };
}

options!(
    /// Decides every random number.
    seed / "seed": f64,
    /// [`RetryPolicy::max_retries`](crate::client::RetryPolicy::max_retries).
    max_retries / "maxRetries": u32,
    /// [`RetryPolicy::base_delay`](crate::client::RetryPolicy::base_delay).
    base_delay / "baseDelay": Millis,
    /// [`RetryPolicy::max_delay`](crate::client::RetryPolicy::max_delay).
    max_delay / "maxDelay": Millis,
    /// [`RetryPolicy::multiplier`](crate::client::RetryPolicy::multiplier).
    multiplier / "backoffMultiplier": f64,
    /// [`RetryPolicy::jitter`](crate::client::RetryPolicy::jitter).
    jitter / "enableJitter": bool,
    /// [`RetryPolicy::budget`](crate::client::RetryPolicy::budget).
    budget / "budget": u64,
    /// [`RetryPolicy::backup_hosts`](crate::client::RetryPolicy::backup_hosts).
    backup_hosts / "backupHosts": bool,
    /// Time for all of it.
    timeout / "timeout": Millis,
    /// Running the model twice does no harm.
    idempotent / "idempotent": bool,
    /// Log lines come along.
    logs / "logs": bool,
    /// A subscription ends with the result, not with the last status.
    fetches / "fetches": bool,
    /// A subscription begins with a request that is in the queue already.
    resumes / "resumes": bool,
    /// A subscription does without a stream.
    polls / "polls": bool,
    /// [`SubscribeOptions::poll_interval`](crate::client::SubscribeOptions::poll_interval).
    poll_interval / "pollInterval": Millis,
    /// [`SubscribeOptions::cancel_on_timeout`](crate::client::SubscribeOptions::cancel_on_timeout).
    cancel_on_timeout / "cancelOnTimeout": bool,
    /// [`SubscribeOptions::cancel_on_abort`](crate::client::SubscribeOptions::cancel_on_abort).
    cancel_on_abort / "cancelOnAbort": bool,
    /// Longest silence of a stream.
    idle / "idle": Millis,
    /// The size of a file, in bytes.
    size / "size": u64,
    /// The file can be read once only.
    once / "once": bool,
    /// Of the two contracts for tokens the newer one.
    newer / "newer": bool,
    /// A call of the Platform APIs carries a body.
    takes / "takes": bool,
    /// What a good answer of the Platform APIs is.
    gives / "gives": BodyKind,
    /// A realtime connection needs a token.
    needs_token / "needsToken": bool,
    /// Least time between two messages of a realtime connection.
    throttle / "throttle": Millis,
    /// How many messages wait at most; 0 means that only the newest waits.
    messages / "messages": u32,
    /// How many bytes wait at most.
    bytes / "bytes": u32,
    /// How many statuses worth another try follow.
    statuses / "statuses": u32,
);
