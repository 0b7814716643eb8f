//! Whole operations, driven by whatever may happen: none panics, none hangs, none does more than it was told, and none
//! runs a model twice.

mod setup;
mod texts;

use std::collections::{BTreeMap, VecDeque};

use fal_wasm::client::{BodyKind, Effect, Effects, Event, FailureKind, Idempotency, MAX_EFFECTS, Machine, Token};
use fal_wasm::protocol::{Fields, Head, Media, SseParser};

use setup::{STATUSES, operation};
use texts::{REQUEST_ID, Texts};

use super::bytes::Bytes;

/// Steps after which an operation that is left alone with a dead network has to be over.
const MAX_STEPS: usize = 20_000;

const TEXTS: [&str; 8] = [
    REQUEST_ID,
    "IN_QUEUE",
    "IN_PROGRESS",
    "COMPLETED",
    "https://queue.fal.run/fal-ai/flux/requests/764cabcf-b745-4b3e-ae38-1200304cf45b/status",
    "https://storage.example/place?signature=1",
    "http://storage.example/place",
    "",
];
const CHUNKS: [&[u8]; 8] = [
    b"data: {\"status\":\"IN_PROGRESS\"}\n\n",
    b"event: error\ndata: {}\n\n",
    b"data: [DONE]\n\n",
    b"data: 1\n\n",
    b": ping\n\n",
    b"data: ",
    b"\n",
    b"",
];

/// What an operation waits for under a token.
#[derive(Clone, Copy, PartialEq)]
enum Awaited {
    /// An answer, and whether asking for it twice would do harm.
    Answer(Idempotency),
    Body(BodyKind),
    Chunks,
    Timer(u64),
}

/// An item of a body that is read as it comes.
enum Item {
    /// The event fal's older streams end with.
    Done,
    /// An event that says what went wrong.
    Error,
    /// Anything else.
    Other,
}

struct Run {
    machine: Machine,
    effects: Effects,
    texts: Texts,
    now: u64,
    out: BTreeMap<u32, Awaited>,
    /// Bodies that are read as they come, and what their items are expected to be.
    readers: BTreeMap<u32, (SseParser, BodyKind)>,
    /// Items that are to be read, in order.
    items: VecDeque<(Token, Item)>,
    /// A request that must not be sent again is out, or may have been executed.
    spoken: bool,
    over: bool,
}

/// Options, then what happens.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let seed = data.number();
    let (machine, texts) = operation(&mut data, seed);
    let mut run = Run {
        machine,
        effects: Effects::default(),
        texts,
        now: 0,
        out: BTreeMap::new(),
        readers: BTreeMap::new(),
        items: VecDeque::new(),
        spoken: false,
        over: false,
    };
    run.tell(Event::Started);
    while !run.over && !data.is_empty() {
        run.now = run.now.saturating_add(data.number());
        run.happens(&mut data);
    }
    for _ in 0..MAX_STEPS {
        if run.over {
            return;
        }
        run.fades();
    }
    panic!("it goes on for ever");
}

impl Run {
    /// Something happens: to what is under way, to what is not, or to the caller.
    fn happens(&mut self, data: &mut Bytes<'_>) {
        let what = data.byte();
        let own = self.out.keys().nth(usize::from(what) % self.out.len().max(1)).copied();
        match (what, own) {
            (255, _) => self.tell(Event::Aborted),
            (250..=254, _) | (_, None) => {
                // Something that nobody asked for, or that comes too late.
                let token = Token(data.number() as u32);
                if !self.out.contains_key(&token.0) {
                    let head = head(data);
                    self.tell(match data.byte() % 6 {
                        0 => Event::TimerFired { token },
                        1 => Event::Answered { token, head },
                        2 => Event::Failed { token, kind: FailureKind::from_number(data.byte()) },
                        3 => Event::Chunk { token },
                        4 => Event::Explained { token },
                        _ => Event::Ended { token },
                    });
                }
            }
            (_, Some(own)) => self.answer(data, Token(own)),
        }
    }

    /// What an operation waits for comes, in one way or another.
    fn answer(&mut self, data: &mut Bytes<'_>, token: Token) {
        let way = data.byte();
        match self.out[&token.0] {
            Awaited::Timer(_) => self.finish(token, Event::TimerFired { token }),
            _ if way > 224 => {
                let kind = data.pick(&[
                    FailureKind::ConnectionLost,
                    FailureKind::Unreachable,
                    FailureKind::AnswerInvalid,
                    FailureKind::CallersOwn,
                    FailureKind::FetchFailed,
                    FailureKind::FileUnreadable,
                ]);
                self.unbegun(token, kind.is_before_send());
                self.finish(token, Event::Failed { token, kind });
            }
            Awaited::Answer(_) => {
                let head = head(data);
                self.unbegun(token, head.status == 429 || (head.status == 503 && head.retry_after.is_some()));
                self.finish(token, Event::Answered { token, head });
            }
            Awaited::Body(kind) => {
                let event = self.read(data, token, kind);
                self.finish(token, event);
            }
            Awaited::Chunks => match way % 8 {
                0 => self.finish(token, Event::Ended { token }),
                1 => self.tell(Event::Paused { token }),
                2 => self.tell(Event::Resumed { token }),
                3 => {
                    let length = usize::from(data.byte() % 64);
                    self.chunk(token, data.take(length));
                }
                _ => self.chunk(token, data.pick(&CHUNKS)),
            },
        }
        while let Some((token, item)) = self.items.pop_front() {
            if !self.over && self.out.contains_key(&token.0) {
                self.item(data, token, &item);
            }
        }
    }

    /// Some bytes of a body that is read as it comes have arrived.
    fn chunk(&mut self, token: Token, bytes: &[u8]) {
        self.tell(Event::Chunk { token });
        let Some((parser, _)) = self.readers.get_mut(&token.0) else { return };
        let items = &mut self.items;
        let fed = parser.feed(bytes, |event| {
            let item = match (event.kind, event.data) {
                (_, b"[DONE]") => Item::Done,
                (b"error", _) => Item::Error,
                _ => Item::Other,
            };
            items.push_back((token, item));
        });
        assert!(fed.is_ok(), "nothing here is that large");
    }

    fn item(&mut self, data: &mut Bytes<'_>, token: Token, item: &Item) {
        match (item, self.readers[&token.0].1) {
            (Item::Done, _) => self.finish(token, Event::Ended { token }),
            (Item::Error, _) => self.finish(token, Event::Explained { token }),
            // It goes to the caller.
            (Item::Other, BodyKind::Anything) => {}
            (Item::Other, kind) => {
                let event = self.read(data, token, kind);
                if matches!(event, Event::Failed { .. }) { self.finish(token, event) } else { self.tell(event) }
            }
        }
    }

    /// A body is read; what later requests are spelled from is kept.
    fn read(&mut self, data: &mut Bytes<'_>, token: Token, kind: BodyKind) -> Event {
        let first = data.maybe(|data| data.pick(&TEXTS));
        let second = data.maybe(|data| data.pick(&TEXTS));
        let fields = Fields { first, second };
        let Some(body) = kind.read(fields) else {
            return Event::Failed { token, kind: FailureKind::AnswerInvalid };
        };
        self.texts.keep(body, fields);
        Event::Read { token, body }
    }

    /// Nothing comes any more: the connections break, and the clocks ring, the first one first.
    fn fades(&mut self) {
        let timer = |(token, awaited): (&u32, &Awaited)| match awaited {
            Awaited::Timer(until) => Some((*until, *token)),
            _ => None,
        };
        let broken = self.out.iter().find(|entry| timer(*entry).is_none()).map(|(token, _)| Token(*token));
        let next = self.out.iter().filter_map(timer).min();
        match (broken, next) {
            (Some(token), _) => {
                self.unbegun(token, true);
                self.finish(token, Event::Failed { token, kind: FailureKind::Unreachable });
            }
            (None, Some((until, token))) => {
                self.now = self.now.max(until);
                let token = Token(token);
                self.finish(token, Event::TimerFired { token });
            }
            (None, None) => panic!("it waits for nothing"),
        }
    }

    /// Whether a request that went wrong provably did not begin.
    fn unbegun(&mut self, token: Token, unbegun: bool) {
        if self.out.get(&token.0) == Some(&Awaited::Answer(Idempotency::Unsafe)) {
            self.spoken = !unbegun;
        }
    }

    fn finish(&mut self, token: Token, event: Event) {
        self.out.remove(&token.0);
        self.tell(event);
    }

    fn tell(&mut self, event: Event) {
        self.machine.handle(self.now, event, &mut self.effects);
        let effects = self.effects;
        assert!(effects.len() < MAX_EFFECTS, "{effects:?}");
        for effect in effects.iter() {
            assert!(!self.over, "something follows the end: {effect:?}");
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send { token, request, to_backup } => {
                if request.idempotency() == Idempotency::Unsafe {
                    assert!(!self.spoken, "a model runs twice");
                    self.spoken = true;
                }
                let url = self.texts.url(request, to_backup);
                assert!(url.starts_with("https://"), "{request:?} goes to {url}");
                self.await_(token, Awaited::Answer(request.idempotency()));
            }
            Effect::Read { token, body, .. } => self.await_(token, Awaited::Body(body)),
            Effect::Open { token, items, .. } => {
                self.readers.insert(token.0, (SseParser::default(), items));
                self.await_(token, Awaited::Chunks);
            }
            Effect::Sleep { token, duration } => {
                self.await_(token, Awaited::Timer(self.now.saturating_add(duration)));
            }
            Effect::Cancel { token } => {
                self.out.remove(&token.0);
            }
            Effect::Notify(_) => {}
            Effect::Done(_) | Effect::Failed(_) => self.over = true,
        }
        assert!(self.out.len() <= 12, "{} things are under way", self.out.len());
    }

    fn await_(&mut self, token: Token, awaited: Awaited) {
        assert!(self.out.insert(token.0, awaited).is_none(), "two things have the same name");
    }
}

fn head(data: &mut Bytes<'_>) -> Head {
    Head {
        status: data.pick(&STATUSES),
        media: data.pick(&[Media::Json, Media::Json, Media::Events, Media::Text, Media::Bytes]),
        retry_after: data.maybe(Bytes::number),
        retryable: data.maybe(Bytes::flag),
        user_timeout: data.byte() == 1,
    }
}
