//! Uploading a file: one call to fal for a place, one PUT to that place.

use alloc::string::String;

use super::address::Address;
use super::answer::Fields;
use super::text::{push_decimal, split_once};

/// Where fal said a file shall be put. Presigned: it is itself the permission, so no credential ever goes there.
///
/// https, or http on this machine. The host is fal's to choose and changes with the storage behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadUrl(String);

/// The answer to the question where to upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Initiated {
    /// Where the bytes go.
    pub upload: UploadUrl,
    /// Where the file can be read afterwards: the value that takes the file's place in an input.
    pub file: String,
}

impl UploadUrl {
    /// Reads the URL fal gave; none when bytes sent there could be read on the way.
    pub fn parse(text: &str) -> Option<Self> {
        Address::parse(text).ok()?.is_private().then(|| Self(String::from(text)))
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Initiated {
    /// The names of the fields it is read from.
    pub const FIELDS: [&str; 2] = ["upload_url", "file_url"];

    /// Reads fal's answer; none when a field is missing or unusable.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        Some(Self { upload: UploadUrl::parse(fields.first?)?, file: fields.second?.into() })
    }
}

/// The name a file is uploaded under: its own, or the time and an ending taken from its type.
///
/// `content_type` may be anything a `Blob` carries, also nothing. `wall_ms` is the time since 1970 in milliseconds.
pub fn file_name(own: &str, content_type: &str, wall_ms: u64) -> String {
    if !own.is_empty() {
        return String::from(own);
    }
    let subtype = split_once(content_type, b'/').map_or("", |(_, subtype)| subtype);
    let end = subtype.bytes().position(|byte| matches!(byte, b'-' | b';' | b' '));
    let ending = end.and_then(|end| subtype.get(..end)).unwrap_or(subtype);
    let mut name = String::new();
    push_decimal(&mut name, wall_ms);
    name.push('.');
    name.push_str(if ending.is_empty() { "bin" } else { ending });
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_name_gets_the_ending_of_its_type() {
        assert_eq!(file_name("cat.png", "image/jpeg", 7), "cat.png");
        assert_eq!(file_name("", "image/png", 7), "7.png");
        assert_eq!(file_name("", "image/svg+xml;x", 7), "7.svg+xml");
        assert_eq!(file_name("", "", 7), "7.bin");
        assert_eq!(file_name("", "weird", 7), "7.bin");
    }

    #[test]
    fn a_file_is_not_sent_in_clear() {
        let read = |url| Initiated::read(Fields { first: Some(url), second: Some("https://a.example/f") }).is_some();
        assert!(read("https://storage.example/x?sig=1"));
        assert!(read("http://127.0.0.1:4000/x"));
        assert!(!read("http://storage.example/x") && !read("javascript:1"));
        assert!(Initiated::read(Fields { first: Some("https://a.example/"), second: None }).is_none());
    }
}
