//! The model on a local port.
//!
//! This module translates HTTP, keeps the clock, sends streams and carries out faults. It decides nothing about fal's
//! behaviour.

mod body;
mod clock;
mod connection;
mod socket;
mod webhook_delivery;

use std::io;
use std::net::Ipv4Addr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{Method, Response, header};
use axum::routing;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;

use crate::control::{self, Command};
use crate::emulator::{Answer, Emulator};
use crate::model::faults::Effect;
use crate::model::http::{self, Millis};
use crate::model::{Settings, max_body_bytes};
use clock::Host;
use connection::{AbortHandle, AbortableListener};

/// How long open requests have when the server stops.
const GRACE: Duration = Duration::from_secs(2);

/// What every request needs.
type Server = Arc<Shared>;

/// The emulator, and what it takes to put it on a port.
struct Shared {
    emulator: Mutex<Emulator>,
    host: Host,
    render_slots: Semaphore,
    closing: AtomicBool,
    /// The open WebSockets: a connection that was upgraded is no request any more, and nobody else waits for it.
    sockets: TaskTracker,
}

impl Shared {
    fn emulator(&self) -> MutexGuard<'_, Emulator> {
        self.emulator.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Uses the emulator. The time is read under the lock: the model must not see it run backwards.
    fn with<T>(&self, use_it: impl FnOnce(&mut Emulator, Millis) -> T) -> T {
        let mut emulator = self.emulator();
        let real = self.host.real();
        use_it(&mut emulator, real)
    }

    fn now(&self) -> Millis {
        self.with(|emulator, real| emulator.now(real))
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
    let host = Host::new();
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let shared = Shared {
        emulator: Mutex::new(Emulator::new(settings, start, host.real())?),
        host,
        render_slots: Semaphore::new(processors),
        closing: AtomicBool::new(false),
        sockets: TaskTracker::new(),
    };
    Ok(Listening { url, listener: AbortableListener(listener), shared: Arc::new(shared) })
}

impl Listening {
    /// Serves until `stop` is done, and then until open requests and sockets are, for a moment at most.
    ///
    /// # Errors
    /// When the listener fails.
    pub async fn serve(self, stop: impl Future<Output = ()> + Send + 'static) -> io::Result<()> {
        let shared = Arc::clone(&self.shared);
        let sockets = shared.sockets.clone();
        let app = Router::new().route(control::PATH, routing::any(command)).fallback(answer).with_state(self.shared);
        tokio::spawn(webhook_delivery::deliver(Arc::clone(&shared)));
        let stopped = Arc::new(tokio::sync::Notify::new());
        let told = Arc::clone(&stopped);
        let closing = async move {
            stop.await;
            shared.closing.store(true, Ordering::Relaxed);
            shared.host.notify();
            told.notify_one();
        };
        let service = app.into_make_service_with_connect_info::<AbortHandle>();
        let serving = axum::serve(self.listener, service).with_graceful_shutdown(closing);
        let too_long = async {
            stopped.notified().await;
            tokio::time::sleep(GRACE).await;
        };
        tokio::select! {
            result = async {
                serving.await?;
                sockets.close();
                sockets.wait().await;
                Ok(())
            } => result,
            () = too_long => Ok(()),
        }
    }
}

/// Answers `/__control`.
async fn command(State(server): State<Server>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let mut request = translate(&parts);
    // One byte more than it takes, so that the emulator can say that it is too large.
    request.body = match to_bytes(body, control::MAX_COMMAND_BYTES).await {
        Ok(bytes) => bytes.into(),
        Err(_) => vec![b' '; control::MAX_COMMAND_BYTES + 1],
    };
    let response = server.with(|emulator, real| emulator.control(real, &request));
    server.host.notify();
    to_axum(&server, response, None).await
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
        let refusal = Emulator::refusal(413, "The body is larger than the emulator takes.");
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
        server.emulator().request_started(head);
        Self(Arc::clone(server), head.clone())
    }
}

/// Runs also when the client has disconnected.
impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.emulator().request_ended(&self.1);
    }
}

/// `None`: the connection is to be dropped.
async fn exchange(server: &Server, request: &http::Request) -> Option<Response<Body>> {
    let Answer { response, at, fault } = server.with(|emulator, real| emulator.exchange(real, request))?;
    if request.method != Method::GET.as_str() {
        // An open status stream may have something new to send.
        server.host.notify();
    }
    server.reach(at).await;
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
