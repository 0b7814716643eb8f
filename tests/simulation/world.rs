//! A world for one machine: a virtual clock, a network that can do its worst, and fal's model on the other side.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};

use fal_emulator::model::Fal;
use fal_emulator::model::http::{Body, Request as WireRequest, Response};
use fal_emulator::model::settings::{Key, QueueSettings, Scope, Settings};
use fal_emulator::model::stream::Stream as WireStream;
use fal_wasm::client::{
    Destination, Effect, Event, Expect, Facts, Failure, FailureKind, Machine, Notice, Operation, Output, Payload,
    Request, Token,
};
use fal_wasm::protocol::{Fields, Head, Media, Millis};
use serde_json::{Value, json};

/// What the network does to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Delivers it, and the answer.
    Deliver,
    /// Makes no connection: fal never hears of it.
    Refuse,
    /// Breaks before fal has heard of it.
    DropBefore,
    /// Delivers it, and loses the answer.
    DropAfter,
    /// Answers with this status in fal's place, and `Retry-After` seconds if there are any.
    Answer(u16, Option<u64>),
    /// Delivers it, and answers with this status in fal's place: a gateway that lost patience.
    Garble(u16),
    /// Delivers it and the head of the answer, and breaks in the body.
    Truncate,
    /// Delivers it and the head of the answer, and nothing more, ever.
    Stall,
    /// Delivers it, and keeps the answer until it is complete: a proxy that collects answers before it passes them on.
    Collect,
}

/// What the network and the caller do. The simplest scenario is [`Scenario::calm`].
pub struct Scenario {
    /// How busy fal is.
    pub queue: QueueSettings,
    /// Time from one end of the network to the other.
    pub latency: Box<dyn FnMut() -> Millis>,
    /// What happens to the next request.
    pub fate: Box<dyn FnMut(&Request) -> Fate>,
    /// Where the next piece of a stream is cut, in bytes.
    pub cut: Box<dyn FnMut() -> usize>,
    /// When the caller aborts, if ever.
    pub abort_at: Option<Millis>,
    /// The file that is uploaded, and the size of its parts.
    pub file: (Vec<u8>, usize),
}

impl Scenario {
    /// Nothing goes wrong, and everything takes 20 ms.
    pub fn calm() -> Self {
        Self {
            queue: QueueSettings { ahead: 2, step_ms: 300, run_ms: Some(1_000), concurrency: 1 },
            latency: Box::new(|| 20),
            fate: Box::new(|_| Fate::Deliver),
            cut: Box::new(|| 1_000),
            abort_at: None,
            file: (vec![1, 2, 3], 3),
        }
    }
}

/// How it ended.
#[derive(Debug)]
pub struct Story {
    /// What the operation ended with; none when it never did.
    pub outcome: Option<Result<Output, Failure>>,
    /// When.
    pub ended_at: Millis,
    /// What the caller was told, in order: request ids and statuses.
    pub told: Vec<String>,
    /// The items of a stream that came to the caller.
    pub items: Vec<Value>,
    /// The body of the result.
    pub result: Value,
    /// How many jobs there are at fal, and how many of them are still waiting or running.
    pub jobs: usize,
    pub open_jobs: usize,
    /// Every request that was sent: when, and as method and URL.
    pub sent: Vec<(Millis, String)>,
    /// How many requests with bytes of a file were under way at once.
    pub most_parts: usize,
    /// What is at the URL of the uploaded file.
    pub file: Option<Vec<u8>>,
}

/// Something that will happen.
enum Coming {
    Tell(Event),
    Arrive(Token, WireRequest, Fate),
    Answer(Token, Response, Fate),
    /// An event of a stream is looked into.
    Item(Token, Value, Expect),
    /// A stream that is open says what it has to say.
    Play(Token),
}

/// Longest time anything may take: beyond it, it hangs.
const END_OF_TIME: Millis = 3_600_000;
const KEY: &str = "id:secret";

/// Lets an operation live its life.
pub fn live(operation: impl Operation + 'static, input: &Value, seed: u64, mut scenario: Scenario) -> Story {
    let key = Key { key: KEY.into(), scope: Scope::Api, locked: false, account: "sim".into() };
    let mut fal = Fal::new(Settings { seed, queue: scenario.queue, keys: vec![key], ..Settings::default() });
    let mut machine = Machine::new(operation, seed);
    let mut world = World::default();
    let mut story = Story {
        outcome: None,
        ended_at: 0,
        told: Vec::new(),
        items: Vec::new(),
        result: Value::Null,
        jobs: 0,
        open_jobs: 0,
        sent: Vec::new(),
        most_parts: 0,
        file: None,
    };
    world.at(0, Coming::Tell(Event::Started));
    if let Some(time) = scenario.abort_at {
        world.at(time, Coming::Tell(Event::Aborted));
    }
    while let Some((now, coming)) = world.next() {
        if now > END_OF_TIME {
            break;
        }
        let event = match coming {
            Coming::Tell(event) => event,
            Coming::Arrive(token, request, fate) => {
                let response = fal.handle(now, &request);
                let answer_at = now + response.after + (scenario.latency)();
                world.at(answer_at, Coming::Answer(token, response, fate));
                continue;
            }
            Coming::Answer(token, response, fate) => world.answered(token, &response, fate),
            Coming::Item(token, value, expect) => world.facts(token, value, expect),
            Coming::Play(token) => {
                if !world.forgotten.contains(&token) {
                    world.play(token, now, &mut fal, &mut scenario.cut);
                }
                continue;
            }
        };
        if story.outcome.is_some() || world.is_forgotten(&event) {
            continue;
        }
        if let Event::Answered(token, _) | Event::Failed(token, _) = &event {
            world.parts_out.remove(&token.0);
        }
        if let Event::Read(token, _) = &event {
            world.value = world.reading.remove(&token.0).unwrap_or_default();
        }
        for effect in machine.handle(now, event) {
            assert!(story.outcome.is_none(), "something follows the end: {effect:?}");
            match effect {
                Effect::Send(token, request) => {
                    story.sent.push((now, format!("{} {}", request.method.as_str(), url(&request))));
                    let fate = (scenario.fate)(&request);
                    let there = now + (scenario.latency)();
                    if request.payload == Payload::File {
                        world.parts_out.insert(token.0);
                        story.most_parts = story.most_parts.max(world.parts_out.len());
                    }
                    let wire = wire(&request, input, &scenario.file, &world.receipts);
                    world.send(token, wire, fate, there);
                }
                Effect::Read(token, media, expect) => {
                    let event = world.read(token, media, expect);
                    world.at(now, Coming::Tell(event));
                }
                Effect::Open(token, _) => world.at(now, Coming::Play(token)),
                Effect::Item(token, data, expect) => {
                    let value = serde_json::from_slice(&data).unwrap_or(Value::Null);
                    if expect == Expect::Anything {
                        story.items.push(value);
                    } else {
                        world.soon.push_back((now, Coming::Item(token, value, expect)));
                    }
                }
                Effect::Rest(token, duration) => world.at(now + duration, Coming::Tell(Event::Woke(token))),
                Effect::Forget(token) => {
                    world.parts_out.remove(&token.0);
                    world.forgotten.push(token);
                }
                Effect::Tell(Notice::Enqueued(id)) => story.told.push(id.as_str().into()),
                Effect::Tell(Notice::Status) => story.told.push(world.value["status"].as_str().unwrap_or("?").into()),
                Effect::Tell(Notice::Accepted(part)) => {
                    world.receipts.insert(part, world.value["etag"].clone());
                }
                Effect::Done(outcome) => {
                    story.ended_at = now;
                    story.outcome = Some(outcome);
                    story.result = world.value.clone();
                }
            }
        }
    }
    if let Some(Ok(Output::File(url))) = &story.outcome {
        let response = fal.handle(END_OF_TIME, &WireRequest::new("GET", url));
        story.file = (response.status == 200).then(|| response.body_bytes().to_vec());
    }
    let jobs = fal.report(story.ended_at).jobs;
    story.jobs = jobs.len();
    let states = serde_json::to_value(&jobs).unwrap_or_default();
    let is_open = |job: &&Value| job["status"] != "COMPLETED";
    story.open_jobs = states.as_array().map_or(0, |list| list.iter().filter(is_open).count());
    story
}

#[derive(Default)]
struct World {
    /// What happens before anything else does.
    soon: VecDeque<(Millis, Coming)>,
    coming: BinaryHeap<Reverse<(Millis, usize)>>,
    happenings: HashMap<usize, Coming>,
    count: usize,
    forgotten: Vec<Token>,
    bodies: HashMap<u32, (Value, Fate)>,
    /// Bodies that are being read, by token.
    reading: HashMap<u32, Value>,
    streams: HashMap<u32, (WireStream, Fate)>,
    /// The body read last.
    value: Value,
    /// Requests with bytes of a file that are under way, by token.
    parts_out: HashSet<u32>,
    /// The receipts of parts that were accepted.
    receipts: BTreeMap<u32, Value>,
}

impl World {
    fn at(&mut self, time: Millis, coming: Coming) {
        self.count += 1;
        self.happenings.insert(self.count, coming);
        self.coming.push(Reverse((time, self.count)));
    }

    fn next(&mut self) -> Option<(Millis, Coming)> {
        if let Some(next) = self.soon.pop_front() {
            return Some(next);
        }
        let Reverse((time, index)) = self.coming.pop()?;
        Some((time, self.happenings.remove(&index)?))
    }

    fn is_forgotten(&self, event: &Event) -> bool {
        match event {
            Event::Answered(token, _)
            | Event::Read(token, _)
            | Event::Chunk(token, _)
            | Event::Ended(token)
            | Event::Paused(token)
            | Event::Resumed(token)
            | Event::Failed(token, _)
            | Event::Woke(token) => self.forgotten.contains(token),
            Event::Started | Event::Aborted => false,
        }
    }

    fn send(&mut self, token: Token, request: WireRequest, fate: Fate, there: Millis) {
        match fate {
            Fate::Refuse => self.at(there, Coming::Tell(Event::Failed(token, FailureKind::Unreachable))),
            Fate::DropBefore => self.at(there, Coming::Tell(Event::Failed(token, FailureKind::ConnectionLost))),
            Fate::Answer(status, retry_after) => {
                let event = self.gateway(token, status, retry_after);
                self.at(there, Coming::Tell(event));
            }
            _ => self.at(there, Coming::Arrive(token, request, fate)),
        }
    }

    /// An answer that is not fal's.
    fn gateway(&mut self, token: Token, status: u16, retry_after: Option<u64>) -> Event {
        self.bodies.insert(token.0, (Value::Null, Fate::Deliver));
        let retry_after = retry_after.map(|seconds| seconds * 1000);
        let head = Head { status, media: Media::Text, retry_after, retryable: None, user_timeout: false };
        Event::Answered(token, head)
    }

    fn answered(&mut self, token: Token, response: &Response, fate: Fate) -> Event {
        match fate {
            Fate::DropAfter => return Event::Failed(token, FailureKind::ConnectionLost),
            Fate::Garble(status) => return self.gateway(token, status, None),
            _ => {}
        }
        let head = Head {
            status: response.status,
            media: Media::of(response.header("content-type")),
            retry_after: None,
            retryable: None,
            user_timeout: response.header("x-fal-request-timeout-type") == Some("user"),
        };
        match &response.body {
            Body::Stream(stream) => {
                self.streams.insert(token.0, ((**stream).clone(), fate));
            }
            _ => {
                self.bodies.insert(token.0, (response.body_json(), fate));
            }
        }
        Event::Answered(token, head)
    }

    /// What a stream has to say by now, in pieces, and when it will say more.
    fn play(&mut self, token: Token, now: Millis, fal: &mut Fal, cut: &mut dyn FnMut() -> usize) {
        let Some((mut stream, fate)) = self.streams.remove(&token.0) else { return };
        if fate == Fate::Stall {
            return;
        }
        let turn = fal.play(now, &mut stream);
        let mut bytes = turn.bytes.as_bytes();
        if fate == Fate::Truncate {
            bytes = &bytes[..bytes.len() / 2];
        }
        if fate != Fate::Collect {
            while !bytes.is_empty() {
                let (piece, rest) = bytes.split_at(cut().clamp(1, bytes.len()));
                self.at(now, Coming::Tell(Event::Chunk(token, piece.into())));
                bytes = rest;
            }
        }
        match turn.next {
            _ if fate == Fate::Truncate => {
                self.at(now, Coming::Tell(Event::Failed(token, FailureKind::ConnectionLost)));
            }
            Some(next) => {
                self.at(next.max(now + 1), Coming::Play(token));
                self.streams.insert(token.0, (stream, fate));
            }
            None => self.at(now, Coming::Tell(Event::Ended(token))),
        }
    }

    fn read(&mut self, token: Token, _: Media, expect: Expect) -> Event {
        let (body, fate) = self.bodies.remove(&token.0).unwrap_or((Value::Null, Fate::Truncate));
        if fate == Fate::Truncate {
            return Event::Failed(token, FailureKind::ConnectionLost);
        }
        self.facts(token, body, expect)
    }

    /// What a body says of what was expected.
    fn facts(&mut self, token: Token, body: Value, expect: Expect) -> Event {
        let [first, second] = expect.fields();
        let fields = Fields { first: body[first].as_str(), second: body[second].as_str() };
        let facts: Option<Facts> = expect.read(fields);
        let event = facts.map_or(Event::Failed(token, FailureKind::AnswerInvalid), |facts| Event::Read(token, facts));
        self.reading.insert(token.0, body);
        event
    }
}

fn url(request: &Request) -> String {
    match &request.destination {
        Destination::Fal(route) => route.url(),
        Destination::Upload(url) => url.as_str().into(),
    }
}

/// A request as it is on the wire. No key goes where bytes of a file go: there is no such arm.
fn wire(
    request: &Request,
    input: &Value,
    (file, part_bytes): &(Vec<u8>, usize),
    receipts: &BTreeMap<u32, Value>,
) -> WireRequest {
    let wire = WireRequest::new(request.method.as_str(), &url(request));
    let wire = match &request.destination {
        Destination::Fal(_) => wire.with_header("authorization", &format!("Key {KEY}")),
        Destination::Upload(_) => wire,
    };
    match request.payload {
        Payload::None => wire,
        Payload::Input => wire.with_json(input),
        Payload::FileDescription => wire.with_json(&json!({"content_type": "image/png", "file_name": "a.png"})),
        Payload::File => {
            let bytes = match request.part.checked_sub(1) {
                Some(index) => file.chunks(*part_bytes).nth(index as usize).unwrap_or_default(),
                None => file,
            };
            wire.with_body("image/png", bytes.to_vec())
        }
        Payload::Receipts => {
            let part = |(number, etag): (&u32, &Value)| json!({"partNumber": number, "etag": etag});
            wire.with_json(&json!({"parts": receipts.iter().map(part).collect::<Vec<_>>()}))
        }
    }
}
