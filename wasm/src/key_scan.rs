//! Looking at texts that may hold a key. JavaScript hands over one code unit at a time, as a number, so that no key is
//! ever in this module's memory.

use core::cell::Cell;

#[cfg(feature = "edge")]
use fal_wasm::credentials::KeyCheck;
use fal_wasm::credentials::{CredentialScan, KeyScan};
use wasm_bindgen::prelude::*;

/// What has been seen of the text.
#[derive(Clone, Copy, Default)]
struct Scan {
    key: KeyScan,
    credential: CredentialScan,
}

struct OneThread<T>(Cell<T>);

// SAFETY: the builds of the package have no threads.
#[allow(unsafe_code)]
unsafe impl<T> Sync for OneThread<T> {}

static SCAN: OneThread<Scan> = OneThread(Cell::new(Scan { key: KeyScan::new(), credential: CredentialScan::new() }));
#[cfg(feature = "edge")]
static CHECK: OneThread<KeyCheck> = OneThread(Cell::new(KeyCheck::whole()));

/// Begins with another text.
#[wasm_bindgen(js_name = beginKeyScan)]
pub fn begin_key_scan() {
    SCAN.0.set(Scan::default());
}

/// Takes the next code unit: 1 when it completes the shape of a key, 2 when the text is a key in fal's scheme (`Key
/// id:secret`), 3 when both, 0 when neither.
#[wasm_bindgen(js_name = scanKey)]
pub fn scan_key(unit: u32) -> u32 {
    let mut scan = SCAN.0.get();
    let unit = unit as u16;
    let found = u32::from(scan.key.push(unit)) + 2 * u32::from(scan.credential.push(unit));
    SCAN.0.set(scan);
    found
}

/// Begins to check a key, or one half of one.
#[cfg(feature = "edge")]
#[wasm_bindgen(js_name = beginKeyCheck)]
pub fn begin_key_check(is_half: bool) {
    CHECK.0.set(if is_half { KeyCheck::half() } else { KeyCheck::whole() });
}

/// Takes the next code unit of the key.
#[cfg(feature = "edge")]
#[wasm_bindgen(js_name = checkKeyUnit)]
pub fn check_key_unit(unit: u32) {
    let mut check = CHECK.0.get();
    check.push(unit as u16);
    CHECK.0.set(check);
}

/// What is wrong with the key: a [`KeyError`](fal_wasm::credentials::KeyError), or 0.
#[cfg(feature = "edge")]
#[wasm_bindgen(js_name = keyProblem)]
pub fn key_problem() -> u32 {
    CHECK.0.get().finish().err().map_or(0, |error| error as u32)
}
