//! The one address a browser talks to.

use alloc::string::String;

use crate::protocol::{Address, AddressError, before_path};

/// fal's own domains. A browser that called them would have to hold a key.
const FAL_DOMAINS: [&str; 4] = ["fal.run", "fal.ai", "fal.media", "falrun.com"];

/// The URL of the app's own proxy: relative to the page, https, or http on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProxyUrl(String);

/// Why a text is not the URL of a proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProxyUrlError {
    /// It is empty.
    Empty = 1,
    /// It begins with two slashes, which takes the scheme of the page.
    NoScheme = 2,
    /// It has a scheme other than https (http on this machine).
    Scheme = 3,
    /// It carries a user name or password.
    UserInfo = 4,
    /// The host is missing or not plain ASCII.
    Host = 5,
    /// It has white space, a control character or a backslash.
    Character = 6,
    /// It is one of fal's own hosts.
    Fal = 7,
}

impl core::fmt::Display for ProxyUrlError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Empty => "the proxy URL is empty",
            Self::NoScheme => "the proxy URL begins with two slashes and has no scheme",
            Self::Scheme => "the proxy URL is neither relative nor https (http only on this machine)",
            Self::UserInfo => "the proxy URL has a user name or a password",
            Self::Host => "the host of the proxy URL is missing or not plain ASCII",
            Self::Character => "the proxy URL has white space, a control character, or a backslash",
            Self::Fal => "the proxy URL is one of fal's own hosts, which need a key",
        })
    }
}

impl core::error::Error for ProxyUrlError {}

impl ProxyUrl {
    /// Reads the URL of a proxy. Surrounding white space does not count.
    pub fn parse(text: &str) -> Result<Self, ProxyUrlError> {
        Self::check(text).map(|text| Self(String::from(text)))
    }

    /// The URL in a text, without the white space around it.
    pub fn check(text: &str) -> Result<&str, ProxyUrlError> {
        let text = text.trim_ascii();
        if text.is_empty() {
            return Err(ProxyUrlError::Empty);
        }
        if text.bytes().any(|byte| byte <= b' ' || byte == b'\\' || byte == 0x7f) {
            return Err(ProxyUrlError::Character);
        }
        if text.starts_with("//") {
            return Err(ProxyUrlError::NoScheme);
        }
        if before_path(text).bytes().any(|byte| byte == b':') {
            check_absolute(text)?;
        }
        Ok(text)
    }

    /// The URL as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_absolute(text: &str) -> Result<(), ProxyUrlError> {
    let address = Address::parse(text).map_err(|error| match error {
        AddressError::Scheme => ProxyUrlError::Scheme,
        AddressError::UserInfo => ProxyUrlError::UserInfo,
        AddressError::Host => ProxyUrlError::Host,
        AddressError::Character => ProxyUrlError::Character,
    })?;
    if FAL_DOMAINS.iter().any(|domain| address.is_within(domain)) {
        return Err(ProxyUrlError::Fal);
    }
    if address.is_private() { Ok(()) } else { Err(ProxyUrlError::Scheme) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_apps_own_proxy_is_accepted() {
        for text in [
            "/api/fal/proxy",
            "api/fal",
            "./api?x=a:b",
            "https://api.app.example/fal",
            "http://localhost:3000/api",
            "http://127.0.0.1:8787/api/fal/proxy",
        ] {
            assert!(ProxyUrl::parse(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn anything_that_could_be_somebody_else_is_refused() {
        let refused = |text: &str| ProxyUrl::parse(text).unwrap_err();
        assert_eq!(refused("  "), ProxyUrlError::Empty);
        assert_eq!(refused("//evil.example/x"), ProxyUrlError::NoScheme);
        assert_eq!(refused("/\\evil.example"), ProxyUrlError::Character);
        assert_eq!(refused("/\tx"), ProxyUrlError::Character);
        assert_eq!(refused("http://app.example/api"), ProxyUrlError::Scheme);
        assert_eq!(refused("javascript:alert(1)"), ProxyUrlError::Scheme);
        assert_eq!(refused("https://user:pw@app.example/"), ProxyUrlError::UserInfo);
        assert_eq!(refused("https://queue.fal.run/x"), ProxyUrlError::Fal);
        assert_eq!(refused("https://REST.FAL.AI./x"), ProxyUrlError::Fal);
        assert_eq!(refused("https://fal.run:443/x"), ProxyUrlError::Fal);
        assert_eq!(refused("https://f%61l.run/x"), ProxyUrlError::Host);
    }

    proptest! {
        /// A browser would resolve what we call relative against the page, and never to another host.
        #[test]
        fn relative_stays_on_the_page(text in "[/.:a-z0-9?#\\\\ \\t@-]{1,16}") {
            let page = url::Url::parse("https://app.example/deep/page").unwrap();
            if let (Ok(proxy), Ok(url)) = (ProxyUrl::parse(&text), page.join(&text)) {
                let local = url.host_str() == page.host_str() && url.scheme() == "https";
                let absolute = proxy.as_str().contains("://");
                prop_assert!(local || absolute, "{text} became {url}");
            }
        }
    }
}
