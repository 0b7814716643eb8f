//! Chance, from a seed: the same seed gives the same run.

/// A small generator (xorshift64*). Good enough to spread retries, and for nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Random(u64);

impl Random {
    /// A generator that is decided by its seed.
    pub fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    /// A number below `bound`; 0 for a bound of 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 16;
        number.checked_rem(bound).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spread_and_repeatable() {
        let draw = |seed| {
            let mut random = Random::new(seed);
            core::array::from_fn::<_, 200, _>(|_| random.below(10))
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(9));
        for digit in 0..10 {
            assert!(draw(7).contains(&digit), "{digit}");
        }
        assert_eq!(Random::new(1).below(0), 0);
    }
}
