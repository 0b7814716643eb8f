//! Which files may be uploaded, by their media type: `image/png`, `image/*`.

use alloc::string::String;

/// A media type, or all with the same first half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MediaRange(String);

/// The text is neither a media type nor `type/*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaRangeError;

impl core::fmt::Display for MediaRangeError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("neither a media type in lower case, such as `image/png`, nor all of a kind, such as `image/*`")
    }
}

impl core::error::Error for MediaRangeError {}

impl MediaRange {
    /// Reads a range, which has no parameters and no upper-case letters.
    pub fn parse(text: &str) -> Result<Self, MediaRangeError> {
        let (kind, name) = text.split_once('/').ok_or(MediaRangeError)?;
        let is_lower = !text.bytes().any(|byte| byte.is_ascii_uppercase());
        if is_lower && is_token(kind) && (name == "*" || is_token(name)) {
            Ok(Self(text.into()))
        } else {
            Err(MediaRangeError)
        }
    }

    /// Whether a content type, whatever its parameters, is in this range.
    pub fn has(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default().trim_ascii();
        let Some((kind, name)) = essence.split_once('/').filter(|(kind, name)| is_token(kind) && is_token(name)) else {
            return false;
        };
        let (own_kind, own_name) = self.0.split_once('/').unwrap_or_default();
        own_kind.eq_ignore_ascii_case(kind) && (own_name == "*" || own_name.eq_ignore_ascii_case(name))
    }
}

/// Whether a text is one half of a media type.
fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_has_its_types_in_any_spelling_and_no_other() {
        let (all, one) = (MediaRange::parse("image/*").unwrap(), MediaRange::parse("image/svg+xml").unwrap());
        for text in ["image/svg+xml", "IMAGE/SVG+XML", " image/svg+xml ; charset=utf-8"] {
            assert!(all.has(text) && one.has(text), "{text}");
        }
        assert!(all.has("image/png") && !one.has("image/png"));
        for text in [
            "",
            "image",
            "image/",
            "/png",
            "image/*",
            "imagex/png",
            "text/html",
            "image/png, text/html",
            "text/html;image/png",
        ] {
            assert!(!all.has(text) && !one.has(text), "{text}");
        }
    }

    #[test]
    fn what_is_no_range_is_refused() {
        for text in
            ["", "*", "*/*", "*/png", "image", "image/", "Image/png", "image/png;q=1", "image/p*", "image /png", ".png"]
        {
            assert_eq!(MediaRange::parse(text), Err(MediaRangeError), "{text}");
        }
    }
}
