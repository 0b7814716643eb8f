//! Who asks: a server with a key, or somebody behind a proxy that has it.

use std::fmt;

#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use fal_wasm::client::Request;
use fal_wasm::credentials::ProxyUrl;

use crate::capabilities::{CAPABILITY, Capabilities};
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::credentials::Credentials;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::local::LocalServer;
use crate::marker::Shared;
use crate::net::HttpResponse;

/// A text that holds a key: in WebAssembly a value of JavaScript, none of which is in the memory of the module.
#[cfg(target_arch = "wasm32")]
type Secret = js_sys::JsString;
/// A text that holds a key.
#[cfg(not(target_arch = "wasm32"))]
type Secret = std::sync::Arc<str>;
/// What is shown of it to whoever sends the request.
#[cfg(target_arch = "wasm32")]
type Shown = js_sys::JsString;
#[cfg(not(target_arch = "wasm32"))]
type Shown = str;

/// Where the calls of a client go. Nobody else can make one.
pub(crate) enum Access {
    /// To fal itself.
    #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
    Key {
        /// What says who asks.
        credentials: Credentials,
        /// Another server in fal's place.
        local: Option<LocalServer>,
    },
    /// To the app's own proxy.
    Proxy {
        /// Its address.
        url: ProxyUrl,
        /// What shows it that a request is one's own.
        capabilities: Shared<Capabilities>,
    },
}

impl Access {
    /// Where something goes: as it is addressed, or to the server on this machine that takes fal's place.
    #[cfg(any(not(target_arch = "wasm32"), feature = "edge", feature = "realtime"))]
    pub fn localised(&self, url: String) -> String {
        match self {
            #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
            Self::Key { local: Some(local), .. } => local.take(url),
            _ => url,
        }
    }
}

/// The value of the header that says who asks. What is written or printed of it is that it is there.
#[derive(Clone)]
pub struct Authorization(Secret);

impl Authorization {
    #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
    pub(crate) fn new(value: impl Into<Secret>) -> Self {
        Self(value.into())
    }

    /// The value itself, for whoever sends the request.
    pub fn expose(&self) -> &Shown {
        &self.0
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Authorization(..)")
    }
}

/// What lets a key go along with a request of a call.
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
pub(crate) fn attach(
    authorization: &Authorization,
    request: Request,
    to_backup: bool,
    url: &str,
) -> Option<Authorization> {
    let origin = match request {
        #[cfg(feature = "platform")]
        Request::Platform { .. } => Some(fal_wasm::platform::ORIGIN),
        _ => request.origin(to_backup).filter(|_| request.is_to_fal()),
    }?;
    attach_to(authorization, origin, url)
}

/// The only place that lets a key go anywhere: along with a request to fal, whose URL begins with this origin of fal's.
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
pub(crate) fn attach_to(authorization: &Authorization, origin: &'static str, url: &str) -> Option<Authorization> {
    url.starts_with(origin).then(|| authorization.clone())
}

impl Access {
    /// Runs with the capabilities of a client behind a proxy; none goes with a key.
    pub fn with_capabilities<T>(&self, work: impl FnOnce(&mut Capabilities) -> T) -> Option<T> {
        match self {
            Self::Proxy { capabilities, .. } => Some(capabilities.with(work)),
            #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
            Self::Key { .. } => None,
        }
    }
}

impl Access {
    /// Keeps what an answer of the proxy brings to show it with later requests.
    pub fn collect(&self, answer: &HttpResponse) {
        if let Some(capability) = answer.header(CAPABILITY) {
            self.with_capabilities(|known| known.collect(capability));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_to_fal_and_nowhere_else() {
        let key = Authorization::new("Key a:b");
        let goes = |request, backup, url| attach(&key, request, backup, url).is_some();
        assert!(goes(Request::Run, false, "https://fal.run/fal-ai/flux/dev"));
        assert!(goes(Request::Run, true, "https://falrun.com/fal-ai/flux/dev"));
        for url in [
            "https://fal.run.evil.example/x",
            "http://fal.run/x",
            "https://queue.fal.run/x",
            "https://fal.run@evil.example/",
            "https://evil.example/https://fal.run/",
        ] {
            assert!(!goes(Request::Run, false, url), "{url}");
        }
        for request in [Request::Put, Request::PutPart { part: 1 }, Request::Complete] {
            assert!(!goes(request, false, "https://fal.run/x"), "{request:?}");
        }
        assert_eq!(format!("{key:?}"), "Authorization(..)");
    }
}
