//! A request of a machine, as it is on the wire.

use std::collections::BTreeMap;

use fal_emulator::model::http::Request as WireRequest;
use fal_wasm::client::{Destination, Payload, Request};
use serde_json::{Value, json};

use super::KEY;

pub fn url(request: &Request) -> String {
    match &request.destination {
        Destination::Fal(route) => route.url(),
        #[cfg(feature = "server")]
        Destination::Backup(route) => route.url_at(route.host().backup().unwrap()),
        #[cfg(feature = "server")]
        Destination::Platform(target) => target.as_str().into(),
        Destination::Upload(url) => url.as_str().into(),
    }
}

/// No key goes where bytes of a file go: there is no such arm.
pub fn request(
    request: &Request,
    input: &Value,
    (file, part_bytes): &(Vec<u8>, usize),
    receipts: &BTreeMap<u32, Value>,
) -> WireRequest {
    let wire = WireRequest::new(request.method.as_str(), &url(request));
    let wire = match &request.destination {
        Destination::Upload(_) => wire,
        _ => wire.with_header("authorization", &format!("Key {KEY}")),
    };
    match request.payload {
        Payload::None => wire,
        Payload::Input => wire.with_json(input),
        Payload::FileDescription => wire.with_json(&json!({"content_type": "image/png", "file_name": "a.png"})),
        Payload::File => {
            let bytes = match request.part.checked_sub(1) {
                Some(index) => file.chunks(*part_bytes).nth(index as usize).unwrap_or_default(),
                None => file,
            };
            wire.with_body("image/png", bytes.to_vec())
        }
        Payload::Receipts => {
            let part = |(number, etag): (&u32, &Value)| json!({"partNumber": number, "etag": etag});
            wire.with_json(&json!({"parts": receipts.iter().map(part).collect::<Vec<_>>()}))
        }
    }
}
