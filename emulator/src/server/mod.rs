//! The model on a local port.
//!
//! This module translates HTTP, keeps the clock, sends streams and carries out faults. It decides nothing about fal's
//! behaviour.

mod body;
mod clock;
mod connection;
mod control;
mod socket;
mod webhook_delivery;

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, Response, header};
use axum::routing;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::model::faults::Effect;
use crate::model::http::{self, Millis};
use crate::model::{Fal, Settings, errors, max_body_bytes};
use clock::Clock;
pub use clock::Mode;
use connection::{AbortHandle, AbortableListener};
pub use control::Command;

/// How long open requests have when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// What every request needs.
type Server = Arc<Shared>;

/// The model and the clock.
struct Shared {
    fal: Mutex<Fal>,
    clock: Clock,
    latency_ms: AtomicU64,
    /// How the server was started: what a reset goes back to.
    start: Command,
    render_slots: Semaphore,
    closing: AtomicBool,
}

impl Shared {
    fn fal(&self) -> MutexGuard<'_, Fal> {
        self.fal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn latency(&self) -> Millis {
        self.latency_ms.load(Ordering::Relaxed)
    }

    fn set_latency(&self, latency: Millis) {
        self.latency_ms.store(latency, Ordering::Relaxed);
    }

    fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Relaxed)
    }
}

/// A server that has its port and can be run.
pub struct Listening {
    /// Where it is: `http://127.0.0.1:PORT`.
    pub url: String,
    listener: AbortableListener,
    shared: Server,
}

/// Takes a port on 127.0.0.1 (0: any free one). `settings.public_url` becomes the server's own address, and `start` is
/// what every reset goes back to.
///
/// # Errors
/// When the port is taken, or `start` makes no sense.
pub async fn listen(port: u16, mut settings: Settings, start: Command) -> io::Result<Listening> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let url = format!("http://{}", listener.local_addr()?);
    settings.public_url.clone_from(&url);
    let wrong = |sentence: String| io::Error::new(io::ErrorKind::InvalidInput, sentence);
    let live = start.changed(settings.live_settings()).map_err(wrong)?;
    let settings = settings.with_live_settings(live);
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let shared = Shared {
        fal: Mutex::new(Fal::new(settings)),
        clock: Clock::new(),
        latency_ms: AtomicU64::new(0),
        start,
        render_slots: Semaphore::new(processors),
        closing: AtomicBool::new(false),
    };
    shared.restart();
    Ok(Listening { url, listener: AbortableListener(listener), shared: Arc::new(shared) })
}

impl Listening {
    /// Serves until `stop` is done, and then until open requests are, for a moment at most.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let control = routing::get(control::get).post(control::post);
        let app = Router::new().route("/__control", control).fallback(answer).with_state(self.shared);
        tokio::spawn(webhook_delivery::deliver(Arc::clone(&shared)));
        let stopped = Arc::new(tokio::sync::Notify::new());
        let told = Arc::clone(&stopped);
        let closing = async move {
            stop.await;
            shared.closing.store(true, Ordering::Relaxed);
            shared.clock.notify();
            told.notify_one();
        };
        let service = app.into_make_service_with_connect_info::<AbortHandle>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(closing);
        let too_long = async {
            stopped.notified().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = async { serving.await } => result,
            () = too_long => Ok(()),
        }
    }
}

/// Answers one request, and writes one line about it.
async fn answer(
    State(server): State<Server>,
    ConnectInfo(abort): ConnectInfo<AbortHandle>,
    request: Request,
) -> Response<Body> {
    let began = Instant::now();
    let (parts, body) = request.into_parts();
    let mut request = translate(&parts);
    // Neither the query nor any header: they hold secrets.
    let line = format!("{} {} {}", request.method, request.host, request.path);
    let _in_flight = InFlight::of(&server, &request);
    let response = if socket::is_handshake(&parts) {
        socket::answer(&server, parts, &request, abort.clone()).await
    } else if let Ok(bytes) = to_bytes(body, max_body_bytes(&request)).await {
        request.body = bytes.into();
        exchange(&server, &request).await
    } else {
        let refusal = errors::detail(413, "The body is larger than the emulator takes.");
        Some(to_axum(&server, refusal, None).await)
    };
    let status =
        response.as_ref().map_or_else(|| "dropped".to_owned(), |response| response.status().as_u16().to_string());
    eprintln!("{line} {status} {}ms", began.elapsed().as_millis());
    response.unwrap_or_else(|| {
        abort.abort();
        Response::default()
    })
}

/// A request in progress. The model counts those of an upload.
struct InFlight(Server, http::Request);

impl InFlight {
    fn of(server: &Server, head: &http::Request) -> Self {
        server.fal().request_started(head);
        Self(Arc::clone(server), head.clone())
    }
}

/// Runs also when the client has disconnected.
impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.fal().request_ended(&self.1);
    }
}

/// `None`: the connection is to be dropped.
async fn exchange(server: &Server, request: &http::Request) -> Option<Response<Body>> {
    let (arrived, fault, response) = {
        let mut fal = server.fal();
        // The time is read under the lock: the model must not see it run backwards.
        let now = server.clock.now();
        let fault = fal.fault(now, request);
        let response = match &fault {
            Some(Effect::DropBefore) => return None,
            Some(effect) => effect.response(now),
            None => None,
        };
        (now, fault, response.unwrap_or_else(|| fal.handle(now, request)))
    };
    if request.method != Method::GET.as_str() {
        // An open status stream may have something new to send.
        server.clock.notify();
    }
    let late = if let Some(Effect::Delay(late)) = fault { late } else { 0 };
    let wait = response.after.saturating_add(late).saturating_add(server.latency());
    server.clock.reach(arrived.saturating_add(wait)).await;
    match fault {
        Some(Effect::DropAfter) => None,
        fault => Some(to_axum(server, response, fault).await),
    }
}

fn translate(parts: &axum::http::request::Parts) -> http::Request {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let host = parts.headers.get(header::HOST).map(|host| text(host.as_bytes()));
    http::Request {
        method: parts.method.to_string(),
        host: host.or_else(|| parts.uri.host().map(str::to_owned)).unwrap_or_default(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(|(name, value)| (name.to_string(), text(value.as_bytes()))).collect(),
        body: Vec::new(),
    }
}

async fn to_axum(server: &Server, response: http::Response, fault: Option<Effect>) -> Response<Body> {
    let mut builder = Response::builder().status(response.status);
    for (name, value) in &response.headers {
        builder = builder.header(name, value);
    }
    let bytes = match response.body {
        http::Body::Bytes(bytes) => Some(Body::from(Bytes::from_owner(bytes))),
        http::Body::Deferred(deferred) => body::compute(server, deferred).await.map(Body::from),
        http::Body::Stream(stream) => Some(body::events(Arc::clone(server), *stream)),
    };
    let Some(body) = bytes else {
        return Response::builder().status(500).body(Body::empty()).unwrap_or_default();
    };
    let Some(fault) = fault else {
        return builder.body(body).unwrap_or_default();
    };
    // The length is the whole answer's, so that the client can tell when some is missing.
    if let Some(length) = axum::body::HttpBody::size_hint(&body).exact() {
        builder = builder.header(header::CONTENT_LENGTH, length);
    }
    builder.body(body::apply_fault(Arc::clone(server), body, &fault).await).unwrap_or_default()
}
