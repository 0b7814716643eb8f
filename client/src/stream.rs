//! Answers that come as they are made.

use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use fal_wasm::client::FailureKind;
use futures_core::Stream;
use serde::de::DeserializeOwned;

use crate::answers::typed;
use crate::draft::Draft;
use crate::driver::Told;
use crate::error::FalError;
use crate::exchange::Answer;
use crate::options::{request_options, run_options};
use crate::status::QueueStatus;
use crate::subscribe::State;

/// The items of an answer, as they come: [`FalClient::stream`](crate::FalClient::stream). A
/// [`Stream`](futures_core::Stream) that begins when it is first polled; options come before. Ends after an error.
///
/// An answer that is not made of events comes as pieces of bytes: `stream::<Vec<u8>>`.
#[must_use = "a stream does nothing until it is polled"]
pub struct Items<T> {
    pub(crate) draft: Box<Draft>,
    begun: Option<State>,
    /// What it is about, and of which request, where it is one that is known: for errors.
    endpoint: String,
    request_id: Option<String>,
    output: PhantomData<fn() -> T>,
}

request_options!(Items<T>);
run_options!(Items<T>);

impl<T> Items<T> {
    pub(crate) fn new(draft: Draft) -> Self {
        let (endpoint, request_id) = (draft.endpoint.clone(), draft.request_id());
        Self { draft: Box::new(draft), begun: None, endpoint, request_id, output: PhantomData }
    }

    /// Longest silence; it also counts before the answer begins. Default: a minute once the answer has begun.
    pub fn timeout(mut self, silence: Duration) -> Self {
        self.draft.idle = Some(self.draft.options.silence(silence));
        self
    }

    /// Ends with an item that cannot be read as what it should be.
    fn unreadable(&mut self, mut error: FalError) -> FalError {
        self.begun = Some(State::Over);
        let facts = error.facts_mut();
        facts.endpoint = Some(self.endpoint.clone());
        facts.request_id = self.request_id.clone();
        error
    }

    fn poll_told(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Answer, FalError>>> {
        let client = self.draft.client.clone();
        let state = self.begun.get_or_insert_with(|| {
            let plan = self.draft.plan;
            let draft = std::mem::replace(&mut *self.draft, Draft::empty(&client, plan));
            State::Draft(Box::new(draft))
        });
        if state.is_over() {
            return Poll::Ready(None);
        }
        state.resume();
        loop {
            let told = ready!(state.poll(context));
            state.pause();
            return Poll::Ready(match told {
                Ok(Told::Item(answer)) => Some(Ok(answer)),
                Ok(Told::Done(_)) => None,
                Ok(_) => continue,
                Err(error) => Some(Err(error)),
            });
        }
    }
}

impl<T: DeserializeOwned> Stream for Items<T> {
    type Item = Result<T, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.poll_told(context));
        Poll::Ready(item.map(|item| typed(item?).map_err(|error| self.unreadable(error))))
    }
}

/// The statuses of a request, as they come: [`Queue::stream_status`](crate::Queue::stream_status). Their log lines are
/// those that are new.
#[must_use = "a stream does nothing until it is polled"]
pub struct Statuses {
    pub(crate) items: Items<()>,
}

impl Statuses {
    /// Longest silence; it also counts before the answer begins. Default: a minute once the answer has begun.
    pub fn timeout(self, silence: Duration) -> Self {
        Self { items: self.items.timeout(silence) }
    }

    /// Has statuses carry log lines.
    pub fn logs(mut self) -> Self {
        self.items.draft.follow.logs = true;
        self
    }
}

impl Stream for Statuses {
    type Item = Result<QueueStatus, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let item = ready!(self.items.poll_told(context));
        Poll::Ready(item.map(|item| {
            let item = item?;
            let text = item.text().unwrap_or_default();
            QueueStatus::read(text).ok_or_else(|| {
                let mut error = FalError::of(FailureKind::AnswerInvalid);
                error.facts_mut().body = Some(text.into());
                self.items.unreadable(error)
            })
        }))
    }
}
