//! A body of items that is read as they come: server-sent events, or bytes for the caller.

use super::body::{Body, BodyKind};
use super::effects::{Effect, Sink};
use super::failure::FailureKind;
use super::machine::{Context, Event, Token};
use crate::protocol::{Media, Millis};

/// A body that is read as it comes, with a limit on silence. Part of an operation: it sees every event and takes those
/// that are its own.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct EventReader {
    token: Token,
    /// Longest silence.
    idle: Millis,
    timer: Token,
    /// When something came last.
    heard_at: Millis,
    paused: bool,
}

/// How a body went on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// It is over, in order.
    Ended,
    /// It is over, and not in order.
    Failed(FailureKind),
    /// It ended with an event that says that the work failed.
    Explained,
}

impl EventReader {
    /// Nothing is read yet.
    pub const fn new() -> Self {
        Self { token: Token::NONE, idle: 0, timer: Token::NONE, heard_at: 0, paused: false }
    }

    /// Opens the body that was answered under this token. Its items are expected to be this.
    pub fn open(
        &mut self,
        context: &mut Context<'_, impl Sink<Effect>>,
        token: Token,
        media: Media,
        items: BodyKind,
        idle: Millis,
    ) {
        context.open(token, media, items);
        *self = Self { token, idle, timer: context.sleep(idle), heard_at: context.state.now, paused: false };
    }

    /// Whether this is the body that is read.
    pub fn reads(&self, token: Token) -> bool {
        self.token == token
    }

    /// Stops, if anything is read.
    pub fn stop(&mut self, context: &mut Context<'_, impl Sink<Effect>>) {
        context.cancel(&mut self.token);
        context.cancel(&mut self.timer);
    }

    /// Takes an event; returns how it ended, when it did.
    pub fn handle(&mut self, context: &mut Context<'_, impl Sink<Effect>>, event: &Event) -> Option<Step> {
        let step = match *event {
            Event::TimerFired { token } if token == self.timer => self.timer_fired(context)?,
            Event::Chunk { token } if token == self.token => {
                self.heard_at = context.state.now;
                return None;
            }
            Event::Paused { token } if token == self.token => {
                self.paused = true;
                return None;
            }
            Event::Resumed { token } if token == self.token => {
                self.paused = false;
                self.heard_at = context.state.now;
                return None;
            }
            Event::Ended { token } | Event::Read { token, body: Body::Nothing } if token == self.token => Step::Ended,
            Event::Explained { token } if token == self.token => Step::Explained,
            Event::Failed { token, kind } if token == self.token => Step::Failed(kind),
            _ => return None,
        };
        self.stop(context);
        Some(step)
    }

    /// The longest silence may be over. The timer is set once for it, not with every chunk.
    fn timer_fired(&mut self, context: &mut Context<'_, impl Sink<Effect>>) -> Option<Step> {
        let silence = if self.paused { 0 } else { context.state.now.saturating_sub(self.heard_at) };
        let left = self.idle.saturating_sub(silence);
        if left == 0 {
            return Some(Step::Failed(FailureKind::Stalled));
        }
        self.timer = context.sleep(left);
        None
    }
}
