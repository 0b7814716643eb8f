//! A call of an operation before it begins: what was said about it, checked against the table.

use std::sync::Arc;

use fal_wasm::client::{BodyKind, Call, FailureKind, Idempotency, Request, Stream};
use fal_wasm::platform::{Media, Operation, Target};
use fal_wasm::protocol::{Method, push_encoded};
use serde::Serialize;

use crate::access::Access;
use crate::client::FalClient;
use crate::driver::{Driver, Outcome};
use crate::error::{Facts, FalError};
use crate::exchange::{Answer, Exchange, Texts};
use crate::file::File;
use crate::json;
use crate::net::Carried;
use crate::options::{Options, is_header_text};
use crate::plan::machine;
use crate::trace::Trace;
use crate::uuid::uuid;

/// What an operation is called with.
pub(super) enum Body {
    Json(Carried),
    /// A form with one file, by the name of its field.
    Form(String, File),
}

/// What was said about a call.
pub(super) struct Draft {
    client: FalClient,
    scope: String,
    pub method: Method,
    pub path: String,
    pub options: Options,
    pub parameters: Vec<(String, String)>,
    pub query: Vec<(String, String)>,
    pub body: Option<Body>,
    idempotency_key: Option<String>,
}

impl Draft {
    pub fn new(client: &FalClient, scope: &str, method: Method, path: &str) -> Self {
        Self {
            client: client.clone(),
            scope: scope.into(),
            method,
            path: path.into(),
            options: Options::new(client.retry),
            parameters: Vec::new(),
            query: Vec::new(),
            body: None,
            idempotency_key: None,
        }
    }

    /// The same once more, with another value in the query: the next page of a list.
    pub fn at(&self, place: Option<&(&'static str, String)>) -> Self {
        let mut options = Options::new(self.options.call.retry);
        options.call = self.options.call;
        options.own.clone_from(&self.options.own);
        let mut query = self.query.clone();
        if let Some((name, value)) = place {
            query.retain(|(other, _)| other != name);
            query.push(((*name).into(), value.clone()));
        }
        let body = self.body.as_ref().map(|body| match body {
            Body::Json(json) => Body::Json(json.clone()),
            Body::Form(field, file) => Body::Form(field.clone(), file.clone()),
        });
        Self {
            client: self.client.clone(),
            scope: self.scope.clone(),
            path: self.path.clone(),
            parameters: self.parameters.clone(),
            idempotency_key: self.idempotency_key.clone(),
            method: self.method,
            options,
            query,
            body,
        }
    }

    pub fn json(&mut self, body: &(impl Serialize + ?Sized)) {
        match json::encode(body) {
            Ok(text) => self.body = Some(Body::Json(text.into())),
            // What a serializer says may quote the body.
            Err(_) => self.options.refuse(FalError::saying(
                FailureKind::InputInvalid,
                "The body cannot be written as JSON (it holds a `File`, or a map without texts as keys). Nothing was sent."
                    .into(),
            )),
        }
    }

    pub fn key(&mut self, key: &str) {
        if key.is_empty() || !is_header_text(key) {
            self.options.refuse(FalError::option("idempotency_key", "takes what a header can carry."));
        }
        self.idempotency_key = Some(key.into());
    }

    /// The operation that is called.
    pub fn operation(&self) -> Result<Operation, FalError> {
        let found = Operation::find(self.method, &self.path);
        found.ok_or_else(|| FalError::option("path", &no_operation(self.method, &self.path)))
    }

    /// Checks everything, and is then ready to ask for one answer.
    pub async fn ready(self) -> Result<(Driver, Operation), FalError> {
        if self.operation().is_ok_and(|operation| operation.gives == Media::Events) {
            return Err(FalError::option("path", "names an operation that answers with `events()`."));
        }
        let (request, exchange, operation) = self.checked().await?;
        let trace = Trace::new("platform", operation.path);
        Ok((
            Driver::new(machine(&exchange.client, exchange.options.call, Call::new(request)), exchange, None)
                .traced(trace),
            operation,
        ))
    }

    /// Checks everything, and is then ready to hear of events.
    pub async fn streaming(self) -> Result<(Driver, Operation), FalError> {
        if self.operation().is_ok_and(|operation| operation.gives != Media::Events) {
            return Err(FalError::option("path", "names an operation without events: await the call."));
        }
        let (request, mut exchange, operation) = self.checked().await?;
        let silence = exchange.options.call.timeout.take();
        let trace = Trace::new("platform", operation.path);
        Ok((
            Driver::new(
                machine(&exchange.client, exchange.options.call, Stream::new(request, silence)),
                exchange,
                None,
            )
            .traced(trace),
            operation,
        ))
    }

    async fn checked(mut self) -> Result<(Request, Exchange, Operation), FalError> {
        self.options.has_no_backup();
        self.options.check(&self.client.inner.access)?;
        if matches!(self.client.inner.access, Access::Proxy { .. }) {
            let said = "The Platform APIs need a key, and no proxy leads to them. Nothing was sent.";
            return Err(FalError::saying(FailureKind::ServerOnly, said.into()));
        }
        let operation = self.operation()?;
        let name = name_of(&operation);
        if operation.is_beyond(&self.scope) {
            let why = [&name, " needs a key of scope ADMIN, and this one is said to have the scope ", &self.scope];
            let said = [&why.concat(), ". Make one at fal.ai/dashboard/keys. Nothing was sent."].concat();
            return Err(FalError::saying(FailureKind::ScopeRequired, said));
        }
        let url = self.url(&operation)?;
        let mut headers = Vec::new();
        let accept = if operation.gives == Media::None { Media::Json } else { operation.gives };
        headers.push(("accept", accept.as_str().to_owned()));
        let net = &self.client.inner.net;
        let input = match self.body.take() {
            None => None,
            Some(Body::Json(json)) if operation.takes == Media::Json => Some(json),
            Some(Body::Form(field, file)) if operation.takes == Media::Form => {
                let boundary = ["fal-", &uuid([net.seed(), net.seed()])].concat();
                headers.push(("content-type", ["multipart/form-data; boundary=", &boundary].concat()));
                Some(form(&boundary, &field, &file).await?)
            }
            Some(_) => return Err(FalError::option("body", &takes(&name, operation.takes))),
        };
        let key = self.idempotency_key.take();
        let key = key.or_else(|| operation.keyed.then(|| uuid([net.seed(), net.seed()])));
        headers.extend(key.map(|key| ("idempotency-key", key)));
        for (name, value) in headers {
            if !self.options.own.iter().any(|(other, _)| other == name) {
                self.options.own.push((name.into(), value));
            }
        }
        let is_repeatable = operation.is_repeatable(operation.keyed || self.options.call.idempotent);
        let gives = match operation.gives {
            Media::None => BodyKind::Nothing,
            Media::Events => BodyKind::Stream,
            _ => BodyKind::Anything,
        };
        let idempotency = if is_repeatable { Idempotency::Safe } else { Idempotency::Unsafe };
        let request = Request::Platform { takes: input.is_some(), gives, idempotency };
        self.options.method = operation.method;
        let exchange = Exchange {
            client: Arc::clone(&self.client.inner),
            texts: Texts { endpoint: name, url, ..Texts::default() },
            options: self.options,
            input,
            file: None,
        };
        Ok((request, exchange, operation))
    }

    fn url(&self, operation: &Operation) -> Result<String, FalError> {
        let given = &self.parameters;
        let is_known = |name: &str| operation.path.contains(&["{", name, "}"].concat());
        if let Some((name, _)) = given.iter().find(|(name, _)| !is_known(name)) {
            let why = ["takes the names in the path ", operation.path, ", and not ", name, "."].concat();
            return Err(FalError::option("param", &why));
        }
        let value = |name: &str| given.iter().rfind(|(other, _)| other == name).map(|(_, value)| value.clone());
        let target = Target::of(operation, value)
            .map_err(|error| FalError::option("param", &["does not fit: ", &error.to_string(), "."].concat()))?;
        let mut url = String::from(target.as_str());
        for (place, (name, value)) in self.query.iter().enumerate() {
            url.push(if place == 0 { '?' } else { '&' });
            push_encoded(&mut url, name);
            url.push('=');
            push_encoded(&mut url, value);
        }
        Ok(url)
    }
}

/// Method and path, as they are written in documentation.
pub(super) fn name_of(operation: &Operation) -> String {
    [operation.method.as_str(), " ", operation.path].concat()
}

/// Whether a path leads elsewhere by another method, or what is written nearly like it.
fn no_operation(method: Method, path: &str) -> String {
    let known: Vec<_> =
        Operation::all().filter(|operation| operation.path == path).map(|other| name_of(&other)).collect();
    let which = if known.is_empty() {
        let same = |one: &mut dyn Iterator<Item = char>, other: &mut dyn Iterator<Item = char>| {
            one.zip(other).take_while(|(one, other)| one == other).count()
        };
        let likeness = |other: &Operation| {
            let both = same(&mut path.chars(), &mut other.path.chars())
                + same(&mut path.chars().rev(), &mut other.path.chars().rev());
            (both, other.method == method, usize::MAX - other.path.len())
        };
        Operation::all().max_by_key(likeness).map(|nearest| name_of(&nearest)).unwrap_or_default()
    } else {
        known.join(", ")
    };
    [
        "takes the path of an operation, with the names of its parameters in braces. There is no ",
        method.as_str(),
        " of this path; there is ",
        &which,
        ".",
    ]
    .concat()
}

/// What an operation takes.
fn takes(name: &str, media: Media) -> String {
    let what = match media {
        Media::None => "no body",
        Media::Form => "a form: `file(..)`",
        _ => "JSON: `json(..)`",
    };
    ["is not one that ", name, " takes: it takes ", what, "."].concat()
}

/// A form with one file.
async fn form(boundary: &str, field: &str, file: &File) -> Result<Carried, FalError> {
    let content = file.read(0..file.size()).await.map_err(|trouble| FalError::of(trouble.kind))?;
    let quoted = |text: &str| text.replace('"', "%22").replace(['\r', '\n'], "_");
    let disposition =
        ["Content-Disposition: form-data; name=\"", &quoted(field), "\"; filename=\"", &quoted(file.name())];
    let head = ["--", boundary, "\r\n", &disposition.concat(), "\"\r\nContent-Type: ", file.content_type(), "\r\n\r\n"];
    Ok([head.concat().as_bytes(), &content, b"\r\n--", boundary.as_bytes(), b"--\r\n"].concat().into())
}

/// The answer of an operation. An HTML page in place of JSON comes from something between here and fal.
pub(super) fn answer(outcome: Outcome, operation: &Operation) -> Result<Answer, FalError> {
    match (operation.gives, outcome.body) {
        (Media::None, _) => Ok(Answer::Json("null".into())),
        (Media::Json, Some(answer @ Answer::Json(_))) | (Media::Csv | Media::Text | Media::Bytes, Some(answer)) => {
            Ok(answer)
        }
        (_, body) => {
            let body = body.as_ref().and_then(Answer::text).map(String::from);
            let request_id = Some(outcome.request_id).filter(|id| !id.is_empty());
            let facts =
                Facts { endpoint: Some(name_of(operation)), request_id, body, ..Facts::of(FailureKind::AnswerInvalid) };
            Err(facts.into_error())
        }
    }
}
