//! Operations under way: opened from their options, told what happens, asked for what to do.

#[cfg(feature = "edge")]
use fal_wasm::client::BodyKind;
use fal_wasm::client::realtime::{ConnectionOptions, OutboxPolicy, Realtime};
use fal_wasm::client::{
    Call, Effects, FollowMode, Goal, Idempotency, Machine, Request, RetryPolicy, Start, StatusSet, Stream, Subscribe,
    SubscribeOptions, Upload, UploadOptions,
};
use fal_wasm::protocol::TokenContract;
use fal_wasm::wire::{self, OperationKind, Options, Word};
use wasm_bindgen::prelude::*;

use crate::memory::{State, state, words};

/// Opens the operation of this kind with the options among the numbers; false when there is none with them (a file that
/// is too large).
#[wasm_bindgen]
pub fn open(kind: u32) -> bool {
    let options = words(|words| Options::read(|place| words.get(place).copied().unwrap_or(f64::NAN)));
    let opened = OperationKind::from_word(kind.into()).and_then(|kind| opened(kind, &options));
    let is_open = opened.is_some();
    state(|state| *state = opened.unwrap_or(State::Empty));
    is_open
}

fn opened(kind: OperationKind, options: &Options) -> Option<State> {
    let idempotent = options.idempotent == Some(true);
    let call = |request: Request, policy: RetryPolicy| {
        let call = Call::new(request, over(policy, options), options.timeout);
        Machine::new(if idempotent { call.idempotent() } else { call }, seed(options))
    };
    let stream = |request: Request, policy: RetryPolicy| {
        let stream = Stream::new(request, over(policy, options), options.idle);
        Machine::new(if idempotent { stream.idempotent() } else { stream }, seed(options))
    };
    let logs = options.logs == Some(true);
    let usual = RetryPolicy::default();
    Some(State::Operation(match kind {
        OperationKind::Run => call(Request::Run, usual),
        OperationKind::Submit => call(Request::Submit, usual),
        OperationKind::Status => call(Request::Status { logs }, RetryPolicy::for_status()),
        OperationKind::Result => call(Request::Result, usual),
        OperationKind::Cancel => call(Request::Cancel, usual),
        OperationKind::Stream => stream(Request::Stream, usual),
        OperationKind::StreamStatus => stream(Request::Follow { logs }, RetryPolicy::for_status()),
        OperationKind::Subscribe => Machine::new(Subscribe::new(subscribe(options)), seed(options)),
        OperationKind::Upload => {
            let upload = UploadOptions::new(options.size?, options.once == Some(true))?;
            let policy = over(upload.policy, options);
            Machine::new(Upload::new(UploadOptions { policy, timeout: options.timeout, ..upload }), seed(options))
        }
        OperationKind::IssueToken => {
            let newer = options.newer == Some(true);
            call(Request::Token(if newer { TokenContract::Newer } else { TokenContract::Older }), usual)
        }
        OperationKind::Platform => platform(options, call, stream),
        OperationKind::Connect => return Some(State::Connection(Realtime::new(connect(options), seed(options)))),
    }))
}

/// A call of the Platform APIs, which no browser makes.
#[cfg(feature = "edge")]
fn platform(
    options: &Options,
    call: impl Fn(Request, RetryPolicy) -> Machine,
    stream: impl Fn(Request, RetryPolicy) -> Machine,
) -> Machine {
    let idempotency = if options.idempotent == Some(true) { Idempotency::Safe } else { Idempotency::Unsafe };
    let gives = options.gives.unwrap_or(BodyKind::Nothing);
    let request = Request::Platform { takes: options.takes == Some(true), gives, idempotency };
    let usual = RetryPolicy::default();
    if gives == BodyKind::Stream { stream(request, usual) } else { call(request, usual) }
}

#[cfg(not(feature = "edge"))]
fn platform(
    _: &Options,
    call: impl Fn(Request, RetryPolicy) -> Machine,
    _: impl Fn(Request, RetryPolicy) -> Machine,
) -> Machine {
    call(Request::Result, RetryPolicy::default())
}

fn seed(options: &Options) -> u64 {
    options.seed.unwrap_or_default().to_bits()
}

fn subscribe(options: &Options) -> SubscribeOptions {
    let usual = SubscribeOptions::default();
    SubscribeOptions {
        start: if options.resumes == Some(true) { Start::Resume } else { Start::Submit },
        goal: if options.fetches == Some(true) { Goal::Result } else { Goal::Status },
        mode: if options.polls == Some(true) { FollowMode::Polling } else { FollowMode::Streaming },
        logs: options.logs.unwrap_or(usual.logs),
        poll_interval: options.poll_interval.unwrap_or(usual.poll_interval),
        timeout: options.timeout,
        cancel_on_timeout: options.cancel_on_timeout.unwrap_or(usual.cancel_on_timeout),
        cancel_on_abort: options.cancel_on_abort.unwrap_or(usual.cancel_on_abort),
        idempotency: if options.idempotent == Some(true) { Idempotency::Safe } else { usual.idempotency },
        policy: over(usual.policy, options),
        status_policy: over(usual.status_policy, options),
    }
}

fn connect(options: &Options) -> ConnectionOptions {
    ConnectionOptions {
        needs_token: options.needs_token == Some(true),
        outbox: match options.messages.unwrap_or_default() {
            0 => OutboxPolicy::Latest,
            messages => OutboxPolicy::Queue { messages, bytes: options.bytes.unwrap_or_default() },
        },
        throttle: options.throttle.unwrap_or_default(),
        policy: over(RetryPolicy::for_realtime(), options),
        silence: options.idle.unwrap_or(ConnectionOptions::default().silence),
    }
}

/// The caller's numbers over those that are usual.
fn over(usual: RetryPolicy, options: &Options) -> RetryPolicy {
    RetryPolicy {
        max_retries: options.max_retries.unwrap_or(usual.max_retries),
        base_delay: options.base_delay.unwrap_or(usual.base_delay),
        max_delay: options.max_delay.unwrap_or(usual.max_delay),
        multiplier: options.multiplier.unwrap_or(usual.multiplier),
        jitter: options.jitter.unwrap_or(usual.jitter),
        budget: options.budget.unwrap_or(usual.budget),
        statuses: statuses(options).unwrap_or(usual.statuses),
        backup_hosts: options.backup_hosts.unwrap_or(usual.backup_hosts),
    }
}

/// The statuses after which the caller wants another try: they follow the options.
fn statuses(options: &Options) -> Option<StatusSet> {
    let count = options.statuses.filter(|count| *count > 0)?;
    words(|words| {
        let mut set = StatusSet::default();
        for status in words.iter().skip(Options::COUNT).take(count as usize) {
            set = set.with(*status as u16);
        }
        Some(set)
    })
}

/// Tells the operation what happened, by the row of an event among the numbers; returns how many effects there are. They
/// are among the numbers then, each as many as [`wire::ROW_WORDS`], after what the retries of the client have cost.
#[wasm_bindgen]
pub fn handle(event: u32, now: f64, spent: f64) -> u32 {
    let row = words(|words| wire::event_row(event, |place| words.get(place).copied().unwrap_or(f64::NAN)));
    let Some(event) = row else { return 0 };
    let mut effects = Effects::default();
    state(|state| {
        let State::Operation(machine) = state else { return };
        machine.budget().spent = spent as u64;
        machine.handle(now as u64, event, &mut effects);
        words(|words| {
            let mut place = words.iter_mut();
            if let Some(word) = place.next() {
                *word = machine.budget().spent as f64;
            }
        });
    });
    for (count, effect) in effects.iter().enumerate() {
        write(count, |out| wire::effect_row(effect, out));
    }
    effects.len() as u32
}

/// The same for a realtime connection; `buffered` is how many bytes the open socket holds back.
#[wasm_bindgen(js_name = handleRealtime)]
pub fn handle_realtime(event: u32, now: f64, buffered: f64) -> u32 {
    let row = words(|words| wire::realtime_event_row(event, |place| words.get(place).copied().unwrap_or(f64::NAN)));
    let Some(event) = row else { return 0 };
    let effects = state(|state| match state {
        State::Connection(connection) => connection.handle(now as u64, buffered as u32, event),
        _ => Default::default(),
    });
    for (count, effect) in effects.iter().enumerate() {
        write(count, |out| wire::realtime_effect_row(effect, out));
    }
    effects.len() as u32
}

/// Writes the row at this place among the effects.
fn write(count: usize, row: impl FnOnce(&mut dyn FnMut(f64))) {
    words(|words| {
        let mut places = words.iter_mut().skip(1 + count * wire::ROW_WORDS).take(wire::ROW_WORDS);
        row(&mut |word| {
            if let Some(place) = places.next() {
                *place = word;
            }
        });
    });
}
