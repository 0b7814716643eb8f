//! What fal answers: whatever it says, only what is safe to go on with is taken from it.

use fal_wasm::client::{Expect, Facts, FailureKind};
use fal_wasm::protocol::{AppId, Fields, Media, RequestId};
use url::Url;

use super::bytes::Bytes;

/// What is expected, then two fields of a body.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let expect = Expect::from_code(data.byte());
    let first = data.maybe(Bytes::text);
    let second = data.maybe(Bytes::text);
    let rest = data.rest();
    Media::of(Some(&rest));
    FailureKind::from_code(rest.len() as u8);

    match expect.read(Fields { first: first.as_deref(), second: second.as_deref() }) {
        Some(Facts::Submitted(submitted)) => {
            assert_eq!(RequestId::parse(submitted.request.as_str()).as_ref(), Ok(&submitted.request));
            assert!(submitted.app.is_none_or(|app| AppId::parse(app.as_str()) == Ok(app)));
        }
        Some(Facts::Initiated(initiated)) => {
            let upload = initiated.upload;
            for place in [upload.clone(), upload.part(1), upload.part(u32::MAX), upload.complete()] {
                let Ok(url) = Url::parse(place.as_str()) else { continue };
                let host = url.host_str().unwrap_or_default();
                let local = host.starts_with("127.") || matches!(host, "localhost" | "localhost." | "[::1]");
                assert!(url.scheme() == "https" || local, "{place:?}");
                assert!(url.fragment().is_none() && url.username().is_empty(), "{place:?}");
                let whole = Url::parse(upload.as_str()).expect("a part of it was one");
                assert_eq!((url.host_str(), url.query()), (whole.host_str(), whole.query()), "{place:?}");
            }
        }
        Some(Facts::Status(_) | Facts::Nothing) | None => {}
    }
}
