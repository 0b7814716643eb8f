//! The texts of an operation, which its driver keeps: what its requests are spelled from.

use fal_wasm::client::{Body, BodyKind, Request, Spelling};
use fal_wasm::protocol::{EndpointId, Fields, Initiated, Submitted};
use serde_json::Value;

/// The texts of one operation. Some are known from the start, others come with fal's answers.
#[derive(Clone, Debug, Default)]
pub struct Texts {
    endpoint: String,
    app: String,
    /// The request in the queue; empty as long as there is none.
    pub request_id: String,
    upload_url: String,
    /// Where the uploaded file can be read.
    pub file_url: String,
}

/// The fields of a body that matter when it is expected to be this.
pub fn fields(body: &Value, kind: BodyKind) -> Fields<'_> {
    let mut names = kind.fields().split(' ');
    let mut text = || names.next().and_then(|name| body[name].as_str());
    Fields { first: text(), second: text() }
}

impl Texts {
    /// For an operation on this endpoint, about this request if it is there already.
    pub fn new(endpoint: &str, request_id: Option<&str>) -> Self {
        let endpoint = EndpointId::parse(endpoint).unwrap();
        Self {
            app: endpoint.app().as_str().into(),
            endpoint: endpoint.as_str().into(),
            request_id: request_id.unwrap_or_default().into(),
            ..Self::default()
        }
    }

    /// Keeps what a body says, when it says something that later requests are spelled from.
    pub fn keep(&mut self, body: Body, value: &Value) {
        match body {
            Body::Submitted => {
                let submitted = Submitted::read(fields(value, BodyKind::Submitted)).unwrap();
                self.request_id = submitted.request.into();
                if let Some(app) = submitted.app {
                    self.app = app.into();
                }
            }
            Body::Initiated => {
                let initiated = Initiated::read(fields(value, BodyKind::Initiated)).unwrap();
                self.upload_url = initiated.upload.as_str().into();
                self.file_url = initiated.file.into();
            }
            Body::Status(_) | Body::Nothing => {}
        }
    }

    /// The URL of a request.
    pub fn url(&self, request: Request, to_backup: bool) -> String {
        assert!(!request.is_about_request() || !self.request_id.is_empty(), "{request:?} is about no request");
        let mut url = String::new();
        let spelling = Spelling {
            endpoint: &self.endpoint,
            app: &self.app,
            request_id: &self.request_id,
            upload_url: &self.upload_url,
            ..Spelling::default()
        };
        spelling.write(request, to_backup, &mut url);
        assert!(!url.is_empty(), "{request:?} has no URL");
        url
    }

    /// The id that goes to the caller with a result, when it is that of a queued request.
    pub fn id(&self) -> Option<String> {
        Some(self.request_id.clone()).filter(|id| !id.is_empty())
    }
}
