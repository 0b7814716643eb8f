//! The shape of a key, wherever it hides: the scan and a regular expression never disagree.

use fal_wasm::credentials::{KeyScan, check_half, check_key, is_key_credential};
use regex::Regex;

/// A text.
pub fn check(data: &[u8]) {
    thread_local! {
        static SHAPE: Regex =
            Regex::new("(?-u)(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(:|%3a)[0-9a-f]{32}").expect("this is one");
    }
    let text = String::from_utf8_lossy(data);
    let found = KeyScan::finds(text.encode_utf16());
    assert_eq!(found, SHAPE.with(|shape| shape.is_match(&text)), "{text}");
    let whole = check_key(text.encode_utf16()).is_ok();
    if let Some((id, secret)) = text.split_once(':').filter(|_| whole) {
        assert!(check_half(id.encode_utf16()).is_ok() && check_half(secret.encode_utf16()).is_ok(), "{text}");
        assert!(is_key_credential(format!("Key {text}").encode_utf16()), "{text}");
    }
}
