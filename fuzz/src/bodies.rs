//! What fal answers: whatever it says, only what is safe to go on with is taken from it.

use fal_wasm::client::{Body, BodyKind, FailureKind};
use fal_wasm::protocol::{AppId, Fields, Initiated, Media, RequestId, Submitted, UploadPlace};
use url::Url;

use super::bytes::Bytes;

const KINDS: [BodyKind; 8] = [
    BodyKind::Anything,
    BodyKind::Submitted,
    BodyKind::Status,
    BodyKind::Initiated,
    BodyKind::Receipt,
    BodyKind::Stream,
    BodyKind::Nothing,
    BodyKind::Explanation,
];

/// What is expected, then two fields of a body.
pub fn check(data: &[u8]) {
    let mut data = Bytes(data);
    let kind = data.pick(&KINDS);
    let first = data.maybe(Bytes::text);
    let second = data.maybe(Bytes::text);
    let rest = data.rest();
    Media::of(Some(&rest));
    FailureKind::from_number(rest.len() as u8);

    let fields = Fields { first: first.as_deref(), second: second.as_deref() };
    match kind.read(fields) {
        Some(Body::Submitted) => {
            let submitted = Submitted::read(fields).expect("it was one");
            let id = RequestId::parse(submitted.request).expect("it is one");
            assert_eq!(id.as_str(), submitted.request);
            let canonical = |app: &str| AppId::parse(app).is_ok_and(|id| id.as_str() == app);
            assert!(submitted.app.is_none_or(canonical), "{:?}", submitted.app);
        }
        Some(Body::Initiated) => {
            let upload = Initiated::read(fields).expect("it was one").upload;
            let whole = UploadPlace::Whole;
            for place in [whole, UploadPlace::Part(1), UploadPlace::Part(u32::MAX), UploadPlace::Complete] {
                let mut text = String::new();
                upload.write(place, &mut text);
                assert!(place != whole || text == upload.as_str(), "{text}");
                let Ok(url) = Url::parse(&text) else { continue };
                let host = url.host_str().unwrap_or_default();
                let local = host.starts_with("127.") || matches!(host, "localhost" | "localhost." | "[::1]");
                assert!(url.scheme() == "https" || local, "{text}");
                assert!(url.fragment().is_none() && url.username().is_empty(), "{text}");
                let whole = Url::parse(upload.as_str()).expect("a part of it was one");
                assert_eq!((url.host_str(), url.query()), (whole.host_str(), whole.query()), "{text}");
            }
        }
        Some(Body::Status(_) | Body::Nothing) | None => {}
    }
}
