//! An operation under way, between its machine and the hands that do what it asks.

#[cfg(feature = "edge")]
use alloc::vec::Vec;

use wasm_bindgen::prelude::*;

use super::hands::{Act, Decoding, Ending, Hands, MODELS, TO_FAL};
use super::realtime;
use super::refusal::lines;
use fal_wasm::client::realtime::Realtime;
use fal_wasm::client::{
    Destination, Effect, Event, Expect, Failure, FailureKind, Machine, Notice, Output, Request, Spent, Token,
};
use fal_wasm::protocol::{Fields, Head, Media, Millis, RequestId};

/// An operation under way, or a realtime connection.
#[wasm_bindgen]
pub struct Task {
    life: Life,
    /// Where the requests that are out go: the only ones a credential may be attached to.
    #[cfg(feature = "edge")]
    out: Vec<(Token, Destination)>,
}

enum Life {
    Operation(Machine),
    Realtime(Realtime),
}

impl From<Machine> for Task {
    fn from(machine: Machine) -> Self {
        Self::new(Life::Operation(machine))
    }
}

impl From<Realtime> for Task {
    fn from(machine: Realtime) -> Self {
        Self::new(Life::Realtime(machine))
    }
}

/// What goes along with the status of an answer, by its place among the numbers.
#[derive(Clone, Copy)]
pub enum Answer {
    /// How long the server asks to wait, in milliseconds from now; negative when it does not.
    RetryAfter = 0,
    /// What fal says about trying again: 1 yes, 0 no, -1 nothing.
    Retryable,
    /// Whether it was the caller's own limit on starting that ran out.
    UserTimeout,
}

#[wasm_bindgen]
impl Task {
    /// Tells what happened, by the numbers in `js/core/codes.ts`. `now` is in milliseconds since some moment.
    pub fn tell(&mut self, hands: &Hands, now: f64, what: u8, token: u32, value: f64, text: &str) {
        let now = now as Millis;
        if let Life::Realtime(machine) = &mut self.life {
            return realtime::tell(machine, hands, now, what, token, value);
        }
        let event = event(hands, what, Token(token), value, text);
        #[cfg(feature = "edge")]
        if matches!(event, Event::Answered(..) | Event::Failed(..)) {
            self.back(token);
        }
        self.handle(hands, now, event);
    }

    /// Bytes of a body that is read as it comes; none when they went straight to the caller.
    pub fn chunk(&mut self, hands: &Hands, now: f64, token: u32, bytes: alloc::vec::Vec<u8>) {
        self.handle(hands, now as Millis, Event::Chunk(Token(token), bytes));
    }
}

fn event(hands: &Hands, what: u8, token: Token, value: f64, text: &str) -> Event {
    match what {
        0 => Event::Started,
        1 => Event::Ended(token),
        2 => Event::Paused(token),
        3 => Event::Resumed(token),
        4 => Event::Failed(token, FailureKind::from_code(value as u8)),
        5 => Event::Woke(token),
        6 => Event::Answered(token, head(hands, value as u16, text)),
        7 => {
            let [first, second] = lines(text);
            let given = |text: &&str| !text.is_empty();
            let facts = Expect::from_code(value as u8)
                .read(Fields { first: Some(first).filter(given), second: Some(second).filter(given) });
            facts.map_or(Event::Failed(token, FailureKind::AnswerInvalid), |facts| Event::Read(token, facts))
        }
        _ => Event::Aborted,
    }
}

fn head(hands: &Hands, status: u16, content_type: &str) -> Head {
    let number = |place: Answer| hands.number(place as u32);
    let (retry_after, retryable) = (number(Answer::RetryAfter), number(Answer::Retryable));
    Head {
        status,
        media: Media::of(Some(content_type)),
        retry_after: (retry_after >= 0.0).then_some(retry_after as Millis),
        retryable: (retryable >= 0.0).then_some(retryable > 0.0),
        user_timeout: number(Answer::UserTimeout) > 0.0,
    }
}

impl Task {
    fn new(life: Life) -> Self {
        Self {
            life,
            #[cfg(feature = "edge")]
            out: Vec::new(),
        }
    }

    /// Where a request goes that is out.
    #[cfg(feature = "edge")]
    pub fn destination(&self, token: u32) -> Option<&Destination> {
        self.out.iter().find(|(own, _)| own.0 == token).map(|(_, destination)| destination)
    }

    fn handle(&mut self, hands: &Hands, now: Millis, event: Event) {
        let Life::Operation(machine) = &mut self.life else { return };
        *machine.spent() = Spent(hands.spent() as u64);
        let effects = machine.handle(now, event);
        hands.set_spent(machine.spent().0 as f64);
        for effect in effects {
            self.perform(hands, effect);
        }
    }

    /// A request is no longer out, and its body no longer read.
    #[cfg(feature = "edge")]
    fn back(&mut self, token: u32) {
        self.out.retain(|(own, _)| own.0 != token);
    }

    fn perform(&mut self, hands: &Hands, effect: Effect) {
        match effect {
            Effect::Send(token, request) => {
                send(hands, token, &request);
                #[cfg(feature = "edge")]
                if !matches!(request.destination, Destination::Upload(_)) {
                    self.out.push((token, request.destination));
                }
            }
            Effect::Read(token, media, expect) => {
                let decoding = match (expect, media) {
                    (Expect::Explanation, _) => Decoding::Explanation,
                    (Expect::Receipt, _) => Decoding::Receipt,
                    (_, Media::Json) => Decoding::Json,
                    (_, Media::Text | Media::Events) => Decoding::Text,
                    (_, Media::Bytes) => Decoding::Bytes,
                };
                read(hands, Act::Read, token, expect, decoding, &[]);
            }
            Effect::Open(token, media) => hands.act(Act::Open, token.0, u32::from(media != Media::Events), ""),
            Effect::Item(token, data, expect) => {
                let decoding = if expect == Expect::Explanation { Decoding::Explanation } else { Decoding::Json };
                read(hands, Act::Item, token, expect, decoding, &data);
            }
            Effect::Rest(token, duration) => hands.act_with(Act::Rest, token.0, 0, 0, duration as f64, &[]),
            Effect::Forget(token) => {
                hands.act(Act::Forget, token.0, 0, "");
                #[cfg(feature = "edge")]
                self.back(token.0);
            }
            Effect::Tell(Notice::Enqueued(request)) => hands.act(Act::Enqueued, 0, 0, request.as_str()),
            Effect::Tell(Notice::Status) => hands.act(Act::Status, 0, 0, ""),
            Effect::Tell(Notice::Accepted(part)) => hands.act(Act::Accepted, 0, part, ""),
            Effect::Done(Ok(output)) => done(hands, &output),
            Effect::Done(Err(failure)) => fail(hands, &failure),
        }
    }
}

fn send(hands: &Hands, token: Token, request: &Request) {
    let to_fal = !matches!(request.destination, Destination::Upload(_));
    let model = matches!(request.expect, Expect::Anything | Expect::Stream);
    let url = request.destination.url();
    let mut text = alloc::string::String::from(request.method.as_str());
    text.push(' ');
    text.push_str(&url);
    let what = u32::from(request.payload as u8) + TO_FAL * u32::from(to_fal) + MODELS * u32::from(to_fal && model);
    hands.act_with(Act::Send, token.0, what, request.part, 0.0, text.as_bytes());
}

fn read(hands: &Hands, act: Act, token: Token, expect: Expect, decoding: Decoding, data: &[u8]) {
    let fields = expect.fields();
    if !fields.is_empty() {
        hands.act(Act::Fields, 0, 0, fields);
    }
    hands.act_with(act, token.0, u32::from(expect as u8), u32::from(decoding as u8), 0.0, data);
}

fn done(hands: &Hands, output: &Output) {
    let (ending, text) = match output {
        Output::Value => (Ending::Value, ""),
        Output::Result(request) => (Ending::Result, request.as_ref().map_or("", RequestId::as_str)),
        Output::File(url) => (Ending::File, url.as_str()),
        Output::Nothing => (Ending::Nothing, ""),
    };
    hands.act(Act::Done, 0, u32::from(ending as u8), text);
}

fn fail(hands: &Hands, failure: &Failure) {
    let request = failure.request.as_ref().map_or("", RequestId::as_str);
    let retry_after = failure.retry_after.map_or(-1.0, |wait| wait as f64);
    let what = u32::from(failure.kind as u8) + 256 * u32::from(failure.cancelled as u8);
    hands.act_with(Act::Fail, failure.attempts, what, failure.part, retry_after, request.as_bytes());
}
