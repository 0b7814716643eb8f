//! A call before it begins: everything that was said about it.

use std::sync::Arc;

use fal_wasm::client::{FailureKind, FollowMode, SubscribeOptions};
use fal_wasm::protocol::{EndpointId, Millis, RequestId};
use serde::Serialize;

use crate::client::FalClient;
use crate::driver::{Driver, Outcome, Told};
use crate::error::FalError;
use crate::exchange::{Exchange, Texts};
use crate::file::{Collected, File, OUTSIDE, collecting};
use crate::job::Job;
use crate::json;
use crate::marker::BoxFuture;
use crate::net::Carried;
use crate::options::{Lifecycle, Options, Priority};
use crate::plan::{self, Kind, Plan};
use crate::trace::Trace;

/// What was said about a call.
pub(crate) struct Draft {
    pub client: FalClient,
    pub plan: Plan,
    pub options: Options,
    pub endpoint: String,
    pub job: Option<Job>,
    input: Option<(String, Collected)>,
    pub file: Option<File>,
    pub lifecycle: Option<Lifecycle>,
    pub priority: Option<Priority>,
    pub follow: SubscribeOptions,
    /// How it was asked to learn of changes.
    pub mode: Option<FollowMode>,
    /// Longest silence of a stream.
    pub idle: Option<Millis>,
}

impl Draft {
    fn new(client: &FalClient, plan: Plan, endpoint: &str) -> Self {
        Self {
            client: client.clone(),
            plan,
            options: Options::new(client.retry),
            endpoint: endpoint.into(),
            job: None,
            input: None,
            file: None,
            lifecycle: None,
            priority: None,
            follow: SubscribeOptions::DEFAULT,
            mode: None,
            idle: None,
        }
    }

    /// What is left where a draft was taken.
    pub fn empty(client: &FalClient, plan: Plan) -> Self {
        Self::new(client, plan, "")
    }

    /// A call with an input, which is written at once.
    pub fn with_input(client: &FalClient, plan: Plan, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Self {
        let mut draft = Self::new(client, plan, endpoint);
        let (written, collected) = collecting(client.inner.net.seed(), || json::encode(input));
        match written {
            Ok(text) => draft.input = Some((text, collected)),
            // What a serializer says may quote the input.
            Err(_) => draft.options.refuse(FalError::saying(
                FailureKind::InputInvalid,
                ["The input cannot be written as JSON (", OUTSIDE, "; a map needs texts as keys). Nothing was sent."]
                    .concat(),
            )),
        }
        draft
    }

    /// A call about a request in the queue.
    pub fn about(client: &FalClient, plan: Plan, job: &Job) -> Self {
        Self { job: Some(job.clone()), ..Self::new(client, plan, &job.endpoint_id) }
    }

    /// The request in the queue that it is about.
    pub fn request_id(&self) -> Option<String> {
        self.job.as_ref().map(|job| job.request_id.clone())
    }

    pub fn upload(client: &FalClient, file: Result<File, FalError>) -> Self {
        let mut draft = Self::new(client, plan::UPLOAD, "");
        match file {
            Ok(file) => draft.file = Some(file),
            Err(error) => draft.options.refuse(error),
        }
        draft
    }

    /// The texts of the call, checked.
    fn texts(&mut self) -> Result<Texts, FalError> {
        match self.plan.kind {
            Kind::Upload => return Ok(Texts::default()),
            #[cfg(feature = "realtime")]
            Kind::Token => return Ok(Texts::default()),
            _ => {}
        }
        let invalid = FalError::endpoint_invalid;
        let mut endpoint = EndpointId::parse(&self.endpoint).map_err(invalid)?;
        if let Some(path) = self.options.path.as_deref().filter(|path| !path.is_empty()) {
            endpoint = endpoint.join(path).map_err(invalid)?;
        }
        let request_id = match &self.job {
            Some(job) => {
                let id = RequestId::parse(&job.request_id).map_err(|_| FalError::of(FailureKind::RequestIdInvalid))?;
                if let Some(capability) = &job.capability {
                    let remember =
                        |known: &mut crate::capabilities::Capabilities| known.remember(id.as_str(), capability);
                    if self.client.inner.access.with_capabilities(remember) == Some(false) {
                        return Err(FalError::option("capability", "is not one that a proxy of fal-wasm gave out."));
                    }
                }
                String::from(id.as_str())
            }
            None => String::new(),
        };
        let app = endpoint.app().as_str().into();
        Ok(Texts { endpoint: endpoint.as_str().into(), app, request_id, ..Texts::default() })
    }

    /// Checks everything, uploads the files in the input, and is then ready to go.
    pub async fn ready(self) -> Result<Driver, FalError> {
        match self.begin()? {
            Begun::Now(driver) => Ok(*driver),
            Begun::Later(driver) => driver.await,
        }
    }

    /// The same without waiting, where there is no file.
    pub fn begin(mut self) -> Result<Begun, FalError> {
        let texts = self.checked()?;
        let input = match self.input.take() {
            Some((text, collected)) => match collected.fill {
                Some(fill) => return Ok(Begun::Later(fill(self, texts, text, collected))),
                None => Some(text.into()),
            },
            None => None,
        };
        self.driver(texts, input).map(|driver| Begun::Now(Box::new(driver)))
    }

    /// Checks everything.
    fn checked(&mut self) -> Result<Texts, FalError> {
        self.options.check(&self.client.inner.access)?;
        let texts = self.texts()?;
        if let (Some(_), Some(name)) = (&self.job, self.options.about_run) {
            return Err(FalError::option(name, "has no meaning in this call: nothing is submitted."));
        }
        if matches!(self.plan.kind, Kind::Submit | Kind::Subscribe) && self.job.is_none() {
            let priority = match self.priority.unwrap_or_default() {
                Priority::Normal => "normal",
                Priority::Low => "low",
            };
            self.options.header("priority", &["x-fal-queue-priority"], priority);
        } else if self.priority.is_some() {
            return Err(FalError::option("priority", "has no meaning in this call: nothing is submitted."));
        }
        Ok(texts)
    }

    /// What drives it.
    pub fn driver(self, texts: Texts, input: Option<Carried>) -> Result<Driver, FalError> {
        let permit = if self.plan.kind == Kind::Subscribe && self.mode.is_none() {
            self.client.inner.stream_permit()
        } else {
            None
        };
        let (machine, file) = (self.plan.begin)(&self, permit.is_some())?;
        let exchange = Exchange { client: Arc::clone(&self.client.inner), texts, options: self.options, input, file };
        let trace = Trace::new(self.plan.kind.name(), &exchange.texts.endpoint);
        Ok(Driver::new(machine, exchange, permit).traced(trace))
    }
}

/// A call that begins.
pub(crate) enum Begun {
    Now(Box<Driver>),
    /// When the files of its input are uploaded.
    Later(BoxFuture<'static, Result<Driver, FalError>>),
}

/// fal has two storages, and each reads another name.
pub(crate) const UPLOAD_LIFECYCLE: [&str; 2] = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];

/// Drives an operation to its end, and tells what comes on the way.
pub(crate) async fn to_the_end(driver: &mut Driver, mut tell: impl FnMut(Told)) -> Result<Outcome, FalError> {
    loop {
        match std::future::poll_fn(|context| driver.poll(context)).await? {
            Told::Done(outcome) => return Ok(outcome),
            told => tell(told),
        }
    }
}
