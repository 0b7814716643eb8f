//! A realtime session: `wss://fal.run/{id}/realtime`.
//!
//! One input is computed at a time, as fal's apps do in their simplest mode. Inputs that come meanwhile wait; with
//! `max_buffering` at most so many, and the oldest is dropped for the newest. Every orderly end is announced as a TIMEOUT.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Value, json};

use super::frame::{Frame, NORMAL};
use crate::model::catalogue::{Invocation, RealtimeApp, Reply};
use crate::model::codec::{Codec, decode_binary, decode_text, to_json};
use crate::model::deferred::DeferredBody;
use crate::model::errors::validation_error;
use crate::model::http::{Millis, Request, Response};
use crate::model::ids::Ids;
use crate::model::settings::RealtimeSettings;
use crate::model::storage::Storage;

/// How many inputs wait when the caller names no number: more than any test needs, and not without end.
const MAX_WAITING: usize = 10_000;
/// The numbers a caller may name.
const BUFFERING: std::ops::RangeInclusive<usize> = 1..=60;

/// What realtime apps compute with.
pub struct Apps<'a> {
    /// How they behave.
    pub settings: RealtimeSettings,
    /// Randomness.
    pub ids: &'a mut Ids,
    /// Where they put files.
    pub storage: &'a mut Storage,
}

/// One session.
#[derive(Debug)]
pub struct Realtime {
    app: RealtimeApp,
    /// How many inputs may wait.
    room: usize,
    waiting: VecDeque<Frame>,
    running: Option<Running>,
    /// When the last input came, or the session began.
    heard: Millis,
    /// Frames to send at the next poll.
    said: Vec<Frame>,
    over: bool,
    /// How many inputs were dropped for newer ones.
    pub dropped: u64,
}

#[derive(Debug)]
struct Running {
    ends: Millis,
    took: Millis,
    frame: Frame,
}

impl Realtime {
    /// A new session.
    ///
    /// # Errors
    /// A 422 for a `max_buffering` that is not a number from 1 to 60 (chosen: the official clients refuse it themselves).
    pub fn begin(now: Millis, request: &Request, app: RealtimeApp) -> Result<Self, Response> {
        let room = match request.param("max_buffering") {
            None => MAX_WAITING,
            Some(text) => text.parse().ok().filter(|room| BUFFERING.contains(room)).ok_or_else(|| {
                validation_error(
                    &["query", "max_buffering"],
                    "less_than_equal",
                    "Input should be an integer from 1 to 60",
                )
            })?,
        };
        let (waiting, said) = (VecDeque::new(), Vec::new());
        Ok(Self { app, room, waiting, running: None, heard: now, said, over: false, dropped: 0 })
    }

    /// Takes an input in.
    pub fn receive(&mut self, apps: &mut Apps, now: Millis, frame: Frame) {
        self.settle(apps, now);
        self.heard = now;
        let unreadable = !apps.settings.text_frames && matches!(frame, Frame::Text(_));
        if unreadable {
            return self.fail("'bytes'");
        }
        if self.waiting.len() >= self.room {
            self.waiting.pop_front();
            self.dropped += 1;
        }
        self.waiting.push_back(frame);
    }

    /// What it sends now, and when to poll it again.
    pub fn poll(&mut self, apps: &mut Apps, now: Millis) -> (Vec<Frame>, Option<Millis>) {
        self.settle(apps, now);
        let next = self.running.as_ref().map(|running| running.ends).or_else(|| self.deadline(apps));
        (std::mem::take(&mut self.said), next.filter(|_| !self.over))
    }

    /// When the session ends unless an input comes.
    fn deadline(&self, apps: &Apps) -> Option<Millis> {
        apps.settings.session_timeout_ms.map(|idle| self.heard.saturating_add(idle))
    }

    /// Lets everything happen that is due by now, in order.
    fn settle(&mut self, apps: &mut Apps, now: Millis) {
        // The runner takes up the next input when it is done with the last, or when one comes.
        let mut free = self.heard;
        while !self.over {
            if let Some(running) = self.running.take_if(|running| running.ends <= now) {
                free = running.ends;
                self.said.push(running.frame);
                if apps.settings.timings {
                    self.say(&json!({
                        "type": "x-fal-message",
                        "action": "timings",
                        "timing": running.took as f64 / 1000.0,
                    }));
                }
            }
            if self.running.is_some() {
                return;
            }
            let Some(input) = self.waiting.pop_front() else { break };
            self.start(apps, free, &input);
        }
        let idle = self.deadline(apps).is_some_and(|deadline| now >= deadline);
        if idle && !self.over {
            self.end("TIMEOUT", "no inputs, reconnect when needed!");
        }
    }

    fn start(&mut self, apps: &mut Apps, at: Millis, input: &Frame) {
        let decoded = match input {
            Frame::Text(text) => decode_text(text),
            Frame::Binary(bytes) => decode_binary(bytes),
            Frame::Deferred { .. } | Frame::Close { .. } => Err("not a message".into()),
        };
        let (codec, value) = match decoded {
            Ok(decoded) => decoded,
            Err(why) => return self.fail(&why),
        };
        let input = to_json(&value);
        let mut invocation =
            Invocation { now: at, input: &input, headers: &[], ids: &mut *apps.ids, storage: &mut *apps.storage };
        let reply = match (self.app)(&mut invocation, value) {
            Ok(reply) => reply,
            // fal's runner tells of a wrong input as of any other exception.
            Err(refusal) => return self.fail(&refusal.body_json().to_string()),
        };
        let took = apps.settings.run_ms.unwrap_or(reply.run_ms);
        let frame = framed(codec, reply);
        self.running = Some(Running { ends: at.saturating_add(took), took, frame });
    }

    fn fail(&mut self, why: &str) {
        self.end("INTERNAL_ERROR", why);
    }

    /// Ends the session like fal: an error message, and then a normal close.
    fn end(&mut self, error: &str, reason: &str) {
        self.say(&json!({ "type": "x-fal-error", "error": error, "reason": reason }));
        self.said.push(Frame::close(NORMAL, ""));
        self.over = true;
    }

    /// Control messages are JSON text, whatever encoding the app uses.
    fn say(&mut self, message: &Value) {
        self.said.push(Frame::Text(message.to_string()));
    }
}

fn framed(codec: Codec, reply: Reply) -> Frame {
    if reply.pictures.is_empty() {
        return Frame::computed(codec.encode(&reply.answer), codec.is_text());
    }
    let body = DeferredBody::Realtime { codec, answer: reply.answer, pictures: reply.pictures };
    Frame::Deferred { body: Arc::new(body), text: codec.is_text() }
}
