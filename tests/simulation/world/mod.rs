//! A world for one machine: a virtual clock, a network that can do its worst, and fal's model on the other side.

mod fate;
mod network;
mod scenario;
mod texts;
mod time;
mod wire;

use fal_emulator::model::Fal;
use fal_emulator::model::http::Request as WireRequest;
use fal_wasm::client::{Effect, Effects, Event, MAX_EFFECTS, Machine, Notice, Operation, Output, Payload, Token};
use fal_wasm::protocol::Millis;
use serde_json::Value;

pub use fate::Fate;
pub use scenario::{KEY, Scenario, Story, enqueue, fal};
pub use time::Clock;

use crate::hostile::Dice;
use network::{Coming, World};
use texts::Texts;

/// Longest time anything may take: beyond it, it hangs.
const END_OF_TIME: Millis = 24 * 3_600_000;
/// What no run comes near.
const MOST_EVENTS: usize = 100_000;
/// Runs an operation to its end.
pub fn run(operation: impl Into<Operation>, input: &Value, seed: u64, scenario: Scenario) -> Story {
    run_with(fal(seed, scenario.queue), operation, input, seed, scenario)
}

/// Runs an operation to its end, with a fal that has a past.
pub fn run_with(
    mut fal: Fal,
    operation: impl Into<Operation>,
    input: &Value,
    seed: u64,
    mut scenario: Scenario,
) -> Story {
    let mut machine = Machine::new(operation, scenario.call, seed);
    let mut effects = Effects::default();
    let mut dice = Dice(!seed);
    let mut texts = Texts::new(scenario.endpoint, scenario.request_id.as_deref());
    let mut world = World::default();
    let mut story = Story::default();
    let mut handled = 0;
    world.at(0, Coming::Event(Event::Started));
    if let Some(time) = scenario.abort_at {
        world.at(time, Coming::Event(Event::Aborted));
    }
    while let Some((time, coming)) = world.next() {
        if time > END_OF_TIME {
            break;
        }
        let now = scenario.clock.awake(time);
        let is_wanted = |world: &World, token| story.outcome.is_none() && !world.is_cancelled(token);
        let event = match coming {
            Coming::Event(event) => event,
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
            Coming::Play(token) => {
                if is_wanted(&world, token) {
                    world.play(token, time, &mut fal, &mut scenario.cut);
                }
                continue;
            }
            Coming::Piece(token, bytes) => {
                if is_wanted(&world, token) {
                    world.parse(token, &bytes, now);
                }
                continue;
            }
            Coming::Item(token, ..) if !is_wanted(&world, token) => continue,
            Coming::Item(token, kind, data) => match world.item(token, &kind, &data) {
                Ok(event) => event,
                Err(item) => {
                    story.items.push(item);
                    continue;
                }
            },
        };
        let token = token(&event);
        if story.outcome.is_some() || token.is_some_and(|token| world.is_cancelled(token)) {
            continue;
        }
        match event {
            Event::Answered { token, .. } | Event::Failed { token, .. } => {
                world.parts_out.remove(&token.0);
            }
            Event::Read { token, body } => {
                world.value = world.reading.remove(&token.0).unwrap_or_default();
                texts.keep(body, &world.value);
            }
            Event::Aborted => story.aborted_at = Some(now),
            _ => {}
        }
        if !matches!(event, Event::TimerFired { .. }) {
            story.heard_at = now;
        }
        handled += 1;
        assert!(handled < MOST_EVENTS, "it turns in circles at {now}");
        if scenario.abort_after == Some(handled) {
            world.at_once(now, Coming::Event(Event::Aborted));
        }
        let shown = scenario.clock.shows(now);
        let saved = machine;
        machine.handle(shown, event, &mut effects);
        assert!(effects.len() < MAX_EFFECTS, "{event:?} has too many effects: {effects:?}");
        if dice.chance(25) {
            machine = go_on_from(saved, shown, event, &machine, &effects);
        }
        for effect in effects.iter() {
            assert!(story.outcome.is_none(), "something follows the end: {effect:?}");
            match effect {
                Effect::Send { token, request, to_backup } => {
                    let fate = (scenario.fate)(&request);
                    let url = texts.url(request, to_backup);
                    story.heard_at = now;
                    story.sent.push((now, format!("{} {url}", wire::method(request).as_str())));
                    story.fates.push((request.idempotency(), fate));
                    if request.payload() == Payload::File {
                        world.parts_out.insert(token.0);
                        story.most_parts = story.most_parts.max(world.parts_out.len());
                    }
                    let wire = wire::request(request, &url, input, &scenario.file, &world.receipts);
                    let runs = request.payload() == Payload::Input;
                    world.send(token, wire, runs, fate, now + (scenario.latency)());
                }
                Effect::Read { token, media, body } => world.read(token, media, body, now),
                Effect::Open { token, items, .. } => world.open(token, items, now),
                Effect::Sleep { token, duration } => {
                    world.at(now + duration, Coming::Event(Event::TimerFired { token }));
                }
                Effect::Cancel { token } => world.cancel(token),
                Effect::Notify(Notice::Enqueued) => story.told.push(texts.request_id.clone()),
                Effect::Notify(Notice::Status) => {
                    story.told.push(world.value["status"].as_str().unwrap_or("?").into());
                }
                Effect::Notify(Notice::PartAccepted { part }) => {
                    world.receipts.insert(part, world.value["etag"].clone());
                }
                Effect::Done(output) => {
                    story.ended_at = now;
                    story.outcome = Some(Ok(output));
                    story.result = world.value.clone();
                    story.request_id = texts.id().filter(|_| output == Output::Result);
                }
                Effect::Failed(failure) => {
                    story.ended_at = now;
                    story.outcome = Some(Err(failure));
                    story.result = world.value.clone();
                    story.request_id = texts.id().filter(|_| failure.is_queued);
                    assert_eq!(story.request_id.is_some(), failure.is_queued, "it has no id");
                }
            }
        }
    }
    if let Some(Ok(Output::File)) = &story.outcome {
        let response = fal.handle(END_OF_TIME, &WireRequest::new("GET", &texts.file_url));
        story.file = (response.status == 200).then(|| response.body_bytes().to_vec());
    }
    let jobs = fal.report(story.ended_at).jobs;
    story.jobs = jobs.len();
    let states = serde_json::to_value(&jobs).unwrap_or_default();
    let is_open = |job: &&Value| job["status"] != "COMPLETED";
    story.open_jobs = states.as_array().map_or(0, |list| list.iter().filter(is_open).count());
    story
}

/// A machine that was saved before an event handles it as the original did: it is all there is to an operation.
fn go_on_from(mut saved: Machine, now: Millis, event: Event, original: &Machine, asked: &Effects) -> Machine {
    let mut effects = Effects::default();
    saved.handle(now, event, &mut effects);
    assert_eq!(&effects, asked, "a copy does something else after {event:?}");
    assert_eq!(&saved, original, "a copy is in another state after {event:?}");
    saved
}

/// What an event is about.
fn token(event: &Event) -> Option<Token> {
    match *event {
        Event::Answered { token, .. }
        | Event::Read { token, .. }
        | Event::Chunk { token }
        | Event::Ended { token }
        | Event::Explained { token }
        | Event::Paused { token }
        | Event::Resumed { token }
        | Event::Failed { token, .. }
        | Event::TimerFired { token } => Some(token),
        Event::Started | Event::Aborted => None,
    }
}
