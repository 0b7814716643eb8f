//! Following a request to its end.

use std::future::IntoFuture;
use std::marker::PhantomData;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use fal_wasm::client::{FollowMode, Goal};
use fal_wasm::protocol::QueueState;
use futures_core::Stream;

use crate::answers::CallOutput;
use crate::answers::sealed::Ended;
use crate::client::FalClient;
use crate::draft::{Begun, Draft};
use crate::driver::{Driver, Told};
use crate::error::FalError;
use crate::job::Job;
use crate::marker::{BoxFuture, Callback, MaybeSend};
use crate::options::{call_options, millis, run_options, submit_options};
use crate::status::{Logs, QueueStatus};

/// A request that is followed: [`FalClient::subscribe`], [`FalClient::resume`], and
/// [`Queue::subscribe_to_status`](crate::Queue::subscribe_to_status). It begins when it is awaited.
///
/// Dropping it ends its requests at once. What is in the queue goes on there, and can be picked up again with its
/// [`Job`], which [`on_enqueue`](Self::on_enqueue) and [`updates`](Self::updates) tell.
#[must_use = "a call begins when it is awaited"]
pub struct Subscribe<R> {
    pub(crate) draft: Draft,
    on_enqueue: Option<Callback<Job>>,
    on_update: Option<Callback<QueueStatus>>,
    /// Whether somebody has asked for that.
    cancels_in_time: bool,
    output: PhantomData<fn() -> R>,
}

call_options!(Subscribe<R>);
run_options!(Subscribe<R>);
submit_options!(Subscribe<R>);

impl<R> Subscribe<R> {
    pub(crate) fn new(draft: Draft) -> Self {
        Self { draft, on_enqueue: None, on_update: None, cancels_in_time: false, output: PhantomData }
    }

    /// Has statuses carry log lines.
    pub fn logs(mut self) -> Self {
        self.draft.follow.logs = true;
        self
    }

    /// Asks for the status again and again, instead of being told of changes by a stream.
    pub fn polling(mut self) -> Self {
        self.draft.mode = Some(FollowMode::Polling);
        self
    }

    /// Is told of changes by a stream, however many are open. Where none can be had it asks again and again.
    pub fn streaming(mut self) -> Self {
        self.draft.mode = Some(FollowMode::Streaming);
        self
    }

    /// Time between two questions for the status, where there is no stream. Default: half a second.
    pub fn poll_interval(mut self, time: Duration) -> Self {
        self.draft.follow.poll_interval = millis(time);
        self
    }

    /// Whether the request is cancelled at fal when the time is over, which takes a [`timeout`](Self::timeout). Default true.
    pub fn cancel_on_timeout(mut self, cancels: bool) -> Self {
        self.draft.follow.cancel_on_timeout = cancels;
        self.cancels_in_time = cancels;
        self
    }

    /// Whether the request is cancelled at fal when the call is aborted, which takes an
    /// [`abort_when`](Self::abort_when). Default false.
    pub fn cancel_on_abort(mut self, cancels: bool) -> Self {
        self.draft.follow.cancel_on_abort = cancels;
        self
    }

    /// Called once, when the request is in the queue. Where none is submitted it is an error.
    pub fn on_enqueue(mut self, callback: impl FnMut(Job) + MaybeSend + 'static) -> Self {
        self.on_enqueue = Some(Box::new(callback));
        self
    }

    /// Called with every status; its log lines are those that are new.
    pub fn on_update(mut self, callback: impl FnMut(QueueStatus) + MaybeSend + 'static) -> Self {
        self.on_update = Some(Box::new(callback));
        self
    }
}

impl<R> Subscribe<R> {
    /// Refuses what was asked for and could never happen.
    fn check(&mut self) {
        let Draft { options, follow, .. } = &mut self.draft;
        if follow.cancel_on_abort && options.abort.is_none() {
            let why =
                "needs `abort_when`: nothing else aborts a call. One that is dropped leaves its request in the queue.";
            options.refuse(FalError::option("cancel_on_abort", why));
        }
        if self.cancels_in_time && options.call.timeout.is_none() {
            let why = "needs `timeout`: there is no other time that could be over.";
            options.refuse(FalError::option("cancel_on_timeout", why));
        }
        if self.on_enqueue.is_some() && self.draft.request_id().is_some() {
            let why = "has no meaning in this call: nothing is submitted.";
            self.draft.options.refuse(FalError::option("on_enqueue", why));
        }
    }
}

impl<R: CallOutput> Subscribe<R> {
    /// Everything that happens to the request, as a stream: its job, every status, and the result as the last item. It is
    /// read no faster than it is taken.
    pub fn updates(mut self) -> Updates<R> {
        self.check();
        self.draft.follow.goal = if R::IS_RESULT { Goal::Result } else { Goal::Status };
        let (client, endpoint) = (self.draft.client.clone(), self.draft.endpoint.clone());
        Updates {
            state: State::Draft(Box::new(self.draft)),
            client,
            endpoint,
            logs: Logs::default(),
            on_enqueue: self.on_enqueue,
            on_update: self.on_update,
            output: PhantomData,
        }
    }
}

impl<R: CallOutput> IntoFuture for Subscribe<R> {
    type Output = Result<R, FalError>;
    type IntoFuture = BoxFuture<'static, Self::Output>;

    fn into_future(self) -> Self::IntoFuture {
        let mut updates = self.updates();
        Box::pin(std::future::poll_fn(move |context| {
            loop {
                match ready!(updates.poll_update(context))? {
                    Update::Enqueued(job) => tell(&mut updates.on_enqueue, || job),
                    Update::Status(status) => tell(&mut updates.on_update, || status),
                    Update::Done(output) => return Poll::Ready(Ok(output)),
                }
            }
        }))
    }
}

fn tell<T>(callback: &mut Option<Callback<T>>, what: impl FnOnce() -> T) {
    if let Some(callback) = callback {
        callback(what());
    }
}

/// Something that happened to a request that is followed.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Update<R> {
    /// It is in the queue. The job finds it again.
    Enqueued(Job),
    /// Where it is; the log lines are those that are new.
    Status(QueueStatus),
    /// What it ends with.
    Done(R),
}

/// Everything that happens to a request: [`Subscribe::updates`]. Ends after the result, or after an error.
#[must_use = "a stream does nothing until it is polled"]
pub struct Updates<R> {
    state: State,
    client: FalClient,
    endpoint: String,
    logs: Logs,
    on_enqueue: Option<Callback<Job>>,
    on_update: Option<Callback<QueueStatus>>,
    output: PhantomData<fn() -> R>,
}

/// How far something that is polled has come.
pub(crate) enum State {
    /// It has not begun.
    Draft(Box<Draft>),
    /// Files of the input are uploaded.
    Preparing(BoxFuture<'static, Result<Driver, FalError>>),
    Running(Box<Driver>),
    Over,
}

impl State {
    /// What comes next; there is nothing after an error.
    pub fn poll(&mut self, context: &mut Context<'_>) -> Poll<Result<Told, FalError>> {
        loop {
            match self {
                Self::Draft(_) => {
                    if let Self::Draft(draft) = mem::replace(self, Self::Over) {
                        *self = match draft.begin()? {
                            Begun::Now(driver) => Self::Running(driver),
                            Begun::Later(driver) => Self::Preparing(driver),
                        };
                    }
                }
                Self::Preparing(ready) => match ready!(ready.as_mut().poll(context)) {
                    Ok(driver) => *self = Self::Running(Box::new(driver)),
                    Err(error) => {
                        *self = Self::Over;
                        return Poll::Ready(Err(error));
                    }
                },
                Self::Running(driver) => {
                    let told = ready!(driver.poll(context));
                    if matches!(told, Err(_) | Ok(Told::Done(_))) {
                        *self = Self::Over;
                    }
                    return Poll::Ready(told);
                }
                Self::Over => return Poll::Pending,
            }
        }
    }

    pub fn pause(&mut self) {
        if let Self::Running(driver) = self {
            driver.pause();
        }
    }

    pub fn resume(&mut self) {
        if let Self::Running(driver) = self {
            driver.resume();
        }
    }

    pub fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }
}

impl<R: CallOutput> Updates<R> {
    /// What comes next. The callbacks are not told.
    fn poll_update(&mut self, context: &mut Context<'_>) -> Poll<Result<Update<R>, FalError>> {
        loop {
            match ready!(self.state.poll(context))? {
                Told::Enqueued(request_id) => {
                    let id = request_id.as_str();
                    let capability = self.client.inner.access.with_capabilities(|known| known.of(id).map(String::from));
                    let endpoint_id = self.endpoint.clone();
                    let job = Job { endpoint_id, request_id, capability: capability.flatten() };
                    return Poll::Ready(Ok(Update::Enqueued(job)));
                }
                Told::Status(text) => {
                    let Some(mut status) = QueueStatus::read(&text) else { continue };
                    self.logs.update(&mut status);
                    return Poll::Ready(Ok(Update::Status(status)));
                }
                Told::Done(outcome) => {
                    let mut output = R::from_outcome(Ended(outcome), &self.client, &self.endpoint)?;
                    output.finish(&mut self.logs);
                    return Poll::Ready(Ok(Update::Done(output)));
                }
                Told::Progress(_) | Told::Item(_) => {}
            }
        }
    }
}

impl<R: CallOutput> Stream for Updates<R> {
    type Item = Result<Update<R>, FalError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.state.is_over() {
            return Poll::Ready(None);
        }
        self.state.resume();
        let update = ready!(self.poll_update(context));
        match &update {
            Ok(Update::Enqueued(job)) => tell(&mut self.on_enqueue, || job.clone()),
            Ok(Update::Status(status)) => tell(&mut self.on_update, || status.clone()),
            _ => {}
        }
        self.state.pause();
        Poll::Ready(Some(update))
    }
}

/// Whether a status is the last one.
impl QueueStatus {
    /// Whether the request is over, well or not.
    pub fn is_completed(&self) -> bool {
        self.state == QueueState::Completed
    }
}
