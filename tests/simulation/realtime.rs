//! Realtime connections that go through everything a network, an app and a caller can do to them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, VecDeque};

use fal_wasm::client::realtime::{
    ConnectionOptions, ConnectionState, Dropped, Effect, Effects, Event, MAX_EFFECTS, OutboxPolicy, Realtime,
};
use fal_wasm::client::{FailureKind, Random, RetryPolicy, Token};
use fal_wasm::protocol::Millis;

use crate::world::Clock;

/// Longest time a connection may last after the caller has left or fallen silent.
const END_OF_TIME: Millis = 3_600_000;

/// The seeds of a test: this many, or the one that is asked for.
pub fn seeds(count: u64) -> Vec<u64> {
    let asked = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
    asked.map_or_else(|| (0..count).collect(), |seed| vec![seed])
}

/// Where a socket is, seen from the network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Socket {
    Opening,
    Open,
    Gone,
}

/// What has become of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Waits,
    /// Written to this socket, at this time.
    Written(Token, Millis),
    Dropped(Dropped),
}

/// How often something goes wrong: percentages.
#[derive(Clone, Copy, Debug)]
struct Weather {
    denied: u64,
    /// How often such a denial passes.
    retryable: u64,
    refused: u64,
    lost: u64,
    ended: u64,
    unauthorized: u64,
    silent: u64,
    /// How often an open socket says nothing any more, and does not close either.
    dark: u64,
    /// What happens to the caller's clock.
    clock: Clock,
}

const STEADY: Clock = Clock { sleep: None, stands: false, leap: None };
const CALM: Weather = Weather {
    denied: 0,
    retryable: 80,
    refused: 0,
    lost: 0,
    ended: 0,
    unauthorized: 0,
    silent: 0,
    dark: 0,
    clock: STEADY,
};

impl Weather {
    /// Whether times of the caller's are those of the world.
    fn is_steady(&self) -> bool {
        self.clock.sleep.is_none() && self.clock.leap.is_none()
    }
}

struct Story {
    now: Millis,
    messages: BTreeMap<u32, Fate>,
    /// The messages that arrived, in the order of their arrival.
    arrived: Vec<u32>,
    failures: Vec<FailureKind>,
    first_failure_at: Option<Millis>,
    /// When messages were sent after which nothing was heard of their socket.
    unheard: BTreeMap<u32, Millis>,
    /// Attempts since something was heard from the app, at most.
    attempts: u32,
    most_attempts: u32,
    /// What the caller was told of the connection, and when.
    states: Vec<(ConnectionState, Millis)>,
    /// When the attempts began that came after another end, or after none.
    began: Vec<Millis>,
    done_at: Option<Millis>,
    left: bool,
}

struct World {
    coming: BinaryHeap<Reverse<(Millis, usize)>>,
    events: Vec<Event>,
    /// What happens before anything else does.
    soon: VecDeque<Event>,
    /// The messages that wait, by number and size.
    queue: VecDeque<(u32, u32)>,
    sockets: BTreeMap<u32, Socket>,
    cancelled: Vec<Token>,
    random: Random,
    weather: Weather,
}

impl World {
    fn at(&mut self, time: Millis, event: Event) {
        self.events.push(event);
        self.coming.push(Reverse((time, self.events.len() - 1)));
    }

    fn next(&mut self, now: Millis) -> Option<(Millis, Event)> {
        if let Some(event) = self.soon.pop_front() {
            return Some((now, event));
        }
        let Reverse((time, index)) = self.coming.pop()?;
        Some((time, self.events[index]))
    }

    fn happens(&mut self, percent: u64) -> bool {
        self.random.below(100) < percent
    }

    fn soon(&mut self, most: Millis) -> Millis {
        1 + self.random.below(most)
    }

    /// Whether an event still comes: what was closed or cancelled is silent.
    fn comes(&mut self, event: Event) -> bool {
        match event {
            Event::Queued { .. } | Event::Written { .. } | Event::Left => true,
            Event::TokenIssued { token } | Event::TokenDenied { token, .. } | Event::TimerFired { token } => {
                !self.cancelled.contains(&token)
            }
            Event::Opened { token } => {
                let opens = self.sockets.get(&token.0) == Some(&Socket::Opening);
                if opens {
                    self.sockets.insert(token.0, Socket::Open);
                }
                opens
            }
            Event::Closed { token, .. } => {
                let closes = self.sockets.get(&token.0).is_some_and(|socket| *socket != Socket::Gone);
                self.sockets.insert(token.0, Socket::Gone);
                closes
            }
            Event::Received { token } | Event::SessionEnded { token } | Event::Unauthorized { token } => {
                self.sockets.get(&token.0) == Some(&Socket::Open)
            }
        }
    }

    /// What the network does with an effect.
    fn perform(&mut self, story: &mut Story, effect: Effect) {
        let now = story.now;
        assert!(story.done_at.is_none(), "something follows the end: {effect:?}");
        match effect {
            Effect::IssueToken { token } => {
                story.attempt();
                let later = now + self.soon(300);
                let denied = self.happens(self.weather.denied);
                let retryable = self.happens(self.weather.retryable);
                self.at(
                    later,
                    if denied { Event::TokenDenied { token, retryable } } else { Event::TokenIssued { token } },
                );
            }
            Effect::Open { token } => {
                let open = self.sockets.values().filter(|socket| **socket != Socket::Gone).count();
                assert_eq!(open, 0, "two sockets at once");
                self.sockets.insert(token.0, Socket::Opening);
                let later = now + self.soon(300);
                if self.happens(self.weather.silent) {
                    return;
                }
                if self.happens(self.weather.refused) {
                    let code = [1006, 401, 503, 404][self.random.below(4) as usize];
                    self.at(later, Event::Closed { token, code });
                } else {
                    self.at(later, Event::Opened { token });
                    if self.happens(self.weather.lost) {
                        let end = later + self.soon(3_000);
                        let code = [1006, 1001, 1011, 1000, 1005, 1008, 4001][self.random.below(7) as usize];
                        self.at(end, Event::Closed { token, code });
                    }
                }
            }
            Effect::SendNext { token } => {
                let (number, size) = self.queue.pop_front().expect("something waits");
                self.soon.push_back(Event::Written { size });
                assert_eq!(self.sockets.get(&token.0), Some(&Socket::Open), "sent into a socket that is not open");
                assert_eq!(story.messages.insert(number, Fate::Written(token, now)), Some(Fate::Waits), "sent twice");
                story.arrived.push(number);
                story.unheard.entry(token.0).or_insert(now);
                if self.happens(self.weather.dark) {
                    return;
                }
                let later = now + self.soon(200);
                let answer = if self.happens(self.weather.unauthorized) {
                    Event::Unauthorized { token }
                } else if self.happens(self.weather.ended) {
                    Event::SessionEnded { token }
                } else {
                    Event::Received { token }
                };
                self.at(later, answer);
            }
            Effect::DropOldest { why } => {
                let dropped = self.queue.pop_front().expect("something waits");
                story.dropped(dropped, why);
            }
            Effect::DropNewest { why } => {
                let dropped = self.queue.pop_back().expect("something waits");
                story.dropped(dropped, why);
            }
            Effect::DropAll { why } => {
                assert!(!self.queue.is_empty(), "nothing waits");
                self.queue.drain(..).for_each(|dropped| story.dropped(dropped, why));
            }
            Effect::Sleep { token, duration } => self.at(now + duration, Event::TimerFired { token }),
            Effect::Cancel { token } => {
                self.cancelled.push(token);
                self.sockets.entry(token.0).and_modify(|socket| *socket = Socket::Gone);
            }
            Effect::Failed { kind, .. } => {
                story.failures.push(kind);
                story.first_failure_at.get_or_insert(now);
            }
            Effect::Changed { state } => {
                // Nothing was tried for a message that no outbox takes.
                if state != ConnectionState::Closed || !story.states.is_empty() {
                    self.changed(story, state);
                }
                if state == ConnectionState::Closed {
                    story.done_at = Some(now);
                }
            }
        }
    }
}

impl World {
    /// What the caller is told is so.
    fn changed(&mut self, story: &mut Story, state: ConnectionState) {
        let before = story.state();
        let open = self.sockets.values().any(|socket| *socket == Socket::Open);
        let waits = self.sockets.values().any(|socket| *socket == Socket::Opening);
        match state {
            ConnectionState::Opening => assert!(!open && before != ConnectionState::Opening, "{before:?}"),
            ConnectionState::Live => assert!(open && before == ConnectionState::Opening, "{before:?}"),
            ConnectionState::Failed => assert!(!story.failures.is_empty(), "it fails, and nobody says why"),
            ConnectionState::Closed => {}
        }
        if matches!(state, ConnectionState::Failed | ConnectionState::Closed) {
            assert!(!open && !waits && self.queue.is_empty(), "{state:?}, and something goes on");
            let ends = matches!(before, ConnectionState::Opening | ConnectionState::Live);
            assert!(ends || (before, story.left) == (ConnectionState::Failed, true), "{before:?} ended again");
            story.attempts = 0;
        }
        story.states.push((state, story.now));
    }
}

impl Story {
    /// What the caller knows.
    fn state(&self) -> ConnectionState {
        self.states.last().map_or(ConnectionState::Closed, |(state, _)| *state)
    }

    fn attempt(&mut self) {
        if self.attempts == 0 {
            self.began.push(self.now);
        }
        self.attempts += 1;
        self.most_attempts = self.most_attempts.max(self.attempts);
    }

    fn dropped(&mut self, (number, _): (u32, u32), why: Dropped) {
        assert_eq!(self.messages.insert(number, Fate::Dropped(why)), Some(Fate::Waits), "dropped twice");
    }
}

/// Lets a caller send at these times, and leave at one, if ever.
fn run(
    options: ConnectionOptions,
    seed: u64,
    weather: Weather,
    sends: &[(Millis, u32)],
    leaves: Option<Millis>,
) -> Story {
    let mut machine = Realtime::new(options, seed);
    let random = Random::new(seed ^ 0x5DEE_CE66);
    let mut world = World {
        coming: BinaryHeap::new(),
        events: Vec::new(),
        soon: VecDeque::new(),
        queue: VecDeque::new(),
        sockets: BTreeMap::new(),
        cancelled: Vec::new(),
        random,
        weather,
    };
    let mut story = Story {
        now: 0,
        messages: BTreeMap::new(),
        arrived: Vec::new(),
        failures: Vec::new(),
        first_failure_at: None,
        unheard: BTreeMap::new(),
        attempts: 0,
        most_attempts: 0,
        states: Vec::new(),
        began: Vec::new(),
        done_at: None,
        left: false,
    };
    for (time, size) in sends {
        world.at(*time, Event::Queued { size: *size });
    }
    if let Some(time) = leaves {
        world.at(time, Event::Left);
    }
    while let Some((due, event)) = world.next(story.now) {
        let now = weather.clock.awake(due);
        let shown = weather.clock.shows(now);
        assert!(now < END_OF_TIME, "it goes on for ever");
        story.now = now;
        if story.done_at.is_some() || !world.comes(event) {
            continue;
        }
        match event {
            Event::Queued { size } => {
                let number = story.messages.len() as u32;
                world.queue.push_back((number, size));
                story.messages.insert(number, Fate::Waits);
            }
            Event::Received { token } | Event::SessionEnded { token } => {
                story.attempts = 1;
                story.unheard.remove(&token.0);
            }
            Event::Left => story.left = true,
            _ => {}
        }
        let buffered = if world.happens(weather.lost) { world.random.below(3 << 20) as u32 } else { 0 };
        let mut saved = machine;
        let mut effects = Effects::default();
        machine.handle(shown, buffered, event, &mut effects);
        assert!(effects.len() < MAX_EFFECTS, "{event:?} has too many effects: {effects:?}");
        if world.happens(25) {
            // It is all there is to a connection: one that was saved before goes on as the original does.
            let mut again = Effects::default();
            saved.handle(shown, buffered, event, &mut again);
            assert_eq!(again, effects, "a copy does something else after {event:?}");
            assert_eq!(saved, machine, "a copy is in another state after {event:?}");
            machine = saved;
        }
        for effect in effects.iter() {
            if let Effect::Cancel { token } = effect {
                let since = story.unheard.remove(&token.0);
                let in_time = since.is_none_or(|since| now <= since + options.silence);
                assert!(in_time || !weather.is_steady(), "a line is dark for too long");
            }
            world.perform(&mut story, effect);
        }
    }
    let heard = story.unheard.keys().all(|socket| world.sockets.get(socket) == Some(&Socket::Gone));
    assert!(heard, "a line is dark for ever: {:?}", story.unheard);
    let open = world.sockets.values().filter(|socket| **socket == Socket::Open).count();
    assert!(story.done_at.is_none() || open == 0, "a socket is open after the end");
    story
}

fn options(outbox: OutboxPolicy, throttle: Millis) -> ConnectionOptions {
    ConnectionOptions {
        needs_token: true,
        outbox,
        throttle,
        silence: 60_000,
        policy: RetryPolicy { max_retries: Some(5), ..RetryPolicy::default() },
    }
}

const QUEUE: OutboxPolicy = OutboxPolicy::Queue { messages: 20, bytes: 100_000 };

#[test]
fn whatever_happens_no_message_is_lost_in_silence() {
    for seed in seeds(100_000) {
        let mut random = Random::new(seed);
        let mut percent = |most| random.below(most);
        let weather = Weather {
            denied: percent(40),
            retryable: 80,
            refused: percent(60),
            lost: percent(80),
            ended: percent(20),
            unauthorized: percent(20),
            silent: percent(15),
            dark: percent(20),
            clock: Clock {
                sleep: (percent(5) == 0).then(|| (1 + percent(20_000), percent(600_000))),
                stands: percent(2) == 0,
                leap: (percent(5) == 0).then(|| (percent(20_000), percent(1_200_000) as i64 - 600_000)),
            },
        };
        let outbox = if percent(2) == 0 { OutboxPolicy::Latest } else { QUEUE };
        let throttle = [0, 16, 128][percent(3) as usize];
        let mut time = 0;
        let sends: Vec<_> = (0..=percent(60))
            .map(|_| {
                let pace = [5, 200, 4_000][percent(3) as usize];
                time += percent(pace);
                (time, 1 + percent(9_000) as u32)
            })
            .collect();
        let leaves = (percent(2) == 0).then(|| percent(time + 5_000));
        let story = run(options(outbox, throttle), seed, weather, &sends, leaves);
        let context =
            || format!("SEED={seed} {outbox:?} {throttle} {weather:?} {:?} {:?}", story.messages, story.failures);

        assert!(story.arrived.is_sorted(), "out of order: {}", context());
        // A line that outlived a sleep counts as one that works.
        let most = if weather.is_steady() { 6 } else { 12 };
        assert!(story.most_attempts <= most, "{} attempts: {}", story.most_attempts, context());
        assert!(!story.left || story.done_at.is_some(), "left, and it goes on: {}", context());
        let mut last = None;
        for fate in story.messages.values() {
            match *fate {
                Fate::Waits => panic!("a message waits for ever: {}", context()),
                Fate::Dropped(Dropped::Superseded) => assert_eq!(outbox, OutboxPolicy::Latest, "{}", context()),
                Fate::Dropped(Dropped::Full) => assert!(story.failures.contains(&FailureKind::OutboxFull)),
                Fate::Dropped(Dropped::Lost) => assert!(!story.failures.is_empty(), "in silence: {}", context()),
                Fate::Dropped(Dropped::Closed) => assert!(story.left, "{}", context()),
                Fate::Written(socket, at) => {
                    let gap =
                        last.map_or(throttle, |(before, then)| if before == socket { at - then } else { throttle });
                    assert!(gap >= throttle || !weather.is_steady(), "too close: {}", context());
                    last = Some((socket, at));
                }
            }
        }
    }
}

#[test]
fn on_a_good_day_the_last_value_always_arrives_and_a_queue_loses_nothing() {
    for seed in seeds(2_000) {
        let mut random = Random::new(seed);
        let sends: Vec<_> = (0..20).map(|index| (index * random.below(60), 100)).collect();
        let mut sends = sends;
        sends.sort_unstable();
        let latest = run(options(OutboxPolicy::Latest, 128), seed, CALM, &sends, None);
        assert_eq!(latest.arrived.last(), Some(&19), "SEED={seed}");
        let queue = run(options(QUEUE, 16), seed, CALM, &sends, None);
        assert_eq!(queue.arrived, Vec::from_iter(0..20), "SEED={seed}");
        assert!(latest.failures.is_empty() && queue.failures.is_empty());
    }
}

#[test]
fn a_refused_token_is_not_used_twice_and_the_caller_is_told_in_the_end() {
    let refused = Weather { unauthorized: 100, ..CALM };
    let sends: Vec<_> = (0..200).map(|index| (index * 400, 10)).collect();
    let story = run(options(QUEUE, 0), 7, refused, &sends, None);
    assert_eq!((story.most_attempts, story.failures.last()), (6, Some(&FailureKind::Http)));

    let denied = Weather { denied: 100, ..CALM };
    let story = run(options(QUEUE, 0), 7, denied, &[(0, 10)], None);
    assert_eq!(story.failures, [FailureKind::TokenUnavailable]);
    assert_eq!(story.messages[&0], Fate::Dropped(Dropped::Lost));
}

#[test]
fn an_orderly_end_is_no_error_and_what_comes_later_begins_anew() {
    let ended = Weather { ended: 100, ..CALM };
    let story = run(options(OutboxPolicy::Latest, 0), 3, ended, &[(0, 10)], None);
    assert!(story.failures.is_empty() && story.done_at.is_some());
}

#[test]
fn closing_while_it_connects_closes() {
    for leaves in [0, 1, 5, 50, 200, 400, 700] {
        let story = run(options(QUEUE, 128), 11, CALM, &[(0, 10), (0, 10)], Some(leaves));
        assert_eq!(story.done_at, Some(leaves));
    }
}

#[test]
fn the_callers_own_number_of_attempts_counts() {
    let never = Weather { refused: 100, ..CALM };
    let once = ConnectionOptions {
        policy: RetryPolicy { max_retries: Some(0), ..RetryPolicy::default() },
        ..options(QUEUE, 0)
    };
    let story = run(once, 5, never, &[(0, 10)], None);
    assert_eq!((story.most_attempts, story.failures.len()), (1, 1));
}

#[test]
fn a_line_that_has_gone_dark_is_told_of_in_time_and_left() {
    let dark = Weather { dark: 100, ..CALM };
    for (limit, waits) in [(60_000, 60_000), (5_000, 5_000)] {
        let story = run(
            ConnectionOptions { silence: limit, ..options(QUEUE, 0) },
            9,
            dark,
            &[(0, 10), (100, 10), (200, 10), (limit + 100_000, 10)],
            None,
        );
        assert_eq!(story.failures.first(), Some(&FailureKind::Stalled));
        let sockets: Vec<_> = story.messages.values().map(|fate| matches!(fate, Fate::Written(..))).collect();
        assert_eq!(sockets, [true; 4], "what comes later has a line of its own");
        assert_eq!(story.failures.len(), 2, "each silence is told of");
        assert!(story.first_failure_at.is_some_and(|at| at >= waits && at <= waits + 2_000), "in time");
    }
}

/// A refusal that will not pass is said once; for 1, 2, 4 … 60 seconds after it nobody is asked, whatever is sent.
#[test]
fn after_a_refusal_that_will_not_pass_it_rests_and_what_is_sent_is_dropped() {
    let signed_out = Weather { denied: 100, retryable: 0, ..CALM };
    for outbox in [OutboxPolicy::Latest, QUEUE] {
        let sends: Vec<_> = (0..3_000).map(|index| (index * 100, 10)).collect();
        let story = run(options(outbox, 0), 13, signed_out, &sends, None);
        let told: Vec<_> = story.states.iter().map(|(state, _)| *state).collect();
        assert_eq!(told, [ConnectionState::Opening, ConnectionState::Failed].repeat(story.began.len()));
        let rests = [1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000, 60_000];
        for (index, rest) in rests.into_iter().enumerate() {
            let failed = story.states[2 * index + 1].1;
            let pause = story.began[index + 1] - failed;
            assert!((rest..rest + 100).contains(&pause), "rest {index} is {pause}");
        }
        assert_eq!(story.failures.len(), story.began.len(), "each is said once");
        assert!(story.messages.values().all(|fate| matches!(fate, Fate::Dropped(Dropped::Lost | Dropped::Superseded))));
    }
}

#[test]
fn closing_ends_a_rest() {
    let signed_out = Weather { denied: 100, retryable: 0, ..CALM };
    let story = run(options(QUEUE, 0), 13, signed_out, &[(0, 10)], Some(500));
    assert_eq!(story.done_at, Some(500));
    let told: Vec<_> = story.states.iter().map(|(state, _)| *state).collect();
    assert_eq!(told, [ConnectionState::Opening, ConnectionState::Failed, ConnectionState::Closed]);
    let story = run(options(QUEUE, 0), 13, CALM, &[(0, 10)], Some(2_000));
    let told: Vec<_> = story.states.iter().map(|(state, _)| *state).collect();
    assert_eq!(told, [ConnectionState::Opening, ConnectionState::Live, ConnectionState::Closed]);
}
