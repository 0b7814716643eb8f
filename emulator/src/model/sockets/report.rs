//! Every socket there was, for a test to check: who closed it, and what went through it. Numbers only.

use std::collections::BTreeMap;

use serde::Serialize;

use super::frame::Frame;
use crate::model::hosts::Target;
use crate::model::http::{Millis, Request};

/// How many sockets are remembered; beyond that the oldest that is closed is forgotten.
const MAX_SOCKETS: usize = 10_000;

/// The sockets opened since the last reset.
#[derive(Debug, Default)]
pub struct Sockets {
    by_number: BTreeMap<u64, SocketReport>,
    opened: u64,
}

/// One socket.
#[derive(Debug, Clone, Serialize)]
pub struct SocketReport {
    /// fal's name of the host.
    pub host: String,
    /// The path on that host.
    pub path: String,
    /// When it was opened.
    pub opened_ms: Millis,
    /// When it was closed.
    pub closed_ms: Option<Millis>,
    /// With which code; 1006 when the connection was gone without one.
    pub close_code: Option<u16>,
    /// Whether fal closed it.
    pub closed_by_fal: bool,
    /// Frames from the caller.
    pub frames_in: u64,
    /// Frames to the caller.
    pub frames_out: u64,
    /// Inputs that were dropped for newer ones.
    pub dropped: u64,
}

impl Sockets {
    /// Numbers that no earlier socket had: a reset must not let an old socket pass for a new one.
    pub fn after(earlier: &Self) -> Self {
        Self { opened: earlier.opened, by_number: BTreeMap::new() }
    }

    /// A new socket. Returns its number.
    pub fn open(&mut self, now: Millis, request: &Request) -> u64 {
        if self.by_number.len() >= MAX_SOCKETS {
            let closed =
                self.by_number.iter().find(|(_, socket)| socket.closed_ms.is_some()).map(|(number, _)| *number);
            closed.and_then(|number| self.by_number.remove(&number));
        }
        let (host, path) = Target::of(request).map_or(("", request.path.as_str()), |place| (place.host, place.path));
        let socket = SocketReport {
            host: host.to_owned(),
            path: path.to_owned(),
            opened_ms: now,
            closed_ms: None,
            close_code: None,
            closed_by_fal: false,
            frames_in: 0,
            frames_out: 0,
            dropped: 0,
        };
        self.opened += 1;
        self.by_number.insert(self.opened, socket);
        self.opened
    }

    /// Whether a socket is of this time, and not of before a reset.
    pub fn knows(&self, number: u64) -> bool {
        self.by_number.contains_key(&number)
    }

    /// A frame came from the caller.
    pub fn heard(&mut self, number: u64, frame: &Frame) {
        if let Some(socket) = self.by_number.get_mut(&number) {
            socket.frames_in += u64::from(!matches!(frame, Frame::Close { .. }));
        }
    }

    /// Frames went to the caller.
    pub fn said(&mut self, now: Millis, number: u64, frames: &[Frame]) {
        for frame in frames {
            if let Frame::Close { code, .. } = frame {
                self.close(now, number, *code, true);
            } else if let Some(socket) = self.by_number.get_mut(&number) {
                socket.frames_out += 1;
            }
        }
    }

    /// So many inputs were dropped by now.
    pub fn dropped(&mut self, number: u64, dropped: u64) {
        if let Some(socket) = self.by_number.get_mut(&number) {
            socket.dropped = dropped;
        }
    }

    /// It was closed.
    pub fn close(&mut self, now: Millis, number: u64, code: u16, by_fal: bool) {
        if let Some(socket) = self.by_number.get_mut(&number).filter(|socket| socket.closed_ms.is_none()) {
            socket.closed_ms = Some(now);
            socket.close_code = Some(code);
            socket.closed_by_fal = by_fal;
        }
    }

    /// How many are open.
    pub fn count_open(&self) -> usize {
        self.by_number.values().filter(|socket| socket.closed_ms.is_none()).count()
    }

    /// Every socket that is remembered, oldest first.
    pub fn report(&self) -> Vec<SocketReport> {
        self.by_number.values().cloned().collect()
    }
}
