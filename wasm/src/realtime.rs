//! A realtime connection: the numbers of its events and effects, which cross as those of every other operation.

use super::hands::Hands;
use fal_wasm::client::Token;
use fal_wasm::client::realtime::{Effect, Event, Frame, Realtime};
use fal_wasm::protocol::Millis;

/// Tells what happened; the only number that goes along is what the open socket holds back.
pub fn tell(machine: &mut Realtime, hands: &Hands, now: Millis, what: u8, token: u32, value: f64) {
    let Some(event) = event(what, token, value) else { return };
    for effect in machine.handle(now, hands.number(0) as u32, event) {
        let (act, token, value) = numbers(effect);
        hands.act_numbers(act, token, value);
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
