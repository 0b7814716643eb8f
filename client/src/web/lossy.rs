//! Bytes as text. The standard library does it fast, in a kilobyte of code; here it is small.

/// What `String::from_utf8_lossy` gives: what is no UTF-8 becomes U+FFFD.
pub(crate) fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((first, more)) = rest.split_first() {
        rest = more;
        let first = u32::from(*first);
        // How many bytes follow, and what the next one is at least and at most.
        let (mut count, mut least, mut most) = match first {
            0xc2..=0xdf => (1, 0x80, 0xbf),
            0xe0 => (2, 0xa0, 0xbf),
            0xed => (2, 0x80, 0x9f),
            0xe1..=0xef => (2, 0x80, 0xbf),
            0xf0 => (3, 0x90, 0xbf),
            0xf1..=0xf3 => (3, 0x80, 0xbf),
            0xf4 => (3, 0x80, 0x8f),
            _ => (0, 0, 0),
        };
        let mut code = match count {
            0 if first < 0x80 => first,
            0 => u32::MAX,
            _ => first & (0x3f >> count),
        };
        while count > 0 {
            match rest.split_first() {
                Some((next, more)) if (least..=most).contains(next) => {
                    code = code << 6 | u32::from(next & 0x3f);
                    rest = more;
                }
                _ => {
                    code = u32::MAX;
                    break;
                }
            }
            (count, least, most) = (count - 1, 0x80, 0xbf);
        }
        text.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_what_the_standard_library_makes_of_it() {
        // Bytes at the edges of what each place takes.
        let edges = [0, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee];
        let edges = [&edges[..], &[0xef, 0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff]].concat();
        for number in 0..edges.len().pow(4) {
            let place = |place: u32| edges[number / edges.len().pow(place) % edges.len()];
            let bytes = [place(0), place(1), place(2), place(3), b'a'];
            assert_eq!(lossy(&bytes), String::from_utf8_lossy(&bytes), "{bytes:x?}");
            assert_eq!(lossy(&bytes[..4]), String::from_utf8_lossy(&bytes[..4]), "{bytes:x?}");
        }
        assert_eq!(lossy("aé€😀".as_bytes()), "aé€😀");
    }
}
