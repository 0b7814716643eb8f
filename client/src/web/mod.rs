//! Pages and workers: `fetch`, timers and streams of JavaScript.

mod carried;
#[cfg(feature = "edge")]
mod edge;
#[cfg(feature = "realtime")]
mod socket;
mod timer;

pub use carried::Carried;

use fal_wasm::client::FailureKind;
use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::Millis;
use js_sys::{Date, JSON, Math, Promise, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortController, ReadableStreamDefaultReader, Request, RequestInit, Response};

use crate::access::Access;
use crate::client::FalClient;
use crate::json::quoted;
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
            let response: Response = response.unchecked_into();
            let (status, sent) = (response.status(), response.headers());
            let mut headers = Vec::new();
            for name in HEADERS {
                if let Ok(Some(value)) = sent.get(name) {
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
        Box::pin(timer::Timer::new(duration.min(LONGEST_TIMER) as i32))
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

/// A request as `fetch` takes it. What it is made with is read from JSON: a function of JavaScript for each part of it
/// would take ten times as much of a page.
fn composed(request: HttpRequest, abort: &Abort, caches: bool) -> Result<Request, Trouble> {
    let internal = |_| Trouble::from(FailureKind::Internal);
    let mut text = ["{\"redirect\":\"manual\",\"method\":\"", request.method, "\",\"headers\":["].concat();
    for (name, value) in &request.headers {
        text.push_str(if text.ends_with('[') { "[" } else { ",[" });
        text.push_str(&quoted(name));
        text.push(',');
        text.push_str(&quoted(value));
        text.push(']');
    }
    // Through a proxy every question has the same URL.
    text.push_str(if caches { "],\"cache\":\"no-store\"}" } else { "]}" });
    let parts = JSON::parse(&text).map_err(internal)?;
    #[cfg(feature = "edge")]
    edge::authorize(&parts, request.authorization.as_ref()).map_err(internal)?;
    let set = |name: &str, value: &JsValue| Reflect::set(&parts, &name.into(), value).map_err(internal);
    set("signal", &abort.0.signal())?;
    if let Some(body) = &request.body {
        set("body", &Uint8Array::from(&**body))?;
    }
    Request::new_with_str_and_init(&request.url, parts.unchecked_ref::<RequestInit>()).map_err(internal)
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
