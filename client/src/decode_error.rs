//! Why an answer is not of the caller's type.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

/// What a type says of an answer that is not of it: never what was found in its place, which may be anything that the
/// answer echoes. It would have to be formatted, too, and the formatter of floats alone takes 5 kB of a page.
#[derive(Debug)]
pub(crate) struct DecodeError(String);

impl DecodeError {
    /// The words of the type, as serde and serde_json put them.
    pub fn into_text(self) -> String {
        self.0
    }

    /// It, as what is wrong with an answer where something else was expected.
    #[cold]
    pub fn expected(what: &dyn Expected) -> Self {
        Self([", expected ", &what.to_string()].concat())
    }
}

impl Error for DecodeError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
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

    #[cold]
    fn missing_field(name: &'static str) -> Self {
        Self(["missing field `", name, "`"].concat())
    }
}

impl serde::ser::Error for DecodeError {
    fn custom<T: fmt::Display>(what: T) -> Self {
        Self(what.to_string())
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl std::error::Error for DecodeError {}
