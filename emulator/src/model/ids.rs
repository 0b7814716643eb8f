//! Where the model's randomness comes from: one seeded generator, so that a seed names a whole run.

/// SplitMix64: tiny, seedable, and the same on every platform and in every version.
#[derive(Debug, Clone)]
pub struct Ids(u64);

impl Ids {
    /// A generator that always produces the same sequence for the same seed.
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A UUID (version 4), as fal's request ids and key ids are.
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.bits(), self.bits());
        let version = (high & 0xffff_ffff_ffff_0fff) | 0x4000;
        let variant = (low & 0x3fff_ffff_ffff_ffff) | 0x8000_0000_0000_0000;
        format!(
            "{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
            version >> 32,
            (version >> 16) & 0xffff,
            version & 0xffff,
            variant >> 48,
            variant & 0xffff_ffff_ffff,
        )
    }

    /// 128 bits as 32 hexadecimal digits: a key's secret, an upload's signature.
    pub fn secret(&mut self) -> String {
        format!("{:016x}{:016x}", self.bits(), self.bits())
    }

    /// `length` letters and digits, for file names.
    pub fn name(&mut self, length: usize) -> String {
        const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
        let digit = |bits: u64| ALPHABET.get((bits % ALPHABET.len() as u64) as usize).map_or('a', |&byte| byte.into());
        (0..length).map(|_| digit(self.bits())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_ids_look_like_uuids_so_clients_that_check_the_shape_accept_them() {
        let mut ids = Ids::new(7);
        for _ in 0..100 {
            let id = ids.uuid();
            let lengths: Vec<usize> = id.split('-').map(str::len).collect();
            assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
            assert_eq!(id.as_bytes()[14], b'4', "{id}");
            assert!(matches!(id.as_bytes()[19], b'8' | b'9' | b'a' | b'b'), "{id}");
        }
    }

    #[test]
    fn a_seed_replays_so_a_failing_simulation_can_be_repeated() {
        let (mut one, mut two, mut other) = (Ids::new(1), Ids::new(1), Ids::new(2));
        let first = one.secret();
        assert_eq!(first, two.secret());
        assert_ne!(first, other.secret());
    }
}
