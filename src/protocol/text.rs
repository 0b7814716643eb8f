//! Small rules about text that several parts of the wire share.

use alloc::string::String;

/// Whether `text` is one path segment that needs no encoding: `[A-Za-z0-9][A-Za-z0-9._-]*`.
pub(crate) fn is_segment(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphanumeric)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

/// The text before and after the first such byte. The searchers of the standard library end in panics with messages,
/// whose formatting would be a fifth of the browser build.
pub fn split_once(text: &str, separator: u8) -> Option<(&str, &str)> {
    let at = text.bytes().position(|byte| byte == separator)?;
    Some((text.get(..at)?, text.get(at + 1..)?))
}

/// Where a part of a text begins, the first time that it is there. The same in place of the searchers of the standard library.
pub fn find(text: &str, part: &str) -> Option<usize> {
    (0..text.len()).find(|at| text.as_bytes().get(*at..).is_some_and(|rest| rest.starts_with(part.as_bytes())))
}

/// Takes a text that is written piece by piece: a `String`, or a buffer of a fixed size where there is no allocator.
pub trait PushText {
    /// Appends a piece.
    fn push_text(&mut self, text: &str);
}

impl PushText for String {
    fn push_text(&mut self, text: &str) {
        self.push_str(text);
    }
}

/// Appends `text` percent-encoded for a query value: everything but RFC 3986 "unreserved" characters is encoded.
pub fn push_encoded(out: &mut impl PushText, text: &str) {
    let digit = |value: u8| if value < 10 { b'0' + value } else { b'A' - 10 + value };
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            push_ascii(out, byte);
        } else {
            for byte in [b'%', digit(byte >> 4), digit(byte & 15)] {
                push_ascii(out, byte);
            }
        }
    }
}

/// Appends a number in decimal digits. The standard way would bring the formatting machinery into the browser build.
pub fn push_decimal(out: &mut impl PushText, number: u64) {
    if number > 9 {
        push_decimal(out, number / 10);
    }
    push_ascii(out, b'0' + (number % 10) as u8);
}

fn push_ascii(out: &mut impl PushText, byte: u8) {
    out.push_text(char::from(byte).encode_utf8(&mut [0; 4]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_found_where_the_standard_library_finds_it() {
        for (text, part) in [("a, b, c", ", "), ("é, ", ", "), ("abab", "ba"), ("ab", "abc"), ("", "a"), ("aab", "ab")]
        {
            assert_eq!(find(text, part), text.find(part), "{text} {part}");
        }
    }

    #[test]
    fn numbers_are_written_in_decimal() {
        let mut out = String::new();
        for number in [0, 7, 10, 1_763_650_000_000, u64::MAX] {
            push_decimal(&mut out, number);
            out.push(' ');
        }
        assert_eq!(out, "0 7 10 1763650000000 18446744073709551615 ");
    }

    #[test]
    fn a_webhook_url_survives_as_one_query_value() {
        let mut out = String::new();
        push_encoded(&mut out, "https://a.example/h?x=1&y=é");
        assert_eq!(out, "https%3A%2F%2Fa.example%2Fh%3Fx%3D1%26y%3D%C3%A9");
    }
}
