//! The status of a job as JSON.

use serde_json::{Value, json};

use super::Queue;
use super::job::{Job, State};
use crate::model::time::Millis;

/// The URLs of a job: `{base}/{app}/requests/{id}` and what is under it. Never with the path after the app.
pub fn links(base: &str, job: &Job) -> Value {
    let url = format!("{base}/{}/requests/{}", job.app, job.id);
    json!({
        "request_id": job.id,
        "response_url": url,
        "status_url": format!("{url}/status"),
        "cancel_url": format!("{url}/cancel"),
    })
}

impl Queue {
    /// The status object of a job. `log` is what its `logs` say; fal says `null` unless asked.
    pub(super) fn status(&self, number: u64, job: &Job, now: Millis, base: &str, log: Option<Vec<Value>>) -> Value {
        let mut status = links(base, job);
        let Some(fields) = status.as_object_mut() else {
            return status;
        };
        let mut set = |name: &str, value: Value| fields.insert(name.to_owned(), value);
        set("status", job.status().into());
        set("logs", log.into());
        match &job.state {
            State::Waiting { .. } => {
                set("queue_position", self.position(number, job, now).into());
            }
            State::Running { .. } => {}
            State::Done { started, ended, outcome, .. } => {
                let seconds = started.map(|started| ended.saturating_sub(started) as f64 / 1000.0);
                set("metrics", json!({ "inference_time": seconds }));
                if let Some((error, error_type)) = &outcome.failure {
                    set("error", error.as_str().into());
                    set("error_type", error_type.as_str().into());
                }
            }
        }
        status
    }
}
