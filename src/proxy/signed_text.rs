//! Parts of the texts that the proxy signs and gives out: capabilities, grants, sealed keys, and what shows whose a session is.

use alloc::string::String;

/// Base64url characters of the 32 bytes of a signature.
pub(super) const SIGNATURE_CHARS: usize = 43;
/// The latest time that can be written: twelve digits.
pub(super) const LATEST: u64 = 999_999_999_999;

/// Whether a text is of base64url, without padding.
pub(super) fn is_base64url(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// Whether a text may be a signature. Whether it is a good one is not known yet.
pub(super) fn is_signature(text: &str) -> bool {
    text.len() == SIGNATURE_CHARS && is_base64url(text)
}

pub(super) fn push_number(text: &mut String, number: u64) {
    if number > 9 {
        push_number(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}

/// Reads what [`push_number`] writes, up to [`LATEST`].
pub(super) fn read_number(text: &str) -> Option<u64> {
    let digits = text.len() <= 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}
