//! A body of server-sent events, on its way in.

use super::expect::{Expect, Facts};
use super::failure::FailureKind;
use super::machine::{Context, Event, Token};
use crate::protocol::{Media, Millis, SseParser};

/// A body that is read as it comes. Part of an operation: it sees every event and takes those that are its own.
#[derive(Debug)]
pub struct Feed {
    token: Token,
    parser: SseParser,
    expect: Expect,
    /// Longest silence.
    idle: Millis,
    watch: Token,
    /// When something came last.
    heard_at: Millis,
    paused: bool,
}

/// How a feed went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// It is over, in order.
    Ended,
    /// It is over, and not in order.
    Failed(FailureKind),
    /// An event says that the work failed. What it says is read next, and comes as [`Event::Read`].
    Explained,
}

/// The event fal's older streams end with, as those of other services do.
const DONE: &[u8] = b"[DONE]";

impl Feed {
    /// Opens the body that was answered under this token. Its events are expected to be this.
    pub fn open(context: &mut Context, token: Token, media: Media, expect: Expect, idle: Millis) -> Self {
        context.open(token, media);
        let watch = context.rest(idle);
        Self { token, parser: SseParser::default(), expect, idle, watch, heard_at: context.now, paused: false }
    }

    /// Stops.
    pub fn stop(&mut self, context: &mut Context) {
        context.forget(self.token);
        context.forget(self.watch);
    }

    /// Takes an event; returns how it went on, when it did not just go on.
    pub fn on(&mut self, context: &mut Context, event: &Event) -> Option<Turn> {
        let turn = match event {
            Event::Chunk(token, bytes) if *token == self.token => {
                self.heard_at = context.now;
                self.take(context, bytes)?
            }
            Event::Ended(token) | Event::Read(token, Facts::Nothing) if *token == self.token => Turn::Ended,
            Event::Failed(token, kind) if *token == self.token => Turn::Failed(*kind),
            Event::Woke(token) if *token == self.watch => self.watch(context)?,
            Event::Paused(token) if *token == self.token => {
                self.paused = true;
                return None;
            }
            Event::Resumed(token) if *token == self.token => {
                self.paused = false;
                self.heard_at = context.now;
                return None;
            }
            _ => return None,
        };
        if turn != Turn::Explained {
            self.stop(context);
        }
        Some(turn)
    }

    fn take(&mut self, context: &mut Context, bytes: &[u8]) -> Option<Turn> {
        let (token, expect) = (self.token, self.expect);
        let mut turn = None;
        let mut over = false;
        let fed = self.parser.feed(bytes, |event| {
            if over {
                return;
            }
            if event.data == DONE {
                // Read like an event: should one before it turn out to be no JSON, that is what ends the stream.
                context.item(token, b"0", Expect::Nothing);
                over = true;
            } else if event.kind == b"error" {
                context.item(token, event.data, Expect::Explanation);
                turn = Some(Turn::Explained);
                over = true;
            } else {
                context.item(token, event.data, expect);
            }
        });
        turn.or(fed.is_err().then_some(Turn::Failed(FailureKind::AnswerInvalid)))
    }

    /// The longest silence may be over. The clock is set once for it, not with every chunk.
    fn watch(&mut self, context: &mut Context) -> Option<Turn> {
        let silence = if self.paused { 0 } else { context.now.saturating_sub(self.heard_at) };
        let left = self.idle.saturating_sub(silence);
        if left == 0 {
            return Some(Turn::Failed(FailureKind::Stalled));
        }
        self.watch = context.rest(left);
        None
    }
}
