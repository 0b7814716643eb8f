//! Uploading a file: one call to fal for a place, then PUTs to that place: the whole file, or its parts.

use super::address::Address;
use super::answer::Fields;
use super::text::{PushText, push_decimal, split_once};

/// Where fal said a file goes. Presigned: it is itself the permission, so no credential ever goes there.
///
/// https, or http on this machine. The host is fal's to choose and changes with the storage behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UploadUrl<'a>(&'a str);

/// Which place at an upload URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadPlace {
    /// Where the whole file goes.
    Whole,
    /// Where a part of the file goes. They are counted from 1.
    Part(u32),
    /// Where the list of all parts goes, which makes them one file.
    Complete,
}

/// The answer to the question where to upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Initiated<'a> {
    /// Where the bytes go.
    pub upload: UploadUrl<'a>,
    /// Where the file can be read afterwards: the value that takes the file's place in an input.
    pub file: &'a str,
}

impl<'a> UploadUrl<'a> {
    /// Reads the URL fal gave; none when bytes sent there could be read on the way, and none with a fragment, which no
    /// server would see.
    pub fn parse(text: &'a str) -> Option<Self> {
        let is_private = Address::parse(text).ok()?.is_private();
        (is_private && split_once(text, b'#').is_none()).then_some(Self(text))
    }

    /// Writes the URL of a place. The signature is in the query and stays as it is.
    pub fn write(self, place: UploadPlace, out: &mut impl PushText) {
        let end = self.0.bytes().position(|byte| byte == b'?').unwrap_or(self.0.len());
        out.push_text(self.0.get(..end).unwrap_or_default());
        match place {
            UploadPlace::Whole => {}
            UploadPlace::Part(number) => {
                out.push_text("/");
                push_decimal(out, number.into());
            }
            UploadPlace::Complete => out.push_text("/complete"),
        }
        out.push_text(self.0.get(end..).unwrap_or_default());
    }

    /// The URL as text.
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

impl<'a> Initiated<'a> {
    /// The names of the fields it is read from.
    pub const FIELDS: &'static str = "upload_url file_url";

    /// Reads fal's answer; none when a field is missing or unusable.
    pub fn read(fields: Fields<'a>) -> Option<Self> {
        Some(Self { upload: UploadUrl::parse(fields.first?)?, file: fields.second? })
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
        let url = |text, place| {
            let mut url = std::string::String::new();
            UploadUrl::parse(text).unwrap().write(place, &mut url);
            url
        };
        let signed = "https://a.example/u/7?sig=1?2";
        assert_eq!(url(signed, UploadPlace::Part(12)), "https://a.example/u/7/12?sig=1?2");
        assert_eq!(url(signed, UploadPlace::Whole), signed);
        assert_eq!(url("https://a.example/u/7", UploadPlace::Complete), "https://a.example/u/7/complete");
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
