//! Origins of pages: `https://app.example`, in the one spelling a browser sends.

use alloc::string::String;

use crate::protocol::Address;

/// The origin of a page that may call the proxy from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

/// The text is not an origin: it has a path, an upper-case letter, a star, or is neither https nor on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OriginError;

impl core::fmt::Display for OriginError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("not an origin as a browser sends it, such as `https://app.example`")
    }
}

impl core::error::Error for OriginError {}

impl Origin {
    /// Reads an origin as a browser would send it.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let address = Address::parse(text).map_err(|_| OriginError)?;
        let bare = authority(text).is_some_and(|authority| text.ends_with(authority));
        let lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        if bare && lower && address.is_private() { Ok(Self(text.into())) } else { Err(OriginError) }
    }

    /// Whether this is the origin a request names.
    pub fn is(&self, origin: &str) -> bool {
        self.0 == origin
    }
}

/// Host and port of an absolute URL, as written.
pub(super) fn authority(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    rest.split(['/', '?', '#']).next().filter(|authority| !authority.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_exactly_what_a_browser_sends() {
        for text in
            ["https://app.example", "https://app.example:8443", "http://localhost:3000", "http://127.0.0.1:5173"]
        {
            assert!(Origin::parse(text).is_ok_and(|origin| origin.is(text)), "{text}");
        }
        for text in
            ["*", "null", "https://app.example/", "https://APP.example", "http://app.example", "app.example", ""]
        {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }
}
