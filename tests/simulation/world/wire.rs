//! A request of a machine, as it is on the wire.

use std::collections::BTreeMap;

use fal_emulator::model::http::Request as WireRequest;
use fal_wasm::client::{Payload, Request};
use fal_wasm::protocol::Method;
use serde_json::{Value, json};

use super::KEY;

/// The method of a request. That of a model's input is the caller's to choose; here it is the usual one.
pub fn method(request: Request) -> Method {
    match request {
        Request::Status { .. } | Request::Follow { .. } | Request::Result => Method::Get,
        Request::Cancel | Request::Put | Request::PutPart { .. } => Method::Put,
        _ => Method::Post,
    }
}

/// A key goes to fal, and never where bytes of a file go.
pub fn request(
    request: Request,
    url: &str,
    input: &Value,
    (file, part_bytes): &(Vec<u8>, usize),
    receipts: &BTreeMap<u32, Value>,
) -> WireRequest {
    let wire = WireRequest::new(method(request).as_str(), url);
    let wire = if request.is_to_fal() { wire.with_header("authorization", &format!("Key {KEY}")) } else { wire };
    match request.payload() {
        Payload::None => wire,
        Payload::Input => wire.with_json(input),
        Payload::FileDescription => wire.with_json(&json!({"content_type": "image/png", "file_name": "a.png"})),
        Payload::File => {
            let bytes = match request {
                Request::PutPart { part } => file.chunks(*part_bytes).nth(part as usize - 1).unwrap_or_default(),
                _ => file,
            };
            wire.with_body("image/png", bytes.to_vec())
        }
        Payload::Receipts => {
            let part = |(number, etag): (&u32, &Value)| json!({"partNumber": number, "etag": etag});
            wire.with_json(&json!({"parts": receipts.iter().map(part).collect::<Vec<_>>()}))
        }
    }
}
