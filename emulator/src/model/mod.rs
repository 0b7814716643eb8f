//! fal's behaviour as a pure state machine.
//!
//! [`Fal::handle`] takes a request and the time and gives a response. Nothing here reads a clock, opens a socket or starts a
//! thread; the same seed and the same calls give the same answers, byte for byte. What is not known of fal is chosen and
//! marked so where it is written.
//!
//! The rooms: `hosts` and `endpoint` say where a request goes, `auth` and `tokens` who may send it, `run` and `queue` call
//! the models of the `catalogue`, `storage` keeps files, `stream` plays events, `sockets` talks, `webhooks` calls back, `platform` is about all of an account, `faults` and `journal` serve tests.

mod auth;
mod catalogue;
mod cors;
mod endpoint;
pub(crate) mod errors;
pub mod faults;
mod headers;
mod hosts;
pub mod http;
mod ids;
pub mod journal;
mod platform;
mod queue;
mod run;
pub mod settings;
pub mod sockets;
mod storage;
pub mod stream;
mod time;
mod tokens;
mod tuning;
pub mod webhooks;
pub mod work;

use auth::Credentials;
use errors::detail;
use faults::Fault;
use hosts::{Place, Service};
use http::{Millis, Request, Response};
pub use ids::Ids;
use journal::Journal;
use platform::Platform;
use queue::Queue;
use run::Running;
use settings::{RealtimeSettings, StreamSettings};
pub use settings::{Settings, Tuning};
use sockets::Sockets;
use storage::Store;
use webhooks::Webhooks;

/// How much of a body is worth reading: a whole file on the CDN, a model's input elsewhere.
pub fn max_body_bytes(request: &Request) -> usize {
    const MAX_INPUT_BYTES: usize = 32 * 1024 * 1024;
    let on_cdn = Place::of(request).is_some_and(|place| place.service == Service::Cdn);
    if on_cdn { storage::MAX_FILE_BYTES } else { MAX_INPUT_BYTES }
}

/// The stand-in: all of fal that a client can tell from outside.
#[derive(Debug)]
pub struct Fal {
    settings: Settings,
    ids: Ids,
    credentials: Credentials,
    queue: Queue,
    realtime: RealtimeSettings,
    streams: StreamSettings,
    running: Running,
    sockets: Sockets,
    webhooks: Webhooks,
    store: Store,
    faults: Vec<Fault>,
    journal: Journal,
    platform: Platform,
}

impl Fal {
    /// A stand-in on which nothing has happened yet.
    pub fn new(settings: Settings) -> Self {
        let mut fal = Self {
            ids: Ids::new(settings.seed),
            credentials: Credentials::new(settings.keys.clone(), settings.login_tokens.clone()),
            queue: Queue::new(settings.queue),
            realtime: settings.realtime,
            streams: settings.streams,
            running: Running::default(),
            sockets: Sockets::default(),
            webhooks: Webhooks::default(),
            store: Store::new(&settings.public_url),
            faults: Vec::new(),
            journal: Journal::default(),
            platform: Platform::default(),
            settings,
        };
        fal.tune(0, fal.settings.tuning());
        fal
    }

    /// Forgets everything that happened. Ids go on, so that no request or file of before can be taken for a new one.
    pub fn reset(&mut self) {
        let (ids, sockets) = (self.ids.clone(), Sockets::after(&self.sockets));
        let webhooks = Webhooks::after(&self.webhooks, self.settings.webhooks);
        *self = Self { ids, sockets, webhooks, ..Self::new(self.settings.clone()) };
    }

    /// What can be changed, as it was when the model was made.
    pub fn initial_tuning(&self) -> Tuning {
        self.settings.tuning()
    }

    /// What can be changed, as it is.
    pub fn tuning(&self) -> Tuning {
        Tuning {
            queue: self.queue.settings,
            realtime: self.realtime,
            streams: self.streams,
            access: self.credentials.access,
            storage: self.store.settings,
            webhooks: self.webhooks.settings,
        }
    }

    /// Changes what can be changed, from now on.
    pub fn tune(&mut self, now: Millis, tuning: Tuning) {
        self.set_queue(now, tuning.queue);
        self.realtime = tuning.realtime;
        self.streams = tuning.streams;
        self.credentials.access = tuning.access;
        self.store.settings = tuning.storage;
        self.webhooks.settings = tuning.webhooks;
    }

    /// The head of a request has come in, its body may be on its way. Whoever plays the wire may tell, so that the report of
    /// an upload knows how much came at once, and tells the end with [`Fal::answered`].
    pub fn arriving(&mut self, request: &Request) {
        self.store.arriving(request, true);
    }

    /// A request that was [`Fal::arriving`] has its answer, or is gone.
    pub fn answered(&mut self, request: &Request) {
        self.store.arriving(request, false);
    }

    /// Handles a request. `now` must not be earlier than in the calls before.
    pub fn handle(&mut self, now: Millis, request: &Request) -> Response {
        self.settle(now);
        let response = self.answer(now, request).unwrap_or_else(|refusal| refusal);
        self.note(now, request, Some(response.status));
        cors::allow(request, response)
    }

    fn answer(&mut self, now: Millis, request: &Request) -> Result<Response, Response> {
        let Some(place) = Place::of(request) else {
            return Err(detail(404, "The emulator knows no such host. See its README for the ones it has."));
        };
        if request.method == "OPTIONS" {
            return Ok(Response::empty(204));
        }
        match place.service {
            Service::Run => self.run(now, request, place.path),
            Service::Queue => self.queue(now, request, &place),
            Service::Rest if place.path.starts_with("/tokens") => self.token(now, request, place.path),
            Service::Rest if place.path.starts_with("/.well-known/") => self.jwks(request, place.path),
            Service::Rest => self.storage(now, request, place.path),
            Service::Cdn => self.cdn(now, request, place.path),
            Service::Platform => self.platform(now, request, place.path),
            Service::Socket => Err(detail(426, "Upgrade Required")),
        }
    }
}
