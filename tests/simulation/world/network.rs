//! The network between a machine and fal, and what it can do to a request.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet, VecDeque};

use fal_emulator::model::Fal;
use fal_emulator::model::http::{Body, Request as WireRequest, Response};
use fal_emulator::model::stream::Stream as WireStream;
use fal_wasm::client::{BodyKind, Event, FailureKind, Token};
use fal_wasm::protocol::{Head, Media, Millis, SseParser};
use serde_json::Value;

use super::{Fate, texts};

/// Something that will happen.
pub enum Coming {
    Event(Event),
    /// A request reaches fal; whether a model runs for it.
    Arrive(Token, WireRequest, bool, Fate),
    Answer(Token, Response, Fate),
    /// Some bytes of a stream.
    Piece(Token, Vec<u8>),
    /// An event of a stream that is being read: its kind and its data.
    Item(Token, Vec<u8>, Vec<u8>),
    /// A stream that is open says what it has to say.
    Play(Token),
}

/// After this long without a byte a runtime gives a connection up, as Node does.
const PATIENCE_OF_A_RUNTIME: Millis = 300_000;

/// A stream that is open.
struct Playing {
    stream: WireStream,
    fate: Fate,
    /// How often it has spoken.
    turns: u32,
    /// What a proxy has collected of it.
    collected: Vec<u8>,
}

#[derive(Default)]
pub struct World {
    /// What happens before anything else does.
    soon: VecDeque<(Millis, Coming)>,
    coming: BinaryHeap<Reverse<(Millis, usize)>>,
    happenings: HashMap<usize, Coming>,
    count: usize,
    cancelled: HashSet<u32>,
    bodies: HashMap<u32, (Value, Fate)>,
    /// Bodies that are being read, by token.
    pub reading: HashMap<u32, Value>,
    streams: HashMap<u32, Playing>,
    /// Streams that are being read, and what their items are expected to be.
    readers: HashMap<u32, (SseParser, BodyKind)>,
    /// The body read last.
    pub value: Value,
    /// Requests with bytes of a file that are under way, by token.
    pub parts_out: HashSet<u32>,
    /// The receipts of parts that were accepted.
    pub receipts: BTreeMap<u32, Value>,
}

impl World {
    pub fn at(&mut self, time: Millis, coming: Coming) {
        self.count += 1;
        self.happenings.insert(self.count, coming);
        self.coming.push(Reverse((time, self.count)));
    }

    /// Happens before anything else does.
    pub fn soon(&mut self, now: Millis, coming: Coming) {
        self.soon.push_back((now, coming));
    }

    /// Happens before all of that.
    pub fn at_once(&mut self, now: Millis, coming: Coming) {
        self.soon.push_front((now, coming));
    }

    pub fn next(&mut self) -> Option<(Millis, Coming)> {
        if let Some(next) = self.soon.pop_front() {
            return Some(next);
        }
        let Reverse((time, index)) = self.coming.pop()?;
        Some((time, self.happenings.remove(&index)?))
    }

    /// Nothing is wanted from this any more.
    pub fn cancel(&mut self, token: Token) {
        self.parts_out.remove(&token.0);
        self.streams.remove(&token.0);
        self.cancelled.insert(token.0);
    }

    pub fn is_cancelled(&self, token: Token) -> bool {
        self.cancelled.contains(&token.0)
    }

    pub fn send(&mut self, token: Token, request: WireRequest, runs: bool, fate: Fate, there: Millis) {
        match fate {
            Fate::Refuse => self.at(there, Coming::Event(Event::Failed { token, kind: FailureKind::Unreachable })),
            Fate::DropBefore => {
                self.at(there, Coming::Event(Event::Failed { token, kind: FailureKind::ConnectionLost }))
            }
            Fate::Answer(status, retry_after) => {
                let event = self.gateway(token, status, retry_after);
                self.at(there, Coming::Event(event));
            }
            _ => self.at(there, Coming::Arrive(token, request, runs, fate)),
        }
        if fate == Fate::Silence {
            self.give_up(token, there);
        }
    }

    /// The runtime loses patience, unless something comes before.
    fn give_up(&mut self, token: Token, now: Millis) {
        let lost = Event::Failed { token, kind: FailureKind::ConnectionLost };
        self.at(now + PATIENCE_OF_A_RUNTIME, Coming::Event(lost));
    }

    /// An answer that is not fal's.
    fn gateway(&mut self, token: Token, status: u16, retry_after: Option<u64>) -> Event {
        self.bodies.insert(token.0, (Value::Null, Fate::Deliver));
        let retry_after = retry_after.map(|seconds| seconds * 1000);
        let head = Head { status, media: Media::Text, retry_after, retryable: None, user_timeout: false };
        Event::Answered { token, head }
    }

    /// What the answer of fal becomes on its way; none when nothing arrives.
    pub fn answered(&mut self, token: Token, response: &Response, fate: Fate) -> Option<Event> {
        match fate {
            Fate::Silence => return None,
            Fate::DropAfter => return Some(Event::Failed { token, kind: FailureKind::ConnectionLost }),
            Fate::Garble(status) => return Some(self.gateway(token, status, None)),
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
                let playing = Playing { stream: (**stream).clone(), fate, turns: 0, collected: Vec::new() };
                self.streams.insert(token.0, playing);
            }
            _ => {
                self.bodies.insert(token.0, (response.body_json(), fate));
            }
        }
        Some(Event::Answered { token, head })
    }

    /// A body is read as it comes.
    pub fn open(&mut self, token: Token, items: BodyKind, now: Millis) {
        if self.streams.contains_key(&token.0) {
            self.readers.insert(token.0, (SseParser::default(), items));
            return self.at(now, Coming::Play(token));
        }
        // No stream, but a body of another kind: its bytes go straight to the caller.
        self.at(now, Coming::Event(Event::Chunk { token }));
        self.at(now, Coming::Event(Event::Ended { token }));
    }

    /// Some bytes of a stream have arrived, with the items that they complete.
    pub fn parse(&mut self, token: Token, bytes: &[u8], now: Millis) {
        self.soon(now, Coming::Event(Event::Chunk { token }));
        let Some((parser, _)) = self.readers.get_mut(&token.0) else { return };
        let soon = &mut self.soon;
        let fed = parser.feed(bytes, |event| {
            soon.push_back((now, Coming::Item(token, event.kind.into(), event.data.into())));
        });
        assert!(fed.is_ok(), "nothing here is that large");
    }

    /// What an item of a stream is to the machine; a value when it is for the caller.
    pub fn item(&mut self, token: Token, kind: &[u8], data: &[u8]) -> Result<Event, Value> {
        let (_, items) = self.readers[&token.0];
        let value = serde_json::from_slice(data);
        let event = match (kind, data, value) {
            (_, b"[DONE]", _) => Event::Ended { token },
            (b"error", _, value) => {
                self.value = value.unwrap_or_default();
                Event::Explained { token }
            }
            (_, _, Err(_)) => Event::Failed { token, kind: FailureKind::AnswerInvalid },
            (_, _, Ok(value)) if items == BodyKind::Anything => return Err(value),
            (_, _, Ok(value)) => return Ok(self.body(token, value, items)),
        };
        self.streams.remove(&token.0);
        Ok(event)
    }

    /// What a stream has to say by now, in pieces, and when it will say more.
    pub fn play(&mut self, token: Token, now: Millis, fal: &mut Fal, cut: &mut dyn FnMut() -> usize) {
        let Some(mut playing) = self.streams.remove(&token.0) else { return };
        if playing.fate == Fate::TruncateAfter(playing.turns) {
            return self.at(now, Coming::Event(Event::Failed { token, kind: FailureKind::ConnectionLost }));
        }
        if playing.fate == Fate::StallAfter(playing.turns) || playing.fate == Fate::Stall {
            return;
        }
        let turn = fal.play(now, &mut playing.stream);
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
        let mut rest = said.as_slice();
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(cut().clamp(1, rest.len()));
            self.at(now, Coming::Piece(token, piece.into()));
            rest = more;
        }
        let next = match playing.fate {
            Fate::Truncate => {
                return self.at(now, Coming::Event(Event::Failed { token, kind: FailureKind::ConnectionLost }));
            }
            Fate::TruncateAfter(turns) if turns == playing.turns => Some(now + 10 * cut() as Millis),
            _ => turn.next,
        };
        if let Some(next) = next {
            self.at(next.max(now + 1), Coming::Play(token));
            self.streams.insert(token.0, playing);
        } else {
            self.at(now, Coming::Event(Event::Ended { token }));
        }
    }

    /// Reads a whole body.
    pub fn read(&mut self, token: Token, _: Media, kind: BodyKind, now: Millis) {
        let (body, fate) = self.bodies.remove(&token.0).unwrap_or((Value::Null, Fate::Truncate));
        let event = match fate {
            Fate::Truncate | Fate::TruncateAfter(_) => Event::Failed { token, kind: FailureKind::ConnectionLost },
            Fate::Stall | Fate::StallAfter(_) => return self.give_up(token, now),
            _ => self.body(token, body, kind),
        };
        self.at(now, Coming::Event(event));
    }

    /// What a body says, when it is what was expected.
    fn body(&mut self, token: Token, value: Value, kind: BodyKind) -> Event {
        let body = kind.read(texts::fields(&value, kind));
        let invalid = Event::Failed { token, kind: FailureKind::AnswerInvalid };
        let event = body.map_or(invalid, |body| Event::Read { token, body });
        self.reading.insert(token.0, value);
        event
    }
}
