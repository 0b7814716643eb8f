//! A request in the queue, by what finds it again.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A request in fal's queue. It can be kept across restarts: written and read by serde, as JSON in the form that the npm
/// package has for it. It holds no key; of a client behind a proxy it holds what shows the proxy that the request is
/// one's own.
///
/// ```
/// # use fal_wasm_client::Job;
/// let job: Job = serde_json::from_str(r#"{"endpointId":"fal-ai/flux/dev","requestId":"r-1"}"#)?;
/// assert_eq!(job.request_id(), "r-1");
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Job {
    pub(crate) endpoint_id: String,
    pub(crate) request_id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) capability: Option<String>,
}

impl Job {
    /// A request by the endpoint that it was submitted to and its id. Behind a proxy the id alone is not enough: keep the
    /// job that submitting gave.
    pub fn new(endpoint_id: impl Into<String>, request_id: impl Into<String>) -> Self {
        Self { endpoint_id: endpoint_id.into(), request_id: request_id.into(), capability: None }
    }

    /// The endpoint that it was submitted to.
    pub fn endpoint_id(&self) -> &str {
        &self.endpoint_id
    }

    /// Its id at fal.
    pub fn request_id(&self) -> &str {
        &self.request_id
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = out.debug_struct("Job");
        shown.field("endpoint_id", &self.endpoint_id).field("request_id", &self.request_id);
        if self.capability.is_some() { shown.finish_non_exhaustive() } else { shown.finish() }
    }
}
