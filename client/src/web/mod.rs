//! Pages and workers: `fetch`, timers and streams of JavaScript.

mod carried;
#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "realtime")]
mod socket;

pub use carried::Carried;

use fal_wasm::client::FailureKind;
use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::Millis;
use gloo_net::http::{Headers, Response};
use gloo_timers::future::TimeoutFuture;
use js_sys::{Date, Math, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Request, RequestCache, RequestInit, RequestRedirect};

use crate::access::Access;
use crate::client::FalClient;
use crate::marker::{BoxFuture, Shared};
use crate::net::{Chunk, HEADERS, HttpBody, HttpRequest, HttpResponse, Net, Trouble};
#[cfg(feature = "realtime")]
use crate::realtime::socket::{Refused, Socket, SocketRequest};

/// How many statuses may be followed by a stream at once: a page has six connections to a host, and a worker six in all.
const STATUS_STREAMS: usize = 3;
/// The longest time that a timer takes; one that is longer ends at once.
const LONGEST_TIMER: Millis = 2_147_483_647;

#[wasm_bindgen]
extern "C" {
    /// That of the page or the worker. It may throw, and it may reject.
    #[wasm_bindgen(catch, js_name = fetch)]
    fn fetch(request: &Request) -> Result<Promise, JsValue>;

    /// Milliseconds since some moment; never runs backwards.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn performance_now() -> f64;
}

/// How the place sends.
pub(crate) struct Web {
    /// Whether `fetch` takes a mode of caching: workers of some platforms throw at it.
    caches: bool,
}

impl FalClient {
    /// A client for a page: it talks to your own proxy, which holds the key. Nothing here takes a key, and a page that is
    /// built with the feature `web` alone has no code that could use one.
    ///
    /// ```
    /// # use fal_wasm_client::{FalClient, ProxyUrl, ProxyUrlError};
    /// let fal = FalClient::browser(ProxyUrl::parse("/api/fal/proxy")?);
    /// # Ok::<(), ProxyUrlError>(())
    /// ```
    pub fn browser(proxy: ProxyUrl) -> Self {
        Self::new(Web { caches: true }, Access::Proxy { url: proxy, capabilities: Shared::default() })
    }
}

impl Net for Web {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
        let caches = self.caches;
        Box::pin(async move {
            let (abort, promise) = begin(request, caches)?;
            // A browser says no more of a failed `fetch` than that it failed.
            let response = JsFuture::from(promise).await.map_err(|_| FailureKind::ConnectionLost)?;
            let response = Response::from(response.unchecked_into::<web_sys::Response>());
            let (status, sent) = (response.status(), response.headers());
            let mut headers = Vec::new();
            for name in HEADERS {
                if let Some(value) = sent.get(name) {
                    headers.push((name.into(), value));
                }
            }
            Ok(HttpResponse { status, headers, body: Box::new(WebBody { response, reader: None, abort }) })
        })
    }

    #[cfg(feature = "realtime")]
    fn open_socket(&self, request: SocketRequest) -> BoxFuture<'static, Result<Box<dyn Socket>, Refused>> {
        Box::pin(socket::open(request))
    }

    fn sleep(&self, duration: Millis) -> BoxFuture<'static, ()> {
        Box::pin(TimeoutFuture::new(duration.min(LONGEST_TIMER) as u32))
    }

    fn now(&self) -> Millis {
        performance_now() as Millis
    }

    fn wall(&self) -> Millis {
        Date::now() as Millis
    }

    fn seed(&self) -> u64 {
        Math::random().to_bits()
    }

    fn status_streams(&self) -> usize {
        STATUS_STREAMS
    }
}

fn begin(request: HttpRequest, caches: bool) -> Result<(Abort, Promise), Trouble> {
    let abort = Abort::new()?;
    let promise = fetch(&composed(request, &abort, caches)?).map_err(|_| FailureKind::ConnectionLost)?;
    Ok((abort, promise))
}

/// A request that ends when this is dropped.
struct Abort(AbortController);

impl Abort {
    fn new() -> Result<Self, Trouble> {
        AbortController::new().map(Self).map_err(|_| FailureKind::Internal.into())
    }
}

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A request as `fetch` takes it. The `RequestBuilder` of gloo-net would take 2.1 kB more of a page: it parses the URL for a query
/// that there is none of, and reads errors that are of no use here. What no header can carry was refused where it was given.
fn composed(request: HttpRequest, abort: &Abort, caches: bool) -> Result<Request, Trouble> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.append(name, value);
    }
    #[cfg(feature = "edge")]
    let headers = edge::authorized(headers, request.authorization.as_ref())?;
    let init = RequestInit::new();
    init.set_method(request.method);
    init.set_headers(&headers.into_raw());
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&abort.0.signal()));
    if caches {
        // Through a proxy every question has the same URL.
        init.set_cache(RequestCache::NoStore);
    }
    if let Some(body) = &request.body {
        init.set_body(&Uint8Array::from(&**body));
    }
    Request::new_with_str_and_init(&request.url, &init).map_err(|_| FailureKind::Internal.into())
}

struct WebBody {
    response: Response,
    reader: Option<ReadableStreamDefaultReader>,
    /// Last: dropping it ends the request.
    #[expect(dead_code, reason = "it is kept as long as the body")]
    abort: Abort,
}

impl HttpBody for WebBody {
    fn chunk(mut self: Box<Self>) -> BoxFuture<'static, Chunk> {
        Box::pin(async move {
            // Not before it is polled: what is rejected has somebody who hears of it then, also when the body is dropped.
            let piece = match self.read() {
                Ok(Some(reading)) => JsFuture::from(reading).await.and_then(|piece| bytes_of(&piece)),
                Ok(None) => Ok(None),
                Err(error) => Err(error),
            };
            (self as Box<dyn HttpBody>, piece.map_err(|_| FailureKind::ConnectionLost.into()))
        })
    }
}

impl WebBody {
    /// Asks for the next piece; an answer without a body has none.
    fn read(&mut self) -> Result<Option<Promise>, JsValue> {
        if self.reader.is_none() {
            let Some(body) = self.response.body() else { return Ok(None) };
            self.reader = Some(ReadableStreamDefaultReader::new(&body)?);
        }
        Ok(self.reader.as_ref().map(ReadableStreamDefaultReader::read))
    }
}

/// The bytes of a piece. The end has none, and `fetch` has nothing but arrays of bytes.
fn bytes_of(piece: &JsValue) -> Result<Option<Vec<u8>>, JsValue> {
    let bytes = Reflect::get(piece, &"value".into())?;
    Ok((!bytes.is_undefined()).then(|| bytes.unchecked_into::<Uint8Array>().to_vec()))
}
