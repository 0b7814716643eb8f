//! An operation under way, between its machine and the hands that do what it asks.

#[cfg(feature = "edge")]
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use crate::client::{
    Destination, Effect, Event, Expect, Failure, FailureKind, Machine, Notice, Output, Request, Spent, Token,
};
use crate::protocol::{Fields, Head, Media, Millis, RequestId};

#[wasm_bindgen]
extern "C" {
    /// What can be done outside: `hands` in `js/shared/drive.js`. None of it throws, and none of it calls back at once.
    pub type Hands;

    /// What the tries of this client have cost. It is kept outside, where a lost instance does not take it along.
    #[wasm_bindgen(method, getter)]
    fn spent(this: &Hands) -> f64;

    #[wasm_bindgen(method, setter)]
    fn set_spent(this: &Hands, spent: f64);

    /// Sends a request with a [`Payload`](crate::client::Payload). `to_fal` is false for the place of an upload, `part` 0
    /// for a whole file and for everything else; `model` is true when the answer is a model's own.
    #[wasm_bindgen(method)]
    fn send(this: &Hands, token: u32, url: &str, method: &str, payload: u8, part: u32, to_fal: bool, model: bool);

    /// Reads the body of the answer that came under this token, and from it the text fields of these names.
    #[wasm_bindgen(method)]
    fn read(this: &Hands, token: u32, expect: u8, decoding: Decoding, first: &str, second: &str);

    /// Reads that body as it comes: `raw`, it is the caller's and not looked into here.
    #[wasm_bindgen(method)]
    fn open(this: &Hands, token: u32, raw: bool);

    /// One event of that body: the caller's without names of fields, else to be answered like a body.
    #[wasm_bindgen(method)]
    fn item(this: &Hands, token: u32, expect: u8, decoding: Decoding, data: &[u8], first: &str, second: &str);

    #[wasm_bindgen(method)]
    fn rest(this: &Hands, token: u32, ms: f64);

    /// Stops what is under way under this token.
    #[wasm_bindgen(method)]
    fn forget(this: &Hands, token: u32);

    /// The request is in the queue.
    #[wasm_bindgen(method)]
    fn enqueued(this: &Hands, request: &str);

    /// The body read last is a queue status.
    #[wasm_bindgen(method)]
    fn status(this: &Hands);

    /// The body read last is the receipt of this part of the file.
    #[wasm_bindgen(method)]
    fn accepted(this: &Hands, part: u32);

    /// It ended well. `text` is the URL of a file, or the id of the request a result is of.
    #[wasm_bindgen(method)]
    fn done(this: &Hands, ending: Ending, text: &str);

    /// It ended badly, with a [`FailureKind`] and a [`Cancelled`](crate::client::Cancelled). `request` is empty when none is known, `retry_after`
    /// negative, `part` 0.
    #[wasm_bindgen(method)]
    fn fail(this: &Hands, kind: u8, attempts: u32, cancelled: u8, retry_after: f64, request: &str, part: u32);
}

/// How a body is decoded.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Decoding {
    /// Parsed as JSON.
    Json = 0,
    /// As a string.
    Text = 1,
    /// As an `ArrayBuffer`.
    Bytes = 2,
    /// As JSON when it is some, else as a string.
    Explanation = 3,
    /// As an object with the `etag` of the header, or of the JSON.
    Receipt = 4,
}

/// What an operation ends with.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub enum Ending {
    /// The body read last.
    Value = 0,
    /// `{ data, requestId }`, with the body read last as data.
    Result = 1,
    /// The URL of a file.
    File = 2,
    /// Nothing.
    Nothing = 3,
}

/// An operation under way.
#[wasm_bindgen]
pub struct Task {
    machine: Machine,
    hands: Hands,
    /// Where the requests that are out go: the only ones a credential may be attached to.
    #[cfg(feature = "edge")]
    out: Vec<(Token, Destination)>,
}

impl Task {
    /// Prepares an operation; nothing happens before it is told so.
    pub fn new(machine: Machine, hands: Hands) -> Self {
        Self {
            machine,
            hands,
            #[cfg(feature = "edge")]
            out: Vec::new(),
        }
    }

    /// Where a request goes that is out.
    #[cfg(feature = "edge")]
    pub fn destination(&self, token: u32) -> Option<&Destination> {
        self.out.iter().find(|(own, _)| own.0 == token).map(|(_, destination)| destination)
    }

    fn handle(&mut self, now: f64, event: Event) {
        *self.machine.spent() = Spent(self.hands.spent() as u64);
        let effects = self.machine.handle(now as Millis, event);
        self.hands.set_spent(self.machine.spent().0 as f64);
        for effect in effects {
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        let hands = &self.hands;
        match effect {
            Effect::Send(token, request) => match &request.destination {
                Destination::Upload(url) => {
                    let Request { method, payload, part, .. } = request;
                    hands.send(token.0, url.as_str(), method.as_str(), payload as u8, part, false, false);
                }
                Destination::Fal(route) => {
                    send(hands, token, &request, &route.url());
                    #[cfg(feature = "edge")]
                    self.out.push((token, request.destination));
                }
                #[cfg(feature = "edge")]
                Destination::Backup(route) => {
                    send(hands, token, &request, &route.url_at(route.host().backup().unwrap_or_default()));
                    self.out.push((token, request.destination));
                }
                #[cfg(feature = "edge")]
                Destination::Platform(target) => {
                    send(hands, token, &request, target.as_str());
                    self.out.push((token, request.destination));
                }
            },
            Effect::Read(token, media, expect) => {
                let decoding = match (expect, media) {
                    (Expect::Explanation, _) => Decoding::Explanation,
                    (Expect::Receipt, _) => Decoding::Receipt,
                    (_, Media::Json) => Decoding::Json,
                    (_, Media::Text | Media::Events) => Decoding::Text,
                    (_, Media::Bytes) => Decoding::Bytes,
                };
                let [first, second] = expect.fields();
                hands.read(token.0, expect as u8, decoding, first, second);
            }
            Effect::Open(token, media) => hands.open(token.0, media != Media::Events),
            Effect::Item(token, data, expect) => {
                let decoding = if expect == Expect::Explanation { Decoding::Explanation } else { Decoding::Json };
                let [first, second] = expect.fields();
                hands.item(token.0, expect as u8, decoding, &data, first, second);
            }
            Effect::Rest(token, duration) => hands.rest(token.0, duration as f64),
            Effect::Forget(token) => {
                hands.forget(token.0);
                self.back(token);
            }
            Effect::Tell(Notice::Enqueued(request)) => hands.enqueued(request.as_str()),
            Effect::Tell(Notice::Status) => hands.status(),
            Effect::Tell(Notice::Accepted(part)) => hands.accepted(part),
            Effect::Done(Ok(output)) => done(hands, &output),
            Effect::Done(Err(failure)) => fail(hands, &failure),
        }
    }

    /// A request is no longer out, and its body no longer read.
    fn back(&mut self, _token: Token) {
        #[cfg(feature = "edge")]
        self.out.retain(|(own, _)| *own != _token);
    }
}

/// Sends a request to fal.
fn send(hands: &Hands, token: Token, request: &Request, url: &str) {
    let model = matches!(request.expect, Expect::Anything | Expect::Stream);
    hands.send(token.0, url, request.method.as_str(), request.payload as u8, 0, true, model);
}

fn done(hands: &Hands, output: &Output) {
    match output {
        Output::Value => hands.done(Ending::Value, ""),
        Output::Result(request) => hands.done(Ending::Result, request.as_ref().map_or("", RequestId::as_str)),
        Output::File(url) => hands.done(Ending::File, url),
        Output::Nothing => hands.done(Ending::Nothing, ""),
    }
}

fn fail(hands: &Hands, failure: &Failure) {
    let request = failure.request.as_ref().map_or("", RequestId::as_str);
    let retry_after = failure.retry_after.map_or(-1.0, |wait| wait as f64);
    hands.fail(failure.kind as u8, failure.attempts, failure.cancelled as u8, retry_after, request, failure.part);
}

/// Every event comes with the time it happened at, in milliseconds since some moment.
#[wasm_bindgen]
impl Task {
    /// Status and headers have arrived. `retry_after` is in milliseconds from now, negative when there is none;
    /// `retryable` is what fal says about trying again: 1 yes, 0 no, -1 nothing.
    pub fn answered(
        &mut self,
        now: f64,
        token: u32,
        status: u16,
        content_type: Option<alloc::string::String>,
        retry_after: f64,
        retryable: i32,
        user_timeout: bool,
    ) {
        let head = Head {
            status,
            media: Media::of(content_type.as_deref()),
            retry_after: (retry_after >= 0.0).then_some(retry_after as u64),
            retryable: (retryable >= 0).then_some(retryable > 0),
            user_timeout,
        };
        self.back(Token(token));
        self.handle(now, Event::Answered(Token(token), head));
    }

    /// A body that was expected to be this has arrived; these are the fields that were asked for, where they are texts.
    pub fn read(
        &mut self,
        now: f64,
        token: u32,
        expect: u8,
        first: Option<alloc::string::String>,
        second: Option<alloc::string::String>,
    ) {
        let own = Token(token);
        let facts = Expect::from_code(expect).read(Fields { first: first.as_deref(), second: second.as_deref() });
        let event = facts.map_or(Event::Failed(own, FailureKind::AnswerInvalid), |facts| Event::Read(own, facts));
        self.handle(now, event);
    }

    /// Bytes of a body that is read as it comes; none when they went straight to the caller.
    pub fn chunk(&mut self, now: f64, token: u32, bytes: alloc::vec::Vec<u8>) {
        self.handle(now, Event::Chunk(Token(token), bytes));
    }

    /// Anything else that happened, by the numbers in `js/shared/codes.js`.
    pub fn tell(&mut self, now: f64, what: u8, token: u32, value: u8) {
        let token = Token(token);
        let event = match what {
            0 => Event::Started,
            1 => Event::Ended(token),
            2 => Event::Paused(token),
            3 => Event::Resumed(token),
            4 => Event::Failed(token, FailureKind::from_code(value)),
            5 => Event::Woke(token),
            _ => Event::Aborted,
        };
        if matches!(event, Event::Failed(..)) {
            self.back(token);
        }
        self.handle(now, event);
    }
}
