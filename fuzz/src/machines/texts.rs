//! What the driver of an operation keeps: the texts that its requests are spelled from.

use fal_wasm::client::{Body, Request, Spelling};
use fal_wasm::protocol::{Fields, Initiated, Submitted};

pub const REQUEST_ID: &str = "764cabcf-b745-4b3e-ae38-1200304cf45b";
const ENDPOINT: &str = "fal-ai/flux/dev";
const APP: &str = "fal-ai/flux";

/// The texts of one operation.
pub struct Texts {
    app: String,
    /// The request in the queue; empty as long as there is none.
    pub request_id: String,
    upload_url: String,
    /// Where in the Platform APIs.
    pub target: String,
}

impl Default for Texts {
    fn default() -> Self {
        Self { app: APP.into(), request_id: String::new(), upload_url: String::new(), target: String::new() }
    }
}

impl Texts {
    /// Keeps what a body says, when it says something that later requests are spelled from.
    pub fn keep(&mut self, body: Body, fields: Fields<'_>) {
        match body {
            Body::Submitted => {
                let submitted = Submitted::read(fields).expect("it was one");
                self.request_id = submitted.request.into();
                self.app = submitted.app.unwrap_or(APP).into();
            }
            Body::Initiated => {
                let initiated = Initiated::read(fields).expect("it was one");
                self.upload_url = initiated.upload.as_str().into();
            }
            Body::Status(_) | Body::Nothing => {}
        }
    }

    /// The URL of a request.
    pub fn url(&self, request: Request, to_backup: bool) -> String {
        let Request::Platform { .. } = request else {
            let (app, request_id, upload_url) = (&self.app, &self.request_id, &self.upload_url);
            assert!(!request.is_about_request() || !request_id.is_empty(), "{request:?} is about no request");
            let mut url = String::new();
            let spelling = Spelling { endpoint: ENDPOINT, app, request_id, upload_url, ..Spelling::default() };
            spelling.write(request, to_backup, &mut url);
            return url;
        };
        assert!(!to_backup, "the Platform APIs have one name");
        self.target.clone()
    }
}
