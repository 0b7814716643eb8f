//! The network between a driver and fal, and what it can do to a request. One for each run, on the thread that makes it.

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use fal_emulator::model::Fal;
use fal_emulator::model::http::{Body, Request as WireRequest, Response};
use fal_emulator::model::stream::Stream as WireStream;
use fal_wasm::client::{FailureKind, Payload};
use fal_wasm::protocol::Millis;
use fal_wasm_client::simulation::{BoxFuture, Chunk, HttpBody, HttpRequest, HttpResponse, Net, Trouble};
use serde_json::Value;

use super::{Fate, Scenario, Story};

/// After this long without a byte a runtime gives a connection up, as Node does.
const PATIENCE_OF_A_RUNTIME: Millis = 300_000;

thread_local! {
    static WORLD: RefCell<Option<World>> = const { RefCell::new(None) };
}

/// Names something that is waited for.
type Id = usize;

/// Something that will happen.
enum Coming {
    /// What is waited for is there.
    Ready(Id, Thing),
    /// A request reaches fal; whether a model runs for it.
    Arrive(Id, WireRequest, bool, Fate),
    Answer(Id, Box<Response>, Fate),
    /// A stream that is open says what it has to say.
    Play(Id),
    /// Some of a body has come, or its end.
    Piece(Id, Result<Option<Bytes>, FailureKind>),
}

/// What is waited for.
enum Thing {
    /// A timer has fired, or the caller leaves.
    Moment,
    /// An answer, and its body.
    Answer(Result<Reply, FailureKind>),
}

/// Status, headers, and what the body is made of.
type Reply = (u16, Vec<(String, String)>, Content);

/// What a body is made of.
enum Content {
    Whole(Bytes, Fate),
    Stream(WireStream, Fate),
}

/// A stream that is open.
struct Playing {
    stream: WireStream,
    fate: Fate,
    /// How often it has spoken.
    turns: u32,
    /// What a proxy has collected of it.
    collected: Vec<u8>,
}

pub struct World {
    pub now: Millis,
    pub fal: Fal,
    pub story: Story,
    scenario: Scenario,
    seed: u64,
    soon: VecDeque<Coming>,
    coming: BinaryHeap<Reverse<(Millis, usize)>>,
    happenings: HashMap<usize, Coming>,
    count: usize,
    ids: Id,
    leaves: Id,
    /// What somebody waits for, with what it is once it is there.
    waiting: BTreeMap<Id, Option<Thing>>,
    pieces: HashMap<Id, VecDeque<Result<Option<Bytes>, FailureKind>>>,
    streams: HashMap<Id, Playing>,
    parts_out: HashSet<Id>,
    /// How often something has come to the caller.
    delivered: usize,
}

impl World {
    /// Begins a run; returns what happens when the caller leaves.
    pub fn begin(fal: Fal, seed: u64, scenario: Scenario) -> Wait {
        let abort_at = scenario.abort_at;
        let mut world = Self {
            now: 0,
            fal,
            story: Story::default(),
            scenario,
            seed,
            soon: VecDeque::new(),
            coming: BinaryHeap::new(),
            happenings: HashMap::new(),
            count: 0,
            ids: 0,
            leaves: 0,
            waiting: BTreeMap::new(),
            pieces: HashMap::new(),
            streams: HashMap::new(),
            parts_out: HashSet::new(),
            delivered: 0,
        };
        let leaves = world.waits();
        world.leaves = leaves;
        if let Some(time) = abort_at {
            world.at(time, Coming::Ready(leaves, Thing::Moment));
        }
        WORLD.set(Some(world));
        Wait(leaves)
    }

    pub fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        WORLD.with_borrow_mut(|world| work(world.as_mut().expect("a run is on")))
    }

    /// Ends the run. What is on its way to fal arrives.
    pub fn end(last: impl FnOnce(&mut Self)) -> Story {
        let mut world = WORLD.take().expect("a run is on");
        while let Some((time, coming)) = world.next() {
            if let Coming::Arrive(_, request, runs, _) = coming {
                world.story.runs += usize::from(runs);
                world.fal.handle(time, &request);
            }
        }
        last(&mut world);
        let jobs = world.fal.report(world.story.ended_at).jobs;
        let mut story = world.story;
        story.jobs = jobs.len();
        let states = serde_json::to_value(&jobs).unwrap_or_default();
        let is_open = |job: &&Value| job["status"] != "COMPLETED";
        story.open_jobs = states.as_array().map_or(0, |list| list.iter().filter(is_open).count());
        story
    }

    /// Whether nobody waits for anything but the wish to leave.
    pub fn is_quiet(&self) -> bool {
        self.waiting.keys().all(|id| *id == self.leaves) && self.pieces.is_empty()
    }

    /// Lets the next thing happen; false when there is none.
    pub fn step(end: Millis) -> bool {
        Self::with(|world| {
            loop {
                let Some((time, coming)) = world.next() else { return false };
                if time > end {
                    return false;
                }
                if world.happens(time, coming) {
                    return true;
                }
            }
        })
    }

    fn waits(&mut self) -> Id {
        self.ids += 1;
        self.waiting.insert(self.ids, None);
        self.ids
    }

    fn at(&mut self, time: Millis, coming: Coming) {
        self.count += 1;
        self.happenings.insert(self.count, coming);
        self.coming.push(Reverse((time, self.count)));
    }

    fn next(&mut self) -> Option<(Millis, Coming)> {
        if let Some(coming) = self.soon.pop_front() {
            return Some((self.now, coming));
        }
        let Reverse((time, index)) = self.coming.pop()?;
        Some((time, self.happenings.remove(&index)?))
    }

    /// Whether something has come to the caller.
    fn happens(&mut self, time: Millis, coming: Coming) -> bool {
        let now = self.scenario.clock.awake(time);
        match coming {
            Coming::Arrive(id, request, runs, fate) => {
                self.story.runs += usize::from(runs);
                let response = self.fal.handle(time, &request);
                let answer_at = time + response.after + (self.scenario.latency)();
                self.at(answer_at, Coming::Answer(id, Box::new(response), fate));
                return false;
            }
            Coming::Answer(id, response, fate) => {
                let answer = match fate {
                    Fate::Silence => return false,
                    Fate::DropAfter => Err(FailureKind::ConnectionLost),
                    Fate::Garble(status) => Ok(gateway(status, None)),
                    _ => Ok(answer(*response, fate)),
                };
                return self.happens(time, Coming::Ready(id, Thing::Answer(answer)));
            }
            Coming::Play(id) => {
                if self.pieces.contains_key(&id) {
                    self.play(id, time);
                }
                return false;
            }
            Coming::Ready(id, thing) => {
                let Some(place) = self.waiting.get_mut(&id).filter(|place| place.is_none()) else { return false };
                self.now = now;
                if id == self.leaves {
                    self.story.aborted_at = Some(now);
                }
                let is_timer = matches!(thing, Thing::Moment) && id != self.leaves;
                *place = Some(thing);
                self.parts_out.remove(&id);
                if !is_timer {
                    self.story.heard_at = now;
                }
            }
            Coming::Piece(id, piece) => {
                let Some(pieces) = self.pieces.get_mut(&id) else { return false };
                pieces.push_back(piece);
                self.now = now;
                self.story.heard_at = now;
            }
        }
        self.delivered += 1;
        if self.scenario.abort_after == Some(self.delivered) {
            self.soon.push_front(Coming::Ready(self.leaves, Thing::Moment));
        }
        true
    }

    fn send(&mut self, request: &HttpRequest) -> Id {
        let id = self.waits();
        let fate = (self.scenario.fate)(&request.request);
        let now = self.now;
        self.story.heard_at = now;
        self.story.sent.push((now, format!("{} {}", request.method, request.url)));
        self.story.fates.push((request.request.idempotency(), fate));
        if request.request.payload() == Payload::File {
            self.parts_out.insert(id);
            self.story.most_parts = self.story.most_parts.max(self.parts_out.len());
        }
        let there = now + (self.scenario.latency)();
        let lost = |kind| Coming::Ready(id, Thing::Answer(Err(kind)));
        match fate {
            Fate::Refuse => self.at(there, lost(FailureKind::Unreachable)),
            Fate::DropBefore => self.at(there, lost(FailureKind::ConnectionLost)),
            Fate::Answer(status, retry_after) => {
                let answer = gateway(status, retry_after);
                self.at(there, Coming::Ready(id, Thing::Answer(Ok(answer))));
            }
            _ => {
                let runs = request.request.payload() == Payload::Input;
                self.at(there, Coming::Arrive(id, wire(request), runs, fate));
            }
        }
        if fate == Fate::Silence {
            self.at(there + PATIENCE_OF_A_RUNTIME, lost(FailureKind::ConnectionLost));
        }
        id
    }

    /// A body is read for the first time.
    fn open(&mut self, content: Content) -> Id {
        self.ids += 1;
        let (id, now) = (self.ids, self.now);
        self.pieces.insert(id, VecDeque::new());
        let lost = Coming::Piece(id, Err(FailureKind::ConnectionLost));
        match content {
            Content::Stream(stream, fate) => {
                self.streams.insert(id, Playing { stream, fate, turns: 0, collected: Vec::new() });
                self.at(now, Coming::Play(id));
            }
            Content::Whole(bytes, Fate::Truncate | Fate::TruncateAfter(_)) => {
                self.at(now, Coming::Piece(id, Ok(Some(bytes.slice(..bytes.len() / 2)))));
                self.at(now, lost);
            }
            Content::Whole(_, Fate::Stall | Fate::StallAfter(_)) => self.at(now + PATIENCE_OF_A_RUNTIME, lost),
            Content::Whole(bytes, _) => {
                let cut = (self.scenario.cut)().clamp(1, bytes.len().max(1)).min(bytes.len());
                for piece in [bytes.slice(..cut), bytes.slice(cut..)] {
                    self.at(now, Coming::Piece(id, Ok(Some(piece))));
                }
                self.at(now, Coming::Piece(id, Ok(None)));
            }
        }
        id
    }

    /// What a stream has to say by now, in pieces, and when it will say more.
    fn play(&mut self, id: Id, now: Millis) {
        let Some(mut playing) = self.streams.remove(&id) else { return };
        let lost = |world: &mut Self| world.at(now, Coming::Piece(id, Err(FailureKind::ConnectionLost)));
        if playing.fate == Fate::TruncateAfter(playing.turns) {
            return lost(self);
        }
        if playing.fate == Fate::StallAfter(playing.turns) || playing.fate == Fate::Stall {
            return;
        }
        let turn = self.fal.play(now, &mut playing.stream);
        let mut said = turn.bytes.into_bytes();
        if playing.fate == Fate::Truncate {
            said.truncate(said.len() / 2);
        }
        playing.turns += 1;
        if playing.fate == Fate::Collect {
            playing.collected.append(&mut said);
            if turn.next.is_none() {
                said = std::mem::take(&mut playing.collected);
            }
        }
        let mut rest = Bytes::from(said);
        while !rest.is_empty() {
            let piece = rest.split_to((self.scenario.cut)().clamp(1, rest.len()));
            self.at(now, Coming::Piece(id, Ok(Some(piece))));
        }
        let next = match playing.fate {
            Fate::Truncate => return lost(self),
            Fate::TruncateAfter(turns) if turns == playing.turns => Some(now + 10 * (self.scenario.cut)() as Millis),
            _ => turn.next,
        };
        if let Some(next) = next {
            self.at(next.max(now + 1), Coming::Play(id));
            self.streams.insert(id, playing);
        } else {
            self.at(now, Coming::Piece(id, Ok(None)));
        }
    }
}

/// A request as fal's model takes it.
fn wire(request: &HttpRequest) -> WireRequest {
    let mut wire = WireRequest::new(request.method, &request.url);
    wire.headers.clone_from(&request.headers);
    if let Some(authorization) = &request.authorization {
        wire = wire.with_header("authorization", authorization.expose());
    }
    wire.body = request.body.as_ref().map(|body| body.to_vec()).unwrap_or_default();
    wire
}

/// An answer that is not fal's.
fn gateway(status: u16, retry_after: Option<u64>) -> Reply {
    let headers = retry_after.map(|seconds| ("retry-after".into(), seconds.to_string()));
    (status, headers.into_iter().collect(), Content::Whole(Bytes::new(), Fate::Deliver))
}

fn answer(response: Response, fate: Fate) -> Reply {
    let content = match &response.body {
        Body::Stream(stream) => Content::Stream((**stream).clone(), fate),
        _ => Content::Whole(Bytes::from(response.body_bytes().to_vec()), fate),
    };
    (response.status, response.headers, content)
}

/// Something that is waited for. Dropping it says that it is not wanted any more.
pub struct Wait(Id);

impl Wait {
    fn poll_thing(&self) -> Poll<Thing> {
        World::with(|world| match world.waiting.get_mut(&self.0).and_then(Option::take) {
            Some(thing) => {
                world.waiting.remove(&self.0);
                Poll::Ready(thing)
            }
            None => Poll::Pending,
        })
    }
}

impl Future for Wait {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.poll_thing().map(drop)
    }
}

impl Drop for Wait {
    fn drop(&mut self) {
        WORLD.with_borrow_mut(|world| {
            if let Some(world) = world {
                world.waiting.remove(&self.0);
                world.parts_out.remove(&self.0);
            }
        });
    }
}

/// The network of the run on this thread.
pub struct Network;

impl Net for Network {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
        let wait = Wait(World::with(|world| world.send(&request)));
        Box::pin(std::future::poll_fn(move |_| {
            wait.poll_thing().map(|thing| match thing {
                Thing::Answer(Ok((status, headers, content))) => {
                    Ok(HttpResponse { status, headers, body: Box::new(Reading { content: Some(content), id: 0 }) })
                }
                Thing::Answer(Err(kind)) => Err(kind.into()),
                Thing::Moment => unreachable!("a request is no timer"),
            })
        }))
    }

    fn sleep(&self, duration: Millis) -> BoxFuture<'static, ()> {
        let id = World::with(|world| {
            let id = world.waits();
            world.at(world.now + duration, Coming::Ready(id, Thing::Moment));
            id
        });
        Box::pin(Wait(id))
    }

    fn now(&self) -> Millis {
        World::with(|world| world.scenario.clock.shows(world.now))
    }

    fn wall(&self) -> Millis {
        0
    }

    fn seed(&self) -> u64 {
        World::with(|world| world.seed)
    }
}

/// A body that may be read.
struct Reading {
    content: Option<Content>,
    id: Id,
}

impl HttpBody for Reading {
    fn chunk(mut self: Box<Self>) -> BoxFuture<'static, Chunk> {
        if let Some(content) = self.content.take() {
            self.id = World::with(|world| world.open(content));
        }
        Box::pin(async move {
            let id = self.id;
            let piece = std::future::poll_fn(|_| {
                match World::with(|world| world.pieces.get_mut(&id).and_then(VecDeque::pop_front)) {
                    Some(piece) => Poll::Ready(piece.map_err(Trouble::from)),
                    None => Poll::Pending,
                }
            });
            let piece = piece.await;
            (self as Box<dyn HttpBody>, piece)
        })
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        WORLD.with_borrow_mut(|world| {
            if let Some(world) = world {
                world.pieces.remove(&self.id);
                world.streams.remove(&self.id);
            }
        });
    }
}
