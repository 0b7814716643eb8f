//! Natively: reqwest, on tokio.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use fal_wasm::client::FailureKind;
use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::Millis;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue, InvalidHeaderValue};
use reqwest::redirect;

use crate::access::{Access, Authorization};
use crate::client::FalClient;
use crate::credentials::Credentials;
use crate::error::FalError;
use crate::marker::{BoxFuture, Shared};
use crate::net::{Chunk, HttpBody, HttpRequest, HttpResponse, Net, Trouble};
#[cfg(feature = "realtime")]
use crate::realtime::socket::{Refused, Socket, SocketRequest};

pub(crate) const USER_AGENT: &str = concat!("fal-wasm-client/", env!("CARGO_PKG_VERSION"));

struct Native {
    http: reqwest::Client,
    /// What opens websockets.
    #[cfg(feature = "realtime")]
    sockets: std::sync::OnceLock<reqwest::Client>,
    began: Instant,
}

impl Native {
    fn new() -> Result<Self, FalError> {
        Ok(Self {
            http: http_client()?,
            #[cfg(feature = "realtime")]
            sockets: std::sync::OnceLock::new(),
            began: Instant::now(),
        })
    }
}

/// What sends. A redirect is shown, never followed: a key must not go where it was not sent. Trying again is the core's.
pub(crate) fn http_client() -> Result<reqwest::Client, FalError> {
    built(reqwest::Client::builder())
}

fn built(builder: reqwest::ClientBuilder) -> Result<reqwest::Client, FalError> {
    let http = builder.redirect(redirect::Policy::none()).retry(reqwest::retry::never());
    http.referer(false).user_agent(USER_AGENT).build().map_err(|error| {
        let said = ["No connection can be set up here: ", &error.without_url().to_string(), "."].concat();
        FalError::saying(FailureKind::Internal, said)
    })
}

/// Milliseconds since 1970.
pub(crate) fn wall() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).map(millis).unwrap_or_default()
}

/// A number that nobody guesses by chance. The standard library seeds its hash maps from the operating system.
pub(crate) fn random() -> u64 {
    RandomState::new().build_hasher().finish()
}

impl FalClient {
    /// A client that holds a key: for programs on a server, or on a machine of your own. What runs at your users' is no
    /// place for a key: [`through_proxy`](Self::through_proxy).
    ///
    /// It sends on the tokio runtime that its calls are awaited on.
    ///
    /// ```
    /// # use fal_wasm_client::{Credentials, FalClient};
    /// let fal = FalClient::server(Credentials::key("id:secret")?)?;
    /// # Ok::<(), fal_wasm_client::FalError>(())
    /// ```
    ///
    /// # Errors
    /// `internal`, where the system has no certificates.
    pub fn server(credentials: Credentials) -> Result<Self, FalError> {
        let local = credentials.local.clone();
        Ok(Self::new(Native::new()?, Access::Key { credentials, local }))
    }

    /// A client that holds nothing and talks to your own proxy: for programs that run at your users'.
    ///
    /// ```
    /// # use fal_wasm_client::{FalClient, ProxyUrl};
    /// let fal = FalClient::through_proxy(ProxyUrl::parse("https://app.example/api/fal/proxy")?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// `proxy_url_invalid` for a relative URL, which has no meaning outside of a page.
    pub fn through_proxy(url: ProxyUrl) -> Result<Self, FalError> {
        if !url.as_str().contains("://") {
            let said = "The proxy URL is relative, which has no meaning outside of a page. Nothing was sent.";
            return Err(FalError::saying(FailureKind::ProxyUrlInvalid, said.into()));
        }
        Ok(Self::new(Native::new()?, Access::Proxy { url, capabilities: Shared::default() }))
    }
}

impl Net for Native {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
        let sent = composed(request).map(|request| self.http.execute(request));
        Box::pin(async move {
            let response = sent?.await.map_err(trouble)?;
            let text = |value: &HeaderValue| Some(value.to_str().ok()?.to_owned());
            let headers = response.headers().iter();
            let headers = headers.filter_map(|(name, value)| Some((name.as_str().to_owned(), text(value)?))).collect();
            Ok(HttpResponse { status: response.status().as_u16(), headers, body: Box::new(NativeBody(response)) })
        })
    }

    #[cfg(feature = "realtime")]
    fn open_socket(&self, request: SocketRequest) -> BoxFuture<'static, Result<Box<dyn Socket>, Refused>> {
        let http = match self.sockets.get() {
            Some(http) => Ok(http.clone()),
            None => {
                built(reqwest::Client::builder().http1_only()).map(|http| self.sockets.get_or_init(|| http).clone())
            }
        };
        Box::pin(async move {
            let http = http.map_err(|error| Refused { source: Some(error.into()), ..Refused::default() })?;
            crate::native_socket::open(http, request).await
        })
    }

    fn sleep(&self, duration: Millis) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(duration)))
    }

    fn now(&self) -> Millis {
        millis(self.began.elapsed())
    }

    fn wall(&self) -> Millis {
        wall()
    }

    fn seed(&self) -> u64 {
        random()
    }
}

fn millis(time: Duration) -> Millis {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// A request as reqwest has it. Everything in it has been checked.
fn composed(request: HttpRequest) -> Result<reqwest::Request, Trouble> {
    let internal = || Trouble::from(FailureKind::Internal);
    let method = request.method.parse().map_err(|_| internal())?;
    let url = request.url.parse().map_err(|_| internal())?;
    let mut composed = reqwest::Request::new(method, url);
    let mut headers = HeaderMap::new();
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| internal())?;
        headers.append(name, HeaderValue::from_str(value).map_err(|_| internal())?);
    }
    if let Some(authorization) = &request.authorization {
        authorize(&mut headers, authorization).map_err(|_| internal())?;
    }
    *composed.headers_mut() = headers;
    *composed.body_mut() = request.body.map(Into::into);
    Ok(composed)
}

/// Puts a key into the headers of a request that it may go along with.
pub(crate) fn authorize(headers: &mut HeaderMap, key: &Authorization) -> Result<(), InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(key.expose())?;
    value.set_sensitive(true);
    headers.insert(reqwest::header::AUTHORIZATION, value);
    Ok(())
}

/// What an error of reqwest's means. Its URL is left out of what is kept: it may be signed.
fn trouble(error: reqwest::Error) -> Trouble {
    let kind = if error.is_connect() { FailureKind::Unreachable } else { FailureKind::ConnectionLost };
    Trouble { kind, source: Some(error.without_url().into()) }
}

struct NativeBody(reqwest::Response);

impl HttpBody for NativeBody {
    fn chunk(mut self: Box<Self>) -> BoxFuture<'static, Chunk> {
        Box::pin(async move {
            let lost = |error| Trouble { kind: FailureKind::ConnectionLost, ..trouble(error) };
            let piece = self.0.chunk().await.map_err(lost);
            (self as Box<dyn HttpBody>, piece)
        })
    }
}
