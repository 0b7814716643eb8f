//! What a fal key looks like, told from its characters one at a time.
//!
//! A key is `id:secret`. Keys in use are a UUID, a colon and 32 hexadecimal digits; fal publishes no grammar, so that
//! shape only serves to notice a key where none belongs, never to refuse one where it does.
//!
//! Everything here takes UTF-16 code units, because a JavaScript string hands them out without being copied: no key is
//! ever written into this crate's memory.

/// Longest key accepted, in code units.
const MAX_KEY_UNITS: usize = 512;

/// Why a text is not a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// There is no colon between an id and a secret.
    NoColon = 1,
    /// There is more than one colon.
    TwoColons = 2,
    /// Nothing stands before the colon.
    NoId = 3,
    /// Nothing stands after the colon.
    NoSecret = 4,
    /// White space inside: often a scheme ("Key …") or two lines pasted as one.
    Space = 5,
    /// A quotation mark or something that is not printable ASCII.
    Character = 6,
    /// Longer than 512 characters.
    TooLong = 7,
    /// A half of the pair `FAL_KEY_ID` and `FAL_KEY_SECRET` that is empty or has a colon of its own.
    Half = 8,
}

impl core::fmt::Display for KeyError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::NoColon => "a fal key is an id and a secret with a colon between them, and there is no colon",
            Self::TwoColons => "a fal key has one colon, and there are more",
            Self::NoId => "nothing stands before the colon of the key",
            Self::NoSecret => "nothing stands after the colon of the key",
            Self::Space => "there is white space in the key",
            Self::Character => "there is a quotation mark or a character that is not printable ASCII in the key",
            Self::TooLong => "the key is longer than 512 characters",
            Self::Half => "one half of the key is empty or has a colon of its own",
        })
    }
}

impl core::error::Error for KeyError {}

/// Checks a whole key, `id:secret`, whose surrounding white space is already gone.
pub fn check_key(units: impl IntoIterator<Item = u16>) -> Result<(), KeyError> {
    KeyCheck::whole().all(units)
}

/// Checks one half of a key that comes as a pair.
pub fn check_half(units: impl IntoIterator<Item = u16>) -> Result<(), KeyError> {
    KeyCheck::half().all(units)
}

/// Checks a key, or one half of one, that comes one code unit at a time.
#[derive(Clone, Copy, Debug)]
pub struct KeyCheck {
    is_half: bool,
    before: usize,
    colons: usize,
    after: usize,
    error: Option<KeyError>,
}

impl KeyCheck {
    /// For `id:secret`.
    pub const fn whole() -> Self {
        Self { is_half: false, before: 0, colons: 0, after: 0, error: None }
    }

    /// For one half of a pair.
    pub const fn half() -> Self {
        Self { is_half: true, ..Self::whole() }
    }

    /// Looks at the next code unit.
    pub fn push(&mut self, unit: u16) {
        if self.error.is_none() {
            self.error = self.next(unit).err();
        }
    }

    /// What is wrong with what came.
    pub fn finish(&self) -> Result<(), KeyError> {
        match (self.error, self.before, self.colons, self.after) {
            (Some(error), ..) => Err(error),
            (_, 0, ..) if self.is_half => Err(KeyError::Half),
            _ if self.is_half => Ok(()),
            (_, _, 0, _) => Err(KeyError::NoColon),
            (_, _, 2.., _) => Err(KeyError::TwoColons),
            (_, 0, ..) => Err(KeyError::NoId),
            (.., 0) => Err(KeyError::NoSecret),
            _ => Ok(()),
        }
    }

    fn next(&mut self, unit: u16) -> Result<(), KeyError> {
        check_unit(unit)?;
        match (unit == u16::from(b':'), self.colons) {
            (true, _) => self.colons += 1,
            (false, 0) => self.before += 1,
            (false, _) => self.after += 1,
        }
        let too_long = self.before + self.after > MAX_KEY_UNITS;
        match self.is_half {
            true if too_long || self.colons > 0 => Err(KeyError::Half),
            false if too_long => Err(KeyError::TooLong),
            _ => Ok(()),
        }
    }

    fn all(mut self, units: impl IntoIterator<Item = u16>) -> Result<(), KeyError> {
        for unit in units {
            self.push(unit);
            if let Some(error) = self.error {
                return Err(error);
            }
        }
        self.finish()
    }
}

fn check_unit(unit: u16) -> Result<(), KeyError> {
    match u8::try_from(unit) {
        Ok(b' ' | b'\t' | b'\r' | b'\n') => Err(KeyError::Space),
        Ok(b'"' | b'\'' | b'`') => Err(KeyError::Character),
        Ok(byte) if byte.is_ascii_graphic() => Ok(()),
        _ => Err(KeyError::Character),
    }
}

/// Whether a header value hands over a key in fal's scheme: `Key id:secret`, with any id and secret.
pub fn is_key_credential(units: impl IntoIterator<Item = u16>) -> bool {
    let mut scan = CredentialScan::new();
    units.into_iter().any(|unit| scan.push(unit))
}

/// Watches a header value for a key in fal's scheme.
#[derive(Clone, Copy, Debug, Default)]
pub struct CredentialScan {
    /// How many letters of the scheme have come.
    scheme: usize,
    spaced: bool,
    before: bool,
    colon: bool,
    /// It is something else.
    other: bool,
}

impl CredentialScan {
    /// At the start of a text.
    pub const fn new() -> Self {
        Self { scheme: 0, spaced: false, before: false, colon: false, other: false }
    }

    /// Looks at the next code unit; true when the text hands over a key.
    pub fn push(&mut self, unit: u16) -> bool {
        let byte = u8::try_from(unit).unwrap_or(0);
        match b"key".get(self.scheme) {
            _ if self.other => {}
            Some(letter) if byte.eq_ignore_ascii_case(letter) => self.scheme += 1,
            Some(_) => self.other = true,
            None if byte == b' ' && !self.before => self.spaced = true,
            None if !self.spaced => self.other = true,
            None if byte == b':' && self.before => self.colon = true,
            None if self.colon => return true,
            None => self.before = true,
        }
        false
    }
}

/// Watches a text for something of the shape of a key, anywhere in it; the colon may be percent-encoded.
#[derive(Clone, Copy, Debug, Default)]
pub struct KeyScan {
    /// How much of the shape has been seen.
    at: usize,
    /// How many hexadecimal digits came last, up to a UUID's first group.
    digits: usize,
}

/// The groups of a UUID end before these places of the shape.
const HYPHENS: [usize; 4] = [8, 13, 18, 23];
const COLON: usize = 36;
/// A percent-encoded colon takes the places 36 to 38; a plain one jumps over the last two.
const SECRET: usize = 39;
const END: usize = SECRET + 32;

impl KeyScan {
    /// At the start of a text.
    pub const fn new() -> Self {
        Self { at: 0, digits: 0 }
    }

    /// Looks at a whole text.
    pub fn finds(units: impl IntoIterator<Item = u16>) -> bool {
        let mut scan = Self::default();
        units.into_iter().any(|unit| scan.push(unit))
    }

    /// How many code units there are up to the end of the first key.
    #[cfg(feature = "server")]
    pub fn end(units: impl IntoIterator<Item = u16>) -> Option<usize> {
        let mut scan = Self::default();
        units.into_iter().position(|unit| scan.push(unit)).map(|last| last + 1)
    }

    /// Looks at the next code unit; true when it completes the shape of a key.
    pub fn push(&mut self, unit: u16) -> bool {
        let byte = u8::try_from(unit).unwrap_or(0);
        let is_digit = byte.is_ascii_hexdigit();
        self.at = match self.at {
            COLON if byte == b':' => SECRET,
            COLON if byte == b'%' => COLON + 1,
            at if at == COLON + 1 && byte == b'3' => at + 1,
            at if at == COLON + 2 && byte.eq_ignore_ascii_case(&b'a') => SECRET,
            at if HYPHENS.contains(&at) && byte == b'-' => at + 1,
            at if is_digit && !(COLON..SECRET).contains(&at) && !HYPHENS.contains(&at) => at + 1,
            // The text does not go on as the shape would: what came last may still be its beginning.
            _ if is_digit => (self.digits + 1).min(8),
            _ if byte == b'-' && self.digits >= 8 => 9,
            _ => 0,
        };
        self.digits = if is_digit { (self.digits + 1).min(8) } else { 0 };
        self.at == END
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KEY: &str = "8c5dbd43-03f5-4ef1-9c5c-1f2d3e4a5b6c:0123456789abcdef0123456789abcdef";

    fn check(text: &str) -> Result<(), KeyError> {
        check_key(text.encode_utf16())
    }

    fn finds(text: &str) -> bool {
        KeyScan::finds(text.encode_utf16())
    }

    #[test]
    fn a_key_is_an_id_and_a_secret() {
        assert_eq!(check(KEY), Ok(()));
        assert_eq!(check("a:b"), Ok(()));
        assert_eq!(check("ab"), Err(KeyError::NoColon));
        assert_eq!(check(""), Err(KeyError::NoColon));
        assert_eq!(check(":b"), Err(KeyError::NoId));
        assert_eq!(check("a:"), Err(KeyError::NoSecret));
        assert_eq!(check("a:b:c"), Err(KeyError::TwoColons));
        assert_eq!(check("Key a:b"), Err(KeyError::Space));
        assert_eq!(check("\"a:b\""), Err(KeyError::Character));
        assert_eq!(check("a:bé"), Err(KeyError::Character));
        assert_eq!(check(&["a:", &"b".repeat(600)].concat()), Err(KeyError::TooLong));
        assert_eq!(check_half("a:b".encode_utf16()), Err(KeyError::Half));
        assert_eq!(check_half("".encode_utf16()), Err(KeyError::Half));
        assert_eq!(check_half("ab".encode_utf16()), Ok(()));
    }

    #[test]
    fn a_key_is_noticed_wherever_it_hides() {
        for text in [
            KEY.into(),
            std::format!("Key {KEY}"),
            std::format!("https://a.example/?k={}", KEY.replace(':', "%3A")),
            std::format!("ffff{KEY}ffff"),
            std::format!("8c5dbd43-03f5-4ef1-9c5c-{KEY}"),
            KEY.to_uppercase(),
        ] {
            assert!(finds(&text), "{text}");
        }
        assert!(!finds("8c5dbd43-03f5-4ef1-9c5c-1f2d3e4a5b6c"), "a request id is no key");
        assert!(!finds(&KEY.replace(':', "-")));
    }

    #[cfg(feature = "server")]
    #[test]
    fn a_key_is_pointed_at_where_it_stands() {
        let end = |text: &str| KeyScan::end(text.encode_utf16());
        assert_eq!(end(&std::format!("é\"{KEY}\" {KEY}")), Some(2 + KEY.len()));
        assert_eq!(end(&KEY.replace(':', "%3a")), Some(KEY.len() + 2));
        assert_eq!(end(&KEY[1..]), None);
    }

    #[test]
    fn a_key_in_fals_scheme_is_noticed_in_any_shape() {
        let is = |text: &str| is_key_credential(text.encode_utf16());
        assert!(is("Key a:b") && is("key  id:secret"));
        assert!(!is("Bearer a:b") && !is("Key") && !is("Key a") && !is("Keyless a:b") && !is("Key :b"));
    }

    proptest! {
        /// The shape is written down once more, as a regular expression, and the two never disagree.
        #[test]
        fn the_scan_equals_the_written_shape(text in "([0-9a-f]{4}|[0-9a-f]{8}|-|:|%3a|%3A|x|8c5dbd43-03f5-4ef1-9c5c-1f2d3e4a5b6c|[0-9a-f]{32}){0,14}") {
            let shape = regex::Regex::new("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:|%3a)[0-9a-f]{32}").unwrap();
            prop_assert_eq!(finds(&text), shape.is_match(&text));
        }
    }
}
