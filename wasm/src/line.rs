//! Requests over one WebSocket. JavaScript keeps their line as one number, which outlives this instance.

use wasm_bindgen::prelude::*;

use fal_wasm::client::{FailureKind, Line};
use fal_wasm::wire::{LineEventKind, LineTellKind, Word};

/// What to do after an event, in this order.
#[wasm_bindgen]
#[derive(Clone, Copy)]
pub struct LineStep {
    /// The line as it is now.
    pub line: f64,
    /// Whether the socket is closed.
    #[wasm_bindgen(js_name = hangUp)]
    pub hang_up: bool,
    /// The number of a [`LineTellKind`].
    pub tell: f64,
    /// The number of the [`FailureKind`] that is told.
    pub failure: f64,
    /// The number of a [`LineNext`](fal_wasm::client::LineNext).
    pub next: f64,
}

/// Takes a line, which begins as 0, the number of a [`LineEventKind`], and that of the failure that belongs to it.
#[wasm_bindgen(js_name = lineEvent)]
pub fn line_event(line: f64, event: f64, failure: f64) -> LineStep {
    let mut line = read(line);
    let kind = FailureKind::from_word(failure).unwrap_or(FailureKind::Internal);
    let event = LineEventKind::from_word(event).unwrap_or(LineEventKind::Ended).with(kind);
    let effects = line.on(event);
    let (tell, failure): (LineTellKind, _) = effects.tell.into();
    LineStep {
        line: word(line),
        hang_up: effects.hang_up,
        tell: tell.to_word(),
        failure: failure.unwrap_or(FailureKind::Internal).to_word(),
        next: effects.next.to_word(),
    }
}

/// How many requests there are, above the sixteen states in which they may be.
fn word(line: Line) -> f64 {
    let (calls, state) = line.parts();
    f64::from(calls) * 16.0 + f64::from(state)
}

fn read(word: f64) -> Line {
    let kept = word as u64;
    Line::from_parts(((kept >> 4) as u32, (kept & 0xf) as u8))
}
