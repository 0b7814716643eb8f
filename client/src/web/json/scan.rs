//! Cutting values out of a text that is known to be JSON.

use std::borrow::Cow;

/// What a value is.
pub(super) enum Token<'a> {
    Null,
    Bool(bool),
    /// As it is written.
    Number(&'a str),
    /// As it is written, in its quotes.
    Text(&'a str),
    List(Parts<'a>),
    /// Names and values take turns.
    Object(Parts<'a>),
}

/// What the value is that a text is, without white space around it.
pub(super) fn token(text: &str) -> Token<'_> {
    let parts = Parts(text.get(1..).unwrap_or_default());
    match text.as_bytes().first() {
        Some(b'"') => Token::Text(text),
        Some(b'[') => Token::List(parts),
        Some(b'{') => Token::Object(parts),
        Some(b't') => Token::Bool(true),
        Some(b'f') => Token::Bool(false),
        Some(b'-' | b'0'..=b'9') => Token::Number(text),
        _ => Token::Null,
    }
}

/// What is left of a list or an object.
pub(super) struct Parts<'a>(&'a str);

impl<'a> Parts<'a> {
    /// Takes the next value.
    #[inline(never)]
    pub fn take(&mut self) -> Option<&'a str> {
        let between = |byte: u8| matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | b',' | b':');
        let start = self.0.bytes().position(|byte| !between(byte))?;
        let rest = self.0.get(start..)?;
        let (mut depth, mut is_text, mut is_escaped) = (0_usize, false, false);
        let mut end = rest.len();
        for (at, byte) in rest.bytes().enumerate() {
            if is_text {
                let was_escaped = is_escaped;
                is_escaped = byte == b'\\' && !was_escaped;
                is_text = byte != b'"' || was_escaped;
            } else if depth == 0 && at > 0 && (between(byte) || matches!(byte, b']' | b'}')) {
                end = at;
                break;
            } else {
                match byte {
                    b'"' => is_text = true,
                    b'[' | b'{' => depth += 1,
                    // The end of what it is a part of.
                    b']' | b'}' if depth == 0 => return None,
                    b']' | b'}' => depth -= 1,
                    _ => {}
                }
            }
        }
        self.0 = rest.get(end..)?;
        rest.get(..end)
    }
}

/// What a text in its quotes says.
#[inline(never)]
pub(super) fn text(quoted: &str) -> Cow<'_, str> {
    let mut rest = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut out = String::new();
    while let Some(at) = rest.bytes().position(|byte| byte == b'\\') {
        out.push_str(rest.get(..at).unwrap_or_default());
        let escape = rest.get(at + 1..).unwrap_or_default();
        let (character, length) = match escape.as_bytes().first() {
            Some(b'b') => ('\u{8}', 1),
            Some(b'f') => ('\u{c}', 1),
            Some(b'n') => ('\n', 1),
            Some(b'r') => ('\r', 1),
            Some(b't') => ('\t', 1),
            Some(b'u') => coded(escape),
            Some(other) => (char::from(*other), 1),
            None => break,
        };
        out.push(character);
        rest = escape.get(length..).unwrap_or_default();
    }
    if out.is_empty() {
        return Cow::Borrowed(rest);
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// The character that begins with `u` and the digits of its code, and how long that is. Half of a pair alone is none.
fn coded(escape: &str) -> (char, usize) {
    let code = |at: usize| {
        let digits = escape.get(at..at + 4).unwrap_or_default();
        digits.chars().fold(0, |code, digit| code * 16 + digit.to_digit(16).unwrap_or_default())
    };
    let first = code(1);
    let second = if escape.get(5..7) == Some("\\u") { code(7) } else { 0 };
    let (code, length) = match (first, second) {
        (0xd800..0xdc00, 0xdc00..0xe000) => (0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff), 11),
        _ => (first, 5),
    };
    (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), length)
}
