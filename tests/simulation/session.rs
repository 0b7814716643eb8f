//! Sessions with world models that go through everything a network, fal, a browser and an owner can do to them.

use std::collections::{BTreeMap, VecDeque};

use fal_wasm::client::Token;
use fal_wasm::session::{
    Candidate, Effect, Effects, Event, Failure, MAX_EFFECTS, Moment, Pulse, Session, SessionOptions,
};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;
/// How long a run may last.
const END: Moment = 400_000;
/// The period of heartbeats, and how long an answer to one is waited for.
const PERIOD: Moment = 5_000;
const BEAT_TIMEOUT: Moment = 4_000;

/// A session as fal has it.
struct AtFal {
    last_beat: Moment,
}

/// Everything but the machine.
struct World {
    dice: Dice,
    now: Moment,
    /// How often something goes wrong, in percent.
    trouble: u64,
    /// What will happen, by time; later ones of the same moment after the earlier.
    coming: BTreeMap<(Moment, u32), Event>,
    count: u32,
    timers: BTreeMap<u32, (Moment, u32)>,
    past: Vec<Event>,
    fal: Vec<AtFal>,
    offers: u32,
    /// The offer nobody knows the fate of.
    is_unknown: bool,
    /// Whether a session is open, as far as the machine was told.
    is_open: bool,
    told_over: u32,
    accepted: u32,
    beat: Option<u32>,
    peer: Token,
    lives: u32,
    over: Option<(Moment, Option<Failure>)>,
    waiting: VecDeque<u32>,
    sent: Vec<u32>,
    messages: u32,
    channel_full: bool,
}

impl World {
    fn new(seed: u64) -> Self {
        let mut dice = Dice(seed);
        let trouble = dice.pick(&[0, 5, 20, 60]);
        Self {
            dice,
            trouble,
            now: 0,
            coming: BTreeMap::new(),
            count: 0,
            timers: BTreeMap::new(),
            past: Vec::new(),
            fal: Vec::new(),
            offers: 0,
            is_unknown: false,
            is_open: false,
            told_over: 0,
            accepted: 0,
            beat: None,
            peer: Token(0),
            lives: 0,
            over: None,
            waiting: VecDeque::new(),
            sent: Vec::new(),
            messages: 0,
            channel_full: false,
        }
    }

    fn goes_wrong(&mut self) -> bool {
        let trouble = self.trouble;
        self.dice.chance(trouble)
    }

    fn later(&mut self, most: u64, event: Event) -> (Moment, u32) {
        let at = self.now + self.dice.roll(most) as Moment;
        self.at(at, event)
    }

    fn at(&mut self, at: Moment, event: Event) -> (Moment, u32) {
        self.count += 1;
        self.coming.insert((at, self.count), event);
        (at, self.count)
    }

    fn perform(&mut self, seed: u64, effect: Effect, options: &SessionOptions) {
        let is_over = self.over.is_some();
        match effect {
            Effect::TellOver => self.told_over += 1,
            Effect::ClosePeer => {
                self.timers.values().for_each(|place| {
                    self.coming.remove(place);
                });
                self.timers.clear();
                (self.beat, self.is_open, self.channel_full) = (None, false, false);
            }
            _ if is_over => panic!("{seed}: {effect:?} after the end"),
            Effect::AskBridge { token } | Effect::AskApp { token } => match self.goes_wrong() {
                true if self.dice.chance(50) => {}
                true => _ = self.later(6_000, Event::IceMissing { token }),
                false => {
                    let relay = self.dice.chance(50);
                    self.later(6_000, Event::IceGiven { token, relay });
                }
            },
            Effect::MakePeer { token, .. } => self.make_peer(token),
            Effect::Offer { token } => self.offer(seed, token, options),
            Effect::Apply => self.apply(),
            Effect::Beat { token } => self.take_beat(seed, token),
            Effect::Abort { token } => {
                if self.beat == Some(token.0) {
                    self.beat = None;
                }
            }
            Effect::Sleep { token, duration } => {
                // A timer may be late, and as late as a computer sleeps.
                let late = if self.dice.chance(3) { self.dice.roll(90_000) } else { self.dice.roll(20) };
                let place = self.at(self.now + duration + late as Moment, Event::TimerFired { token });
                self.timers.insert(token.0, place);
            }
            Effect::Cancel { token } => {
                let place = self.timers.remove(&token.0);
                // One that has fired already is told all the same.
                if let Some(place) = place.filter(|_| !self.dice.chance(5)) {
                    self.coming.remove(&place);
                }
            }
            Effect::SendNext => {
                if !self.channel_full && self.dice.chance(10) {
                    self.channel_full = true;
                    // What the channel says to a message it says at once.
                    self.coming.insert((self.now, 0), Event::Full);
                    self.later(2_000, Event::Drained);
                } else {
                    self.channel_full = false;
                    let message = self.waiting.pop_front().expect("a message to send");
                    self.sent.push(message);
                    self.coming.insert((self.now, 0), Event::Written);
                }
            }
            Effect::DropOldest => _ = self.waiting.pop_front().expect("a message to drop"),
            Effect::Live => self.lives += 1,
            Effect::Warn(_) => {}
            Effect::Failed { why, .. } => self.over = Some((self.now, Some(why))),
            Effect::Closed => self.over = Some((self.now, None)),
        }
    }

    fn make_peer(&mut self, token: Token) {
        self.peer = token;
        if self.goes_wrong() && self.dice.chance(30) {
            self.later(100, Event::OfferFailed { token });
            return;
        }
        for _ in 0..self.dice.roll(6) {
            let kind = self.dice.pick(&[Candidate::Host, Candidate::Reflexive, Candidate::Relay]);
            self.later(13_000, Event::Candidate { token, kind });
        }
        if !self.goes_wrong() {
            self.later(13_000, Event::Gathered { token });
        }
    }

    /// fal takes an offer or does not, and what is heard of it is another thing.
    fn offer(&mut self, seed: u64, token: Token, options: &SessionOptions) {
        self.offers += 1;
        assert!(self.offers <= 1 + options.reopen, "{seed}: one more offer than the app allows");
        assert!(!self.is_unknown, "{seed}: an offer after one whose fate is unknown");
        assert!(!self.is_open, "{seed}: a second session beside the first");
        assert_eq!(self.told_over, self.accepted, "{seed}: nobody was told that the session before is over");
        if self.goes_wrong() && self.dice.chance(50) {
            let status = self.dice.pick(&[400, 401, 402, 403, 404, 409, 412, 422, 429]);
            self.later(20_000, Event::Refused { token, status });
            return;
        }
        self.fal.push(AtFal { last_beat: self.now });
        if !self.goes_wrong() {
            self.later(20_000, Event::Accepted { token });
            return;
        }
        match self.dice.roll(4) {
            0 => {}
            1 => _ = self.later(150_000, Event::Accepted { token }),
            _ => {
                let status = self.dice.pick(&[0, 0, 408, 500, 502, 503, 504, 200, 302]);
                self.later(30_000, Event::Refused { token, status });
            }
        }
        self.is_unknown = true;
    }

    fn apply(&mut self) {
        let token = self.peer;
        let event = if self.goes_wrong() && self.dice.chance(20) {
            Event::AnswerInvalid { token }
        } else {
            Event::Applied { token }
        };
        self.later(50, event);
        if !self.goes_wrong() {
            self.later(4_000, Event::Connected { token });
            self.later(6_000, Event::ChannelOpened { token });
        }
        for _ in 0..self.dice.roll(1 + self.trouble / 10) {
            let event = match self.dice.roll(6) {
                0 => Event::ChannelClosed { token },
                1 => Event::Unconnected { token },
                2 => Event::Ended { token },
                3 => Event::Connected { token },
                _ => Event::Disconnected { token },
            };
            self.later(120_000, event);
        }
    }

    fn take_beat(&mut self, seed: u64, token: Token) {
        assert!(self.is_open, "{seed}: a heartbeat of no session");
        assert!(self.beat.is_none(), "{seed}: two heartbeats at once");
        self.beat = Some(token.0);
        if !self.goes_wrong() {
            if let Some(session) = self.fal.last_mut() {
                session.last_beat = self.now;
            }
            self.later(900, Event::Beaten { token, pulse: Pulse::Alive });
        } else if self.dice.chance(60) {
            let pulse = self.dice.pick(&[Pulse::Strange, Pulse::Strange, Pulse::Lost, Pulse::Dead, Pulse::Over]);
            self.later(6_000, Event::Beaten { token, pulse });
        }
    }

    /// What the machine is told, as the world sees it.
    fn told(&mut self, event: Event) {
        match event {
            Event::Accepted { .. } => {
                self.accepted += 1;
                self.is_unknown = false;
                self.is_open = self.over.is_none();
            }
            Event::Beaten { token, .. } if self.beat == Some(token.0) => self.beat = None,
            Event::Queued if self.over.is_none() => {
                self.messages += 1;
                self.waiting.push_back(self.messages);
            }
            _ => {}
        }
        self.past.push(event);
    }
}

/// What owners do.
fn owner(world: &mut World) {
    world.at(0, Event::Opened);
    let media = if world.goes_wrong() && world.dice.chance(20) { Event::MediaRefused } else { Event::MediaReady };
    world.later(3_000, media);
    let bursts = world.dice.roll(4);
    for _ in 0..bursts {
        let at = world.dice.roll(60_000) as Moment;
        for _ in 0..world.dice.roll(100) {
            world.at(at, Event::Queued);
        }
    }
    for event in [Event::Hidden, Event::Shown, Event::Unplugged] {
        if world.dice.chance(20) {
            world.later(100_000, event);
        }
    }
    let leaves = world.dice.pick(&[1, 5_000, 60_000, 200_000, 300_000, 390_000]);
    world.later(leaves, Event::Left);
    world.at(END - 1, Event::Left);
}

#[test]
fn a_session_is_paid_for_once_and_does_not_outlive_its_owner() {
    let (mut lived, mut failed, mut closed, mut reopened) = (0, 0, 0, 0);
    let seeds = seeds(RUNS);
    for seed in &seeds {
        let seed = *seed;
        let mut world = World::new(seed);
        let dice = &mut world.dice;
        let options = SessionOptions {
            servers: dice.chance(20).then(|| dice.chance(50)),
            relay_only: dice.chance(10),
            reopen: dice.pick(&[0, 0, 1, 3]),
            hidden: dice.chance(30).then_some(30_000),
            ..SessionOptions::DEFAULT
        };
        owner(&mut world);
        let mut session = Session::new(options);
        let mut effects = Effects::default();
        while let Some(((at, _), event)) = world.coming.pop_first() {
            if at > END {
                break;
            }
            world.now = world.now.max(at);
            // Whatever was told may be told once more, out of turn; but no message is queued twice.
            let again = (world.dice.chance(2) && !world.past.is_empty())
                .then(|| world.dice.roll(world.past.len() as u64) as usize)
                .map(|place| world.past[place])
                .filter(|event| !matches!(event, Event::Queued | Event::Written | Event::Full | Event::Opened));
            for (event, is_new) in [(Some(event), true), (again, false)] {
                let Some(event) = event else { continue };
                if is_new {
                    world.told(event);
                }
                session.handle(world.now, event, &mut effects);
                assert!(effects.len() <= MAX_EFFECTS);
                for effect in effects.iter() {
                    world.perform(seed, effect, &options);
                }
            }
            assert!(world.waiting.len() <= 64, "{seed}: the queue is bounded");
        }

        // One terminal state, whatever happened.
        let (at, why) = world.over.unwrap_or_else(|| panic!("{seed}: it never ends"));
        assert!(world.lives <= 1, "{seed}: live {} times", world.lives);
        // Every session that was told of is told to be over, once.
        assert_eq!(world.told_over, world.accepted, "{seed}: told over");
        // fal hears nothing after its owner has left: what lives there then lives for one more lease at most.
        for session in &world.fal {
            assert!(session.last_beat <= at + PERIOD, "{seed}: a session outlives its owner");
        }
        assert!(world.fal.len() as u32 <= 1 + options.reopen, "{seed}: {} paid sessions", world.fal.len());
        assert!(world.sent.is_sorted(), "{seed}: messages out of order");
        assert!(!world.sent.windows(2).any(|pair| pair[0] == pair[1]), "{seed}: a message twice");
        if world.trouble == 0 && !options.relay_only {
            assert_eq!(why, None, "{seed}: it fails though nothing goes wrong");
        }
        lived += world.lives;
        reopened += u32::from(world.fal.len() > 1);
        *(if why.is_some() { &mut failed } else { &mut closed }) += 1;
    }
    // A simulation in which nothing ever lives, or fails, would prove nothing.
    let good = lived > 20_000 && failed > 10_000 && closed > 10_000 && reopened > 500;
    assert!(seeds.len() == 1 || good, "{lived} lived, {failed} failed, {closed} closed, {reopened} reopened");
}

/// Runs a session to where it is live.
fn live(options: SessionOptions) -> (Session, Effects) {
    let mut session = Session::new(options);
    let mut effects = Effects::default();
    let mut peer = Token(0);
    let mut events = VecDeque::from([Event::Opened, Event::MediaReady]);
    while let Some(event) = events.pop_front() {
        session.handle(0, event, &mut effects);
        for effect in effects.iter() {
            match effect {
                Effect::AskBridge { token } => events.push_back(Event::IceGiven { token, relay: false }),
                Effect::MakePeer { token, .. } => {
                    peer = token;
                    events.push_back(Event::Gathered { token });
                }
                Effect::Offer { token } => events.push_back(Event::Accepted { token }),
                Effect::Apply => {
                    events.extend([Event::Applied { token: peer }, Event::ChannelOpened { token: peer }]);
                }
                _ => {}
            }
        }
    }
    (session, effects)
}

/// A session whose timers all fire on time: what it says, and when.
fn heartbeats(pulse: impl Fn(u32) -> Option<Pulse>) -> (Vec<Moment>, Option<(Moment, Failure)>) {
    let (mut session, _) = live(SessionOptions::DEFAULT);
    let mut effects = Effects::default();
    let mut beats = Vec::new();
    // The first timer is that of the first heartbeat; its token is found by trying.
    let mut coming: BTreeMap<(Moment, u32), Event> =
        (1..30).map(|token| ((PERIOD, token), Event::TimerFired { token: Token(token) })).collect();
    coming.retain(|(_, token), _| {
        let mut probe = session;
        probe.handle(PERIOD, Event::TimerFired { token: Token(*token) }, &mut effects);
        effects.iter().any(|effect| matches!(effect, Effect::Beat { .. }))
    });
    while let Some(((now, _), event)) = coming.pop_first().filter(|((now, _), _)| *now <= 100_000) {
        session.handle(now, event, &mut effects);
        for effect in effects.iter() {
            match effect {
                Effect::Beat { token } => {
                    beats.push(now);
                    if let Some(pulse) = pulse(beats.len() as u32) {
                        coming.insert((now + 100, token.0), Event::Beaten { token, pulse });
                    }
                }
                Effect::Sleep { token, duration } => {
                    coming.insert((now + duration, token.0), Event::TimerFired { token });
                }
                Effect::Cancel { token } => coming.retain(|(_, other), _| *other != token.0),
                Effect::Failed { why, .. } => return (beats, Some((now, why))),
                _ => {}
            }
        }
    }
    (beats, None)
}

#[test]
fn heartbeats_come_every_five_seconds_and_never_two_at_once() {
    let (beats, end) = heartbeats(|_| Some(Pulse::Alive));
    assert_eq!((beats.len(), end), (20, None));
    assert!(beats.windows(2).all(|pair| pair[1] - pair[0] == PERIOD));
    // No answer at all: each is given up in time for the next, and the session goes on.
    let (beats, end) = heartbeats(|_| None);
    assert_eq!((beats.len(), end), (20, None), "{BEAT_TIMEOUT} ms are less than a period");
}

#[test]
fn three_refusals_in_a_row_are_the_end_and_one_word_of_fals_is_enough() {
    assert_eq!(heartbeats(|_| Some(Pulse::Strange)).1, Some((3 * PERIOD + 100, Failure::LeaseLost)));
    assert_eq!(heartbeats(|n| Some(if n % 3 == 0 { Pulse::Alive } else { Pulse::Strange })).1, None);
    assert_eq!(heartbeats(|_| Some(Pulse::Dead)).1, Some((PERIOD + 100, Failure::LeaseLost)));
    assert_eq!(heartbeats(|_| Some(Pulse::Over)).1, Some((PERIOD + 100, Failure::CutOff)));
}

#[test]
fn a_refused_camera_opens_nothing() {
    let mut session = Session::new(SessionOptions::DEFAULT);
    let mut effects = Effects::default();
    session.handle(0, Event::Opened, &mut effects);
    assert!(effects.is_empty(), "nothing is asked for before the camera is there");
    session.handle(9, Event::MediaRefused, &mut effects);
    let all: Vec<_> = effects.iter().collect();
    assert_eq!(all, [Effect::Failed { why: Failure::MediaRefused, detail: 0 }, Effect::ClosePeer]);
}

#[test]
fn a_hidden_page_closes_its_session_only_where_the_app_says_so() {
    let mut effects = Effects::default();
    let (mut session, _) = live(SessionOptions { hidden: Some(30_000), ..SessionOptions::DEFAULT });
    session.handle(1, Event::Hidden, &mut effects);
    let Some(Effect::Sleep { token, duration: 30_000 }) = effects.iter().next() else { panic!("{effects:?}") };
    let mut back = session;
    back.handle(2, Event::Shown, &mut effects);
    assert_eq!(effects.iter().next(), Some(Effect::Cancel { token }));
    session.handle(30_001, Event::TimerFired { token }, &mut effects);
    assert_eq!(effects.iter().collect::<Vec<_>>(), [Effect::Closed, Effect::ClosePeer, Effect::TellOver]);
    let (mut session, _) = live(SessionOptions::DEFAULT);
    session.handle(1, Event::Hidden, &mut effects);
    assert!(effects.is_empty());
    // Timers of hidden pages are late: the heartbeat that is due is sent when the page is seen again.
    session.handle(9_000, Event::Shown, &mut effects);
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Beat { .. })));
}
