//! Operations under way: opened from their options, told what happens, asked for what to do.

#[cfg(feature = "edge")]
use fal_wasm::client::Idempotency;
use fal_wasm::client::realtime::{self, ConnectionOptions, Realtime};
use fal_wasm::client::{
    BodyKind, Call, Effect, Event, Machine, Operation, Request, Sink, Stream, Subscribe, Token, Upload, UploadOptions,
};
use fal_wasm::protocol::{Head, Media, TokenContract};
use fal_wasm::wire::{self, OperationKind, Options, ROW_WORDS};
use wasm_bindgen::prelude::*;

use crate::memory::{State, options, state, usual_options, words};

/// Sets an option of the operation that is opened next, by its place among the names of all.
#[wasm_bindgen(js_name = setOption)]
pub fn set_option(place: u32, value: f64) {
    options(|options| options.set(place, value));
}

/// Opens the operation of this kind with the options that were set; false when there is none with them (a file that is
/// too large).
#[wasm_bindgen]
pub fn open(kind: u32) -> bool {
    options(|options| {
        let kind = OperationKind::with_number(kind as i32);
        let is_open = kind.is_some_and(|kind| state(|state| opened(kind, options, state)));
        usual_options(|usual| *options = *usual);
        is_open
    })
}

fn opened(kind: OperationKind, options: &mut Options, state: &mut State) -> bool {
    let Options { seed, subscribe, idle, .. } = *options;
    let logs = subscribe.logs;
    let request = match kind {
        OperationKind::Run => Request::Run,
        OperationKind::Submit => Request::Submit,
        OperationKind::Status => Request::Status { logs },
        OperationKind::Cancel => Request::Cancel,
        OperationKind::Stream => Request::Stream,
        OperationKind::StreamStatus => Request::Follow { logs },
        OperationKind::IssueToken if options.newer => Request::Token(TokenContract::Newer),
        OperationKind::IssueToken => Request::Token(TokenContract::Older),
        OperationKind::Platform => platform(options),
        _ => Request::Result,
    };
    let operation: Operation = match kind {
        OperationKind::Connect => {
            let silence = idle.unwrap_or(options.connection.silence);
            let connection = ConnectionOptions { policy: options.call.retry, silence, ..options.connection };
            *state = State::Connection(Realtime::new(connection, seed));
            return true;
        }
        OperationKind::Subscribe => Subscribe::new(subscribe).into(),
        OperationKind::Upload => {
            let Some(file) = UploadOptions::new(options.size, options.once) else { return false };
            Upload::new(file).into()
        }
        _ if request.body() == BodyKind::Stream => {
            // A stream goes on for as long as something comes.
            options.call.timeout = None;
            Stream::new(request, idle).into()
        }
        _ => Call::new(request).into(),
    };
    *state = State::Operation(Machine::new(operation, options.call, seed));
    true
}

/// A call of the Platform APIs, which no browser makes.
#[cfg(feature = "edge")]
fn platform(options: &Options) -> Request {
    let idempotency = if options.call.idempotent { Idempotency::Safe } else { Idempotency::Unsafe };
    Request::Platform { takes: options.takes, gives: options.gives, idempotency }
}

#[cfg(not(feature = "edge"))]
fn platform(_: &Options) -> Request {
    Request::Result
}

/// Tells the operation what happened (an `EventKind`) to what is under way under this token, and what else there is to say
/// of it; returns how many effects there are. They are among the numbers then, each as many as [`ROW_WORDS`], after what
/// the retries of the client have cost, which is the first number both before and after.
#[wasm_bindgen]
pub fn handle(event: u32, token: u32, value: u32, now: f64) -> u32 {
    wire::event(event, Token(token), value).map_or(0, |event| handled(event, now))
}

/// Tells the operation of an answer: its status, what its body is (a `Media`), how long it asks to wait (in milliseconds;
/// -1 when it does not), whether it says that trying again helps (-1 when it does not say), and whether the caller's own
/// time to start ran out.
#[wasm_bindgen]
pub fn answered(
    token: u32,
    status: u32,
    media: u32,
    retry_after: f64,
    retryable: i32,
    user_timeout: bool,
    now: f64,
) -> u32 {
    let head = Head {
        status: status as u16,
        media: Media::with_number(media as i32).unwrap_or(Media::Bytes),
        retry_after: (retry_after >= 0.0).then_some(retry_after as u64),
        retryable: (retryable >= 0).then_some(retryable > 0),
        user_timeout,
    };
    handled(Event::Answered { token: Token(token), head }, now)
}

fn handled(event: Event, now: f64) -> u32 {
    words(|[spent, words @ ..]| {
        let mut rows = Rows { words, count: 0 };
        state(|state| {
            let State::Operation(machine) = state else { return };
            machine.budget().spent = *spent as u64;
            machine.handle(now as u64, event, &mut rows);
            *spent = machine.budget().spent as f64;
        });
        rows.count
    })
}

/// The same for a realtime connection (a `RealtimeEventKind`); `buffered` is how many bytes the open socket holds back.
#[wasm_bindgen(js_name = handleRealtime)]
pub fn handle_realtime(event: u32, token: u32, value: u32, now: f64, buffered: f64) -> u32 {
    let Some(event) = wire::realtime_event(event, Token(token), value) else { return 0 };
    words(|[_, words @ ..]| {
        let mut rows = Rows { words, count: 0 };
        state(|state| {
            let State::Connection(connection) = state else { return };
            connection.handle(now as u64, buffered as u32, event, &mut rows);
        });
        rows.count
    })
}

/// Writes effects among the numbers.
struct Rows<'a> {
    words: &'a mut [f64],
    count: u32,
}

impl Rows<'_> {
    fn next(&mut self) -> Option<&mut [f64; ROW_WORDS]> {
        let start = self.count as usize * ROW_WORDS;
        self.count += 1;
        self.words.get_mut(start..)?.first_chunk_mut()
    }
}

macro_rules! written {
    ($effect:ty, $row:path) => {
        impl Sink<$effect> for Rows<'_> {
            fn clear(&mut self) {
                self.count = 0;
            }

            #[inline(always)]
            fn push(&mut self, effect: $effect) {
                if let Some(row) = self.next() {
                    $row(effect, row);
                }
            }
        }
    };
}
written!(Effect, wire::effect_row);
written!(realtime::Effect, wire::realtime_effect_row);
