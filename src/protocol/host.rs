//! fal's hosts, and the methods they know.

/// The host a route is served by. The scheme is always https.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// Synchronous calls.
    Run,
    /// The queue.
    Queue,
    /// Storage.
    Rest,
    /// Requests over a WebSocket.
    Socket,
}

/// HTTP methods fal's model endpoints know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Read; the input of a model goes into the query.
    Get,
    /// Create or run.
    Post,
    /// Replace; fal cancels with it.
    Put,
    /// Remove.
    Delete,
    /// Change.
    Patch,
}

impl Host {
    /// Those that a URL from outside may name.
    pub(super) const ALL: [Host; 3] = [Host::Run, Host::Queue, Host::Rest];

    /// The same host on another domain, for when the first one cannot be reached.
    ///
    /// Source: fal's page on reliability, and its Python client.
    pub const fn backup(self) -> Option<&'static str> {
        match self {
            Host::Run => Some("https://falrun.com/"),
            Host::Queue => Some("https://queue.falrun.com/"),
            Host::Rest | Host::Socket => None,
        }
    }

    /// Scheme and host, as every URL of this host starts; ends with a slash.
    pub const fn origin(self) -> &'static str {
        match self {
            Host::Run => "https://fal.run/",
            Host::Queue => "https://queue.fal.run/",
            Host::Rest => "https://rest.fal.ai/",
            Host::Socket => "https://ws.fal.run/",
        }
    }
}

impl Method {
    /// The method in capitals, as `fetch` takes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
            Method::Patch => "PATCH",
        }
    }

    /// Reads a method in any case.
    pub fn parse(text: &str) -> Option<Self> {
        [Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch]
            .into_iter()
            .find(|method| text.eq_ignore_ascii_case(method.as_str()))
    }
}
