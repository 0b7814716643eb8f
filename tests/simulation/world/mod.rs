//! A world for one machine: a virtual clock, a network that can do its worst, and fal's model on the other side.

mod network;
mod time;
mod wire;

use fal_emulator::model::Fal;
use fal_emulator::model::http::Request as WireRequest;
use fal_emulator::model::settings::{Key, QueueSettings, Scope, Settings};
use fal_wasm::client::{
    Class, Effect, Event, Expect, Failure, Machine, Notice, Operation, Output, Payload, Request, Token,
};
use fal_wasm::protocol::{Millis, RequestId};
use serde_json::Value;

pub use network::Fate;
pub use time::Clock;

use network::{Coming, World};

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
    /// The caller aborts right after this many events.
    pub abort_after: Option<usize>,
    /// What the caller's clock does.
    pub clock: Clock,
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
            abort_after: None,
            clock: Clock::default(),
            file: (vec![1, 2, 3], 3),
        }
    }
}

/// How it ended.
#[derive(Debug, Default)]
pub struct Story {
    /// What the operation ended with; none when it never did.
    pub outcome: Option<Result<Output, Failure>>,
    /// When.
    pub ended_at: Millis,
    /// When the caller aborted, if he did before the end.
    pub aborted_at: Option<Millis>,
    /// When something was sent, or anything was heard from the network.
    pub heard_at: Millis,
    /// What the caller was told, in order: request ids and statuses.
    pub told: Vec<String>,
    /// The items of a stream that came to the caller.
    pub items: Vec<Value>,
    /// The body of the result.
    pub result: Value,
    /// How often a model was told to run: every time somebody pays.
    pub runs: usize,
    /// How many jobs there are at fal, and how many of them are still waiting or running.
    pub jobs: usize,
    pub open_jobs: usize,
    /// Every request that was sent: when, and as method and URL.
    pub sent: Vec<(Millis, String)>,
    /// What kind of request each of them was, and what became of it.
    pub fates: Vec<(Class, Fate)>,
    /// How many requests with bytes of a file were under way at once.
    pub most_parts: usize,
    /// What is at the URL of the uploaded file.
    pub file: Option<Vec<u8>>,
}

/// Longest time anything may take: beyond it, it hangs.
const END_OF_TIME: Millis = 24 * 3_600_000;
/// What no life comes near.
const MOST_EVENTS: usize = 100_000;
const KEY: &str = "id:secret";

/// A fal with nothing in its queue.
pub fn fal(seed: u64, queue: QueueSettings) -> Fal {
    let key = Key { key: KEY.into(), scope: Scope::Api, locked: false, account: "sim".into() };
    Fal::new(Settings { seed, queue, keys: vec![key], ..Settings::default() })
}

/// Puts a request into fal's queue, as an earlier life of the caller would have.
pub fn enqueue(fal: &mut Fal, endpoint: &str, input: &Value) -> RequestId {
    let request = WireRequest::new("POST", &format!("https://queue.fal.run/{endpoint}"));
    let request = request.with_header("authorization", &format!("Key {KEY}")).with_json(input);
    RequestId::parse(fal.handle(0, &request).body_json()["request_id"].as_str().unwrap()).unwrap()
}

/// Lets an operation live its life.
pub fn live(operation: impl Operation + 'static, input: &Value, seed: u64, scenario: Scenario) -> Story {
    live_at(fal(seed, scenario.queue), operation, input, seed, scenario)
}

/// Lets an operation live its life with a fal that has a past.
pub fn live_at(
    mut fal: Fal,
    operation: impl Operation + 'static,
    input: &Value,
    seed: u64,
    mut scenario: Scenario,
) -> Story {
    let mut machine = Machine::new(operation, seed);
    let mut world = World::default();
    let mut story = Story::default();
    let mut handled = 0;
    world.at(0, Coming::Tell(Event::Started));
    if let Some(time) = scenario.abort_at {
        world.at(time, Coming::Tell(Event::Aborted));
    }
    while let Some((time, coming)) = world.next() {
        if time > END_OF_TIME {
            break;
        }
        let event = match coming {
            Coming::Tell(event) => event,
            Coming::Arrive(token, request, runs, fate) => {
                story.runs += usize::from(runs);
                let response = fal.handle(time, &request);
                let answer_at = time + response.after + (scenario.latency)();
                world.at(answer_at, Coming::Answer(token, response, fate));
                continue;
            }
            Coming::Answer(token, response, fate) => match world.answered(token, &response, fate) {
                Some(event) => event,
                None => continue,
            },
            Coming::Item(token, value, expect) => world.facts(token, value, expect),
            Coming::Play(token) => {
                if story.outcome.is_none() && !world.is_forgotten(token) {
                    world.play(token, time, &mut fal, &mut scenario.cut);
                }
                continue;
            }
        };
        let token = token(&event);
        if story.outcome.is_some() || token.is_some_and(|token| world.is_forgotten(token)) {
            continue;
        }
        let now = scenario.clock.awake(time);
        match &event {
            Event::Answered(token, _) | Event::Failed(token, _) => world.parts_out.remove(&token.0),
            _ => false,
        };
        match &event {
            Event::Read(token, _) => world.value = world.reading.remove(&token.0).unwrap_or_default(),
            Event::Aborted => story.aborted_at = Some(now),
            _ => {}
        }
        if !matches!(event, Event::Woke(_)) {
            story.heard_at = now;
        }
        handled += 1;
        assert!(handled < MOST_EVENTS, "it turns in circles at {now}");
        if scenario.abort_after == Some(handled) {
            world.soon(now, Coming::Tell(Event::Aborted));
        }
        for effect in machine.handle(scenario.clock.shows(now), event) {
            assert!(story.outcome.is_none(), "something follows the end: {effect:?}");
            match effect {
                Effect::Send(token, request) => {
                    let fate = (scenario.fate)(&request);
                    story.heard_at = now;
                    story.sent.push((now, format!("{} {}", request.method.as_str(), wire::url(&request))));
                    story.fates.push((request.class, fate));
                    if request.payload == Payload::File {
                        world.parts_out.insert(token.0);
                        story.most_parts = story.most_parts.max(world.parts_out.len());
                    }
                    let wire = wire::request(&request, input, &scenario.file, &world.receipts);
                    let runs = request.payload == Payload::Input;
                    world.send(token, wire, runs, fate, now + (scenario.latency)());
                }
                Effect::Read(token, media, expect) => world.read(token, media, expect, now),
                Effect::Open(token, media) => world.open(token, media, now),
                Effect::Item(token, data, Expect::Anything) => match serde_json::from_slice(&data) {
                    Ok(item) => story.items.push(item),
                    Err(_) => world.unreadable(token, now),
                },
                Effect::Item(token, data, expect) => {
                    let value = serde_json::from_slice(&data).unwrap_or(Value::Null);
                    world.soon(now, Coming::Item(token, value, expect));
                }
                Effect::Rest(token, duration) => world.at(now + duration, Coming::Tell(Event::Woke(token))),
                Effect::Forget(token) => world.forget(token),
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

/// What an event is about.
fn token(event: &Event) -> Option<Token> {
    match event {
        Event::Answered(token, _)
        | Event::Read(token, _)
        | Event::Chunk(token, _)
        | Event::Ended(token)
        | Event::Paused(token)
        | Event::Resumed(token)
        | Event::Failed(token, _)
        | Event::Woke(token) => Some(*token),
        Event::Started | Event::Aborted => None,
    }
}
