//! What a proxy allows, put together.

use std::collections::HashMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use fal_wasm::credentials::EndpointPatterns;
use fal_wasm::proxy::{Origin, Policy, RouteKind, TokenPolicy, headers};
use http::HeaderName;
use http::request::Parts;

use super::input_rules::{FieldRule, InputRules, Inputs};
use super::limits::Limits;
use super::ownership::{LIFETIME, MIN_SECRET_BYTES, Signer};
use super::report::{KeyLeak, OnError, OnKeyLeak, ProxyError, Reporter};
use super::tokens::RealtimeTokens;
use super::uploads::{UploadRules, Uploads};
use super::visitor::{Authenticate, IntoPrincipal, Principal, boxed};
use super::{FalProxy, Inner};
use crate::credentials::{Credentials, KeyRejected};
use crate::error::FalError;
use crate::local::LocalServer;
use crate::native;

/// Enough for pictures as data URIs. Files are uploaded, and do not come through here.
const MAX_BODY_BYTES: u64 = 32 * 1024 * 1024;
/// The longest that a token lasts, in seconds.
const HOUR: u64 = 3_600;
const YEAR: Duration = Duration::from_secs(366 * 24 * 3600);

pub(super) type WebhookUrl = Box<dyn Fn(&Principal) -> Option<String> + Send + Sync>;

/// Options of a [`FalProxy`]. Two are needed: [`allowed_endpoints`](Self::allowed_endpoints) and
/// [`authenticate`](Self::authenticate).
#[must_use]
pub struct ProxyBuilder {
    credentials: Credentials,
    endpoints: Vec<String>,
    authenticate: Option<Authenticate>,
    origins: Vec<Origin>,
    allowed_headers: Vec<String>,
    forwarded: Vec<String>,
    uploads: bool,
    upload_rules: Option<UploadRules>,
    /// None where everybody may ask about every request.
    lifetime: Option<Duration>,
    secret: Option<String>,
    webhook_url: Option<WebhookUrl>,
    max_body_bytes: u64,
    inputs: Inputs,
    tokens: Option<RealtimeTokens>,
    timeouts: HashMap<&'static str, Duration>,
    local: Option<String>,
    limits: Option<Limits>,
    on_error: Option<OnError>,
    on_key_leak: Option<OnKeyLeak>,
}

impl ProxyBuilder {
    pub(super) fn new(credentials: Credentials) -> Self {
        Self {
            credentials,
            endpoints: Vec::new(),
            authenticate: None,
            origins: Vec::new(),
            allowed_headers: Vec::new(),
            forwarded: Vec::new(),
            uploads: true,
            upload_rules: None,
            lifetime: Some(LIFETIME),
            secret: None,
            webhook_url: None,
            max_body_bytes: MAX_BODY_BYTES,
            inputs: Inputs::new(),
            tokens: None,
            timeouts: HashMap::new(),
            local: None,
            limits: None,
            on_error: None,
            on_key_leak: None,
        }
    }

    /// The endpoints that may be called, such as `fal-ai/flux/**`: `*` is one segment, `**` at the end any number of them; the
    /// owner has to be named. Every other endpoint is refused, for every method.
    pub fn allowed_endpoints<Pattern: Into<String>>(mut self, patterns: impl IntoIterator<Item = Pattern>) -> Self {
        self.endpoints.extend(patterns.into_iter().map(Into::into));
        self
    }

    /// Says who asks, by the head of the request: somebody, or nobody, who is answered with a 401. When it fails, or takes
    /// longer than 10 seconds, nobody comes in, visitors get a 503, and the operator is told.
    ///
    /// ```
    /// # use fal_wasm_client::proxy::{Principal, ProxyBuilder};
    /// # async fn session(cookie: Option<&http::HeaderValue>) -> Result<Option<String>, std::io::Error> { Ok(None) }
    /// # fn example(builder: ProxyBuilder) -> ProxyBuilder {
    /// builder.authenticate(|request| async move {
    ///     let user = session(request.headers.get("cookie")).await?;
    ///     Ok::<_, std::io::Error>(user.map(Principal::new))
    /// })
    /// # }
    /// ```
    pub fn authenticate<F, Answer>(mut self, ask: F) -> Self
    where
        F: Fn(Parts) -> Answer + Send + Sync + 'static,
        Answer: Future<Output: IntoPrincipal> + Send + 'static,
    {
        self.authenticate = Some(boxed(ask));
        self
    }

    /// Origins of pages, other than the proxy's own, that may call it.
    pub fn trusted_origins(mut self, origins: impl IntoIterator<Item = Origin>) -> Self {
        self.origins.extend(origins);
        self
    }

    /// Headers of your own that pages of trusted origins may send, beside those of the clients, `Authorization`, and what
    /// tracing tools add. None of them goes to fal.
    pub fn allowed_headers<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.allowed_headers.extend(names.into_iter().map(Into::into));
        self
    }

    /// Headers of the visitor's that go on to fal, of those in
    /// [`FORWARDABLE`](fal_wasm::proxy::headers::FORWARDABLE). By default none does.
    pub fn forward_headers<Name: Into<String>>(mut self, names: impl IntoIterator<Item = Name>) -> Self {
        self.forwarded.extend(names.into_iter().map(Into::into));
        self
    }

    /// Whether files may be uploaded; by default they may.
    pub fn uploads(mut self, allowed: bool) -> Self {
        self.uploads = allowed;
        self
    }

    /// Which files may be uploaded, and how long they live. By default both are the visitor's to say.
    pub fn upload_rules(mut self, rules: UploadRules) -> Self {
        self.upload_rules = Some(rules);
        self
    }

    /// Whether pages get short-lived tokens, and with them realtime connections to fal itself, at the endpoints that are open. By
    /// default they get none. With [`limits`](Self::limits) a token counts as a request, takes a place while it lasts, and costs
    /// its [`token_price`](super::limits::Spending::token_price).
    ///
    /// ```
    /// # use fal_wasm_client::proxy::{ProxyBuilder, RealtimeTokens};
    /// # fn example(builder: ProxyBuilder) -> ProxyBuilder {
    /// builder.allowed_endpoints(["fal-ai/fast-lightning-sdxl/**"]).realtime_tokens(RealtimeTokens::new())
    /// # }
    /// ```
    pub fn realtime_tokens(mut self, tokens: RealtimeTokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// For how long who submitted a request may ask about it: in whole seconds, up to a year; 7 days by default.
    pub fn capabilities_for(mut self, duration: Duration) -> Self {
        self.lifetime = Some(duration);
        self
    }

    /// Lets everybody who comes in ask about every request, for clients that send no capability, such as `@fal-ai/client`.
    /// All users of an app share one fal key: any of them who learns the id of a request can then read, watch and cancel it.
    pub fn without_ownership(mut self) -> Self {
        self.lifetime = None;
        self
    }

    /// What capabilities are signed with, at least 32 bytes: the `FAL_PROXY_SECRET` of the npm package. By default a key derived
    /// from the fal key signs, and capabilities end when that key is replaced.
    pub fn secret(mut self, secret: impl Into<String>) -> Self {
        self.secret = Some(secret.into());
        self
    }

    /// Where fal posts the result of a submit to. Only the server may say so.
    pub fn webhook_url(mut self, url: impl Fn(&Principal) -> Option<String> + Send + Sync + 'static) -> Self {
        self.webhook_url = Some(Box::new(url));
        self
    }

    /// The largest body of a request, in bytes; 32 MiB by default. Files are uploaded, and do not come through here.
    pub fn max_body_bytes(mut self, bytes: u64) -> Self {
        self.max_body_bytes = bytes;
        self
    }

    /// What the inputs of these endpoints may be, field by field: a path of names with dots between, and its
    /// [rule](FieldRule). Rules hold by whatever way an endpoint is called, and below it; where several patterns are about one, all
    /// of them hold. Such an input is read, at most 1 MiB of it, and written anew; what has a value that is not allowed is refused
    /// as fal refuses inputs, with a 422, and nothing is run. Whether a model has such a field is not known here: a misspelt name is
    /// a rule for nothing.
    pub fn inputs<Field: Into<String>>(
        mut self,
        pattern: impl Into<String>,
        fields: impl IntoIterator<Item = (Field, FieldRule)>,
    ) -> Self {
        let fields = fields.into_iter().map(|(field, rule)| (field.into(), rule)).collect();
        self.inputs.push((pattern.into(), fields));
        self
    }

    /// How long fal may take to begin its answer to calls of this kind. By default 10 minutes for runs and streams, a minute
    /// for results, and 30 seconds for the others.
    pub fn timeout(mut self, kind: RouteKind, duration: Duration) -> Self {
        self.timeouts.insert(kind.name(), duration);
        self
    }

    /// Called with what went wrong on the operator's side. By default it is a line on stderr.
    pub fn on_error(mut self, told: impl Fn(ProxyError) + Send + Sync + 'static) -> Self {
        self.on_error = Some(Box::new(told));
        self
    }

    /// Called when a fal key comes from a browser: for the first one and then at most once in ten minutes, and apart from that
    /// once a minute for a key of this proxy's own. By default one of its own is told to `on_error`.
    pub fn on_key_leak(mut self, told: impl Fn(KeyLeak) + Send + Sync + 'static) -> Self {
        self.on_key_leak = Some(Box::new(told));
        self
    }

    /// What each visitor, and all of them together, may use. Without, whoever `authenticate` lets in may spend what the key pays.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Called when fal refuses the first key and the other one is tried. It is the hook of the
    /// [credentials](Credentials::on_key_rejected).
    pub fn on_key_rejected(mut self, told: impl Fn(KeyRejected) + Send + Sync + 'static) -> Self {
        self.credentials = self.credentials.on_key_rejected(told);
        self
    }

    /// Sends what is for fal to a server on this machine instead, such as an emulator: for the tests of an app.
    pub fn local_server(mut self, url: &str) -> Self {
        self.local = Some(url.into());
        self
    }

    /// The proxy.
    ///
    /// # Errors
    /// `invalid_option`, with the name of the option that is missing or wrong, and `internal`, where the system has no
    /// certificates.
    pub fn build(self) -> Result<FalProxy, FalError> {
        if self.endpoints.is_empty() {
            return Err(FalError::option(
                "allowed_endpoints",
                "is missing: it names the endpoints that may be called.",
            ));
        }
        let endpoints = EndpointPatterns::parse(self.endpoints).map_err(|error| {
            FalError::option("allowed_endpoints", &["has a pattern that is none: ", &error.to_string(), "."].concat())
        })?;
        let ask = self.authenticate.ok_or_else(|| {
            FalError::option("authenticate", "is missing: without it everybody could spend what your key pays.")
        })?;
        let wrong = self.forwarded.iter().find(|name| !headers::FORWARDABLE.contains(&name.as_str()));
        if let Some(wrong) = wrong {
            let why = ["takes ", &headers::FORWARDABLE.join(", "), ", and not ", wrong, "."].concat();
            return Err(FalError::option("forward_headers", &why));
        }
        let named = self.allowed_headers.iter().map(|name| HeaderName::from_bytes(name.as_bytes()));
        let allowed_headers = named.collect::<Result<_, _>>();
        let allowed_headers =
            allowed_headers.map_err(|_| FalError::option("allowed_headers", "takes names of headers."))?;
        if self.secret.as_ref().is_some_and(|secret| secret.trim().len() < MIN_SECRET_BYTES) {
            let why = "needs at least 32 bytes. \"openssl rand -base64 32\" makes one.";
            return Err(FalError::option("secret", why));
        }
        if self.lifetime.is_some_and(|lifetime| lifetime < Duration::from_secs(1) || lifetime > YEAR) {
            return Err(FalError::option("capabilities_for", "takes a second at least, and a year at most."));
        }
        if self.lifetime.is_none() && self.secret.is_some() {
            return Err(FalError::option("secret", "does nothing together with `without_ownership`."));
        }
        let tokens = self.tokens.unwrap_or_default();
        let lasts = tokens.lifetime.as_secs();
        if tokens.lifetime.subsec_nanos() != 0 || !(1..=HOUR).contains(&lasts) {
            return Err(FalError::option("realtime_tokens", "takes a lifetime of whole seconds, 1 to 3600."));
        }
        if self.tokens.is_none() && self.limits.as_ref().is_some_and(Limits::has_token_price) {
            let why = "has a `token_price`, and without `realtime_tokens` no token is given.";
            return Err(FalError::option("limits.spending", why));
        }
        let limits = self.limits.map(|limits| limits.compile(&endpoints)).transpose()?;
        if self.upload_rules.is_some() && !self.uploads {
            return Err(FalError::option("upload_rules", "do nothing where `uploads` are not allowed."));
        }
        let uploads = self.upload_rules.map(Uploads::compile).transpose()?.unwrap_or_default();
        let inputs = InputRules::compile(self.inputs, &endpoints)?;
        if inputs.is_none() && tokens.unruled {
            return Err(FalError::option("realtime_tokens", "has `unruled`, and there are no `inputs` with rules."));
        }
        let local = match self.local {
            Some(url) => Some(LocalServer::at(&url)?),
            None => self.credentials.local.clone(),
        };
        let secret = self.secret.as_deref().map(str::trim);
        let signer = self.lifetime.map(|lifetime| Signer::new(secret, &self.credentials, lifetime));
        let policy = Policy::new(endpoints).with_trusted_origins(self.origins).with_uploads(self.uploads);
        let policy = policy.with_tokens(self.tokens.map(|tokens| TokenPolicy::new(tokens.unruled, tokens.older)));
        let policy = match &inputs {
            Some(rules) => policy.with_rules(rules.table.clone()),
            None => policy,
        };
        Ok(FalProxy(Arc::new(Inner {
            policy,
            ask,
            allowed_headers,
            forwarded: self.forwarded,
            signer,
            webhook_url: self.webhook_url,
            max_body_bytes: self.max_body_bytes,
            inputs,
            uploads,
            token_lifetime: tokens.lifetime,
            timeouts: self.timeouts,
            http: native::http_client()?,
            credentials: self.credentials,
            local,
            limits,
            report: Reporter::new(self.on_error, self.on_key_leak),
        })))
    }
}
