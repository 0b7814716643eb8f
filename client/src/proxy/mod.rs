//! The proxy that pages call: a URL of your own app, which holds the key and lets through what the app allows.
//!
//! ```no_run
//! use fal_wasm_client::Credentials;
//! use fal_wasm_client::proxy::{FalProxy, Principal};
//!
//! # async fn user(headers: &http::HeaderMap) -> Option<String> { None }
//! # fn example() -> Result<(), Box<dyn std::error::Error>> {
//! let proxy = FalProxy::builder(Credentials::from_env()?)
//!     .allowed_endpoints(["fal-ai/flux/**"])
//!     .authenticate(|request| async move { user(&request.headers).await.map(Principal::new) })
//!     .build()?;
//! // axum::Router::new().route_service("/api/fal/proxy", proxy)
//! # Ok(())
//! # }
//! ```
//!
//! It decides as the proxy of the npm package does, by the same code and the same test vectors, and either takes the
//! capabilities of the other when they have one secret. What that proxy has beyond this: sessions, grants, and records for
//! audits.
//!
//! Without [`limits`], whoever your `authenticate` lets in may spend what the key pays.

mod body;
mod builder;
mod headers;
mod input_rules;
mod json_fields;
pub mod limits;
mod ownership;
mod refusals;
mod report;
mod tokens;
mod uploads;
mod upstream;
mod visitor;

use std::collections::HashMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fal_wasm::protocol::Route;
use fal_wasm::proxy::{
    Call, CallEvent, CallStep, Decision, IncomingCall, Policy, Refusal, answer, headers::returned, passed_status,
};
use http::header::{CONTENT_TYPE, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Response};
use http_body::Body;
use tower_service::Service;

use self::builder::WebhookUrl;
use self::input_rules::InputRules;
use self::limits::{KeptAnswer, LimitedCall, Limiter, Taken, reserve};
use self::ownership::Signer;
use self::refusals::Refused;
use self::report::{Reporter, leaks_key};
use self::uploads::Uploads;
use self::upstream::{Payload, Sending};
use self::visitor::{Authenticate, identify};
use crate::capabilities::{CAPABILITY, is_capability};
use crate::credentials::Credentials;
use crate::json::Doc;
use crate::local::LocalServer;
use crate::marker::{BoxFuture, Source};
use crate::options::TARGET_URL;
use crate::service::{composed, header, read_at_most};

pub use self::builder::ProxyBuilder;
pub use self::input_rules::FieldRule;
pub use self::report::{KeyLeak, ProxyError, ProxyStep};
pub use self::tokens::RealtimeTokens;
pub use self::uploads::UploadRules;
pub use self::visitor::{IntoPrincipal, Principal};
pub use crate::service::AnswerBody;
pub use fal_wasm::proxy::{Origin, OriginError, RouteKind};

/// Says of an answer that it was given before.
const REPLAYED: &str = "idempotent-replayed";
/// More than fal says about a request that it has taken.
const MAX_SUBMITTED_BYTES: usize = 64 * 1024;

/// A proxy between pages and fal: a [`tower_service::Service`] that always answers. Cheap to clone.
#[derive(Clone)]
pub struct FalProxy(Arc<Inner>);

struct Inner {
    policy: Policy,
    ask: Authenticate,
    allowed_headers: Vec<HeaderName>,
    forwarded: Vec<String>,
    signer: Option<Signer>,
    webhook_url: Option<WebhookUrl>,
    max_body_bytes: u64,
    inputs: Option<InputRules>,
    uploads: Uploads,
    token_lifetime: Duration,
    timeouts: HashMap<&'static str, Duration>,
    http: reqwest::Client,
    credentials: Credentials,
    local: Option<LocalServer>,
    limits: Option<Limiter>,
    report: Reporter,
}

impl FalProxy {
    /// A proxy with a key, and options to set.
    ///
    /// ```
    /// # use fal_wasm_client::Credentials;
    /// # use fal_wasm_client::proxy::{FalProxy, Principal};
    /// let proxy = FalProxy::builder(Credentials::key("id:secret")?)
    ///     .allowed_endpoints(["fal-ai/flux/**"])
    ///     .authenticate(|_request| async { Some(Principal::new("somebody")) })
    ///     .build()?;
    /// # Ok::<(), fal_wasm_client::FalError>(())
    /// ```
    pub fn builder(credentials: Credentials) -> ProxyBuilder {
        ProxyBuilder::new(credentials)
    }

    /// Answers a call. Dropping the future ends the request to fal, but not a submit: who gives up there would never learn
    /// which job to follow.
    pub async fn handle<B>(&self, request: Request<B>) -> Response<AnswerBody>
    where
        B: Body<Data = Bytes> + Send + 'static,
        B::Error: Into<Source>,
    {
        let inner = Arc::clone(&self.0);
        let (parts, body) = request.into_parts();
        let origin = header(&parts.headers, "origin");
        let named = origin.as_deref();
        let headers = headers::answer_headers(inner.policy.reader(named).zip(named));
        match inner.answer(parts, body, headers.clone()).await {
            Ok(response) => response,
            Err(refused) => refused.response(headers),
        }
    }
}

impl Inner {
    /// Lets a call in, or refuses it.
    async fn answer<B>(
        self: Arc<Self>,
        parts: Parts,
        body: B,
        headers: HeaderMap,
    ) -> Result<Response<AnswerBody>, Refused>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        match self.admit(&parts) {
            Decision::Preflight => return Ok(headers::preflight(headers, &self.allowed_headers)),
            Decision::Refuse(refusal) => {
                if refusal == Refusal::KeyLeaked {
                    self.report.key_came(&parts, &self.credentials);
                }
                return Err(refusal.into());
            }
            Decision::Proceed => {}
        }
        let principal = identify(&self.ask, parts.clone(), &self.report).await?;
        let target = header(&parts.headers, TARGET_URL);
        let mut route = self.policy.route(parts.method.as_str(), target.as_deref())?;
        if let Some(signer) = &self.signer {
            let shown = header(&parts.headers, CAPABILITY).unwrap_or_default();
            signer.check(&route, &shown, principal.id())?;
        }
        if let Route::Submit(_, submission) = &mut route {
            submission.webhook = self.webhook(&principal)?;
            // It goes on though its visitor has left.
            let goes_on = async move { self.pass_on(&parts, body, &route, principal, headers).await };
            return tokio::spawn(goes_on).await.unwrap_or(Err(Refusal::Internal.into()));
        }
        if let Route::Token(contract) = route {
            return self.give_token(body, contract, principal, headers).await;
        }
        self.pass_on(&parts, body, &route, principal, headers).await
    }

    /// What needs no knowledge of who asks.
    fn admit(&self, parts: &Parts) -> Decision {
        let headers = &parts.headers;
        // The proxy was called at its authority; where a server leaves that out of the URL, it is the host.
        let host = parts.uri.authority().map(ToString::to_string).or_else(|| header(headers, "host"));
        let url = ["http://", &host.unwrap_or_default(), parts.uri.path()].concat();
        let [origin, fetch_site, content_type] =
            ["origin", "sec-fetch-site", "content-type"].map(|name| header(headers, name));
        let mut call = IncomingCall::new(parts.method.as_str(), &url);
        call.origin = origin.as_deref();
        call.fetch_site = fetch_site.as_deref();
        call.content_type = content_type.as_deref();
        call.leaks_key = leaks_key(parts);
        self.policy.admit(&call)
    }

    /// Where the result of a submit is posted to: what the app says, and nobody else.
    fn webhook(&self, principal: &Principal) -> Result<Option<String>, Refused> {
        let url = self.webhook_url.as_ref().and_then(|url| url(principal));
        let is_web = |url: &str| {
            reqwest::Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "https" | "http") && url.has_host())
        };
        if url.as_deref().is_some_and(|url| !is_web(url)) {
            let why = "`webhook_url` must give a URL that begins with https:// or http://, or none.";
            self.report.tell(ProxyStep::WebhookUrl, why.into());
            return Err(Refusal::AppFailed.into());
        }
        Ok(url)
    }

    /// Passes a call on to fal, and the answer back.
    async fn pass_on<B>(
        self: &Arc<Self>,
        parts: &Parts,
        body: B,
        route: &Route,
        principal: Principal,
        headers: HeaderMap,
    ) -> Result<Response<AnswerBody>, Refused>
    where
        B: Body<Data = Bytes> + Send + 'static,
    {
        let kind = RouteKind::of(route);
        let mut sent = HeaderMap::new();
        sent.insert(USER_AGENT, HeaderValue::from_static(crate::native::USER_AGENT));
        let forwarded = self.forwarded.iter().map(String::as_str);
        headers::copy(&parts.headers, &mut sent, ["accept"].into_iter().chain(forwarded));
        if kind == RouteKind::Upload {
            self.uploads.add_lifecycle(&mut sent);
        }
        let mut payload = None;
        if parts.method == Method::POST {
            // What came in was declared as JSON; the rest of the declaration is the visitor's.
            sent.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            payload = Some(self.payload(body, route).await?);
        }
        let call = LimitedCall {
            kind,
            principal: principal.clone(),
            endpoint: route.endpoint().map(|endpoint| endpoint.as_str().into()),
            app: route.app().map(|app| app.as_str().into()),
            request: route.request().map(|request| request.as_str().into()),
            once: self.once(parts, payload.as_ref())?,
            place: None,
        };
        let machine = Call::new(kind.limited(), !matches!(payload, Some(Payload::Coming(..))));
        let (mut taken, replay) = reserve(self, call, machine).await?;
        let response = match replay {
            Some(answer) => {
                let response = replayed(answer)?;
                taken.answered(response.status().as_u16(), response.headers());
                response
            }
            None => {
                let patience = self.patience(kind);
                let sending = Sending { method: parts.method.clone(), headers: sent, body: payload, patience };
                let mut response = self.send(&mut taken, route, sending).await?;
                // That is the proxy's to say.
                response.headers_mut().remove(REPLAYED);
                response
            }
        };
        self.pass_back(taken, response, route, &principal, headers).await
    }

    /// How long fal may take to begin its answer to such a call.
    fn patience(&self, kind: RouteKind) -> Duration {
        let usual = Duration::from_millis(kind.patience_ms().into());
        self.timeouts.get(kind.name()).copied().unwrap_or(usual)
    }

    /// What a page is told when fal refuses the proxy itself, which the operator is told of; none for any other answer.
    fn refused_by_fal(&self, status: u16) -> Option<Refused> {
        let refusal = answer(status).err()?;
        let (step, what) = match refusal {
            Refusal::UpstreamAuth => (ProxyStep::Credentials, "fal refused the key of this proxy. Set another one."),
            _ => (ProxyStep::Fetch, "fal answered with a redirect, which is not followed."),
        };
        self.report.tell(step, what.into());
        Some(refusal.into())
    }

    /// Passes an answer back. Its body streams; only the answer to a submit is read, because it has the id of the request.
    async fn pass_back(
        &self,
        mut taken: Taken,
        mut response: reqwest::Response,
        route: &Route,
        principal: &Principal,
        mut headers: HeaderMap,
    ) -> Result<Response<AnswerBody>, Refused> {
        let status = response.status();
        if taken.step() == CallStep::Refuse {
            return Err(self.refused_by_fal(status.as_u16()).unwrap_or_else(|| Refusal::UpstreamBroken.into()));
        }
        let kept = returned(status.is_success()).iter().copied().chain([REPLAYED]);
        headers::copy(response.headers(), &mut headers, kept);
        if taken.step() != CallStep::Read {
            return Ok(composed(passed_status(status.as_u16()), headers, AnswerBody::passed(response, taken)));
        }
        let Some(bytes) = read_at_most(&mut response, MAX_SUBMITTED_BYTES).await else {
            taken.failed(Refusal::UpstreamBroken);
            return Err(Refusal::UpstreamBroken.into());
        };
        taken.on(CallEvent::Done);
        let id = std::str::from_utf8(&bytes).ok().and_then(Doc::parse).and_then(|doc| doc.get("request_id")?.text());
        taken.began(id.as_deref(), &bytes).await;
        let capability = self.signer.as_ref().zip(id).and_then(|(signer, id)| signer.issue(route, &id, principal.id()));
        let capability = capability.filter(|text| is_capability(text));
        if let Some(capability) = capability.and_then(|text| HeaderValue::from_str(&text).ok()) {
            headers.insert(CAPABILITY, capability);
        }
        Ok(composed(status.as_u16(), headers, AnswerBody::whole(bytes)))
    }
}

/// An answer that was kept for its idempotency key, as if fal had given it.
fn replayed(KeptAnswer { status, content_type, body }: KeptAnswer) -> Result<reqwest::Response, Refusal> {
    let bytes = STANDARD.decode(body).map_err(|_| Refusal::Internal)?;
    let response = Response::builder().status(status).header(CONTENT_TYPE, content_type).header(REPLAYED, "true");
    response.body(bytes).map(reqwest::Response::from).map_err(|_| Refusal::Internal)
}

impl<B> Service<Request<B>> for FalProxy
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
        let proxy = self.clone();
        Box::pin(async move { Ok(proxy.handle(request).await) })
    }
}

impl fmt::Debug for FalProxy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("FalProxy(..)")
    }
}
