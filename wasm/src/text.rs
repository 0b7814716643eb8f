//! Questions about one text, and the spelling of requests.

use fal_wasm::client::Spelling;
use fal_wasm::credentials::ProxyUrl;
use fal_wasm::protocol::{EndpointShape, Fields, PushText, RequestId, Submitted, below};
use fal_wasm::wire::{RequestKind, Word};
use wasm_bindgen::prelude::*;

use crate::memory::{lines, text_bytes, with_text, write_out};

/// Checks the endpoint id that is the text, and brings it into its canonical spelling at its place. The length of its
/// app; or, below 0, minus one and minus the number of the [`EndpointError`](fal_wasm::protocol::EndpointError).
#[wasm_bindgen(js_name = endpointId)]
pub fn endpoint_id(length: u32) -> i32 {
    match with_text(length, EndpointShape::of) {
        Ok(shape) => {
            if let Some(at) = shape.hyphen {
                text_bytes(|bytes| {
                    if let Some(byte) = bytes.get_mut(at) {
                        *byte = b'/';
                    }
                });
            }
            shape.app as i32
        }
        Err(error) => -1 - error.to_word() as i32,
    }
}

/// The text of what is below an endpoint: the lines are its id, a path, and the path that is usual. Returns how long it is.
#[wasm_bindgen(js_name = belowEndpoint)]
pub fn below_endpoint(length: u32) -> u32 {
    with_text(length, |text| {
        let [id, path, usual] = lines(text);
        write_out(|out| {
            out.push_text(id);
            for piece in below(id, path, usual) {
                out.push_text(piece);
            }
        })
    })
}

/// Whether the text is a request id.
#[wasm_bindgen(js_name = isRequestId)]
pub fn is_request_id(length: u32) -> bool {
    with_text(length, RequestId::is_one)
}

/// The app that owns the queue, by the two fields of the answer to a submit, on two lines: how long it is. 0 when they
/// name none.
#[wasm_bindgen(js_name = submittedApp)]
pub fn submitted_app(length: u32) -> u32 {
    with_text(length, |text| {
        let [first, second] = lines(text).map(Some);
        let app = Submitted::read(Fields { first, second }).and_then(|submitted| submitted.app);
        app.map_or(0, |app| write_out(|out| out.push_text(app)))
    })
}

/// What is wrong with the URL of a proxy: a [`ProxyUrlError`](fal_wasm::credentials::ProxyUrlError), or 0.
#[wasm_bindgen(js_name = proxyUrlProblem)]
pub fn proxy_url_problem(length: u32) -> u32 {
    with_text(length, |text| ProxyUrl::check(text).err().map_or(0, |error| error as u32))
}

/// Writes the URL of a request. The lines of the text are endpoint, app, request id, webhook, and upload URL. Returns how
/// long it is; 0 when there is none.
#[wasm_bindgen]
pub fn spell(request: u32, part: u32, logs: bool, to_backup: bool, max_queue_length: f64, length: u32) -> u32 {
    let request = RequestKind::from_word(request.into()).and_then(|kind| kind.request(part, logs));
    let Some(request) = request else { return 0 };
    with_text(length, |text| {
        let [endpoint, app, request_id, webhook, upload_url] = lines(text);
        let max_queue_length = u32::from_word(max_queue_length);
        let spelling = Spelling { endpoint, app, request_id, webhook, max_queue_length, upload_url };
        write_out(|out| spelling.write(request, to_backup, out))
    })
}
