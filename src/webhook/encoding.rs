//! Bytes as text, in the one spelling they have.

use alloc::vec::Vec;

/// Bytes from lower-case hexadecimal of exactly their length.
pub fn from_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut digits = text.bytes();
    for byte in &mut bytes {
        *byte = digit(digits.next()?)? << 4 | digit(digits.next()?)?;
    }
    digits.next().is_none().then_some(bytes)
}

/// Appends bytes as lower-case hexadecimal.
pub fn push_hex(out: &mut Vec<u8>, bytes: &[u8]) {
    let letter = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
    out.extend(bytes.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]));
}

/// Bytes from base64url of exactly their length: no padding, and no bits left over.
pub fn from_base64url<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    let mut place = bytes.iter_mut();
    // What is read and not yet written, and how many bits that is.
    let (mut rest, mut held) = (0_u32, 0);
    for letter in text.bytes() {
        rest = rest << 6 | u32::from(sextet(letter)?);
        held += 6;
        if held >= 8 {
            held -= 8;
            *place.next()? = (rest >> held) as u8;
            rest &= (1 << held) - 1;
        }
    }
    (place.next().is_none() && held < 6 && rest == 0).then_some(bytes)
}

fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'0'..=b'9' => Some(letter - b'0'),
        b'a'..=b'f' => Some(letter - b'a' + 10),
        _ => None,
    }
}

fn sextet(letter: u8) -> Option<u8> {
    match letter {
        b'A'..=b'Z' => Some(letter - b'A'),
        b'a'..=b'z' => Some(letter - b'a' + 26),
        b'0'..=b'9' => Some(letter - b'0' + 52),
        b'-' => Some(62),
        b'_' => Some(63),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bytes_have_one_spelling_so_a_changed_header_is_never_the_same_signature() {
        assert_eq!(from_hex("00ff1a"), Some([0, 255, 26]));
        for text in ["00FF1a", "00ff1", "00ff1a0", "00ff1a00", "00ff 1a", "0x00ff", "", "00ff1é"] {
            assert_eq!(from_hex::<3>(text), None, "{text}");
        }
        assert_eq!(from_base64url("AP8_-A"), Some([0, 255, 63, 248]));
        for text in ["AP8_-A==", "AP8_-B", "AP8/+A", "AP8_-", "AP8_-AA", "AP8_-AAA", "AP8 _-A", "", "AP8_-é"] {
            assert_eq!(from_base64url::<4>(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_can_be_read(bytes: [u8; 32]) {
            let mut hex = Vec::new();
            push_hex(&mut hex, &bytes);
            prop_assert_eq!(from_hex(core::str::from_utf8(&hex).unwrap()), Some(bytes));
        }

        #[test]
        fn no_text_is_read_in_two_ways(one in "[A-Za-z0-9_-]{43}", other in "[A-Za-z0-9_-]{43}") {
            let (a, b) = (from_base64url::<32>(&one), from_base64url::<32>(&other));
            prop_assert!(a.is_none() || a != b || one == other);
        }
    }
}
