//! From the name of a request to its URL.

use super::request::Request;
use crate::protocol::{PushText, RouteName, UploadPlace, UploadUrl, push_submission, without_stream};

/// The texts that requests are spelled from. Whoever drives a machine keeps them; each is checked when it comes in, and a
/// URL is always put together from them, never passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spelling<'a> {
    /// The endpoint ([`EndpointId`](crate::protocol::EndpointId)), in its canonical spelling.
    pub endpoint: &'a str,
    /// The app that owns the queue ([`AppId`](crate::protocol::AppId)): that of the endpoint, unless fal's answer to the
    /// submit named another ([`Submitted::app`](crate::protocol::Submitted::app)).
    pub app: &'a str,
    /// The request in the queue ([`RequestId`](crate::protocol::RequestId)).
    pub request_id: &'a str,
    /// Where fal posts the result of a submit; empty for nowhere.
    pub webhook: &'a str,
    /// Beyond this many waiting requests fal refuses a submit.
    pub max_queue_length: Option<u32>,
    /// Where fal said the file goes ([`Initiated::upload`](crate::protocol::Initiated::upload)).
    pub upload_url: &'a str,
}

impl Request {
    /// What it is on the wire; none where the URL is fal's to choose, or the Platform APIs'.
    pub const fn route(self) -> Option<RouteName> {
        Some(match self {
            Self::Run => RouteName::Run,
            Self::Stream => RouteName::Stream,
            Self::Submit => RouteName::Submit,
            Self::Status { logs } => RouteName::Status { logs },
            Self::Follow { logs } => RouteName::Follow { logs },
            Self::Result => RouteName::Result,
            Self::Cancel => RouteName::Cancel,
            Self::Initiate => RouteName::Initiate,
            Self::InitiateMultipart => RouteName::InitiateMultipart,
            Self::Token(contract) => RouteName::Token(contract),
            Self::Put | Self::PutPart { .. } | Self::Complete | Self::Platform { .. } => return None,
        })
    }

    /// What its URL begins with, where a credential may go along: scheme and host, and a slash.
    pub fn origin(self, to_backup: bool) -> Option<&'static str> {
        let host = self.route()?.host();
        if to_backup { host.backup() } else { Some(host.origin()) }
    }
}

impl Spelling<'_> {
    /// Writes the URL of a request. Nothing is written for one of the Platform APIs, and for an upload without a place.
    pub fn write(&self, request: Request, to_backup: bool, out: &mut impl PushText) {
        if let (Some(route), Some(origin)) = (request.route(), request.origin(to_backup)) {
            out.push_text(origin);
            let endpoint = match request {
                Request::Stream => without_stream(self.endpoint, self.app),
                _ => self.endpoint,
            };
            for piece in route.path(endpoint, self.app, self.request_id) {
                out.push_text(piece);
            }
            if request == Request::Submit {
                let webhook = Some(self.webhook).filter(|url| !url.is_empty());
                push_submission(out, webhook, self.max_queue_length);
            }
            return;
        }
        let place = match request {
            Request::Put => UploadPlace::Whole,
            Request::PutPart { part } => UploadPlace::Part(part),
            Request::Complete => UploadPlace::Complete,
            _ => return,
        };
        if let Some(url) = UploadUrl::parse(self.upload_url) {
            url.write(place, out);
        }
    }
}
