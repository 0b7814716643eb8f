//! A realtime connection, driven by whatever may happen: every frame is sent or dropped, once, and it ends.

use std::collections::{BTreeMap, BTreeSet};

use fal_wasm::client::realtime::{Effect, Event, Frame, OutboxPolicy, Plan, Realtime};
use fal_wasm::client::{RetryPolicy, Token};

use super::bytes::Bytes;

const CODES: [u16; 16] = [0, 200, 401, 403, 404, 408, 429, 503, 1000, 1001, 1005, 1006, 1008, 1011, 1012, 4401];

#[derive(Clone, Copy, PartialEq)]
enum Awaited {
    Token,
    Socket,
    Open,
    Rest,
}

struct Life {
    machine: Realtime,
    now: u64,
    out: BTreeMap<u32, Awaited>,
    /// Frames of which nothing has been heard.
    frames: BTreeSet<u32>,
    over: bool,
}

/// A plan, then what happens.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let limit = data.number() as u32;
    let plan = Plan {
        needs_token: data.flag(),
        outbox: data.pick(&[OutboxPolicy::Latest, OutboxPolicy::Queue { frames: 3, bytes: limit.max(1) }]),
        throttle: data.number(),
        policy: RetryPolicy { max_retries: u32::from(data.byte() % 7), ..RetryPolicy::default() },
    };
    let mut life = Life {
        machine: Realtime::new(plan, data.number()),
        now: 0,
        out: BTreeMap::new(),
        frames: BTreeSet::new(),
        over: false,
    };
    let mut sent = 0;
    while !life.over && !data.is_empty() {
        life.now = life.now.saturating_add(data.number());
        let buffered = data.number() as u32;
        let what = data.byte();
        let own = life.out.iter().nth(usize::from(what) % life.out.len().max(1)).map(|(token, kind)| (*token, *kind));
        let event = match (what, own) {
            (255, _) => Event::Left,
            (128..255, _) | (_, None) => {
                sent += 1;
                life.frames.insert(sent);
                Event::Sent(Frame { number: sent, size: data.number() as u32 })
            }
            (_, Some((token, kind))) => event(&mut data, Token(token), kind),
        };
        life.tell(buffered, event);
        assert!(life.frames.len() <= 3, "{:?} wait", life.frames);
    }
    life.tell(0, Event::Left);
    assert!(life.over || sent == 0, "it does not end");
    assert!(life.frames.is_empty() || sent == 0, "{:?} are neither sent nor dropped", life.frames);
}

fn event(data: &mut Bytes<'_>, token: Token, kind: Awaited) -> Event {
    let way = data.byte();
    match (kind, way % 4) {
        (Awaited::Rest, _) => Event::Woke(token),
        (Awaited::Token, 0) => Event::Denied(token, data.flag()),
        (Awaited::Token, _) => Event::Minted(token),
        (Awaited::Socket, 0) | (Awaited::Open, 0) => Event::Closed(token, data.pick(&CODES)),
        (Awaited::Socket, _) => Event::Opened(token),
        (Awaited::Open, 1) => Event::Ended(token),
        (Awaited::Open, 2) => Event::Unauthorized(token),
        (Awaited::Open, _) => Event::Received(token),
    }
}

impl Life {
    fn tell(&mut self, buffered: u32, event: Event) {
        match event {
            Event::Minted(token) | Event::Denied(token, _) | Event::Closed(token, _) | Event::Woke(token) => {
                self.out.remove(&token.0);
            }
            Event::Opened(token) => {
                self.out.insert(token.0, Awaited::Open);
            }
            _ => {}
        }
        let effects = self.machine.handle(self.now, buffered, event);
        assert!(effects.len() <= 16, "{effects:?}");
        for effect in effects {
            assert!(!self.over, "something follows the end: {effect:?}");
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Mint(token) => self.await_(token, Awaited::Token),
            Effect::Open(token) => self.await_(token, Awaited::Socket),
            Effect::Rest(token, _) => self.await_(token, Awaited::Rest),
            Effect::Shut(token) | Effect::Forget(token) => {
                self.out.remove(&token.0);
            }
            Effect::Send(token, frame) => {
                assert!(self.out.get(&token.0) == Some(&Awaited::Open), "sent on a socket that is not open");
                assert!(self.frames.remove(&frame), "frame {frame} goes twice");
            }
            Effect::Drop(frame, _) => assert!(self.frames.remove(&frame), "frame {frame} goes twice"),
            Effect::Fail(..) => {}
            Effect::Done => {
                assert!(self.out.values().all(|awaited| *awaited == Awaited::Rest) || self.out.is_empty());
                self.over = true;
            }
        }
        assert!(self.out.len() <= 4, "{} things are under way", self.out.len());
    }

    fn await_(&mut self, token: Token, awaited: Awaited) {
        assert!(self.out.insert(token.0, awaited).is_none(), "two things have the same name");
    }
}
