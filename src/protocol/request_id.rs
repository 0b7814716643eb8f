//! Request ids, as fal gives them out.

use alloc::string::String;
use core::fmt;

/// Longest request id accepted, in bytes. fal's are UUIDs of 36.
const MAX_REQUEST_ID_BYTES: usize = 128;

/// The id of a request in fal's queue: `[A-Za-z0-9_-]{1,128}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

/// The text is not a request id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RequestIdError;

impl RequestId {
    /// Reads a request id; anything that would not stand in a URL path as it is gets refused.
    pub fn parse(text: &str) -> Result<Self, RequestIdError> {
        if Self::is_one(text) { Ok(Self(String::from(text))) } else { Err(RequestIdError) }
    }

    /// Whether a text is a request id.
    pub fn is_one(text: &str) -> bool {
        let fits = (1..=MAX_REQUEST_ID_BYTES).contains(&text.len());
        fits && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestIdError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("The request id is not one: fal's are up to 128 letters, digits, hyphens and underscores")
    }
}

impl core::error::Error for RequestIdError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_id_cannot_leave_its_place_in_the_url() {
        assert!(RequestId::parse("764cabcf-b745-4b3e-ae38-1200304cf45b").is_ok());
        for text in ["", "../../x", "a/b", "a?b", "a%2fb", "a b", ".", &"a".repeat(129)] {
            assert_eq!(RequestId::parse(text), Err(RequestIdError), "{text}");
        }
    }
}
