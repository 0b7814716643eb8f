//! URLs from outside: what is understood is one of fal's, has one spelling, and means the same to every parser.

use fal_wasm::protocol::{Method, Route};
use url::Url;

use super::bytes::Bytes;

const METHODS: [Method; 5] = [Method::Get, Method::Post, Method::Put, Method::Delete, Method::Patch];

/// A method and a URL.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let method = data.pick(&METHODS);
    let text = data.rest();
    let Ok(route) = Route::parse(method, &text) else { return };
    let built = route.url();
    assert!(text.starts_with(route.host().origin()), "{text} is not fal's");
    assert_eq!(Route::parse(method, &built).as_ref(), Ok(&route), "{text} became {built}");
    assert!(built == text || built == format!("{text}?logs=0") || is_legacy(&text), "{text} became {built}");
    // The standard's parser has nothing to change and nothing to decode.
    let standard = Url::parse(&built).expect("what is built is a URL");
    assert_eq!(standard.as_str(), built);
    assert!(["fal.run", "queue.fal.run", "rest.fal.ai"].contains(&standard.host_str().unwrap_or_default()), "{built}");
    assert!(standard.username().is_empty() && standard.password().is_none() && standard.port().is_none());
    assert!(!built.contains("..") || !standard.path().split('/').any(|segment| segment.starts_with('.')), "{built}");
}

/// `123-app` is the one id with two spellings.
fn is_legacy(url: &str) -> bool {
    let path = url.split('/').nth(3).unwrap_or_default();
    path.starts_with(|first: char| first.is_ascii_digit()) && path.contains('-')
}
