//! A fal key that a visitor has brought along, sealed into a cookie: only the app's server can open it, for that visitor alone.
//!
//! What the seal is bound to stands here; the key itself and the secret never come into this memory.

use alloc::string::String;

use super::signed_text::{LATEST, is_base64url, push_number, read_number};

/// Longest sealed key read, in bytes.
const MAX_BYTES: usize = 1024;

/// Whose a sealed key is, and until when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedKey<'a> {
    /// Who brought it, as the app knows them.
    pub principal: &'a str,
    /// Until when, in seconds since 1970.
    pub expires: u64,
}

impl<'a> SealedKey<'a> {
    /// What the seal is bound to (the additional data of AES-GCM). The principal comes last, because it alone may have any
    /// character.
    pub fn bound_to(&self) -> String {
        let mut text = String::from("fal-wasm sealed key 1\n");
        push_number(&mut text, self.expires.min(LATEST));
        text.push('\n');
        text.push_str(self.principal);
        text
    }

    /// The value of the cookie, with what was sealed as base64url.
    pub fn with_content(&self, content: &str) -> String {
        let mut text = String::from("1.");
        push_number(&mut text, self.expires.min(LATEST));
        text.push('.');
        text.push_str(content);
        text
    }

    /// Reads the value of a cookie: the seal, and what was sealed. None when it is of another form, or expired.
    pub fn read(text: &'a str, principal: &'a str, now: u64) -> Option<(Self, &'a str)> {
        let mut parts = text.split('.');
        let (version, expires, content) = (parts.next()?, parts.next()?, parts.next()?);
        let fits = text.len() <= MAX_BYTES && parts.next().is_none() && version == "1" && is_base64url(content);
        let expires = read_number(expires).filter(|expires| *expires > now)?;
        fits.then_some((Self { principal, expires }, content))
    }
}

#[cfg(test)]
mod tests {
    use std::format;

    use super::*;

    #[test]
    fn whatever_is_sealed_can_be_read_until_it_expires_and_is_bound_to_all_of_it() {
        for expires in [1, 1_763_650_000, LATEST, u64::MAX] {
            let key = SealedKey { principal: "ann", expires };
            let text = key.with_content("c2VhbGVk-_");
            let (read, content) = SealedKey::read(&text, "ann", 0).unwrap();
            assert_eq!((read.bound_to(), content), (key.bound_to(), "c2VhbGVk-_"));
            assert_eq!(SealedKey::read(&text, "ann", expires.min(LATEST)), None, "expired");
            let (other, _) = SealedKey::read(&text, "1\nann", 0).unwrap();
            assert_ne!(other.bound_to(), key.bound_to());
        }
        assert_eq!(SealedKey { principal: "a\nb", expires: 12 }.bound_to(), "fal-wasm sealed key 1\n12\na\nb");
    }

    #[test]
    fn what_is_of_another_form_is_none() {
        for text in ["", "1", "1.9", "2.9.YQ", "1.9.", "1.9.Y=", "1.+9.YQ", "1.9.YQ.x", "1.9999999999999.YQ", "1.x.YQ"]
        {
            assert_eq!(SealedKey::read(text, "ann", 0), None, "{text}");
        }
        assert_eq!(SealedKey::read(&format!("1.9.{}", "a".repeat(MAX_BYTES)), "ann", 0), None);
    }
}
