//! The queue, step by step.

use std::marker::PhantomData;

use serde::Serialize;

use crate::answers::FalResult;
use crate::client::FalClient;
use crate::draft::Draft;
use crate::job::Job;
use crate::plan::{self, Plan};
use crate::run::{Ask, Submit};
use crate::status::QueueStatus;
use crate::stream::{Items, Statuses};
use crate::subscribe::Subscribe;

/// The queue, step by step: [`FalClient::queue`].
///
/// ```no_run
/// # async fn example(fal: fal_wasm_client::FalClient) -> Result<(), Box<dyn std::error::Error>> {
/// # #[derive(serde::Serialize)] struct Input { prompt: &'static str }
/// # #[derive(serde::Deserialize)] struct Flux {}
/// let job = fal.queue().submit("fal-ai/flux/dev", &Input { prompt: "a cat" }).await?;
/// let kept = serde_json::to_string(&job)?;
/// // Later, perhaps in another process:
/// let job = serde_json::from_str(&kept)?;
/// let flux = fal.resume::<Flux>(&job).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Queue {
    pub(crate) client: FalClient,
}

impl Queue {
    /// Puts a request into the queue. Never sent twice unless it is certain that the first did not arrive.
    pub fn submit(&self, endpoint: &str, input: &(impl Serialize + ?Sized)) -> Submit {
        Submit { draft: Draft::with_input(&self.client, plan::SUBMIT, endpoint, input) }
    }

    /// Where a request is.
    pub fn status(&self, job: &Job) -> Ask<QueueStatus> {
        self.ask(plan::STATUS, job)
    }

    /// Every change of a request, as it happens.
    pub fn stream_status(&self, job: &Job) -> Statuses {
        Statuses { items: Items::new(Draft::about(&self.client, plan::STREAM_STATUS, job)) }
    }

    /// Follows a request; ends with its last status, with the whole log, be it well or not.
    pub fn subscribe_to_status(&self, job: &Job) -> Subscribe<QueueStatus> {
        Subscribe::new(Draft::about(&self.client, plan::SUBSCRIBE, job))
    }

    /// The result of a completed request.
    pub fn result<T>(&self, job: &Job) -> Ask<FalResult<T>> {
        self.ask(plan::RESULT, job)
    }

    /// Takes a request out of the queue, or asks its runner to stop.
    pub fn cancel(&self, job: &Job) -> Ask<()> {
        self.ask(plan::CANCEL, job)
    }

    fn ask<R>(&self, plan: Plan, job: &Job) -> Ask<R> {
        Ask { draft: Draft::about(&self.client, plan, job), output: PhantomData }
    }
}
