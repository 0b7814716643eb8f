//! A realtime connection, driven by whatever may happen: every message is sent or dropped, once, and it ends.

use std::collections::{BTreeMap, VecDeque};

use fal_wasm::client::realtime::{
    ConnectionOptions, ConnectionState, Effect, Effects, Event, MAX_EFFECTS, OutboxPolicy, Realtime,
};
use fal_wasm::client::{RetryPolicy, Token};

use super::bytes::Bytes;

const CODES: [u16; 16] = [0, 200, 401, 403, 404, 408, 429, 503, 1000, 1001, 1005, 1006, 1008, 1011, 1012, 4401];

#[derive(Clone, Copy, PartialEq)]
enum Awaited {
    Token,
    Socket,
    Open,
    Timer,
}

struct Run {
    machine: Realtime,
    now: u64,
    out: BTreeMap<u32, Awaited>,
    /// Sizes of the messages that wait.
    messages: VecDeque<u32>,
    /// The oldest of them is being written.
    writing: bool,
    over: bool,
}

/// Options, then what happens.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let limit = data.number() as u32;
    let options = ConnectionOptions {
        needs_token: data.flag(),
        outbox: data.pick(&[OutboxPolicy::Latest, OutboxPolicy::Queue { messages: 3, bytes: limit.max(1) }]),
        throttle: data.number(),
        silence: 60_000,
        policy: RetryPolicy { max_retries: Some(u32::from(data.byte() % 7)), ..RetryPolicy::default() },
    };
    let mut run = Run {
        machine: Realtime::new(options, data.number()),
        now: 0,
        out: BTreeMap::new(),
        messages: VecDeque::new(),
        writing: false,
        over: false,
    };
    let mut began = false;
    while !run.over && !data.is_empty() {
        run.now = run.now.saturating_add(data.number());
        let buffered = data.number() as u32;
        let what = data.byte();
        let own = run.out.iter().nth(usize::from(what) % run.out.len().max(1)).map(|(token, kind)| (*token, *kind));
        let event = match (what, own) {
            (255, _) => Event::Left,
            (128..255, _) | (_, None) => {
                began = true;
                Event::Queued { size: data.number() as u32 }
            }
            (_, Some((token, kind))) => event(&mut data, Token(token), kind),
        };
        run.tell(buffered, event);
        assert!(run.messages.len() <= 3, "{:?} wait", run.messages);
    }
    run.tell(0, Event::Left);
    assert!(run.over || !began, "it does not end");
    assert!(run.messages.is_empty() || !began, "{:?} are neither sent nor dropped", run.messages);
}

fn event(data: &mut Bytes<'_>, token: Token, kind: Awaited) -> Event {
    let way = data.byte();
    match (kind, way % 4) {
        (Awaited::Timer, _) => Event::TimerFired { token },
        (Awaited::Token, 0) => Event::TokenDenied { token, retryable: data.flag() },
        (Awaited::Token, _) => Event::TokenIssued { token },
        (Awaited::Socket, 0) | (Awaited::Open, 0) => Event::Closed { token, code: data.pick(&CODES) },
        (Awaited::Socket, _) => Event::Opened { token },
        (Awaited::Open, 1) => Event::SessionEnded { token },
        (Awaited::Open, 2) => Event::Unauthorized { token },
        (Awaited::Open, _) => Event::Received { token },
    }
}

impl Run {
    fn tell(&mut self, buffered: u32, event: Event) {
        match event {
            Event::TokenIssued { token }
            | Event::TokenDenied { token, .. }
            | Event::Closed { token, .. }
            | Event::TimerFired { token } => {
                self.out.remove(&token.0);
            }
            Event::Opened { token } => {
                self.out.insert(token.0, Awaited::Open);
            }
            Event::Queued { size } => self.messages.push_back(size),
            _ => {}
        }
        let mut effects = Effects::default();
        self.machine.handle(self.now, buffered, event, &mut effects);
        assert!(effects.len() < MAX_EFFECTS, "{effects:?}");
        for effect in effects.iter() {
            assert!(!self.over, "something follows the end: {effect:?}");
            self.perform(effect);
        }
        if std::mem::take(&mut self.writing) {
            let size = self.messages.pop_front().expect("something waits");
            self.tell(buffered, Event::Written { size });
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::IssueToken { token } => self.await_(token, Awaited::Token),
            Effect::Open { token } => self.await_(token, Awaited::Socket),
            Effect::Sleep { token, .. } => self.await_(token, Awaited::Timer),
            Effect::Cancel { token } => {
                self.out.remove(&token.0);
            }
            Effect::SendNext { token } => {
                assert!(self.out.get(&token.0) == Some(&Awaited::Open), "sent on a socket that is not open");
                assert!(!self.messages.is_empty() && !self.writing, "nothing waits to be sent");
                self.writing = true;
            }
            Effect::DropOldest { .. } => {
                assert!(!self.writing, "a message goes twice");
                assert!(self.messages.pop_front().is_some(), "nothing waits to be dropped");
            }
            Effect::DropNewest { .. } => assert!(self.messages.pop_back().is_some(), "nothing waits to be dropped"),
            Effect::DropAll { .. } => {
                assert!(!self.writing && !self.messages.is_empty(), "nothing waits to be dropped");
                self.messages.clear();
            }
            Effect::Changed { state: ConnectionState::Closed } => {
                assert!(self.out.values().all(|awaited| *awaited == Awaited::Timer) || self.out.is_empty());
                self.over = true;
            }
            Effect::Failed { .. } | Effect::Changed { .. } => {}
        }
        assert!(self.out.len() <= 4, "{} things are under way", self.out.len());
    }

    fn await_(&mut self, token: Token, awaited: Awaited) {
        assert!(self.out.insert(token.0, awaited).is_none(), "two things have the same name");
    }
}
