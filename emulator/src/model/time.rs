//! Time, always passed in by the caller, and instants as text.

use std::time::{Duration, UNIX_EPOCH};

/// Milliseconds since the Unix epoch for instants, plain milliseconds for durations.
///
/// The model never reads a clock. It only needs instants that do not run backwards.
pub type Millis = u64;

/// The last instant that can be written: the end of the year 9999.
const LAST: Millis = 253_402_300_799_999;

/// An instant as fal writes them: `2026-01-31T12:00:00.000000+00:00`.
///
/// The offset is spelled out because Python before 3.11 does not read a `Z`.
pub fn timestamp(at: Millis) -> String {
    let at = UNIX_EPOCH + Duration::from_millis(at.min(LAST));
    humantime::format_rfc3339_micros(at).to_string().replace('Z', "+00:00")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_number_is_an_instant_so_a_wild_simulation_clock_does_not_bring_the_model_down() {
        assert_eq!(timestamp(0), "1970-01-01T00:00:00.000000+00:00");
        assert_eq!(timestamp(1_700_000_000_123), "2023-11-14T22:13:20.123000+00:00");
        assert!(timestamp(Millis::MAX).starts_with("9999-12-31"));
    }
}
