//! Checking a key. JavaScript hands over one code unit at a time, as a number, so that no key is ever in this module's
//! memory.

use core::cell::Cell;

use fal_wasm::credentials::KeyCheck;
use wasm_bindgen::prelude::*;

struct OneThread<T>(Cell<T>);

// SAFETY: the builds of the package have no threads.
#[allow(unsafe_code)]
unsafe impl<T> Sync for OneThread<T> {}

static CHECK: OneThread<KeyCheck> = OneThread(Cell::new(KeyCheck::whole()));

/// Begins to check a key, or one half of one.
#[wasm_bindgen(js_name = beginKeyCheck)]
pub fn begin_key_check(is_half: bool) {
    CHECK.0.set(if is_half { KeyCheck::half() } else { KeyCheck::whole() });
}

/// Takes the next code unit of the key.
#[wasm_bindgen(js_name = checkKeyUnit)]
pub fn check_key_unit(unit: u32) {
    let mut check = CHECK.0.get();
    check.push(unit as u16);
    CHECK.0.set(check);
}

/// What is wrong with the key: a [`KeyError`](fal_wasm::credentials::KeyError), or 0.
#[wasm_bindgen(js_name = keyProblem)]
pub fn key_problem() -> u32 {
    CHECK.0.get().finish().err().map_or(0, |error| error as u32)
}
