//! Uploading a file: one call to fal for a place, then PUTs to that place: the whole file, or its parts.

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
    /// Reads the URL fal gave; none when bytes sent there could be read on the way, and none with a fragment, which no
    /// server would see.
    pub fn parse(text: &str) -> Option<Self> {
        let is_private = Address::parse(text).ok()?.is_private();
        (is_private && split_once(text, b'#').is_none()).then(|| Self(String::from(text)))
    }

    /// Where a part of the file goes. They are counted from 1.
    pub fn part(&self, number: u32) -> Self {
        let mut segment = String::new();
        push_decimal(&mut segment, u64::from(number));
        self.below(&segment)
    }

    /// Where the list of all parts goes, which makes them one file.
    pub fn complete(&self) -> Self {
        self.below("complete")
    }

    /// The same place with one segment more. The signature is in the query and stays as it is.
    fn below(&self, segment: &str) -> Self {
        let end = self.0.bytes().position(|byte| byte == b'?').unwrap_or(self.0.len());
        let mut url = String::from(self.0.get(..end).unwrap_or_default());
        for piece in ["/", segment, self.0.get(end..).unwrap_or_default()] {
            url.push_str(piece);
        }
        Self(url)
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Initiated {
    /// The names of the fields it is read from.
    pub const FIELDS: &str = "upload_url file_url";

    /// Reads fal's answer; none when a field is missing or unusable.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        Some(Self { upload: UploadUrl::parse(fields.first?)?, file: fields.second?.into() })
    }
}

/// The receipt of a part: what the list of all parts names it by. It stays where it is; only that there is one matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt;

impl Receipt {
    /// The names of the fields it is read from.
    pub const FIELDS: &str = "etag";

    /// Reads the answer to a part; none when it has no receipt.
    pub fn read(fields: Fields<'_>) -> Option<Self> {
        fields.first.filter(|etag| !etag.is_empty()).map(|_| Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_go_below_the_place_and_keep_its_signature() {
        let place = |text| UploadUrl::parse(text).unwrap();
        assert_eq!(place("https://a.example/u/7?sig=1?2").part(12).as_str(), "https://a.example/u/7/12?sig=1?2");
        assert_eq!(place("https://a.example/u/7").complete().as_str(), "https://a.example/u/7/complete");
        assert_eq!(UploadUrl::parse("https://a.example/u/7#x"), None);
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
