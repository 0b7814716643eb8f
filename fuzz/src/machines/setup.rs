//! Which operation is driven, and what its caller wants.

use fal_wasm::client::{
    BodyKind, Call, CallOptions, FollowMode, Goal, Idempotency, Machine, Request, RetryPolicy, Start, StatusSet,
    Stream, Subscribe, SubscribeOptions, Upload, UploadOptions,
};
use fal_wasm::platform::{Media, Operation, Target};
use fal_wasm::protocol::TokenContract;

use super::super::bytes::Bytes;
use super::texts::{REQUEST_ID, Texts};

pub const STATUSES: [u16; 12] = [200, 200, 200, 202, 307, 0, 401, 404, 422, 429, 500, 503];

fn policy(data: &mut Bytes<'_>) -> RetryPolicy {
    if data.flag() {
        return RetryPolicy::default();
    }
    RetryPolicy {
        max_retries: data.pick(&[Some(0), Some(1), Some(3), Some(u32::MAX)]),
        base_delay: data.number(),
        max_delay: data.number(),
        multiplier: data.pick(&[0.0, 1.0, 2.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX]),
        jitter: data.flag(),
        budget: data.number() % 1_000,
        statuses: Some(StatusSet::of(&STATUSES)),
        backup_hosts: data.flag(),
    }
}

/// An operation, and the texts that are known before it begins.
pub fn operation(data: &mut Bytes<'_>, seed: u64) -> (Machine, Texts) {
    let (policy, kind) = (policy(data), data.byte() % 13);
    let timeout = data.maybe(Bytes::number);
    let mut texts = Texts::default();
    texts.request_id.push_str(REQUEST_ID);
    let options = CallOptions { timeout, ..CallOptions::from(policy) };
    let call = |request| Machine::new(Call::new(request), options, seed);
    let stream = |request| Machine::new(Stream::new(request, timeout), policy, seed);
    let machine = match kind {
        0 => call(Request::Run),
        1 => call(Request::Submit),
        2 => call(Request::Status { logs: true }),
        3 => call(Request::Result),
        4 => call(Request::Cancel),
        5 => call(Request::Token(TokenContract::Newer)),
        6 => stream(Request::Stream),
        7 => stream(Request::Follow { logs: true }),
        8 | 9 => {
            let (bytes, once) = (data.number(), data.flag());
            let upload = UploadOptions::new(bytes.min(200 << 20), once).expect("it is not too large");
            Machine::new(Upload::new(upload), options, seed)
        }
        10 => {
            let operation = Operation::all().nth(usize::from(data.byte()) % Operation::all().count());
            let operation = operation.expect("there are that many");
            let target = Target::of(&operation, |_| Some("x".into())).expect("every parameter is there");
            texts.target = target.as_str().into();
            let request = platform(&operation, data.flag());
            if request.body() == BodyKind::Stream { stream(request) } else { call(request) }
        }
        _ => {
            let start = if data.flag() { Start::Submit } else { Start::Resume };
            if start == Start::Submit {
                texts.request_id.clear();
            }
            let subscribe = SubscribeOptions {
                start,
                goal: data.pick(&[Goal::Result, Goal::Status]),
                mode: data.pick(&[FollowMode::Streaming, FollowMode::Polling]),
                logs: data.flag(),
                poll_interval: data.number(),
                cancel_on_timeout: data.flag(),
                cancel_on_abort: data.flag(),
            };
            Machine::new(Subscribe::new(subscribe), options, seed)
        }
    };
    (machine, texts)
}

/// The request of an operation of the Platform APIs.
fn platform(operation: &Operation, keyed: bool) -> Request {
    let gives = match operation.gives {
        Media::None => BodyKind::Nothing,
        Media::Events => BodyKind::Stream,
        _ => BodyKind::Anything,
    };
    let repeatable = operation.is_repeatable(keyed);
    let idempotency = if repeatable { Idempotency::Safe } else { Idempotency::Unsafe };
    Request::Platform { takes: operation.takes != Media::None, gives, idempotency }
}
