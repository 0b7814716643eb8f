//! Records of what a proxy did, each bound to the one before it: none can be changed, taken out or put in between later
//! without the next hash showing it.
//!
//! A chain belongs to one proxy in one process, so that nothing has to be asked before a record is made. What cannot be told
//! from a chain is whether records are missing at its end; fal's billing events tell that.

use alloc::string::String;
use core::fmt::Write;

use super::sha256::sha256;

/// The hash of a record: SHA-256 of what says where it stands in its chain, and of its text.
///
/// `chain` is the name of the chain, `sequence` counts its records from 1, and `previous` is the hash of the record before
/// it, empty for the first. No text but the last can contain a line break.
pub fn hash(chain: &str, sequence: u64, previous: &str, record: &str) -> String {
    digest(&[chain, &decimal(sequence), previous, record].join("\n"))
}

/// The SHA-256 of a text, in hexadecimal.
pub fn digest(text: &str) -> String {
    let mut hex = String::new();
    for byte in sha256(text.as_bytes()) {
        // Writing into a text does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

fn decimal(number: u64) -> String {
    let mut text = String::new();
    let _ = write!(text, "{number}");
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_about_the_record_and_its_place() {
        let first = hash("c", 1, "", "{}");
        assert_eq!(first, digest("c\n1\n\n{}"));
        for other in [hash("d", 1, "", "{}"), hash("c", 2, "", "{}"), hash("c", 1, "0", "{}"), hash("c", 1, "", "{ }")]
        {
            assert_ne!(first, other);
        }
        assert_eq!(hash("c", 2, &first, "{}").len(), 64);
    }
}
