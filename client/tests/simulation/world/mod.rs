//! A world for one driver: a clock that is moved by hand, a network that can do its worst, and fal's model on the other
//! side.

#[path = "../../../../tests/simulation/world/fate.rs"]
mod fate;
mod network;
#[path = "../../../../tests/simulation/world/scenario.rs"]
mod scenario;
#[path = "../../../../tests/simulation/world/time.rs"]
mod time;

use std::task::{Context, Poll, Waker};

use fal_emulator::model::Fal;
use fal_emulator::model::http::Request as WireRequest;
use fal_wasm::client::{Operation, Output, UploadOptions};
use fal_wasm::protocol::Millis;
use fal_wasm_client::File;
use fal_wasm_client::simulation::{Call, Running, Step};
use serde_json::Value;

pub use fate::Fate;
pub use scenario::{KEY, Scenario, Story, enqueue, fal};
pub use time::Clock;

use network::{Network, World};

/// Longest time anything may take: beyond it, it hangs.
const END_OF_TIME: Millis = 24 * 3_600_000;
/// What no run comes near.
const MOST_STEPS: usize = 100_000;

/// Runs an operation to its end.
pub fn run(operation: impl Into<Operation>, input: &Value, seed: u64, scenario: Scenario) -> Story {
    run_with(fal(seed, scenario.queue), operation, input, seed, scenario)
}

/// Runs an operation to its end, with a fal that has a past.
pub fn run_with(fal: Fal, operation: impl Into<Operation>, input: &Value, seed: u64, mut scenario: Scenario) -> Story {
    let (bytes, part_bytes) = std::mem::take(&mut scenario.file);
    let sizes = UploadOptions::new(bytes.len() as u64, false).unwrap();
    let sizes = UploadOptions { whole_bytes: 20, part_bytes: part_bytes as u64, ..sizes };
    let (endpoint, request_id) = (scenario.endpoint, scenario.request_id.clone());
    let options = scenario.call;
    let leaves = World::begin(fal, seed, scenario);
    let call = Call {
        endpoint,
        request_id: request_id.as_deref(),
        input: input.to_string(),
        file: (File::new(bytes, "image/png", "a.png").unwrap(), sizes),
        options,
        leaves: Box::pin(leaves),
    };
    let mut running = Running::new(Network, KEY, operation.into(), call).unwrap();
    let mut file_url = String::new();
    let mut context = Context::from_waker(Waker::noop());
    'run: for step in 0.. {
        assert!(step < MOST_STEPS, "it turns in circles");
        while let Poll::Ready(step) = running.poll(&mut context) {
            // As whoever takes items from a stream: away after each, and back at once.
            running.pause();
            running.resume();
            let is_over = World::with(|world| tell(&mut world.story, &running, world.now, step, &mut file_url));
            if is_over {
                break 'run;
            }
        }
        if !World::step(END_OF_TIME) {
            break;
        }
    }
    assert!(
        World::with(|world| world.story.outcome.is_none() || world.is_quiet()),
        "something is under way after the end"
    );
    drop(running);
    World::end(|world| {
        // What was sent arrives, also when nobody waits for the answer.
        if !file_url.is_empty() {
            let response = world.fal.handle(END_OF_TIME, &WireRequest::new("GET", &file_url));
            world.story.file = (response.status == 200).then(|| response.body_bytes().to_vec());
        }
    })
}

/// Keeps what the caller is told; says whether it was the last.
fn tell(story: &mut Story, running: &Running, now: Millis, step: Step, file: &mut String) -> bool {
    let json = |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok());
    match step {
        Step::Enqueued(id) => story.told.push(id),
        Step::Status(text) => {
            let status: Value = json(Some(text)).unwrap_or_default();
            story.told.push(status["status"].as_str().unwrap_or("?").into());
        }
        Step::Item(item) => story.items.extend(json(item)),
        Step::Progress(_) => {}
        Step::Done { output, body, file_url } => {
            *file = file_url;
            story.result = json(body).unwrap_or_default();
            story.request_id = running.queued().filter(|_| output == Output::Result);
            story.outcome = Some(Ok(output));
        }
        Step::Failed(error) => {
            let failure = *error.failure();
            story.result = json(error.body().map(String::from)).unwrap_or_default();
            story.request_id = error.request_id().filter(|_| failure.is_queued).map(String::from);
            assert_eq!(story.request_id.is_some(), failure.is_queued, "it has no id");
            story.outcome = Some(Err(failure));
        }
    }
    story.ended_at = now;
    story.outcome.is_some()
}
