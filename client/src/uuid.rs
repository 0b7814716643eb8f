//! Names that nobody else has.

/// Two random numbers as a UUID (version 4).
pub(crate) fn uuid([one, other]: [u64; 2]) -> String {
    format!(
        "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
        one >> 32,
        (one >> 16) & 0xffff,
        one & 0xfff,
        0x8000 | (other >> 50),
        other & 0xffff_ffff_ffff
    )
}
