//! What the simulation of this repository drives: one operation, in a place of its own. Not for programs, and no part of
//! what versions promise.

use std::sync::Arc;
use std::task::{Context, Poll};

use fal_wasm::client::{CallOptions, Machine, Operation, Output, UploadOptions};
use fal_wasm::protocol::EndpointId;

use crate::access::Access;
use crate::client::FalClient;
use crate::credentials::Credentials;
use crate::driver::{Driver, Told};
use crate::error::FalError;
use crate::exchange::{Answer, Exchange, Texts};
use crate::file::File;
pub use crate::marker::BoxFuture;
pub use crate::net::{Chunk, HttpBody, HttpRequest, HttpResponse, Net, Trouble};
use crate::options::Options;
use crate::sent_file::Sent;

/// What is wanted of an operation.
pub struct Call<'a> {
    /// The endpoint that is called.
    pub endpoint: &'a str,
    /// The request that it is about, when it is in the queue already.
    pub request_id: Option<&'a str>,
    /// The input, as JSON.
    pub input: String,
    /// The file that is uploaded.
    pub file: (File, UploadOptions),
    /// What the caller wants.
    pub options: CallOptions,
    /// When the caller leaves.
    pub leaves: BoxFuture<'static, ()>,
}

/// An operation on its way.
pub struct Running {
    driver: Driver,
}

/// What the caller learns.
pub enum Step {
    /// The request is in the queue.
    Enqueued(String),
    /// A status, as JSON.
    Status(String),
    /// Some of the file has arrived.
    Progress(u64),
    /// An item of a stream, when it is JSON.
    Item(Option<String>),
    /// It has succeeded.
    Done {
        /// With what.
        output: Output,
        /// What came last, when it is text.
        body: Option<String>,
        /// Where an uploaded file can be read.
        file_url: String,
    },
    /// It has failed.
    Failed(FalError),
}

impl Running {
    /// Sets an operation up.
    ///
    /// # Errors
    /// What is wrong with the key or the endpoint.
    pub fn new(net: impl Net, key: &str, operation: Operation, call: Call<'_>) -> Result<Self, FalError> {
        let client = FalClient::new(net, Access::Key { credentials: Credentials::key(key)?, local: None });
        let endpoint = EndpointId::parse(call.endpoint).map_err(|_| FalError::option("endpoint", "takes an id."))?;
        let texts = Texts {
            app: endpoint.app().as_str().into(),
            endpoint: endpoint.as_str().into(),
            request_id: call.request_id.unwrap_or_default().into(),
            ..Texts::default()
        };
        let (file, upload) = call.file;
        let mut options = Options::new(client.retry);
        options.call = call.options;
        options.abort = Some(call.leaves);
        let exchange = Exchange {
            client: Arc::clone(&client.inner),
            texts,
            options,
            input: Some(call.input.into()),
            file: Some(Box::new(Sent::new(file, upload))),
        };
        let machine = Machine::new(operation, call.options, client.inner.net.seed());
        Ok(Self { driver: Driver::new(Box::new(machine), exchange, None) })
    }

    /// Goes on until there is something to tell.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Step> {
        let text = |answer: &Answer| answer.text().map(String::from);
        self.driver.poll(context).map(|told| match told {
            Ok(Told::Enqueued(id)) => Step::Enqueued(id),
            Ok(Told::Status(text)) => Step::Status(text),
            Ok(Told::Progress(loaded)) => Step::Progress(loaded),
            Ok(Told::Item(answer)) => Step::Item(text(&answer)),
            Ok(Told::Done(outcome)) => Step::Done {
                output: outcome.output,
                body: outcome.body.as_ref().and_then(text),
                file_url: outcome.file_url,
            },
            Err(error) => Step::Failed(error),
        })
    }

    /// The caller has taken something, and does not say when it comes back.
    pub fn pause(&mut self) {
        self.driver.pause();
    }

    /// The caller is back.
    pub fn resume(&mut self) {
        self.driver.resume();
    }

    /// The request in the queue, when there is one.
    pub fn queued(&self) -> Option<String> {
        Some(self.driver.request_id().to_owned()).filter(|id| !id.is_empty())
    }
}
