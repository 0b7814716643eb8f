//! The whole of fal: which part answers a request, and what the parts tell each other.

mod calls;
mod sessions;
mod sockets;

pub use sessions::PeerNews;

use super::access::Access;
use super::access::bearer;
use super::bridge::Bridge;
use super::cors;
use super::direct::DirectCalls;
use super::errors::detail;
use super::faults::{Effect, Fault, Faults};
use super::hosts::{Service, Target};
use super::http::{Millis, Request, Response};
use super::ids::Ids;
use super::journal::{Entry, Journal};
use super::platform::{Backend, Platform};
use super::queue::{JobReport, Queue};
use super::report::{Counts, Report};
use super::settings::{LiveSettings, RealtimeSettings, Settings, StreamSettings};
use super::sockets::Sockets;
use super::storage::{self, Storage};
use super::stream::{Events, Stream, Turn, take_due};
use super::webhooks::{Delivery, DeliveryOutcome, Webhooks};

/// How much of a body is worth reading: a whole file on the CDN, a model's input elsewhere.
pub fn max_body_bytes(request: &Request) -> usize {
    const MAX_INPUT_BYTES: usize = 32 * 1024 * 1024;
    let on_cdn = Target::of(request).is_some_and(|place| place.service == Service::Cdn);
    if on_cdn { storage::MAX_FILE_BYTES } else { MAX_INPUT_BYTES }
}

/// The emulator: routes each request to the part that answers it. Only `Fal` knows all parts.
#[derive(Debug)]
pub struct Fal {
    settings: Settings,
    ids: Ids,
    access: Access,
    queue: Queue,
    realtime: RealtimeSettings,
    streams: StreamSettings,
    direct_calls: DirectCalls,
    sockets: Sockets,
    webhooks: Webhooks,
    storage: Storage,
    faults: Faults,
    journal: Journal,
    platform: Platform,
    bridge: Bridge,
}

impl Fal {
    /// An emulator in its initial state.
    pub fn new(settings: Settings) -> Self {
        let mut fal = Self {
            ids: Ids::new(settings.seed),
            access: Access::new(settings.keys.clone(), settings.login_tokens.clone()),
            queue: Queue::new(settings.queue),
            realtime: settings.realtime,
            streams: settings.streams,
            direct_calls: DirectCalls::default(),
            sockets: Sockets::default(),
            webhooks: Webhooks::new(settings.seed, settings.webhooks),
            storage: Storage::new(&settings.public_url),
            faults: Faults::default(),
            journal: Journal::default(),
            platform: Platform::default(),
            bridge: Bridge::new(settings.peers.clone(), settings.sessions),
            settings,
        };
        fal.change_settings(0, fal.settings.live_settings());
        fal
    }

    /// Forgets everything that happened. Ids go on, so that no request or file of before can be taken for a new one.
    pub fn reset(&mut self) {
        let (ids, sockets) = (self.ids.clone(), Sockets::after(&self.sockets));
        let webhooks = Webhooks::after(&self.webhooks, self.settings.webhooks);
        let bridge = Bridge::after(&self.bridge, self.settings.sessions);
        *self = Self { ids, sockets, webhooks, bridge, ..Self::new(self.settings.clone()) };
    }

    /// What can be changed, as it was when the model was made.
    pub fn initial_live_settings(&self) -> LiveSettings {
        self.settings.live_settings()
    }

    /// What can be changed, as it is.
    pub fn live_settings(&self) -> LiveSettings {
        LiveSettings {
            queue: self.queue.settings,
            realtime: self.realtime,
            streams: self.streams,
            access: self.access.settings,
            storage: self.storage.settings,
            webhooks: self.webhooks.settings,
            sessions: self.bridge.settings,
        }
    }

    /// Changes what can be changed, from now on.
    pub fn change_settings(&mut self, now: Millis, live: LiveSettings) {
        self.advance(now);
        self.queue.change_settings(now, live.queue);
        self.realtime = live.realtime;
        self.streams = live.streams;
        self.access.settings = live.access;
        self.storage.settings = live.storage;
        self.webhooks.settings = live.webhooks;
        self.bridge.change_settings(now, live.sessions);
    }

    /// The head of a request has come in. A server that reports this, and the end with [`Fal::request_ended`], lets the
    /// report of an upload tell how many requests came at the same time.
    pub fn request_started(&mut self, request: &Request) {
        self.storage.count_request(request, true);
    }

    /// A request of [`Fal::request_started`] has its answer, or its connection is gone.
    pub fn request_ended(&mut self, request: &Request) {
        self.storage.count_request(request, false);
    }

    /// Handles a request. `now` must not be earlier than in the calls before.
    pub fn handle(&mut self, now: Millis, request: &Request) -> Response {
        self.advance(now);
        let response = self.answer(now, request).unwrap_or_else(|refusal| refusal);
        self.record(now, request, Some(response.status));
        cors::allow(request, response)
    }

    fn answer(&mut self, now: Millis, request: &Request) -> Result<Response, Response> {
        let Some(target) = Target::of(request) else {
            return Err(detail(404, "The emulator knows no such host. See its README for the ones it has."));
        };
        if request.method == "OPTIONS" {
            return Ok(Response::empty(204));
        }
        let path = target.path;
        match target.service {
            Service::Run => self.run(now, request, path),
            Service::Queue => self.queue_request(now, request, &target),
            Service::Rest if path.starts_with("/tokens") => self.access.issue_token(&mut self.ids, now, request, path),
            Service::Rest if path.starts_with("/.well-known/") => self.webhooks.jwks(request, path),
            Service::Rest => self.storage.initiate(&self.access, &mut self.ids, now, request, path),
            Service::Cdn => self.storage.handle_cdn(&mut self.ids, now, request, path),
            Service::Platform => {
                let mut backend = Backend { access: &mut self.access, queue: &self.queue, ids: &mut self.ids };
                self.platform.handle(&mut backend, now, request, path)
            }
            Service::Bridge => self.bridge.handle(&self.access, &mut self.ids, now, request, path),
            Service::Socket => Err(detail(426, "Upgrade Required")),
        }
    }

    /// The next turn of a stream.
    pub fn play(&mut self, now: Millis, stream: &mut Stream) -> Turn {
        match &mut stream.0 {
            Events::Scheduled(events) => take_due(events, now),
            Events::JobStatus(cursor) => {
                self.advance(now);
                self.queue.play(cursor, now, self.streams.logs)
            }
            Events::Session(cursor) => {
                self.advance(now);
                self.bridge.play(now, cursor)
            }
        }
    }

    /// Every job that is remembered, oldest first.
    pub fn jobs(&mut self, now: Millis) -> Vec<JobReport> {
        self.advance(now);
        self.queue.report()
    }

    /// The webhooks to post now. The caller posts them and passes each outcome to [`Fal::posted`].
    pub fn posts(&mut self, now: Millis) -> Vec<Delivery> {
        self.advance(now);
        self.webhooks.take_due(now)
    }

    /// When there may be a webhook to post next, unless something else happens before.
    pub fn next_post(&self) -> Option<Millis> {
        self.webhooks.next_due().into_iter().chain(self.queue.next_event()).min()
    }

    /// The outcome of a webhook of [`Fal::posts`]. One from before a reset is ignored.
    pub fn posted(&mut self, now: Millis, number: u64, outcome: DeliveryOutcome) {
        self.webhooks.record(now, number, outcome);
    }

    /// Replaces the faults that wait. They are tried in their order, and at most one applies to a request.
    pub fn set_faults(&mut self, faults: Vec<Fault>) {
        self.faults.set(faults);
    }

    /// The fault that applies to this request, if any. To be asked once per request, before [`Fal::handle`].
    ///
    /// For [`Effect::Answer`] and [`Effect::DropBefore`] the request must not be handled: the journal has it already.
    pub fn fault(&mut self, now: Millis, request: &Request) -> Option<Effect> {
        let effect = self.faults.take(request)?;
        match &effect {
            Effect::Answer { status, .. } => self.record(now, request, Some(*status)),
            Effect::DropBefore => self.record(now, request, None),
            _ => {}
        }
        Some(effect)
    }

    /// Writes a request into the journal.
    fn record(&mut self, now: Millis, request: &Request, status: Option<u16>) {
        let has_cdn_token = bearer(request).is_some_and(|token| self.storage.cdn_token(now, token));
        let authorized = self.access.is_authorized(now, request);
        let by_query = request.param("fal_jwt_token").is_some();
        let authorized = authorized.map(|good| good || (has_cdn_token && !by_query));
        self.journal.record(now, request, authorized, status);
    }

    /// The requests seen since the last reset, at most the last 10,000, oldest first.
    pub fn requests(&self) -> impl Iterator<Item = &Entry> {
        self.journal.entries()
    }

    /// Everything there is to check.
    pub fn report(&mut self, now: Millis) -> Report {
        let jobs = self.jobs(now);
        let counts = Counts {
            requests: self.journal.total(),
            jobs: jobs.len(),
            files: self.storage.count_files(),
            open_sockets: self.sockets.count_open(),
        };
        Report {
            now_ms: now,
            counts,
            requests: self.requests().cloned().collect(),
            jobs,
            files: self.storage.report(),
            uploads: self.storage.report_uploads(),
            sockets: self.sockets.report(),
            deliveries: self.webhooks.report(),
            bridge_sessions: self.bridge.report(),
        }
    }
}
