//! A realtime connection, between its machine and the hands that do what it asks (`js/shared/realtime.js`).
//!
//! Events and effects cross as three numbers each, one way in and one way out: every method more would cost the browser
//! build more than it explains.

use alloc::string::String;

use wasm_bindgen::prelude::*;

use super::open::{Numbers, endpoint_id};
use crate::client::realtime::{Effect, Event, Frame, OutboxPolicy, Plan, Realtime};
use crate::client::{RetryPolicy, Token};
use crate::protocol::{EndpointId, Millis};

/// How often a connection is tried again before the caller is told.
const RECONNECTS: u32 = 5;

#[wasm_bindgen]
extern "C" {
    /// Takes down what shall be done.
    #[wasm_bindgen(typescript_type = "{ act(what: number, token: number, value: number): void }")]
    pub type Line;

    #[wasm_bindgen(method)]
    fn act(this: &Line, what: u8, token: u32, value: f64);
}

/// A realtime connection under way.
#[wasm_bindgen]
pub struct RealtimeTask {
    machine: Realtime,
    line: Line,
}

#[wasm_bindgen]
impl RealtimeTask {
    /// Prepares a connection. No `frames` means that only the newest waits.
    #[wasm_bindgen(constructor)]
    pub fn new(line: Line, numbers: &[f64], needs_token: bool, throttle: f64, frames: u32, bytes: u32) -> RealtimeTask {
        let numbers = Numbers(numbers);
        let policy = numbers.over(RetryPolicy { max_retries: RECONNECTS, ..RetryPolicy::default() });
        let outbox = if frames == 0 { OutboxPolicy::Latest } else { OutboxPolicy::Queue { frames, bytes } };
        let plan = Plan { needs_token, outbox, throttle: throttle as Millis, policy };
        Self { machine: Realtime::new(plan, numbers.seed()), line }
    }

    /// Tells what happened, by the numbers in `js/shared/codes.js`; `buffered` is what the open socket holds back.
    pub fn tell(&mut self, now: f64, buffered: u32, what: u8, token: u32, value: f64) {
        let Some(event) = event(what, token, value) else {
            return;
        };
        for effect in self.machine.handle(now as Millis, buffered, event) {
            let (what, token, value) = numbers(effect);
            self.line.act(what, token, value);
        }
    }
}

fn event(what: u8, token: u32, value: f64) -> Option<Event> {
    let own = Token(token);
    Some(match what {
        0 => Event::Sent(Frame { number: token, size: value as u32 }),
        1 => Event::Minted(own),
        2 => Event::Denied(own, value != 0.0),
        3 => Event::Opened(own),
        4 => Event::Received(own),
        5 => Event::Ended(own),
        6 => Event::Unauthorized(own),
        7 => Event::Closed(own, value as u16),
        8 => Event::Woke(own),
        9 => Event::Left,
        _ => return None,
    })
}

fn numbers(effect: Effect) -> (u8, u32, f64) {
    match effect {
        Effect::Mint(token) => (0, token.0, 0.0),
        Effect::Open(token) => (1, token.0, 0.0),
        Effect::Shut(token) => (2, token.0, 0.0),
        Effect::Send(token, frame) => (3, token.0, frame.into()),
        Effect::Drop(frame, why) => (4, frame, f64::from(why as u8)),
        Effect::Rest(token, duration) => (5, token.0, duration as f64),
        Effect::Forget(token) => (6, token.0, 0.0),
        Effect::Fail(kind, attempts) => (7, attempts, f64::from(kind as u8)),
        Effect::Done => (8, 0, 0.0),
    }
}

/// The endpoint that a token is for: below `path`, or where fal's apps have it (`realtime`, `stream`).
#[wasm_bindgen(js_name = endpointBelow)]
pub fn endpoint_below(app: &str, path: &str, usual: &str) -> Result<String, JsValue> {
    let app = endpoint_id(app)?;
    Ok(endpoint_id(&EndpointId::below(app.as_str(), path, usual))?.as_str().into())
}
