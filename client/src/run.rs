//! One request and its answer.

use std::future::IntoFuture;
use std::marker::PhantomData;

use fal_wasm::client::Output;
use serde::de::DeserializeOwned;

use crate::answers::sealed::{Ended, FromOutcome};
use crate::answers::{CallOutput, FalResult};
use crate::draft::{Draft, to_the_end};
use crate::error::FalError;
use crate::job::Job;
use crate::marker::BoxFuture;
use crate::options::{call_options, run_options, submit_options};
use crate::status::QueueStatus;

/// A run: [`FalClient::run`](crate::FalClient::run). It begins when it is awaited, and dropping it ends the request.
#[must_use = "a call begins when it is awaited"]
pub struct Run<T> {
    pub(crate) draft: Draft,
    pub(crate) output: PhantomData<fn() -> T>,
}

call_options!(Run<T>);
run_options!(Run<T>);

impl<T: DeserializeOwned + 'static> IntoFuture for Run<T> {
    type Output = Result<FalResult<T>, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(ask(self.draft))
    }
}

/// A submit: [`Queue::submit`](crate::Queue::submit).
#[must_use = "a call begins when it is awaited"]
pub struct Submit {
    pub(crate) draft: Draft,
}

call_options!(Submit);
run_options!(Submit);
submit_options!(Submit);

impl IntoFuture for Submit {
    type Output = Result<Job, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(ask(self.draft))
    }
}

/// A question about a request in the queue, by what it is answered with.
#[must_use = "a call begins when it is awaited"]
pub struct Ask<R> {
    pub(crate) draft: Draft,
    pub(crate) output: PhantomData<fn() -> R>,
}

call_options!(Ask<R>);

impl Ask<QueueStatus> {
    /// Has the status carry log lines.
    pub fn logs(mut self) -> Self {
        self.draft.follow.logs = true;
        self
    }
}

impl<R: CallOutput> IntoFuture for Ask<R> {
    type Output = Result<R, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(ask(self.draft))
    }
}

/// Makes a call of one request.
async fn ask<R: FromOutcome>(draft: Draft) -> Result<R, FalError> {
    let (client, endpoint) = (draft.client.clone(), draft.endpoint.clone());
    let mut driver = draft.ready().await?;
    let outcome = to_the_end(&mut driver, |_| {}).await?;
    debug_assert!(outcome.output != Output::File);
    R::from_outcome(Ended(outcome), &client, &endpoint)
}
