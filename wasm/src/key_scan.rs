//! Looking at texts that may hold a key. JavaScript hands over one code unit at a time, as a number, so that no key is
//! ever in this module's memory.

use core::cell::Cell;

use fal_wasm::access::{CredentialScan, KeyScan};
use wasm_bindgen::prelude::*;

/// What has been seen of the text.
#[derive(Clone, Copy, Default)]
struct Scan {
    key: KeyScan,
    credential: CredentialScan,
}

struct OneThread(Cell<Scan>);

// SAFETY: the builds of the package have no threads.
#[allow(unsafe_code)]
unsafe impl Sync for OneThread {}

static SCAN: OneThread =
    OneThread(Cell::new(Scan { key: KeyScan::new(), credential: CredentialScan::new() }));

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
