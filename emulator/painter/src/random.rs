//! Random numbers from a seed.

/// Decides how many, where and how large. SplitMix64: the same seed gives the same numbers on every platform.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator that always gives the same sequence for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// From `from` up to `to`.
    pub fn range(&mut self, from: f32, to: f32) -> f32 {
        from + (to - from) * (self.bits() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// True with this probability, from 0 to 1.
    pub fn chance(&mut self, share: f32) -> bool {
        self.range(0.0, 1.0) < share
    }

    /// An index below `count`.
    pub fn index(&mut self, count: usize) -> usize {
        (self.bits() % count.max(1) as u64) as usize
    }

    /// A seed for another generator.
    pub fn seed(&mut self) -> u64 {
        self.bits()
    }

    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
}
