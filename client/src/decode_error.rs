//! Why an answer is not of the caller's type.

use std::fmt::{self, Write};

use serde::de::{Error, Expected, Unexpected};

/// What a type says of an answer that is not of it, as it goes on after a sentence that says so. Never what was found in its
/// place, which may be anything that the answer echoes.
#[derive(Debug)]
pub(crate) struct DecodeError(String);

impl DecodeError {
    /// The words.
    pub fn into_text(self) -> String {
        self.0
    }

    #[cold]
    fn expected(what: &dyn Expected) -> Self {
        let mut text = String::from(": expected ");
        // A text takes everything.
        let _ = write!(text, "{what}");
        Self(text)
    }

    fn one_of(names: &[&str]) -> Self {
        Self([": expected one of `", &names.join("`, `"), "`"].concat())
    }
}

impl Error for DecodeError {
    /// In the words of a type itself, which may quote what it found.
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(String::new())
    }

    fn invalid_type(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_value(_: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn invalid_length(_: usize, expected: &dyn Expected) -> Self {
        Self::expected(expected)
    }

    fn unknown_variant(_: &str, expected: &'static [&'static str]) -> Self {
        Self::one_of(expected)
    }

    fn unknown_field(_: &str, expected: &'static [&'static str]) -> Self {
        Self::one_of(expected)
    }

    #[cold]
    fn missing_field(name: &'static str) -> Self {
        Self([": the field `", name, "` is missing"].concat())
    }
}

impl serde::ser::Error for DecodeError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self(String::new())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}
