//! Webhooks of fal's, as a service: verified, handed over once, and answered in time.
//!
//! ```no_run
//! use fal_wasm_client::webhook::{FalWebhook, WebhookEvent};
//!
//! # async fn keep(event: WebhookEvent) -> Result<(), std::io::Error> { Ok(()) }
//! # fn example() -> Result<(), fal_wasm_client::FalError> {
//! let webhook = FalWebhook::builder(|event: WebhookEvent| keep(event)).accounts(["user_2x"]).build()?;
//! // axum::Router::new().route_service("/api/fal/webhook", webhook)
//! # Ok(())
//! # }
//! ```
//!
//! It takes what the npm package takes, by the same code: headers and time strictly, fal's own keys only, and each webhook
//! handed over once, however often it is delivered.

mod builder;
mod hand_over;
mod keys;
mod refusals;
mod replay_store;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use fal_wasm::webhook::{Delivery, Headers, Refusal};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Response};
use http_body::Body;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use sha2::{Digest, Sha256};
use tower_service::Service;

use self::builder::Options;
use self::hand_over::hand_over;
use self::keys::Keys;
use crate::error::FalError;
use crate::marker::{BoxFuture, Source};
use crate::native::wall;
use crate::safe::safe;
use crate::service::{Fault, Incoming, header};

pub use self::builder::WebhookBuilder;
pub use self::refusals::WebhookError;
pub use self::replay_store::{MemoryReplayStore, ReplayStore};
pub use crate::service::AnswerBody;

/// A webhook that fal signed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct WebhookEvent {
    /// The id that submitting gave.
    pub request_id: String,
    /// The last attempt at the request; differs from `request_id` when there were several.
    pub gateway_request_id: Option<String>,
    /// Whose request it was.
    pub user_id: String,
    /// Whether the request was completed.
    pub is_ok: bool,
    /// Why it failed, when it did.
    pub error: Option<String>,
    /// Why there is no payload, when it could not be put into a webhook.
    pub payload_error: Option<String>,
    payload: Value,
}

impl WebhookEvent {
    /// The output of the model, or what it explained its failure with, as a type of the caller's.
    ///
    /// # Errors
    /// `unexpected_type`, when it is of another; what came is in [`FalError::body`].
    pub fn payload<T: DeserializeOwned>(&self) -> Result<T, FalError> {
        let other =
            |why: serde_json::Error| FalError::of_another_type(&safe(&why.to_string()), self.payload.to_string());
        T::deserialize(&self.payload).map_err(other)
    }
}

/// Takes what fal posts: a [`tower_service::Service`] that always answers. Cheap to clone.
#[derive(Clone)]
pub struct FalWebhook(Arc<Inner>);

struct Inner {
    options: Options,
    keys: Keys,
}

/// What fal posts.
#[derive(Deserialize)]
struct Posted {
    request_id: String,
    #[serde(default)]
    gateway_request_id: Value,
    status: Status,
    #[serde(default)]
    payload: Value,
    #[serde(default)]
    error: Value,
    #[serde(default)]
    payload_error: Value,
}

#[derive(Deserialize, PartialEq)]
#[serde(rename_all = "UPPERCASE")]
enum Status {
    Ok,
    Error,
}

impl FalWebhook {
    /// A service that hands each webhook to this function, once. The webhook is delivered when that is done; when it fails, or
    /// takes longer than fal waits, fal is asked to deliver again, and in the latter case it goes on and is not called again if
    /// it succeeds. If it was cut off, or takes more than 100 seconds, it is called again: what it does must be safe to do
    /// twice.
    pub fn builder<F, Work, E>(on_event: F) -> WebhookBuilder
    where
        F: Fn(WebhookEvent) -> Work + Send + Sync + 'static,
        Work: Future<Output = Result<(), E>> + Send + 'static,
        E: Into<Source>,
    {
        WebhookBuilder::new(Box::new(move |event| {
            let work = on_event(event);
            Box::pin(async move { work.await.map_err(Into::into) })
        }))
    }

    /// Answers a delivery. Dropping the future does not end what was begun.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Source>,
    {
        let (parts, body) = request.into_parts();
        let inner = Arc::clone(&self.0);
        let work = tokio::spawn(async move {
            let outcome = inner.receive(parts, body).await;
            outcome.map_err(|error| {
                let refusal = error.refusal;
                inner.tell(error);
                refusal
            })
        });
        let outcome = match tokio::time::timeout(self.0.options.answer_within, work).await {
            Ok(outcome) => outcome.unwrap_or(Err(Refusal::NotHandled)),
            Err(_) => {
                self.0.tell(Refusal::Late.into());
                Err(Refusal::Late)
            }
        };
        refusals::response(outcome.err())
    }
}

impl Inner {
    /// Verifies a webhook, and hands it over.
    async fn receive<B>(&self, parts: Parts, body: B) -> Result<(), WebhookError>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        if parts.method != Method::POST {
            return Err(Refusal::Method.into());
        }
        let event = self.authenticate(&parts.headers, body).await?;
        let (options, name) = (&self.options, event.request_id.clone());
        let forgotten = |cause| self.tell(WebhookError { refusal: Refusal::NotHandled, source: Some(cause) });
        hand_over(options.store.as_ref(), &name, || (options.on_event)(event), forgotten).await
    }

    /// What fal says, once it is certain that fal says it: the cheapest is looked at first.
    async fn authenticate<B>(&self, headers: &HeaderMap, body: B) -> Result<WebhookEvent, WebhookError>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let [request_id, user_id, timestamp, signature] = ["request-id", "user-id", "timestamp", "signature"]
            .map(|name| header(headers, &["x-fal-webhook-", name].concat()));
        let read = Headers {
            request_id: request_id.as_deref(),
            user_id: user_id.as_deref(),
            timestamp: timestamp.as_deref(),
            signature: signature.as_deref(),
        };
        let delivery = Delivery::read(&read, wall())?;
        let body = match Incoming::new(body, self.options.max_body_bytes).read(usize::MAX).await {
            Ok((body, _)) => body,
            Err(Fault::TooLarge) => return Err(Refusal::TooLarge.into()),
            Err(_) => return Err(Refusal::Unreadable.into()),
        };
        let message = delivery.message(&Sha256::digest(&body).into());
        if !self.keys.have_signed(delivery.signature(), &message).await? {
            return Err(Refusal::Signature.into());
        }
        let posted: Posted = serde_json::from_slice(&body).map_err(|_| Refusal::Payload)?;
        let text = |value: Value| value.as_str().map(String::from);
        let event = WebhookEvent {
            request_id: posted.request_id,
            gateway_request_id: text(posted.gateway_request_id),
            user_id: user_id.unwrap_or_default(),
            is_ok: posted.status == Status::Ok,
            error: text(posted.error),
            payload_error: text(posted.payload_error),
            payload: posted.payload,
        };
        delivery.check(&event.request_id, event.gateway_request_id.as_deref(), self.options.accounts.as_deref())?;
        if let Some(submitted) = &self.options.submitted
            && !submitted(event.request_id.clone()).await.map_err(refusals::not_handled)?
        {
            return Err(Refusal::RequestUnknown.into());
        }
        Ok(event)
    }

    fn tell(&self, error: WebhookError) {
        if let Some(told) = &self.options.on_error {
            told(error);
        }
    }
}

impl<B> Service<Request<B>> for FalWebhook
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Source>,
{
    type Response = Response<AnswerBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Self::Response, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let webhook = self.clone();
        Box::pin(async move { Ok(webhook.handle(request).await) })
    }
}

impl fmt::Debug for FalWebhook {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("FalWebhook(..)")
    }
}
