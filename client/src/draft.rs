//! A call before it begins: everything that was said about it.

use std::sync::Arc;

use bytes::Bytes;
use fal_wasm::client::{
    Call, FailureKind, FollowMode, Operation, Request, Start, Stream, Subscribe, SubscribeOptions, Upload,
    UploadOptions,
};
use fal_wasm::protocol::{EndpointId, Millis, RequestId};
use serde::Serialize;

use crate::client::FalClient;
use crate::driver::{Driver, Outcome, Told};
use crate::error::FalError;
use crate::exchange::{Exchange, Texts};
use crate::file::{Collected, File, OUTSIDE, collecting};
use crate::job::Job;
use crate::json;
use crate::options::{Lifecycle, Options, Priority};
use crate::trace::Trace;

/// How many files of an input are uploaded at the same time.
const PARALLEL: usize = 4;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Run,
    Submit,
    Subscribe,
    Stream,
    Status,
    StreamStatus,
    Result,
    Cancel,
    Upload,
    #[cfg(feature = "realtime")]
    Token(fal_wasm::protocol::TokenContract),
}

impl Kind {
    /// What a span calls it.
    fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Submit => "submit",
            Self::Subscribe => "subscribe",
            Self::Stream => "stream",
            Self::Status => "status",
            Self::StreamStatus => "stream_status",
            Self::Result => "result",
            Self::Cancel => "cancel",
            Self::Upload => "upload",
            #[cfg(feature = "realtime")]
            Self::Token(_) => "token",
        }
    }
}

/// What was said about a call.
pub(crate) struct Draft {
    pub client: FalClient,
    pub kind: Kind,
    pub options: Options,
    pub endpoint: String,
    job: Option<Job>,
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
    fn new(client: &FalClient, kind: Kind, endpoint: &str) -> Self {
        Self {
            client: client.clone(),
            kind,
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
    pub fn empty(client: &FalClient, kind: Kind) -> Self {
        Self::new(client, kind, "")
    }

    /// A call with an input, which is written at once.
    pub fn with_input(client: &FalClient, kind: Kind, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Self {
        let mut draft = Self::new(client, kind, endpoint);
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
    pub fn about(client: &FalClient, kind: Kind, job: &Job) -> Self {
        Self { job: Some(job.clone()), ..Self::new(client, kind, &job.endpoint_id) }
    }

    /// The request in the queue that it is about.
    pub fn request_id(&self) -> Option<String> {
        self.job.as_ref().map(|job| job.request_id.clone())
    }

    pub fn upload(client: &FalClient, file: Result<File, FalError>) -> Self {
        let mut draft = Self::new(client, Kind::Upload, "");
        match file {
            Ok(file) => draft.file = Some(file),
            Err(error) => draft.options.refuse(error),
        }
        draft
    }

    /// The texts of the call, checked.
    fn texts(&mut self) -> Result<Texts, FalError> {
        match self.kind {
            Kind::Upload => return Ok(Texts::default()),
            #[cfg(feature = "realtime")]
            Kind::Token(_) => return Ok(Texts::default()),
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
    pub async fn ready(mut self) -> Result<Driver, FalError> {
        if self.kind == Kind::Upload {
            self.options.has_no_backup();
        }
        self.options.check(&self.client.inner.access)?;
        let texts = self.texts()?;
        if let (Some(_), Some(name)) = (&self.job, self.options.about_run) {
            return Err(FalError::option(name, "has no meaning in this call: nothing is submitted."));
        }
        if matches!(self.kind, Kind::Submit | Kind::Subscribe) && self.job.is_none() {
            let priority = match self.priority.unwrap_or_default() {
                Priority::Normal => "normal",
                Priority::Low => "low",
            };
            self.options.header("priority", &["x-fal-queue-priority"], priority);
        } else if self.priority.is_some() {
            return Err(FalError::option("priority", "has no meaning in this call: nothing is submitted."));
        }
        let input = match self.input.take() {
            Some((text, collected)) => Some(self.with_files(text, collected).await?),
            None => None,
        };
        let permit =
            if self.kind == Kind::Subscribe && self.mode.is_none() { self.client.inner.stream_permit() } else { None };
        let (operation, file) = self.operation(permit.is_some())?;
        let exchange = Exchange {
            client: Arc::clone(&self.client.inner),
            texts,
            options: self.options,
            input,
            file,
            receipts: Vec::new(),
        };
        let trace = Trace::new(self.kind.name(), &exchange.texts.endpoint);
        Ok(Driver::new(operation, exchange, permit).traced(trace))
    }

    fn operation(&self, may_stream: bool) -> Result<(Operation, Option<(File, UploadOptions)>), FalError> {
        let operation = match self.kind {
            Kind::Run => Call::new(Request::Run).into(),
            Kind::Submit => Call::new(Request::Submit).into(),
            Kind::Status => Call::new(Request::Status { logs: self.follow.logs }).into(),
            Kind::Result => Call::new(Request::Result).into(),
            Kind::Cancel => Call::new(Request::Cancel).into(),
            #[cfg(feature = "realtime")]
            Kind::Token(contract) => Call::new(Request::Token(contract)).into(),
            Kind::Stream => Stream::new(Request::Stream, self.idle).into(),
            Kind::StreamStatus => Stream::new(Request::Follow { logs: self.follow.logs }, self.idle).into(),
            Kind::Subscribe => {
                let usual = if may_stream { FollowMode::Streaming } else { FollowMode::Polling };
                let start = if self.job.is_some() { Start::Resume } else { Start::Submit };
                let mode = self.mode.unwrap_or(usual);
                Subscribe::new(SubscribeOptions { start, mode, ..self.follow }).into()
            }
            Kind::Upload => {
                let file = self.file.clone().ok_or_else(|| FalError::of(FailureKind::Internal))?;
                let options = UploadOptions::new(file.size(), false)
                    .ok_or_else(|| FalError::option("file", "is larger than fal's storage takes (97 GiB)."))?;
                return Ok((Upload::new(options).into(), Some((file, options))));
            }
        };
        Ok((operation, None))
    }

    /// Uploads the files in an input, and puts their URLs in their places. An upload that fails ends the others.
    async fn with_files(&mut self, text: String, collected: Collected) -> Result<Bytes, FalError> {
        let mut places = collected.files.iter().enumerate();
        let mut under_way: Vec<(usize, Driver)> = Vec::new();
        let mut urls = Vec::new();
        loop {
            while under_way.len() < PARALLEL
                && let Some((index, file)) = places.next()
            {
                let mut draft = Self::upload(&self.client, Ok(file.clone()));
                draft.options.call = self.options.call;
                draft.options.own.clone_from(&self.options.own);
                if let Some(lifecycle) = &self.lifecycle {
                    draft.options.lifecycle(lifecycle, &UPLOAD_LIFECYCLE);
                }
                under_way.push((index, Box::pin(draft.ready()).await?));
            }
            if under_way.is_empty() {
                break;
            }
            let abort = &mut self.options.abort;
            let (index, outcome) = std::future::poll_fn(|context| {
                use std::task::Poll;
                if let Some(leaves) = abort
                    && leaves.as_mut().poll(context).is_ready()
                {
                    return Poll::Ready(Err(FalError::of(FailureKind::Aborted)));
                }
                for (at, (_, driver)) in under_way.iter_mut().enumerate() {
                    while let Poll::Ready(told) = driver.poll(context)? {
                        if let Told::Done(outcome) = told {
                            let (index, _) = under_way.swap_remove(at);
                            return Poll::Ready(Ok((index, outcome)));
                        }
                    }
                }
                Poll::Pending
            })
            .await?;
            urls.push((index, outcome.file_url));
        }
        let mut text = text;
        for (index, url) in urls {
            text = text.replace(&collected.place(index), &json::quoted(&url));
        }
        Ok(text.into())
    }
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
