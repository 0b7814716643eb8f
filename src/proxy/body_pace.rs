//! How slowly a body may come.

use crate::protocol::Millis;

/// What any body may take, however small.
const ANY: Millis = 30_000;
/// What it may take beyond that, for each so many bytes of it that have come.
const EACH: Millis = 1_000;
const BYTES: u64 = 16 * 1024;

/// For how long the next bytes of a body may be waited for, when so much time has been spent waiting for so many bytes. Time in
/// which nobody waited for them does not count: a body is not slow because fal takes it slowly.
///
/// So a connection of 16 KiB a second is never too slow, and one byte every now and then keeps no call open.
pub fn body_time_left(waited: Millis, received: u64) -> Millis {
    let allowed = ANY.saturating_add((received / BYTES).saturating_mul(EACH));
    allowed.saturating_sub(waited)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trickle_ends_and_a_slow_connection_does_not() {
        let (mut waited, mut received) = (0, 0);
        while body_time_left(waited, received) > 0 {
            waited += 1_000.min(body_time_left(waited, received));
            received += 1;
        }
        assert_eq!((waited, received), (30_000, 30), "a byte a second");
        for second in 0..100_000 {
            assert!(body_time_left(second * 1_000, second * BYTES) >= ANY, "{second}");
        }
        assert_eq!(body_time_left(u64::MAX, u64::MAX), 0);
        assert_eq!(body_time_left(0, u64::MAX), ANY + u64::MAX / BYTES * EACH);
    }
}
