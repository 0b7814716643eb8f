//! Whole operations, driven by whatever may happen: none panics, none hangs, none does more than it was told, and none
//! runs a model twice.

use std::collections::{BTreeMap, VecDeque};

use fal_wasm::client::{
    Call, Class, Destination, Effect, Event, Expect, FailureKind, Goal, Machine, Mode, Request, RetryPolicy, Start,
    Stream, Subscribe, SubscribePlan, Token, Upload, UploadPlan,
};
use fal_wasm::platform::{Operation, Target};
use fal_wasm::protocol::{EndpointId, Fields, Head, Media, Method, RequestId, Submission, TokenContract};

use super::bytes::Bytes;

/// Effects of one event, but for those of a chunk: what is under way is stopped, and a few things begin.
const MAX_EFFECTS: usize = 24;
/// Steps after which an operation that is left alone with a dead network has to be over.
const MAX_STEPS: usize = 20_000;

const TEXTS: [&str; 8] = [
    "764cabcf-b745-4b3e-ae38-1200304cf45b",
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
const STATUSES: [u16; 12] = [200, 200, 200, 202, 307, 0, 401, 404, 422, 429, 500, 503];

/// What an operation waits for under a token.
#[derive(Clone, Copy, PartialEq)]
enum Awaited {
    /// An answer, and whether asking for it twice would do harm.
    Answer(Class),
    Body(Expect),
    Chunks,
    Rest(u64),
}

struct Life {
    machine: Machine,
    now: u64,
    out: BTreeMap<u32, Awaited>,
    /// Events of bodies that are to be read, in order.
    items: VecDeque<(Token, Expect)>,
    /// A request that must not be sent again is out, or may have been executed.
    spoken: bool,
    over: bool,
}

/// A plan, then what happens.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let seed = data.number();
    let machine = plan(&mut data, seed);
    let mut life = Life { machine, now: 0, out: BTreeMap::new(), items: VecDeque::new(), spoken: false, over: false };
    life.tell(Event::Started);
    while !life.over && !data.is_empty() {
        life.now = life.now.saturating_add(data.number());
        life.happens(&mut data);
    }
    for _ in 0..MAX_STEPS {
        if life.over {
            return;
        }
        life.fades();
    }
    panic!("it goes on for ever");
}

fn policy(data: &mut Bytes<'_>) -> RetryPolicy {
    if data.flag() {
        return RetryPolicy::default();
    }
    RetryPolicy {
        max_retries: data.pick(&[0, 1, 3, u32::MAX]),
        base_delay: data.number(),
        max_delay: data.number(),
        multiplier: data.pick(&[0.0, 1.0, 2.0, -1.0, f64::NAN, f64::INFINITY, f64::MAX]),
        jitter: data.flag(),
        budget: data.number() % 1_000,
        statuses: Vec::from(STATUSES),
        backup_hosts: data.flag(),
    }
}

fn plan(data: &mut Bytes<'_>, seed: u64) -> Machine {
    let endpoint = || EndpointId::parse("fal-ai/flux/dev").expect("this is one");
    let id = || RequestId::parse(TEXTS[0]).expect("this is one");
    let app = endpoint().app();
    let (policy, kind) = (policy(data), data.byte() % 13);
    let timeout = data.maybe(Bytes::number);
    let call = |request| Machine::new(Call::new(request, policy.clone(), timeout), seed);
    match kind {
        0 => call(Request::run(endpoint(), Method::Post)),
        1 => call(Request::submit(endpoint(), Method::Post, Submission::default())),
        2 => call(Request::status(app, id(), true)),
        3 => call(Request::result(app, id())),
        4 => call(Request::cancel(app, id())),
        5 => call(Request::token(TokenContract::Newer)),
        6 => Machine::new(Stream::new(Request::stream(endpoint(), Method::Post), policy, timeout), seed),
        7 => Machine::new(Stream::new(Request::follow(app, id(), true), policy, timeout), seed),
        8 | 9 => {
            let (bytes, once) = (data.number(), data.flag());
            let plan = UploadPlan::new(bytes.min(200 << 20), once, policy).expect("it is not too large");
            Machine::new(Upload::new(UploadPlan { timeout, ..plan }), seed)
        }
        10 => {
            let operation = Operation::all().nth(usize::from(data.byte()) % Operation::all().count());
            let operation = operation.expect("there are that many");
            let target = Target::of(&operation, |_| Some("x".into())).expect("every parameter is there");
            let request = Request::platform(&operation, target, data.flag());
            let stream = request.expect == Expect::Stream;
            if stream { Machine::new(Stream::new(request, policy, timeout), seed) } else { call(request) }
        }
        _ => Machine::new(
            Subscribe::new(SubscribePlan {
                start: if data.flag() {
                    Start::Submit(Request::submit(endpoint(), Method::Post, Submission::default()))
                } else {
                    Start::Resume(id())
                },
                goal: data.pick(&[Goal::Result, Goal::Status]),
                mode: data.pick(&[Mode::Streaming, Mode::Polling]),
                app,
                logs: data.flag(),
                poll_interval: data.number(),
                timeout,
                cancel_on_timeout: data.flag(),
                cancel_on_abort: data.flag(),
                status_policy: policy.clone(),
                policy,
            }),
            seed,
        ),
    }
}

impl Life {
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
                    self.tell(match data.byte() % 5 {
                        0 => Event::Woke(token),
                        1 => Event::Answered(token, head),
                        2 => Event::Failed(token, FailureKind::from_code(data.byte())),
                        3 => Event::Chunk(token, data.pick(&CHUNKS).into()),
                        _ => Event::Ended(token),
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
            Awaited::Rest(_) => self.finish(token, Event::Woke(token)),
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
                self.finish(token, Event::Failed(token, kind));
            }
            Awaited::Answer(_) => {
                let head = head(data);
                self.unbegun(token, head.status == 429 || (head.status == 503 && head.retry_after.is_some()));
                self.finish(token, Event::Answered(token, head));
            }
            Awaited::Body(expect) => {
                let event = read(data, token, expect);
                self.finish(token, event);
            }
            Awaited::Chunks => match way % 8 {
                0 => self.finish(token, Event::Ended(token)),
                1 => self.tell(Event::Paused(token)),
                2 => self.tell(Event::Resumed(token)),
                3 => {
                    let length = usize::from(data.byte() % 64);
                    self.tell(Event::Chunk(token, data.take(length).into()));
                }
                _ => self.tell(Event::Chunk(token, data.pick(&CHUNKS).into())),
            },
        }
        while let Some((token, expect)) = self.items.pop_front() {
            if !self.over && self.out.contains_key(&token.0) {
                let event = read(data, token, expect);
                if matches!(event, Event::Failed(..)) { self.finish(token, event) } else { self.tell(event) }
            }
        }
    }

    /// Nothing comes any more: the connections break, and the clocks ring, the first one first.
    fn fades(&mut self) {
        let rest = |(token, awaited): (&u32, &Awaited)| match awaited {
            Awaited::Rest(until) => Some((*until, *token)),
            _ => None,
        };
        let broken = self.out.iter().find(|entry| rest(*entry).is_none()).map(|(token, _)| Token(*token));
        let next = self.out.iter().filter_map(rest).min();
        match (broken, next) {
            (Some(token), _) => {
                self.unbegun(token, true);
                self.finish(token, Event::Failed(token, FailureKind::Unreachable));
            }
            (None, Some((until, token))) => {
                self.now = self.now.max(until);
                self.finish(Token(token), Event::Woke(Token(token)));
            }
            (None, None) => panic!("it waits for nothing"),
        }
    }

    /// Whether a request that went wrong provably did not begin.
    fn unbegun(&mut self, token: Token, unbegun: bool) {
        if self.out.get(&token.0) == Some(&Awaited::Answer(Class::Unsafe)) {
            self.spoken = !unbegun;
        }
    }

    fn finish(&mut self, token: Token, event: Event) {
        self.out.remove(&token.0);
        self.tell(event);
    }

    fn tell(&mut self, event: Event) {
        let room = MAX_EFFECTS + if let Event::Chunk(_, bytes) = &event { bytes.len() } else { 0 };
        let effects = self.machine.handle(self.now, event);
        assert!(effects.len() <= room, "{effects:?}");
        for effect in effects {
            assert!(!self.over, "something follows the end: {effect:?}");
            self.perform(effect);
        }
    }

    fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Send(token, request) => {
                if request.class == Class::Unsafe {
                    assert!(!self.spoken, "a model runs twice");
                    self.spoken = true;
                }
                let url = match &request.destination {
                    Destination::Fal(route) | Destination::Backup(route) => route.url(),
                    Destination::Platform(target) => target.as_str().into(),
                    Destination::Upload(url) => url.as_str().into(),
                };
                assert!(url.starts_with("https://"), "{url}");
                self.await_(token, Awaited::Answer(request.class));
            }
            Effect::Read(token, _, expect) => self.await_(token, Awaited::Body(expect)),
            Effect::Open(token, _) => self.await_(token, Awaited::Chunks),
            Effect::Item(token, _, expect) if expect != Expect::Anything => self.items.push_back((token, expect)),
            Effect::Rest(token, duration) => self.await_(token, Awaited::Rest(self.now.saturating_add(duration))),
            Effect::Forget(token) => {
                self.out.remove(&token.0);
            }
            Effect::Item(..) | Effect::Tell(_) => {}
            Effect::Done(_) => self.over = true,
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

/// A body that is read, as `wasm/src/task.rs` does.
fn read(data: &mut Bytes<'_>, token: Token, expect: Expect) -> Event {
    let first = data.maybe(|data| data.pick(&TEXTS));
    let second = data.maybe(|data| data.pick(&TEXTS));
    match expect.read(Fields { first, second }) {
        Some(facts) => Event::Read(token, facts),
        None => Event::Failed(token, FailureKind::AnswerInvalid),
    }
}
