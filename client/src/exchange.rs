//! Requests of an operation: from their names and the texts of the call to what is sent, and back.

use std::sync::Arc;

use fal_wasm::client::{Body, BodyKind, FailureKind, Payload, Request, Spelling};
use fal_wasm::credentials::{KeyScan, ProxyUrl};
use fal_wasm::protocol::{Fields, Initiated, Media, Method, Submitted, before_path, find, push_encoded, split_once};

use crate::access::Access;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::access::attach;
use crate::capabilities::CAPABILITY;
use crate::client::Inner;
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
use crate::credentials::Credentials;
use crate::json::{self, Doc};
use crate::marker::BoxFuture;
use crate::net::{Carried, HttpRequest, HttpResponse, Piece, Trouble};
use crate::options::{Options, TARGET_URL};
use crate::sent_file::SentFile;

/// What the id of a request follows in a URL.
const REQUESTS: &str = "/requests/";

/// The texts of an operation. Some are known from the start, others come with fal's answers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Texts {
    pub endpoint: String,
    pub app: String,
    pub request_id: String,
    pub upload_url: String,
    pub file_url: String,
    /// Where an operation of the Platform APIs is called.
    pub url: String,
}

/// What an operation sends.
pub(crate) struct Exchange {
    pub client: Arc<Inner>,
    pub texts: Texts,
    pub options: Options,
    /// The input, as JSON.
    pub input: Option<Carried>,
    pub file: Option<Box<dyn SentFile>>,
}

impl Exchange {
    /// Sends a request that the machine asked for.
    pub fn send(&self, request: Request, to_backup: bool) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
        let composed = self.compose(request, to_backup);
        match &self.file {
            Some(file) if request.payload() == Payload::File => file.send(&self.client, composed, to_backup),
            _ => ship(&self.client, composed, to_backup),
        }
    }

    /// The method of a request. That of a model's input is the caller's to choose.
    fn method(&self, request: Request) -> Method {
        match request {
            Request::Status { .. } | Request::Follow { .. } | Request::Result => Method::Get,
            Request::Cancel | Request::Put | Request::PutPart { .. } => Method::Put,
            Request::Run | Request::Stream | Request::Submit | Request::Platform { .. } => self.options.method,
            _ => Method::Post,
        }
    }

    fn compose(&self, request: Request, to_backup: bool) -> HttpRequest {
        let Self { texts, options, .. } = self;
        let mut url = String::new();
        let spelling = Spelling {
            endpoint: &texts.endpoint,
            app: &texts.app,
            request_id: &texts.request_id,
            webhook: &options.webhook,
            max_queue_length: options.max_queue_length,
            upload_url: &texts.upload_url,
        };
        match request {
            Request::Platform { .. } => url.push_str(&texts.url),
            _ => spelling.write(request, to_backup, &mut url),
        }
        let (payload, method) = (request.payload(), self.method(request));
        let mut headers = Vec::new();
        if request.is_to_fal() {
            for (name, value) in &options.own {
                push_header(&mut headers, name, value);
            }
            if matches!(payload, Payload::Input | Payload::FileDescription) {
                for (name, value) in &options.headers {
                    push_header(&mut headers, name, value);
                }
            }
        }
        let is_streamed = matches!(request, Request::Stream | Request::Follow { .. });
        declare(&mut headers, "accept", if is_streamed { "text/event-stream" } else { "application/json" });
        let mut body = None;
        if payload == Payload::Input {
            push_query(&mut url, &options.query);
            if method == Method::Get {
                let input = self.input.as_deref().map(text_of);
                let input = input.as_deref().and_then(Doc::parse);
                push_query(&mut url, &input.map(|input| input.query()).unwrap_or_default());
            } else {
                body = self.input.clone();
            }
        }
        if let Some(file) = &self.file {
            body = body.or(file.body(payload).map(Carried::from));
            // A part has no type: it is not a file yet.
            if payload == Payload::File && request.part() == 0 {
                declare(&mut headers, "content-type", file.content_type());
            }
        }
        if body.is_some() {
            declare(&mut headers, "content-type", "application/json");
        }
        HttpRequest { request, method: method.as_str(), url, headers, authorization: None, body }
    }

    /// Keeps what a body says, when it says something that later requests are spelled from.
    pub fn keep(&mut self, body: Body, fields: Fields<'_>) {
        match body {
            Body::Submitted => {
                if let Some(submitted) = Submitted::read(fields) {
                    self.texts.request_id = submitted.request.into();
                    if let Some(app) = submitted.app {
                        self.texts.app = app.into();
                    }
                }
            }
            Body::Initiated => {
                if let Some(initiated) = Initiated::read(fields) {
                    self.texts.upload_url = initiated.upload.as_str().into();
                    self.texts.file_url = initiated.file.into();
                }
            }
            Body::Status(_) | Body::Nothing => {}
        }
    }
}

/// Adds a header, unless it is there.
fn declare(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    if !headers.iter().any(|(other, _)| other == name) {
        push_header(headers, name, value);
    }
}

#[inline(never)]
fn push_header(headers: &mut Vec<(String, String)>, name: &str, value: &str) {
    headers.push((name.into(), value.into()));
}

/// Adds values as a query.
fn push_query(url: &mut String, values: &[(String, String)]) {
    for (name, value) in values {
        url.push(if url.bytes().any(|byte| byte == b'?') { '&' } else { '?' });
        push_encoded(url, name);
        url.push('=');
        push_encoded(url, value);
    }
}

/// Sends a request to where the client's calls go: to fal with a key, to the proxy, or with bytes of a file to the place
/// that fal gave for them.
#[cfg_attr(
    not(any(not(target_arch = "wasm32"), feature = "edge")),
    expect(unused_variables, reason = "a page has no backup")
)]
pub(crate) fn ship(
    client: &Arc<Inner>,
    request: HttpRequest,
    to_backup: bool,
) -> BoxFuture<'static, Result<HttpResponse, Trouble>> {
    match &client.access {
        #[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
        Access::Key { credentials, .. } => {
            Box::pin(ship_with_key(Arc::clone(client), credentials.clone(), request, to_backup))
        }
        Access::Proxy { url, .. } => match for_proxy(client, url, request) {
            Ok(request) => client.net.send(request),
            Err(trouble) => Box::pin(std::future::ready(Err(trouble))),
        },
    }
}

/// When fal refuses the key it is sent once more with the next one: fal refuses a key before anything runs, so this is no
/// second run.
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
async fn ship_with_key(
    client: Arc<Inner>,
    credentials: Credentials,
    mut request: HttpRequest,
    to_backup: bool,
) -> Result<HttpResponse, Trouble> {
    request.authorization = attach(&credentials.first, request.request, to_backup, &request.url);
    let next = request.authorization.as_ref().and(credentials.next.as_ref());
    let again =
        next.map(|_| HttpRequest { headers: request.headers.clone(), body: request.body.clone(), ..copy(&request) });
    let go = |request: HttpRequest| {
        let url = client.access.localised(request.url);
        client.net.send(HttpRequest { url, ..request })
    };
    let answer = go(request).await?;
    match again {
        Some(mut again) if answer.status == 401 => {
            drop(answer);
            let next = credentials.after_refusal();
            again.authorization = next.and_then(|next| attach(next, again.request, to_backup, &again.url));
            go(again).await
        }
        _ => Ok(answer),
    }
}

/// A request as the proxy takes it.
fn for_proxy(client: &Inner, proxy: &ProxyUrl, mut request: HttpRequest) -> Result<HttpRequest, Trouble> {
    refuse_keys(&request)?;
    if request.request.is_to_fal() {
        let target = std::mem::replace(&mut request.url, proxy.as_str().into());
        let about = find(&target, REQUESTS).and_then(|at| target.get(at + REQUESTS.len()..));
        let about = before_path(about.unwrap_or_default());
        let capability = client.access.with_capabilities(|known| known.of(about).map(String::from)).flatten();
        request.headers.extend(capability.map(|capability| (CAPABILITY.into(), capability)));
        request.headers.push((TARGET_URL.into(), target));
    }
    Ok(request)
}

/// A request without what it carries.
#[cfg(any(not(target_arch = "wasm32"), feature = "edge"))]
fn copy(request: &HttpRequest) -> HttpRequest {
    HttpRequest {
        request: request.request,
        method: request.method,
        url: request.url.clone(),
        headers: Vec::new(),
        authorization: None,
        body: None,
    }
}

/// Where everybody can read what is sent, nothing that looks like a key is: it was not meant to be there.
fn refuse_keys(request: &HttpRequest) -> Result<(), Trouble> {
    // A key has no character that takes more than a byte.
    let is_key = |text: &[u8]| KeyScan::finds(text.iter().map(|byte| u16::from(*byte)));
    let is_file = request.request.payload() == Payload::File;
    let is_found = is_key(request.url.as_bytes())
        || request.headers.iter().any(|(name, value)| is_key(name.as_bytes()) || is_key(value.as_bytes()))
        || (!is_file && request.body.as_ref().is_some_and(|body| is_key(body)));
    if is_found { Err(FailureKind::CredentialsInBrowser.into()) } else { Ok(()) }
}

/// What an answer holds for the caller.
#[derive(Clone)]
pub(crate) enum Answer {
    Json(String),
    Text(String),
    Bytes(Piece),
}

impl Answer {
    /// It as text, when it is some.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Json(text) | Self::Text(text) => Some(text),
            Self::Bytes(_) => None,
        }
    }
}

/// Reads a body: by what it is made of, and by what it is expected to be. What cannot be what it should be comes back as
/// text.
pub(crate) fn read(bytes: Piece, media: Media, kind: BodyKind, takes_html: bool) -> Result<Answer, String> {
    let is_either = matches!(kind, BodyKind::Receipt | BodyKind::Explanation);
    if !is_either && media == Media::Bytes {
        return Ok(Answer::Bytes(bytes));
    }
    read_text(text_of(&bytes), media, kind, takes_html)
}

/// Bytes as text: what is no UTF-8 becomes U+FFFD.
pub(crate) fn text_of(bytes: &[u8]) -> String {
    #[cfg(target_arch = "wasm32")]
    return crate::lossy::lossy(bytes);
    #[cfg(not(target_arch = "wasm32"))]
    String::from_utf8_lossy(bytes).into_owned()
}

/// Reads a body that is text.
pub(crate) fn read_text(text: String, media: Media, kind: BodyKind, takes_html: bool) -> Result<Answer, String> {
    let is_either = matches!(kind, BodyKind::Receipt | BodyKind::Explanation);
    match media {
        Media::Html if !is_either && !takes_html => Err(text),
        Media::Json if !is_either && !json::is_json(&text) => Err(text),
        Media::Json => Ok(Answer::Json(text)),
        _ if is_either && json::is_json(&text) => Ok(Answer::Json(text)),
        _ => Ok(Answer::Text(text)),
    }
}

/// The text fields of a body that decide something.
pub(crate) fn fields(answer: &Answer, kind: BodyKind) -> [Option<String>; 2] {
    let names = kind.fields();
    if names.is_empty() {
        return [None, None];
    }
    let Some(doc) = answer.text().and_then(Doc::parse) else { return [None, None] };
    let (first, second) = split_once(names, b' ').unwrap_or((names, ""));
    [first, second].map(|name| doc.get(name).filter(|_| !name.is_empty())?.string())
}
