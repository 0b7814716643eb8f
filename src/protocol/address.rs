//! Absolute web addresses, as far as they must be understood: scheme and host, in the one spelling every parser agrees on.

use super::text::split_once;

/// The scheme and the host of an absolute URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address<'a> {
    /// Whether the scheme is https; otherwise it is http.
    pub https: bool,
    /// The host without its port, as written.
    pub host: &'a str,
}

/// The text up to the first slash, question mark or hash.
pub fn before_path(text: &str) -> &str {
    let end = text.bytes().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AddressError {
    /// Neither `https://` nor `http://`.
    Scheme,
    /// User and password before the host.
    UserInfo,
    /// The host is not labels of plain ASCII letters, digits and hyphens with dots between them (or `[::1]`), or the port
    /// is no number.
    Host,
    /// A backslash, white space or control character somewhere: parsers disagree about those.
    Character,
}

impl<'a> Address<'a> {
    /// Reads an absolute URL.
    pub fn parse(text: &'a str) -> Result<Self, AddressError> {
        if text.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7f) {
            return Err(AddressError::Character);
        }
        let (scheme, rest) = split_once(text, b':').ok_or(AddressError::Scheme)?;
        let rest = rest.strip_prefix("//").ok_or(AddressError::Scheme)?;
        let https = scheme.eq_ignore_ascii_case("https");
        if !https && !scheme.eq_ignore_ascii_case("http") {
            return Err(AddressError::Scheme);
        }
        let authority = before_path(rest);
        if split_once(authority, b'@').is_some() {
            return Err(AddressError::UserInfo);
        }
        let (host, port) = match authority.strip_prefix("[::1]") {
            Some("") => ("[::1]", "0"),
            Some(rest) => ("[::1]", rest.strip_prefix(':').unwrap_or_default()),
            None => split_once(authority, b':').unwrap_or((authority, "0")),
        };
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        let name = host.strip_suffix('.').unwrap_or(host);
        let named =
            name.as_bytes().split(|byte| *byte == b'.').all(|label| !label.is_empty() && label.iter().all(plain));
        let numbered = (1..=5).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit());
        if (named || host == "[::1]") && numbered { Ok(Self { https, host }) } else { Err(AddressError::Host) }
    }

    /// Whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        let name = self.host.strip_suffix('.').unwrap_or(self.host);
        let local = "localhost";
        name == "[::1]"
            || name.eq_ignore_ascii_case(local)
            || (name.starts_with("127.") && name.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.'))
    }

    /// Whether the host is `domain` or below it, in any case, with or without a trailing dot.
    pub fn is_within(&self, domain: &str) -> bool {
        let name = self.host.strip_suffix('.').unwrap_or(self.host);
        let Some(start) = name.len().checked_sub(domain.len()) else {
            return false;
        };
        let same = name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(domain));
        same && (start == 0 || name.as_bytes().get(start - 1) == Some(&b'.'))
    }

    /// Whether bytes travel to this address unseen: https, or http that never leaves the machine.
    pub fn is_private(&self) -> bool {
        self.https || self.is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_host_is_read_where_browsers_read_it() {
        let host = |text| Address::parse(text).map(|address| address.host);
        assert_eq!(host("https://a.example/x?y#z"), Ok("a.example"));
        assert_eq!(host("http://127.0.0.1:8787/api"), Ok("127.0.0.1"));
        assert_eq!(host("http://[::1]:3000"), Ok("[::1]"));
        assert_eq!(host("https://fal.run:443@evil.example/x"), Err(AddressError::UserInfo));
        assert_eq!(host("https://fal.run\\@evil.example/x"), Err(AddressError::Character));
        assert_eq!(host("https://f%61l.run/"), Err(AddressError::Host));
        assert_eq!(host("https://f\u{3002}al.run/"), Err(AddressError::Host));
        assert_eq!(host("ftp://a.example/"), Err(AddressError::Scheme));
        assert_eq!(host("https:///x"), Err(AddressError::Host));
        assert_eq!(host("https://a.example./x"), Ok("a.example."));
        assert_eq!(host("https://fal.run../x"), Err(AddressError::Host), "some take this for fal.run");
        assert_eq!(host("https://a.example:x/"), Err(AddressError::Host));
    }

    #[test]
    fn only_this_machine_may_be_spoken_to_in_clear() {
        let open = |text| Address::parse(text).unwrap().is_private();
        assert!(open("http://localhost:3000/") && open("http://127.0.0.1/") && open("https://a.example/"));
        assert!(
            !open("http://a.example/") && !open("http://127.0.0.1.evil.example/") && !open("http://localhost.evil/")
        );
    }

    #[test]
    fn a_domain_is_not_a_suffix() {
        let within = |text| Address::parse(text).unwrap().is_within("fal.run");
        assert!(within("https://fal.run/") && within("https://QUEUE.FAL.RUN./x"));
        assert!(!within("https://evilfal.run/") && !within("https://fal.run.evil.example/"));
    }

    proptest! {
        /// The `url` crate follows the WHATWG standard: where we accept a text, it must see the same host.
        #[test]
        fn we_never_see_another_host_than_a_browser(
            text in "(https?|HTTP)://[a-zA-Z0-9.:@\\\\%\\[\\]-]{0,12}(localhost|fal.run|[::1]|@)?(:[0-9]{1,5})?[/?#]?\\PC{0,8}",
        ) {
            if let (Ok(address), Ok(url)) = (Address::parse(&text), url::Url::parse(&text)) {
                let host = url.host_str().unwrap_or_default();
                let numeric = url.host().is_some_and(|host| matches!(host, url::Host::Ipv4(_)));
                prop_assert!(numeric || host.eq_ignore_ascii_case(address.host), "{text}: {host}");
                prop_assert!(url.username().is_empty() && url.password().is_none());
                let local = host.starts_with("127.") || matches!(host, "localhost" | "localhost." | "[::1]");
                prop_assert!(!address.is_loopback() || local);
            }
        }
    }
}
