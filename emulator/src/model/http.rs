//! HTTP as plain data: what goes into the model and what comes out of it.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::deferred::DeferredBody;
use super::stream::Stream;
pub use super::time::Millis;

/// One request as it arrived on the wire.
#[derive(Clone, Default)]
pub struct Request {
    /// Upper-case method name, such as `POST`.
    pub method: String,
    /// The `Host` header, with or without a port.
    pub host: String,
    /// The path, percent-encoded as received, starting with `/`.
    pub path: String,
    /// The query string without its `?`; empty when there is none.
    pub query: String,
    /// Header names in lower case, with their values, in the order received.
    pub headers: Vec<(String, String)>,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Request {
    /// A request without headers or body for an absolute URL: `Request::new("GET", "https://queue.fal.run/…")`.
    pub fn new(method: &str, url: &str) -> Self {
        let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
        let (before_query, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (host, path) = before_query.split_once('/').unwrap_or((before_query, ""));
        Self {
            method: method.to_ascii_uppercase(),
            host: host.to_owned(),
            path: format!("/{path}"),
            query: query.to_owned(),
            ..Self::default()
        }
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_ascii_lowercase(), value.to_owned()));
        self
    }

    /// Sets a JSON body and its content type.
    #[must_use]
    pub fn with_json(self, body: &Value) -> Self {
        self.with_body("application/json", body.to_string().into_bytes())
    }

    /// Sets a body and its content type.
    #[must_use]
    pub fn with_body(mut self, content_type: &str, body: Vec<u8>) -> Self {
        self.body = body;
        self.with_header("content-type", content_type)
    }

    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The decoded query parameters, in order.
    pub fn params(&self) -> impl Iterator<Item = (String, String)> {
        form_urlencoded::parse(self.query.as_bytes()).into_owned()
    }

    /// The first query parameter of this name, decoded.
    pub fn param(&self, name: &str) -> Option<String> {
        self.params().find(|(found, _)| found == name).map(|(_, value)| value)
    }
}

/// Method, host and path only: headers hold keys, bodies hold prompts, queries hold upload signatures.
impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}", self.method, self.host, self.path)
    }
}

/// One response, to be put on the wire by a server or a simulation.
#[derive(Debug, Clone)]
pub struct Response {
    /// HTTP status code.
    pub status: u16,
    /// Header names in lower case, with their values.
    pub headers: Vec<(String, String)>,
    /// What follows the headers.
    pub body: Body,
    /// How long after the request the answer begins, in milliseconds: a synchronous run answers when it is done.
    pub after: Millis,
}

/// The three kinds of bodies.
#[derive(Debug, Clone)]
pub enum Body {
    /// All of it, now.
    Bytes(Arc<[u8]>),
    /// All of it, computed outside the model: drawing a picture takes too long to do while other requests wait.
    Deferred(Arc<DeferredBody>),
    /// Server-sent events, played out over time with `Fal::play`.
    Stream(Box<Stream>),
}

impl Response {
    /// A response with an empty body.
    pub fn empty(status: u16) -> Self {
        Self { status, headers: Vec::new(), body: Body::Bytes(Arc::default()), after: 0 }
    }

    /// A JSON response.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::bytes(status, "application/json", body.to_string().into_bytes().into())
    }

    /// A response of any content type.
    pub fn bytes(status: u16, content_type: &str, body: Arc<[u8]>) -> Self {
        Self { body: Body::Bytes(body), ..Self::empty(status) }.with_header("content-type", content_type)
    }

    /// A stream of server-sent events.
    pub fn events(stream: Stream) -> Self {
        Self { body: Body::Stream(Box::new(stream)), ..Self::empty(200) }
            .with_header("content-type", "text/event-stream; charset=utf-8")
            .with_header("cache-control", "no-cache")
    }

    /// Adds a header (lower-case name).
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The first header of this (lower-case) name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The whole body, doing the work where there is some; empty for a stream.
    pub fn body_bytes(&self) -> Arc<[u8]> {
        match &self.body {
            Body::Bytes(bytes) => Arc::clone(bytes),
            Body::Deferred(body) => body.compute().into(),
            Body::Stream(_) => Arc::default(),
        }
    }

    /// The body as JSON; `null` when it is not JSON.
    pub fn body_json(&self) -> Value {
        serde_json::from_slice(&self.body_bytes()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_taken_apart_so_that_tests_can_write_requests_as_users_do() {
        let request = Request::new("get", "https://queue.fal.run/fal-ai/flux/requests/x/status?logs=1&a=b%20c");
        assert_eq!((request.method.as_str(), request.host.as_str()), ("GET", "queue.fal.run"));
        assert_eq!(request.path, "/fal-ai/flux/requests/x/status");
        assert_eq!(request.param("a").as_deref(), Some("b c"));
        assert_eq!(request.param("none"), None);
    }

    #[test]
    fn a_printed_request_shows_no_key_no_prompt_and_no_signature() {
        let request = Request::new("PUT", "https://v3.fal.media/presigned/1?signature=s3cret")
            .with_header("Authorization", "Key id:s3cret")
            .with_json(&serde_json::json!({"prompt": "s3cret"}));
        assert_eq!(format!("{request:?}"), "PUT v3.fal.media/presigned/1");
    }
}
