//! Requests over one WebSocket under hostile schedules: sockets that open late, close at any message, cannot be had or take
//! nothing; callers who leave in the middle; messages of nobody's; programs that end.
//!
//! By fal's own count nothing that was sent is run twice, answers are their own request's, one socket is open at a time, and
//! everybody gets one end. `tests/node/ws-schedules.test.mjs` holds the JavaScript around it to the same.

use std::panic::{AssertUnwindSafe, catch_unwind};

use fal_wasm::client::{FailureKind, Line, LineEffects, LineEvent, LineNext, LineTell};

use crate::hostile::Dice;
use crate::realtime::seeds;

const RUNS: u64 = 100_000;

/// A mistake in the decisions, which has to be noticed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mutant {
    /// What was sent is sent again.
    SentAgain,
    /// The socket stays open although its answer is not wanted any more.
    KeepsAnswer,
    /// The old socket is not closed before there is a new one.
    TwoSockets,
    /// Whoever waits when no socket can be had is not told.
    Forgotten,
    /// What waits is lost with the socket.
    WaitingIsLost,
    /// What the socket did not take counts as sent.
    UnsentIsSent,
}

const MUTANTS: [Mutant; 6] = [
    Mutant::SentAgain,
    Mutant::KeepsAnswer,
    Mutant::TwoSockets,
    Mutant::Forgotten,
    Mutant::WaitingIsLost,
    Mutant::UnsentIsSent,
];

#[derive(Clone, Copy, Debug, Default)]
struct Socket {
    is_open: bool,
    is_gone: bool,
    /// Which request fal answers on it, and how much of the answer has come.
    asked: Option<usize>,
    told: u32,
}

#[derive(Debug)]
struct World {
    dice: Dice,
    line: Line,
    mutant: Option<Mutant>,
    sockets: Vec<Socket>,
    /// Those that have no end yet, in their order.
    calls: Vec<usize>,
    /// How often each request was run, and how often it was told an end.
    runs: Vec<u32>,
    ends: Vec<u32>,
    throws: bool,
    answered: u32,
}

impl World {
    fn new(seed: u64, mutant: Option<Mutant>) -> Self {
        let (sockets, calls, runs, ends) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (dice, line) = (Dice(seed), Line::default());
        Self { dice, line, mutant, sockets, calls, runs, ends, throws: false, answered: 0 }
    }

    fn socket(&mut self) -> Option<&mut Socket> {
        self.sockets.last_mut().filter(|socket| !socket.is_gone)
    }

    /// What the machine says, with the mistake of this world. Between two events nothing of it is kept but its parts.
    fn decide(&mut self, event: LineEvent) -> LineEffects {
        let mut line = Line::from_parts(self.line.parts());
        let (before, _) = line.parts();
        let mut effects = line.on(event);
        let (calls, _) = line.parts();
        match (self.mutant, effects.tell) {
            (Some(Mutant::SentAgain), LineTell::FailFirst(FailureKind::ConnectionLost)) => {
                line = Line::from_parts((calls + 1, 1));
                effects = LineEffects { hang_up: true, tell: LineTell::Nothing, next: LineNext::Open };
            }
            (Some(Mutant::Forgotten), LineTell::FailAll(_)) => effects.tell = LineTell::Nothing,
            (Some(Mutant::WaitingIsLost), LineTell::FailFirst(kind)) if before > 1 => {
                line = Line::default();
                effects = LineEffects { hang_up: true, tell: LineTell::FailAll(kind), next: LineNext::Nothing };
            }
            (Some(Mutant::KeepsAnswer), _) if event == LineEvent::FirstLeft && effects.hang_up => {
                effects.hang_up = false;
                effects.next = if calls > 0 { LineNext::Send } else { LineNext::Nothing };
                line = Line::from_parts((calls, if calls > 0 { 3 | 1 << 2 } else { 3 }));
            }
            (Some(Mutant::TwoSockets), _) if effects.next == LineNext::Open => effects.hang_up = false,
            (Some(Mutant::UnsentIsSent), _) if event == LineEvent::Unsent => {
                effects = LineEffects::default();
                line = Line::from_parts((before, 3 | 2 << 2));
            }
            _ => {}
        }
        self.line = line;
        effects
    }

    fn tell(&mut self, event: LineEvent, about: Option<usize>) {
        let effects = self.decide(event);
        if effects.hang_up
            && let Some(socket) = self.socket()
        {
            socket.is_gone = true;
        }
        let first = self.calls.first().copied();
        match effects.tell {
            LineTell::Nothing => {}
            LineTell::Begin | LineTell::Push => assert_eq!(about, first, "another's answer"),
            LineTell::Complete => {
                assert_eq!(about, first, "another's answer");
                self.answered += 1;
                self.end(1);
            }
            LineTell::FailFirst(kind) => self.fail(1, kind),
            LineTell::FailAll(kind) => self.fail(self.calls.len(), kind),
        }
        match effects.next {
            LineNext::Nothing => {}
            LineNext::Open => self.sockets.push(Socket::default()),
            LineNext::Send if std::mem::take(&mut self.throws) => self.tell(LineEvent::Unsent, None),
            LineNext::Send => {
                let call = self.calls[0];
                self.runs[call] += 1;
                assert!(self.runs[call] == 1, "{call} is run twice");
                let socket = self.socket().unwrap();
                assert!(socket.is_open && socket.asked.is_none(), "it answers another: {socket:?}");
                (socket.asked, socket.told) = (Some(call), 0);
            }
        }
        self.judge();
    }

    fn end(&mut self, count: usize) {
        for call in self.calls.drain(..count) {
            self.ends[call] += 1;
        }
    }

    fn fail(&mut self, count: usize, kind: FailureKind) {
        let is_of_sent = matches!(kind, FailureKind::ConnectionLost | FailureKind::AnswerInvalid);
        assert!(!is_of_sent || self.calls[..count].iter().all(|call| self.runs[*call] == 1), "what waits is lost");
        self.end(count);
    }

    fn judge(&mut self) {
        assert!(self.sockets.iter().filter(|socket| !socket.is_gone).count() <= 1, "two sockets");
        let Some(call) = self.calls.first().copied() else { return };
        let socket = self.socket().copied().expect("nobody goes on with what waits");
        assert!(!socket.is_open || socket.asked == Some(call), "nobody goes on with {call}: {socket:?}");
    }

    fn step(&mut self) {
        let Some(Socket { is_open, asked, told, .. }) = self.socket().copied() else { return self.ask() };
        match self.dice.roll(14) {
            0..3 => self.ask(),
            3 | 4 if !is_open => {
                self.socket().unwrap().is_open = true;
                self.tell(LineEvent::Opened, None);
            }
            3..9 if asked.is_some() => self.hear(asked, told),
            9 => self.tell(LineEvent::Closed, None),
            10 if !is_open => self.tell(LineEvent::Failed(FailureKind::CredentialsMissing), None),
            11 if !self.calls.is_empty() => {
                let place = self.dice.roll(self.calls.len() as u64) as usize;
                let call = self.calls.remove(place);
                self.ends[call] += 1;
                self.tell(if place == 0 { LineEvent::FirstLeft } else { LineEvent::OtherLeft }, None);
            }
            12 => self.throws = true,
            13 if self.dice.chance(10) => self.tell(LineEvent::Ended, None),
            // Of nobody's request.
            _ if is_open && asked.is_none() => {
                let message = self.dice.pick(&[LineEvent::Start, LineEvent::End]);
                self.tell(message, None);
            }
            _ => {}
        }
    }

    fn ask(&mut self) {
        self.calls.push(self.runs.len());
        self.runs.push(0);
        self.ends.push(0);
        self.tell(LineEvent::Asked, None);
    }

    /// The next message of an answer.
    fn hear(&mut self, asked: Option<usize>, told: u32) {
        let event = match told {
            0 if self.dice.chance(5) => LineEvent::Frame,
            0 => LineEvent::Start,
            _ => self.dice.pick(&[LineEvent::Frame, LineEvent::Start, LineEvent::End, LineEvent::End]),
        };
        let socket = self.socket().unwrap();
        socket.told += 1;
        if event == LineEvent::End && told > 0 {
            socket.asked = None;
        }
        self.tell(event, asked);
    }

    fn run(&mut self) {
        for _ in 0..10 + self.dice.roll(50) {
            self.step();
            // The program ends, and all that it holds with it.
            if self.dice.chance(1) {
                assert!(self.runs.iter().all(|runs| *runs <= 1));
                return;
            }
        }
        self.tell(LineEvent::Ended, None);
        assert!(self.ends.iter().all(|ends| *ends == 1), "not one end each: {:?}", self.ends);
        assert!(self.sockets.iter().all(|socket| socket.is_gone), "a socket is left open");
    }
}

#[test]
fn what_was_sent_is_not_sent_again_and_everybody_gets_an_end() {
    let seeds = seeds(RUNS);
    let mut answered = 0;
    for seed in &seeds {
        let mut world = World::new(*seed, None);
        let run = catch_unwind(AssertUnwindSafe(|| world.run()));
        assert!(run.is_ok(), "SEED={seed}\n{world:#?}");
        answered += world.answered;
    }
    assert!(seeds.len() == 1 || u64::from(answered) > RUNS / 2, "{answered}");
}

#[test]
fn every_mistake_about_a_line_is_noticed() {
    for mutant in MUTANTS {
        let noticed = |seed| catch_unwind(AssertUnwindSafe(|| World::new(seed, Some(mutant)).run())).is_err();
        assert!((0..1_000).any(noticed), "{mutant:?}");
    }
}
