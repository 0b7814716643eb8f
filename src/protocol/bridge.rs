//! fal's bridge for sessions with world models: `wma.fal.run`.

use super::host::Method;
use super::route::RouteError;

/// What is said to the bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BridgeRoute {
    /// Ask for ICE servers.
    Ice,
    /// Open a session.
    Session,
    /// Keep a session.
    Heartbeat,
    /// A session is over. fal has no such path, where sessions end by the heartbeats that stop: a proxy takes it for itself.
    Over,
}

impl BridgeRoute {
    /// Every route.
    pub const ALL: [Self; 4] = [Self::Ice, Self::Session, Self::Heartbeat, Self::Over];
    /// Scheme and host, as every URL of the bridge starts; ends with a slash.
    pub const ORIGIN: &'static str = "https://wma.fal.run/";

    /// The URL.
    pub const fn url(self) -> &'static str {
        match self {
            Self::Ice => "https://wma.fal.run/ice",
            Self::Session => "https://wma.fal.run/session",
            Self::Heartbeat => "https://wma.fal.run/session/heartbeat",
            Self::Over => "https://wma.fal.run/session/close",
        }
    }

    /// Reads a URL that came from outside; none when it is not at the bridge. Only the one spelling of each is understood.
    pub fn parse(method: Method, url: &str) -> Option<Result<Self, RouteError>> {
        let rest = url.strip_prefix(Self::ORIGIN)?;
        let route = Self::ALL.into_iter().find(|route| route.url() == url);
        Some(match route {
            Some(route) if method == Method::Post => Ok(route),
            Some(_) => Err(RouteError::Method),
            None if rest.contains('?') => Err(RouteError::Query),
            None => Err(RouteError::Path),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_spellings_are_routes() {
        for route in BridgeRoute::ALL {
            assert!(route.url().starts_with(BridgeRoute::ORIGIN));
            assert_eq!(BridgeRoute::parse(Method::Post, route.url()), Some(Ok(route)));
            assert_eq!(BridgeRoute::parse(Method::Get, route.url()), Some(Err(RouteError::Method)));
        }
        let read = |path: &str| {
            let mut url = alloc::string::String::from(BridgeRoute::ORIGIN);
            url.push_str(path);
            BridgeRoute::parse(Method::Post, &url)
        };
        for path in
            ["", "Session", "session/", "/session", "session%2Fheartbeat", "admin", "session#x", "ice/../session"]
        {
            assert_eq!(read(path), Some(Err(RouteError::Path)), "{path}");
        }
        assert_eq!(read("session?app_id=other"), Some(Err(RouteError::Query)));
        for url in [
            "http://wma.fal.run/session",
            "https://wma.fal.run:443/session",
            "https://wma.fal.run.evil.example/session",
            "https://fal.run/ice",
        ] {
            assert_eq!(BridgeRoute::parse(Method::Post, url), None, "{url}");
        }
    }
}
