//! Origins of pages: `https://app.example`, in the one spelling a browser sends.

use alloc::string::String;

use crate::protocol::Address;

/// The schemes of pages that come with an app or an extension, not from a server.
pub const APP_SCHEMES: [&str; 6] = ["app", "capacitor", "chrome-extension", "ionic", "moz-extension", "tauri"];

/// The origin of a page that may call the proxy from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    sends_cookies: bool,
}

/// Why a text is not an origin as a browser sends it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// A star, or `null`: that would be everybody.
    Everybody,
    /// A slash at the end.
    Slash,
    /// A path, a query or a fragment.
    Path,
    /// Upper-case letters.
    Capitals,
    /// The port that the scheme has anyway.
    DefaultPort,
    /// http, to another machine: whoever is on the way can speak for it.
    Clear,
    /// No scheme that a page has.
    Scheme,
    /// No host, or one that browsers spell otherwise.
    Host,
}

impl core::fmt::Display for OriginError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Everybody => "it would be everybody: name each origin",
            Self::Slash => "leave out the slash at the end, as browsers do",
            Self::Path => "an origin ends after its host and port",
            Self::Capitals => "write it in lower case, as browsers do",
            Self::DefaultPort => "leave out the port that the scheme has anyway, as browsers do",
            Self::Clear => "it is http, where whoever is on the way can speak for it: use https",
            Self::Scheme => {
                "it begins with https://, with http:// on this machine, or with app://, capacitor://, chrome-extension://, \
                 ionic://, moz-extension:// or tauri://"
            }
            Self::Host => "it has no host, or one that browsers spell otherwise (names beyond ASCII begin with xn--)",
        })
    }
}

impl core::error::Error for OriginError {}

impl Origin {
    /// Reads an origin as a browser would send it.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        if matches!(text, "*" | "null") {
            return Err(OriginError::Everybody);
        }
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::Scheme)?;
        let host = authority(text).ok_or(OriginError::Host)?;
        match rest.strip_prefix(host) {
            Some("") => {}
            Some("/") => return Err(OriginError::Slash),
            _ => return Err(OriginError::Path),
        }
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Err(OriginError::Capitals);
        }
        if !APP_SCHEMES.contains(&scheme) {
            if !matches!(scheme, "https" | "http") {
                return Err(OriginError::Scheme);
            }
            let address = Address::parse(text).map_err(|_| OriginError::Host)?;
            let (port, default) = (text.rsplit_once(':'), if address.https { "443" } else { "80" });
            if port.is_some_and(|(_, port)| port == default) {
                return Err(OriginError::DefaultPort);
            }
            // Browsers keep names below "localhost" on the machine.
            if !address.is_private() && !address.is_within("localhost") {
                return Err(OriginError::Clear);
            }
        } else if !host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':')) {
            return Err(OriginError::Host);
        }
        Ok(Self { text: text.into(), sends_cookies: false })
    }

    /// The same, of pages that send cookies along (`credentials: "include"`).
    #[must_use]
    pub fn with_cookies(self) -> Self {
        Self { sends_cookies: true, ..self }
    }

    /// Whether its pages may send cookies along.
    pub fn sends_cookies(&self) -> bool {
        self.sends_cookies
    }

    /// Whether this is the origin a request names.
    pub fn is(&self, origin: &str) -> bool {
        self.text == origin
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
        for text in [
            "https://app.example",
            "https://app.example:8443",
            "http://localhost:3000",
            "http://127.0.0.1:5173",
            "http://tauri.localhost",
            "https://tauri.localhost",
            "tauri://localhost",
            "capacitor://localhost",
            "ionic://localhost",
            "app://.",
            "app://bundle",
            "chrome-extension://aaaabbbbccccddddeeeeffffgggghhhh",
            "moz-extension://2c127fa4-62c7-7e4f-90e5-472b45eecfdc",
        ] {
            assert!(Origin::parse(text).is_ok_and(|origin| origin.is(text) && !origin.sends_cookies()), "{text}");
        }
        for (text, error) in [
            ("*", OriginError::Everybody),
            ("null", OriginError::Everybody),
            ("https://app.example/", OriginError::Slash),
            ("capacitor://localhost/", OriginError::Slash),
            ("https://app.example/app", OriginError::Path),
            ("https://app.example//", OriginError::Path),
            ("https://app.example?x", OriginError::Path),
            ("https://APP.example", OriginError::Capitals),
            ("HTTPS://app.example", OriginError::Capitals),
            ("https://app.example:443", OriginError::DefaultPort),
            ("http://localhost:80", OriginError::DefaultPort),
            ("http://app.example", OriginError::Clear),
            ("http://tauri.localhost.evil.example", OriginError::Clear),
            ("app.example", OriginError::Scheme),
            ("", OriginError::Scheme),
            ("file://host", OriginError::Scheme),
            ("htps://app.example", OriginError::Scheme),
            ("data://x", OriginError::Scheme),
            ("https://", OriginError::Host),
            ("ionic://", OriginError::Host),
            ("https://ex ample.com", OriginError::Host),
            ("https://bücher.example", OriginError::Host),
            ("https://user@app.example", OriginError::Host),
            ("https://*.app.example", OriginError::Host),
            ("moz-extension://*", OriginError::Host),
        ] {
            assert_eq!(Origin::parse(text), Err(error), "{text}");
        }
    }
}
