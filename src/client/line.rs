//! Requests one after the other over one WebSocket (`wss://ws.fal.run`): which of them is sent, over which socket, and what
//! becomes of each.
//!
//! What was sent is never sent again, whatever becomes of it. What still waits when the socket is lost goes over the next one.

use super::FailureKind;

/// The requests of one endpoint, in their order: a plain value that is told what happened and says what to do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Line {
    socket: Socket,
    first: First,
    /// How many requests there are, with the first.
    calls: u32,
}

/// Where the socket is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Socket {
    #[default]
    None,
    Opening,
    /// It was opened just now.
    Fresh,
    Open,
}

/// Where the first request is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum First {
    #[default]
    Waits,
    /// The socket was given it just now, and may not take it.
    Given,
    Sent,
    /// Its answer has begun.
    Begun,
}

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineEvent {
    /// There is one more request.
    Asked,
    /// The socket is open.
    Opened,
    /// The socket did not take the request that it was given just now: it threw, and nothing was sent.
    Unsent,
    /// A message that begins an answer came.
    Start,
    /// A message that ends the answer of the first request came.
    End,
    /// Another message came.
    Frame,
    /// The socket has closed, or could not be opened.
    Closed,
    /// It could not even be tried.
    Failed(FailureKind),
    /// Nobody wants the answer of the first request any more.
    FirstLeft,
    /// The same of a request that waits behind it.
    OtherLeft,
    /// The caller is done with all of it.
    Ended,
}

/// What to do, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineEffects {
    /// Close the socket, whatever it is doing. fal stops what it runs.
    pub hang_up: bool,
    /// Tell whoever asked.
    pub tell: LineTell,
    /// How it goes on.
    pub next: LineNext,
}

/// Who is told what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineTell {
    /// Nobody is told anything.
    #[default]
    Nothing,
    /// The first: its answer begins.
    Begin,
    /// The first: a part of its answer.
    Push,
    /// The first, which goes: its answer is complete.
    Complete,
    /// The first, which goes: it has failed.
    FailFirst(FailureKind),
    /// All of them, which go: they have failed.
    FailAll(FailureKind),
}

/// How it goes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LineNext {
    /// With what happens.
    #[default]
    Nothing,
    /// A socket is opened.
    Open,
    /// The first request is given to the socket. When that throws, this is told before anything else.
    Send,
}

impl Line {
    /// What to do, after what happened.
    pub fn on(&mut self, event: LineEvent) -> LineEffects {
        let before = *self;
        // Given and taken, unless the next thing told is that it was not.
        if self.first == First::Given {
            self.first = First::Sent;
        }
        if self.socket == Socket::Fresh {
            self.socket = Socket::Open;
        }
        let mut effects = LineEffects::default();
        match (event, self.first) {
            (LineEvent::Asked, _) => self.calls = self.calls.saturating_add(1),
            (LineEvent::Opened, _) if self.socket == Socket::Opening => self.socket = Socket::Fresh,
            (LineEvent::Unsent, _) if before.first == First::Given => {
                self.first = First::Waits;
                // In a worker a socket serves the request that opened it, and throws in every other: there is a new one
                // to be had. A new one that throws is none.
                if before.socket == Socket::Fresh {
                    effects = self.fail_all(FailureKind::Unreachable);
                } else {
                    effects.hang_up = self.hang_up();
                }
            }
            (LineEvent::Start, First::Sent) => {
                self.first = First::Begun;
                effects.tell = LineTell::Begin;
            }
            (LineEvent::End, First::Begun) => {
                self.shift();
                effects.tell = LineTell::Complete;
            }
            (LineEvent::Start | LineEvent::Frame, First::Begun) => effects.tell = LineTell::Push,
            (LineEvent::End | LineEvent::Frame, First::Sent) => effects = self.lose(FailureKind::AnswerInvalid),
            (LineEvent::Closed, _) if self.socket == Socket::Open => effects = self.lose(FailureKind::ConnectionLost),
            (LineEvent::Closed, _) => effects = self.lose(FailureKind::Unreachable),
            (LineEvent::Failed(kind), _) => effects = self.lose(kind),
            // Whatever else comes over this socket is about what nobody wants.
            (LineEvent::FirstLeft, First::Sent | First::Begun) => {
                self.shift();
                effects.hang_up = self.hang_up();
            }
            (LineEvent::FirstLeft | LineEvent::OtherLeft, _) => self.calls = self.calls.saturating_sub(1),
            (LineEvent::Ended, _) => effects = self.fail_all(FailureKind::Aborted),
            // Of a request that was not sent, or of a socket that is gone.
            (LineEvent::Opened | LineEvent::Unsent | LineEvent::Start | LineEvent::End | LineEvent::Frame, _) => {}
        }
        effects.next = self.next();
        effects
    }

    fn next(&mut self) -> LineNext {
        if self.calls == 0 || self.first != First::Waits {
            return LineNext::Nothing;
        }
        match self.socket {
            Socket::None => {
                self.socket = Socket::Opening;
                LineNext::Open
            }
            Socket::Opening => LineNext::Nothing,
            Socket::Fresh | Socket::Open => {
                self.first = First::Given;
                LineNext::Send
            }
        }
    }

    /// The socket is gone: what was sent is lost with it. When none could be had, so is all that waits.
    fn lose(&mut self, kind: FailureKind) -> LineEffects {
        match (self.socket, self.first) {
            (Socket::None, _) => LineEffects::default(),
            (Socket::Opening, _) => self.fail_all(kind),
            (Socket::Fresh | Socket::Open, First::Waits) => {
                LineEffects { hang_up: self.hang_up(), ..LineEffects::default() }
            }
            (Socket::Fresh | Socket::Open, _) => {
                self.shift();
                LineEffects { hang_up: self.hang_up(), tell: LineTell::FailFirst(kind), next: LineNext::Nothing }
            }
        }
    }

    fn fail_all(&mut self, kind: FailureKind) -> LineEffects {
        *self = Self::default();
        LineEffects { hang_up: true, tell: LineTell::FailAll(kind), next: LineNext::Nothing }
    }

    fn hang_up(&mut self) -> bool {
        self.socket = Socket::None;
        true
    }

    /// The first request goes.
    fn shift(&mut self) {
        self.calls = self.calls.saturating_sub(1);
        self.first = First::Waits;
    }

    /// All that it is, for whoever keeps it between two events: how many requests there are, and the rest as a number
    /// below 16.
    pub fn parts(&self) -> (u32, u8) {
        (self.calls, self.socket as u8 | (self.first as u8) << 2)
    }

    /// From the same.
    pub fn from_parts((calls, rest): (u32, u8)) -> Self {
        let socket = match rest & 3 {
            0 => Socket::None,
            1 => Socket::Opening,
            2 => Socket::Fresh,
            _ => Socket::Open,
        };
        let first = match rest >> 2 {
            0 => First::Waits,
            1 => First::Given,
            2 => First::Sent,
            _ => First::Begun,
        };
        Self { socket, first, calls }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: &mut Line, events: &[LineEvent]) -> LineEffects {
        events.iter().map(|event| line.on(*event)).last().unwrap()
    }

    #[test]
    fn one_is_answered_after_the_other_over_one_socket() {
        let mut line = Line::default();
        assert_eq!(line.on(LineEvent::Asked).next, LineNext::Open);
        assert_eq!(line.on(LineEvent::Asked).next, LineNext::Nothing);
        assert_eq!(line.on(LineEvent::Opened).next, LineNext::Send);
        assert_eq!(line.on(LineEvent::Start).tell, LineTell::Begin);
        assert_eq!(line.on(LineEvent::Start).tell, LineTell::Push, "a frame of the app's may say anything");
        let ended = line.on(LineEvent::End);
        assert_eq!((ended.tell, ended.next, ended.hang_up), (LineTell::Complete, LineNext::Send, false));
        assert_eq!(told(&mut line, &[LineEvent::Start, LineEvent::End]).next, LineNext::Nothing);
        assert_eq!(line.on(LineEvent::Frame), LineEffects::default(), "nothing was asked");
    }

    #[test]
    fn what_was_sent_is_lost_with_its_socket_and_what_waits_is_not() {
        let mut line = Line::default();
        told(&mut line, &[LineEvent::Asked, LineEvent::Asked, LineEvent::Opened]);
        let lost = line.on(LineEvent::Closed);
        assert_eq!(lost.tell, LineTell::FailFirst(FailureKind::ConnectionLost));
        assert_eq!((lost.hang_up, lost.next), (true, LineNext::Open));
        let none = line.on(LineEvent::Closed);
        assert_eq!((none.tell, none.next), (LineTell::FailAll(FailureKind::Unreachable), LineNext::Nothing));
    }

    #[test]
    fn a_socket_that_takes_nothing_is_replaced_once() {
        let mut line = Line::default();
        told(&mut line, &[LineEvent::Asked, LineEvent::Opened, LineEvent::Start, LineEvent::End]);
        assert_eq!(line.on(LineEvent::Asked).next, LineNext::Send);
        let unsent = line.on(LineEvent::Unsent);
        assert_eq!((unsent.hang_up, unsent.tell, unsent.next), (true, LineTell::Nothing, LineNext::Open));
        line.on(LineEvent::Opened);
        let again = line.on(LineEvent::Unsent);
        assert_eq!((again.tell, again.next), (LineTell::FailAll(FailureKind::Unreachable), LineNext::Nothing));
    }

    #[test]
    fn what_is_kept_of_it_is_all_of_it() {
        for rest in 0..16 {
            let line = Line::from_parts((7, rest));
            assert_eq!((line.parts(), Line::from_parts(line.parts())), ((7, rest), line));
        }
    }
}
