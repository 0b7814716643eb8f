//! Streams of server-sent events: where in a piece of one the events are.

use fal_wasm::protocol::{SsePart, SseScanner};
use fal_wasm::wire::{SsePartKind, Word};
use wasm_bindgen::prelude::*;

use crate::memory::{State, TEXT_BYTES, WORDS, state, text_bytes, words};

/// Numbers for each part: what it is, where it begins, where it ends.
const PART_WORDS: usize = 3;
/// How many parts fit, after the number of bytes.
const MAX_PARTS: u32 = ((WORDS - 1) / PART_WORDS) as u32;

/// Opens a stream of events.
#[wasm_bindgen(js_name = openEvents)]
pub fn open_events() {
    state(|state| *state = State::Events(SseScanner::default()));
}

/// Looks at so many bytes of the text. Among the numbers are then how many were looked at, and the parts that were found,
/// three for each; returns how many parts.
#[wasm_bindgen(js_name = scanEvents)]
pub fn scan_events(length: u32) -> u32 {
    let length = (length as usize).min(TEXT_BYTES);
    state(|state| {
        let State::Events(scanner) = state else { return 0 };
        text_bytes(|bytes| {
            words(|words| {
                let mut places = words.iter_mut();
                let Some(scanned) = places.next() else { return 0 };
                let mut count = 0;
                let done = scanner.scan(bytes.get(..length).unwrap_or_default(), |part| {
                    for (place, word) in places.by_ref().take(PART_WORDS).zip(row(part)) {
                        *place = word;
                    }
                    count += 1;
                    count < MAX_PARTS
                });
                *scanned = done as f64;
                count
            })
        })
    })
}

fn row(part: SsePart) -> [f64; PART_WORDS] {
    let (start, end) = match part {
        SsePart::Data { start, end } | SsePart::KindBytes { start, end } => (start, end),
        _ => (0, 0),
    };
    [SsePartKind::from(part).to_word(), start as f64, end as f64]
}
