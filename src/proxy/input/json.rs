//! Reading JSON as it comes, byte by byte, with next to nothing kept.
//!
//! Stricter than most: no white space but JSON's own, no comments, no `NaN`, UTF-8 only, no half of a surrogate pair, a
//! bounded depth. What this reader accepts, every other reads the same way.

use alloc::string::String;
use alloc::vec::Vec;

use super::decimal::Decimal;

/// Deepest nesting that is read.
const MAX_DEPTH: usize = 64;
/// Longest text of a name, string or number that is kept, in bytes; of a longer one only the length is known.
pub const MAX_KEPT_BYTES: usize = 512;

/// A text that has been read: decoded, and cut off after [`MAX_KEPT_BYTES`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    kept: &'a str,
    chars: usize,
    whole: bool,
}

impl<'a> Piece<'a> {
    /// The text, when all of it was kept.
    pub fn text(&self) -> Option<&'a str> {
        self.whole.then_some(self.kept)
    }

    /// How many Unicode characters it has.
    pub fn chars(&self) -> usize {
        self.chars
    }
}

/// What has been read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Token<'a> {
    /// `{`
    Object,
    /// `[`
    Array,
    /// `}` or `]`
    End,
    /// The name of the value that follows.
    Name(Piece<'a>),
    /// A string.
    Text(Piece<'a>),
    /// A number, as written.
    Number(Piece<'a>),
    /// `true` or `false`.
    Bool(bool),
    /// `null`
    Null,
}

/// The bytes are not one JSON value in UTF-8, or it is nested too deep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotJson;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// A value has to follow; after `[`, also its end may.
    Value {
        may_end: bool,
    },
    /// A name has to follow; after `{`, also its end may.
    Name {
        may_end: bool,
    },
    Colon,
    /// A comma, the end of what is open, or of everything.
    After,
    Text {
        name: bool,
    },
    Escape {
        name: bool,
    },
    /// `\u`, so many digits still to come.
    Unicode {
        name: bool,
        left: u8,
        unit: u16,
    },
    /// The second half of a pair, which has to follow at once; `backslash` when that is still missing.
    Low {
        name: bool,
        backslash: bool,
    },
    Number(Digits),
    /// The rest of `true`, `false` or `null`.
    Word(&'static [u8], Word),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Word {
    True,
    False,
    Null,
}

/// Where in a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Digits {
    Minus,
    Zero,
    Whole,
    Point,
    Fraction,
    E,
    Sign,
    Exponent,
}

impl Digits {
    /// What follows this byte; none when the number is over before it, or broken.
    fn after(self, byte: u8) -> Option<Self> {
        use Digits::*;
        Some(match (self, byte) {
            (Minus, b'0') => Zero,
            (Minus, b'1'..=b'9') | (Whole, b'0'..=b'9') => Whole,
            (Zero | Whole, b'.') => Point,
            (Point | Fraction, b'0'..=b'9') => Fraction,
            (Zero | Whole | Fraction, b'e' | b'E') => E,
            (E, b'+' | b'-') => Sign,
            (E | Sign | Exponent, b'0'..=b'9') => Exponent,
            _ => return None,
        })
    }

    fn may_end(self) -> bool {
        use Digits::*;
        matches!(self, Zero | Whole | Fraction | Exponent)
    }
}

/// A reader between two bytes.
#[derive(Clone, Debug)]
pub struct Reader {
    state: State,
    /// Whether each thing that is open is an object.
    open: Vec<bool>,
    kept: Vec<u8>,
    chars: usize,
    whole: bool,
    /// Bytes of a character still to come, and the range of the next one.
    more: (u8, u8, u8),
    /// The first half of a pair.
    high: u16,
}

impl Default for Reader {
    fn default() -> Self {
        let state = State::Value { may_end: false };
        Self { state, open: Vec::new(), kept: Vec::new(), chars: 0, whole: true, more: (0, 0, 0), high: 0 }
    }
}

impl Reader {
    /// Takes one byte, and tells what it completed. A number is complete with the byte after it, which may complete
    /// something itself: hence twice.
    pub fn take(&mut self, byte: u8, mut tell: impl FnMut(Token<'_>)) -> Result<(), NotJson> {
        if let State::Number(digits) = self.state {
            if let Some(next) = digits.after(byte) {
                self.keep(byte);
                self.state = State::Number(next);
                return Ok(());
            }
            self.end_number(digits, &mut tell)?;
        }
        self.step(byte, tell)
    }

    /// That was all.
    pub fn finish(&mut self, tell: impl FnMut(Token<'_>)) -> Result<(), NotJson> {
        if let State::Number(digits) = self.state {
            self.end_number(digits, tell)?;
        }
        if self.state == State::After && self.open.is_empty() { Ok(()) } else { Err(NotJson) }
    }

    fn step(&mut self, byte: u8, mut tell: impl FnMut(Token<'_>)) -> Result<(), NotJson> {
        match self.state {
            State::Text { name } => return self.in_text(name, byte, tell),
            State::Escape { name } => return self.escaped(name, byte),
            State::Unicode { name, left, unit } => return self.digit(name, left, unit, byte),
            State::Low { name, backslash } => {
                self.state = match (backslash, byte) {
                    (true, b'\\') => State::Low { name, backslash: false },
                    (false, b'u') => State::Unicode { name, left: 4, unit: 0 },
                    _ => return Err(NotJson),
                };
                return Ok(());
            }
            State::Word(rest, word) => {
                let (first, rest) = rest.split_first().ok_or(NotJson)?;
                if *first != byte {
                    return Err(NotJson);
                }
                if rest.is_empty() {
                    self.state = State::After;
                    tell(match word {
                        Word::True => Token::Bool(true),
                        Word::False => Token::Bool(false),
                        Word::Null => Token::Null,
                    });
                } else {
                    self.state = State::Word(rest, word);
                }
                return Ok(());
            }
            _ if matches!(byte, b' ' | b'\t' | b'\n' | b'\r') => return Ok(()),
            _ => {}
        }
        self.state = match (self.state, byte) {
            (State::Value { .. }, b'{') => {
                self.begin(true)?;
                tell(Token::Object);
                State::Name { may_end: true }
            }
            (State::Value { .. }, b'[') => {
                self.begin(false)?;
                tell(Token::Array);
                State::Value { may_end: true }
            }
            (State::Value { .. }, b'"') => self.text(false),
            (State::Value { .. }, b'-') => self.number(byte, Digits::Minus),
            (State::Value { .. }, b'0') => self.number(byte, Digits::Zero),
            (State::Value { .. }, b'1'..=b'9') => self.number(byte, Digits::Whole),
            (State::Value { .. }, b't') => State::Word(b"rue", Word::True),
            (State::Value { .. }, b'f') => State::Word(b"alse", Word::False),
            (State::Value { .. }, b'n') => State::Word(b"ull", Word::Null),
            (State::Name { .. }, b'"') => self.text(true),
            (State::Colon, b':') => State::Value { may_end: false },
            (State::After, b',') => match self.open.last() {
                Some(true) => State::Name { may_end: false },
                Some(false) => State::Value { may_end: false },
                None => return Err(NotJson),
            },
            (State::Name { may_end: true } | State::After, b'}') if self.open.last() == Some(&true) => {
                self.open.pop();
                tell(Token::End);
                State::After
            }
            (State::Value { may_end: true } | State::After, b']') if self.open.last() == Some(&false) => {
                self.open.pop();
                tell(Token::End);
                State::After
            }
            _ => return Err(NotJson),
        };
        Ok(())
    }

    fn begin(&mut self, is_object: bool) -> Result<(), NotJson> {
        if self.open.len() == MAX_DEPTH {
            return Err(NotJson);
        }
        self.open.push(is_object);
        Ok(())
    }

    fn text(&mut self, name: bool) -> State {
        self.forget();
        State::Text { name }
    }

    fn number(&mut self, byte: u8, digits: Digits) -> State {
        self.forget();
        self.keep(byte);
        State::Number(digits)
    }

    fn end_number(&mut self, digits: Digits, mut tell: impl FnMut(Token<'_>)) -> Result<(), NotJson> {
        if !digits.may_end() {
            return Err(NotJson);
        }
        self.state = State::After;
        tell(Token::Number(self.piece()?));
        Ok(())
    }

    fn in_text(&mut self, name: bool, byte: u8, mut tell: impl FnMut(Token<'_>)) -> Result<(), NotJson> {
        let (left, from, to) = self.more;
        if left > 0 {
            if !(from..=to).contains(&byte) {
                return Err(NotJson);
            }
            self.more = (left - 1, 0x80, 0xBF);
            self.keep(byte);
            return Ok(());
        }
        match byte {
            b'"' => {
                let piece = self.piece()?;
                if name {
                    tell(Token::Name(piece));
                    self.state = State::Colon;
                } else {
                    tell(Token::Text(piece));
                    self.state = State::After;
                }
                return Ok(());
            }
            b'\\' => {
                self.state = State::Escape { name };
                return Ok(());
            }
            0x20..=0x7F => {}
            // The ranges of RFC 3629: nothing overlong, no surrogates, nothing beyond U+10FFFF.
            0xC2..=0xDF => self.more = (1, 0x80, 0xBF),
            0xE0 => self.more = (2, 0xA0, 0xBF),
            0xED => self.more = (2, 0x80, 0x9F),
            0xE1..=0xEF => self.more = (2, 0x80, 0xBF),
            0xF0 => self.more = (3, 0x90, 0xBF),
            0xF1..=0xF3 => self.more = (3, 0x80, 0xBF),
            0xF4 => self.more = (3, 0x80, 0x8F),
            _ => return Err(NotJson),
        }
        self.chars += 1;
        self.keep(byte);
        Ok(())
    }

    fn escaped(&mut self, name: bool, byte: u8) -> Result<(), NotJson> {
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                self.state = State::Unicode { name, left: 4, unit: 0 };
                return Ok(());
            }
            _ => return Err(NotJson),
        };
        self.chars += 1;
        self.keep(plain);
        self.state = State::Text { name };
        Ok(())
    }

    fn digit(&mut self, name: bool, left: u8, unit: u16, byte: u8) -> Result<(), NotJson> {
        let value = char::from(byte).to_digit(16).ok_or(NotJson)?;
        let unit = (unit << 4) | value as u16;
        if left > 1 {
            self.state = State::Unicode { name, left: left - 1, unit };
            return Ok(());
        }
        let high = core::mem::take(&mut self.high);
        let code = match (high, unit) {
            (0, 0xD800..=0xDBFF) => {
                self.high = unit;
                self.state = State::Low { name, backslash: true };
                return Ok(());
            }
            (0, _) => u32::from(unit),
            (_, 0xDC00..=0xDFFF) => 0x1_0000 + ((u32::from(high) & 0x3FF) << 10) + (u32::from(unit) & 0x3FF),
            _ => return Err(NotJson),
        };
        let char = char::from_u32(code).ok_or(NotJson)?;
        for byte in char.encode_utf8(&mut [0; 4]).bytes() {
            self.keep(byte);
        }
        self.chars += 1;
        self.state = State::Text { name };
        Ok(())
    }

    fn forget(&mut self) {
        self.kept.clear();
        self.chars = 0;
        self.whole = true;
    }

    fn keep(&mut self, byte: u8) {
        self.whole &= self.kept.len() < MAX_KEPT_BYTES;
        if self.whole {
            self.kept.push(byte);
        }
    }

    fn piece(&self) -> Result<Piece<'_>, NotJson> {
        // Cut off in the middle of a character, perhaps.
        let kept = match core::str::from_utf8(&self.kept) {
            Ok(kept) => kept,
            Err(_) if !self.whole => "",
            Err(_) => return Err(NotJson),
        };
        Ok(Piece { kept, chars: self.chars, whole: self.whole })
    }
}

/// A value that is neither object nor array.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// `null`
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number of at most [`MAX_KEPT_BYTES`].
    Number(Decimal),
    /// A text of at most [`MAX_KEPT_BYTES`].
    Text(String),
}

impl Scalar {
    /// Reads a JSON text that is a scalar.
    pub fn parse(json: &str) -> Option<Self> {
        let mut reader = Reader::default();
        let mut found = None;
        let mut tell = |token: Token<'_>| found = Self::of(token);
        json.bytes().try_for_each(|byte| reader.take(byte, &mut tell)).ok()?;
        reader.finish(tell).ok()?;
        found
    }

    /// The scalar of a token; none for everything else, and for what was too long to keep.
    pub fn of(token: Token<'_>) -> Option<Self> {
        Some(match token {
            Token::Null => Self::Null,
            Token::Bool(value) => Self::Bool(value),
            Token::Number(number) => Self::Number(Decimal::parse(number.text()?)?),
            Token::Text(text) => Self::Text(String::from(text.text()?)),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::string::ToString;
    use std::vec;

    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    fn accepts(bytes: &[u8]) -> bool {
        let mut reader = Reader::default();
        bytes.iter().try_for_each(|byte| reader.take(*byte, |_| {})).and_then(|()| reader.finish(|_| {})).is_ok()
    }

    #[test]
    fn what_other_readers_might_take_otherwise_is_not_taken() {
        for text in ["{}", "[]", " [1 , -0.5e+3,\"\\ud83d\\ude00\", {\"a\":[null,true,false]}] ", "0", "\"é\u{2028}\""]
        {
            assert!(accepts(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            " ",
            "{",
            "{}{}",
            "{} x",
            "[1,]",
            "{\"a\":1,}",
            "{a:1}",
            "{'a':1}",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "-",
            "NaN",
            "Infinity",
            "tru",
            "\u{feff}{}",
            "// x\n{}",
            "\"\\ud83d\"",
            "\"\\ude00\"",
            "\"\\ud83dx\"",
            "\"\\x\"",
            "\"a\nb\"",
            "{\"a\" 1}",
            "[1 2]",
            "{\"a\":1]",
            "\u{a0}{}",
        ] {
            assert!(!accepts(text.as_bytes()), "{text}");
        }
        assert!(accepts(&[b"[".repeat(64), b"]".repeat(64)].concat()));
        assert!(!accepts(&[b"[".repeat(65), b"]".repeat(65)].concat()));
        for bytes in
            [&b"\"\xff\""[..], b"\"\xc0\xae\"", b"\"\xed\xa0\x80\"", b"\"\xf4\x90\x80\x80\"", b"\"\xc3\"", b"{}\0"]
        {
            assert!(!accepts(bytes), "{bytes:?}");
        }
    }

    /// The values of a text, one after the other, names among them.
    fn tokens(text: &str) -> Vec<std::string::String> {
        let mut reader = Reader::default();
        let mut seen = vec![];
        let mut tell = |token: Token<'_>| {
            seen.push(match token {
                Token::Name(piece) => ["name ", piece.text().unwrap()].concat(),
                Token::Text(piece) => ["text ", piece.text().unwrap()].concat(),
                Token::Number(piece) => {
                    ["number ", &piece.text().unwrap().parse::<f64>().unwrap().to_string()].concat()
                }
                other => std::format!("{other:?}"),
            })
        };
        text.bytes().try_for_each(|byte| reader.take(byte, &mut tell)).unwrap();
        reader.finish(tell).unwrap();
        seen
    }

    fn expected(value: &Value, seen: &mut Vec<std::string::String>) {
        match value {
            Value::Null => seen.push("Null".into()),
            Value::Bool(value) => seen.push(std::format!("Bool({value})")),
            Value::Number(number) => seen.push(["number ", &number.as_f64().unwrap().to_string()].concat()),
            Value::String(text) => seen.push(["text ", text].concat()),
            Value::Array(items) => {
                seen.push("Array".into());
                items.iter().for_each(|item| expected(item, seen));
                seen.push("End".into());
            }
            Value::Object(fields) => {
                seen.push("Object".into());
                for (name, item) in fields {
                    seen.push(["name ", name].concat());
                    expected(item, seen);
                }
                seen.push("End".into());
            }
        }
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            (-1e9..1e9f64).prop_map(Value::from),
            "\\PC{0,12}|[\\x00-\\x7f]{0,8}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 40, 6, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
                proptest::collection::hash_map("\\PC{0,6}", inner, 0..6)
                    .prop_map(|fields| Value::Object(fields.into_iter().collect())),
            ]
        })
    }

    proptest! {
        /// A policy judges what fal will read.
        #[test]
        fn it_reads_what_another_reader_reads(value in any_json(), pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&value) } else { serde_json::to_string(&value) }.unwrap();
            let mut seen = vec![];
            expected(&value, &mut seen);
            prop_assert_eq!(tokens(&text), seen);
        }

        /// Whatever it accepts, another reader accepts.
        #[test]
        fn it_is_never_more_lenient(bytes in proptest::collection::vec(prop_oneof![
            proptest::sample::select(&b"{}[]\",:0123456789.eE+-truefalsn\\u "[..]), any::<u8>()], 0..24)) {
            if accepts(&bytes) {
                prop_assert!(serde_json::from_slice::<Value>(&bytes).is_ok() || bytes.iter().any(|byte| matches!(byte, b'e' | b'E')));
            }
        }
    }

    #[test]
    fn a_long_text_is_counted_and_not_kept() {
        let text = std::format!("\"{}\"", "é".repeat(5000));
        let mut reader = Reader::default();
        let mut seen = None;
        for byte in text.bytes() {
            reader
                .take(byte, |token| {
                    if let Token::Text(piece) = token {
                        seen = Some((piece.text().is_some(), piece.chars()))
                    }
                })
                .unwrap();
        }
        assert_eq!(seen, Some((false, 5000)));
        assert!(reader.kept.capacity() <= 2 * MAX_KEPT_BYTES);
    }
}
