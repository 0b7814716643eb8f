//! How texts must be written, as regular expressions: what the JavaScript layer of the npm package checks by.
//!
//! The parsers beside this file decide for Rust, and for everything that a credential depends on. They take and refuse
//! what these expressions do, which the tests below hold. The JavaScript layer has the expressions instead because a page
//! pays for every byte: the same rules as code took 3.9 kB of the browser build (brotli), and take 1 kB as expressions.

/// An expression. Only what JavaScript and the crate `regex` (without Unicode) read alike is used.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// Its name in JavaScript.
    pub name: &'static str,
    /// What it says.
    pub source: &'static str,
    /// Whether capitals do not matter.
    pub ignores_case: bool,
}

const fn exact(name: &'static str, source: &'static str) -> Pattern {
    Pattern { name, source, ignores_case: false }
}

const fn in_any_case(name: &'static str, source: &'static str) -> Pattern {
    Pattern { name, source, ignores_case: true }
}

/// A part of an endpoint id.
pub const SEGMENT: Pattern = exact("SEGMENT", "^[A-Za-z0-9][A-Za-z0-9._-]*$");
/// An endpoint id in the old form: a number, a hyphen, the name of an app.
pub const LEGACY_ID: Pattern = exact("LEGACY_ID", "^([0-9]+)-([^/]*)$");
/// A URL where an endpoint id belongs.
pub const URL: Pattern = exact("URL_PREFIX", "^[^:]*://");
/// A request id.
pub const REQUEST_ID: Pattern = exact("REQUEST_ID", "^[A-Za-z0-9_-]{1,128}$");
/// The status URL in the answer to a submit: the app that owns the queue, and the request.
pub const STATUS_URL: Pattern = exact("STATUS_URL", "^https://queue\\.fal\\.run/(.+)/requests/([^/]+)/status$");

/// What has no place in an address: parsers drop or turn it, and then see another host.
pub const FORBIDDEN: Pattern = exact("FORBIDDEN", "[\\x00-\\x20\\x7f\\\\]");
/// A text with a scheme.
pub const ABSOLUTE: Pattern = exact("ABSOLUTE", "^[^/?#]*:");
/// An absolute web address: what it has for `https`, and whom it leads to.
pub const ADDRESS: Pattern = in_any_case("ADDRESS", "^http(s?)://([^/?#]*)");
/// A host, and a port.
pub const HOST: Pattern = in_any_case("HOST", "^(?:(?:[a-z0-9-]+\\.)*[a-z0-9-]+\\.?|\\[::1\\])(?::[0-9]{1,5})?$");
/// A host of this machine, and a port.
pub const LOOPBACK: Pattern =
    in_any_case("LOOPBACK", "^(?:localhost\\.?|\\[::1\\]|127(?:\\.[0-9]+)+\\.?)(?::[0-9]+)?$");
/// A host of fal's, and a port.
pub const FAL_HOST: Pattern =
    in_any_case("FAL_HOST", "^(?:[^:]*\\.)?(?:fal\\.(?:run|ai|media)|falrun\\.com)\\.?(?::[0-9]+)?$");

/// The shape of keys in use: a UUID, a colon, which may be percent-encoded, and 32 hexadecimal digits.
pub const KEY: Pattern = in_any_case("KEY", "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?::|%3a)[0-9a-f]{32}");
/// A whole key, however long: an id and a secret.
pub const WHOLE_KEY: Pattern = exact("WHOLE_KEY", "^[!#-&(-9;-_a-~]+:[!#-&(-9;-_a-~]+$");
/// A credential in fal's scheme, `Key id:secret`, whatever the key looks like.
pub const CREDENTIAL: Pattern = in_any_case("CREDENTIAL", "^key +[^ ][^:]*:+[^:]");

/// The content type of server-sent events.
pub const EVENTS_TYPE: Pattern =
    in_any_case("EVENTS_TYPE", "^[ \\t\\n\\f\\r]*text/event-stream[ \\t\\n\\f\\r]*(?:;|$)");
/// The content type of a page of HTML.
pub const HTML_TYPE: Pattern = in_any_case("HTML_TYPE", "^[ \\t\\n\\f\\r]*text/html[ \\t\\n\\f\\r]*(?:;|$)");
/// Content types that are JSON.
pub const JSON_TYPE: Pattern =
    in_any_case("JSON_TYPE", "^(?:[ \\t\\n\\f\\r]*application/json|[^;]*\\+json)[ \\t\\n\\f\\r]*(?:;|$)");
/// Content types that are text.
pub const TEXT_TYPE: Pattern = in_any_case("TEXT_TYPE", "^[ \\t\\n\\f\\r]*(?:text/|;|$)");

/// All of them, for the program that writes TypeScript.
pub const PATTERNS: &[Pattern] = &[
    SEGMENT,
    LEGACY_ID,
    URL,
    REQUEST_ID,
    STATUS_URL,
    FORBIDDEN,
    ABSOLUTE,
    ADDRESS,
    HOST,
    LOOPBACK,
    FAL_HOST,
    KEY,
    WHOLE_KEY,
    CREDENTIAL,
    EVENTS_TYPE,
    HTML_TYPE,
    JSON_TYPE,
    TEXT_TYPE,
];

#[cfg(test)]
mod tests {
    use std::string::String;

    use proptest::prelude::*;
    use regex::bytes::{Regex, RegexBuilder};

    use super::*;
    use crate::credentials::{CredentialScan, KeyScan, ProxyUrl, ProxyUrlError, check_key};
    use crate::protocol::{Address, AddressError, EndpointError, EndpointId, Media, RequestId, UploadUrl};

    fn compiled(pattern: Pattern) -> Regex {
        let Pattern { source, ignores_case, .. } = pattern;
        RegexBuilder::new(source).unicode(false).case_insensitive(ignores_case).build().unwrap()
    }

    fn fits(pattern: Pattern, text: &str) -> bool {
        compiled(pattern).is_match(text.as_bytes())
    }

    /// What js/core/texts.ts does with the expressions: whether an address is for this app's eyes only, or what is wrong.
    fn address(text: &str) -> Result<bool, AddressError> {
        if fits(FORBIDDEN, text) {
            return Err(AddressError::Character);
        }
        let address = compiled(ADDRESS);
        let Some(found) = address.captures(text.as_bytes()) else { return Err(AddressError::Scheme) };
        let part = |index| std::str::from_utf8(&found[index]).unwrap();
        if part(2).contains('@') {
            return Err(AddressError::UserInfo);
        }
        if !fits(HOST, part(2)) {
            return Err(AddressError::Host);
        }
        Ok(!part(1).is_empty() || fits(LOOPBACK, part(2)))
    }

    fn proxy_url(text: &str) -> Result<(), ProxyUrlError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(ProxyUrlError::Empty);
        }
        if fits(FORBIDDEN, text) {
            return Err(ProxyUrlError::Character);
        }
        if text.starts_with("//") {
            return Err(ProxyUrlError::NoScheme);
        }
        if !fits(ABSOLUTE, text) {
            return Ok(());
        }
        let is_private = address(text).map_err(|error| match error {
            AddressError::Scheme => ProxyUrlError::Scheme,
            AddressError::UserInfo => ProxyUrlError::UserInfo,
            AddressError::Host => ProxyUrlError::Host,
            AddressError::Character => ProxyUrlError::Character,
        })?;
        let host = compiled(ADDRESS).captures(text.as_bytes()).unwrap()[2].to_vec();
        if compiled(FAL_HOST).is_match(&host) {
            return Err(ProxyUrlError::Fal);
        }
        if is_private { Ok(()) } else { Err(ProxyUrlError::Scheme) }
    }

    /// Pieces that mean something to one of the parsers, in any order.
    fn texts(pieces: &'static [&'static str]) -> impl Strategy<Value = String> {
        prop::collection::vec(
            prop_oneof![4 => prop::sample::select(pieces).prop_map(String::from), 1 => "\\PC{0,3}"],
            0..9,
        )
        .prop_map(|pieces| pieces.concat())
    }

    const UUID: &str = "8c5dbd43-03f5-4ef1-9c5c-1f2d3e4a5b6c";

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]

        #[test]
        fn addresses(text in texts(&[
            "http", "https", "HTTP", "ftp", ":", "//", "/", "?", "#", "@", ".", "..", "localhost", "LOCALHOST", "[::1]",
            "127.", "127.0.0.1", "a.example", "fal.run", "evilfal.run", "FAL.AI", "falrun.com", ":443", ":99999", ":x",
            "\\", " ", "\t", "é", "%61", "-",
        ])) {
            let ours = address(&text);
            prop_assert_eq!(Address::parse(&text).map(|address| address.is_private()), ours);
            prop_assert_eq!(UploadUrl::parse(&text).is_some(), ours == Ok(true) && !text.contains('#'));
            prop_assert_eq!(ProxyUrl::check(&text).map(|_| ()), proxy_url(&text));
        }

        #[test]
        fn ids(text in texts(&["a", "fal-ai", "/", "requests", "workflows", "comfy", "-", ".", "_", "110", "é", "?", "%", ":", "//"])) {
            let shape = EndpointId::parse(&text);
            prop_assert_eq!(fits(URL, &text), shape == Err(EndpointError::Url));
            let spelled = match compiled(LEGACY_ID).captures(text.as_bytes()) {
                Some(_) => text.replacen('-', "/", 1),
                None => text.clone(),
            };
            let parts: std::vec::Vec<&str> = spelled.split('/').collect();
            let needed = if ["workflows", "comfy"].contains(&parts[0]) { 3 } else { 2 };
            let is_id = parts.iter().all(|part| fits(SEGMENT, part)) && parts.get(needed) != Some(&"requests") && parts.len() >= needed;
            prop_assert_eq!(shape.is_ok(), is_id, "{}", text);
            if let Ok(id) = shape {
                prop_assert_eq!(id.as_str(), spelled.as_str());
                let app = parts[..needed].join("/");
                let named = id.app();
                prop_assert_eq!(named.as_str(), app);
            }
            prop_assert_eq!(RequestId::is_one(&text), fits(REQUEST_ID, &text));
        }

        #[test]
        fn keys(text in texts(&[
            "Key ", "key  ", "KEY", " ", ":", "%3a", "%3A", "%3", UUID, "8C5DBD43-03f5-4ef1", "-9c5c-1f2d3e4a5b6c",
            "0123456789abcdef0123456789abcdef", "0123456789ABCDEF", "f", "-", "\u{212a}ey a:b", "a", "\n", "\"", "'", "`", "~", "!", "\u{7f}",
        ])) {
            prop_assert_eq!(fits(KEY, &text), KeyScan::finds(text.encode_utf16()));
            prop_assert_eq!(fits(WHOLE_KEY, &text), check_key(text.encode_utf16()).is_ok());
            let mut scan = CredentialScan::new();
            prop_assert_eq!(fits(CREDENTIAL, &text), text.encode_utf16().any(|unit| scan.push(unit)));
        }

        #[test]
        fn content_types(text in texts(&[
            "text/event-stream", "Text/Event-Stream", "text/html", "text/", "application/json", "APPLICATION/JSON", "+json", "+JSON",
            "; charset=utf-8", ";", " ", "\t", "image/png", "application/", "x",
        ])) {
            let media = if fits(EVENTS_TYPE, &text) {
                Media::Events
            } else if fits(JSON_TYPE, &text) {
                Media::Json
            } else if fits(HTML_TYPE, &text) {
                Media::Html
            } else if fits(TEXT_TYPE, &text) {
                Media::Text
            } else {
                Media::Bytes
            };
            prop_assert_eq!(Media::of(Some(&text)), media);
        }
    }

    #[test]
    fn a_key_is_found_wherever_it_stands() {
        for colon in [":", "%3A"] {
            let key = std::format!("ffff{UUID}{colon}0123456789abcdef0123456789abcdefff");
            assert!(fits(KEY, &key) && KeyScan::finds(key.encode_utf16()));
        }
    }
}
