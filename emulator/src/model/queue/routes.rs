//! The paths of the queue's host.
//!
//! A request is submitted to a whole endpoint id (`/fal-ai/flux/dev`) and found under the app alone
//! (`/fal-ai/flux/requests/{id}`).

use serde_json::json;

use super::Queue;
use super::cancelled;
use super::job::{Job, State};
use super::status::links;
use crate::model::call_options::{CallOptions, with_request_headers};
use crate::model::catalogue::input_of;
use crate::model::endpoint::Endpoint;
use crate::model::errors::{detail, method_not_allowed, not_found, validation_error};
use crate::model::http::{Millis, Request, Response};
use crate::model::ids::Ids;
use crate::model::stream::Stream;

impl Queue {
    /// A request of an account that may call this app. URLs in the answer begin with `base`.
    pub fn handle(
        &mut self,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        endpoint: &Endpoint,
        account: Option<String>,
        base: &str,
    ) -> Result<Response, Response> {
        let parts: Vec<&str> = endpoint.path.split('/').collect();
        if let ["requests", id, rest @ ..] = parts.as_slice() {
            let number = self.find(id, &endpoint.app, account.as_deref());
            let number = number.ok_or_else(|| Response::json(404, &json!({ "status": "NOT_FOUND" })))?;
            return self.about(now, request, number, rest, base.to_owned());
        }
        // With the path after the app, a request's URL does not exist: 405 was observed.
        if parts.contains(&"requests") {
            return Err(method_not_allowed());
        }
        self.handle_submit(ids, now, request, endpoint, account, base)
    }

    /// Any method submits, as any method runs.
    fn handle_submit(
        &mut self,
        ids: &mut Ids,
        now: Millis,
        request: &Request,
        endpoint: &Endpoint,
        account: Option<String>,
        base: &str,
    ) -> Result<Response, Response> {
        let options = CallOptions::of(request)?;
        let input = input_of(request)?;
        if let Some(limit) = request.param("fal_max_queue_length") {
            let loc = ["query", "fal_max_queue_length"];
            let limit: u64 =
                limit.parse().map_err(|_| validation_error(&loc, "int_type", "Input should be a valid integer"))?;
            let length = self.length(&endpoint.app);
            if length > limit {
                return Err(detail(429, &format!("The queue holds {length} requests, more than the {limit} allowed.")));
            }
        }
        let settings = self.settings;
        let job = Job {
            id: ids.uuid(),
            app: endpoint.app.clone(),
            path: endpoint.path.to_owned(),
            account,
            low_priority: options.low_priority,
            hint: options.hint,
            headers: options.all,
            webhook: request.param("fal_webhook"),
            submitted: now,
            state: State::Waiting {
                input,
                ahead: settings.ahead,
                step_ms: settings.step_ms,
                clear_at: now.saturating_add(settings.wait_ms()),
                start_by: options.start_within.map(|limit| now.saturating_add(limit)),
            },
        };
        let id = job.id.clone();
        let hint = job.hint.clone();
        let position = self.length(&endpoint.app);
        let mut answer = links(base, &job);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("status".to_owned(), "IN_QUEUE".into());
            answer.insert("queue_position".to_owned(), position.into());
            if job.webhook.is_some() {
                answer.insert("gateway_request_id".to_owned(), id.as_str().into());
            }
        }
        if !self.submit(job) {
            return Err(detail(503, "The emulator's queue is full."));
        }
        Ok(with_request_headers(Response::json(200, &answer), &id, hint.as_deref()))
    }

    /// What a caller asks about a request of its own.
    fn about(
        &mut self,
        now: Millis,
        request: &Request,
        number: u64,
        rest: &[&str],
        base: String,
    ) -> Result<Response, Response> {
        let method = match rest {
            ["cancel"] => "PUT",
            [] | ["response" | "status"] | ["status", "stream"] => "GET",
            _ => return Err(not_found()),
        };
        if request.method != method {
            return Err(method_not_allowed());
        }
        let job = self.jobs.get(&number).ok_or_else(not_found)?;
        let (id, hint) = (job.id.clone(), job.hint.clone());
        let logs = matches!(request.param("logs").as_deref(), Some("1" | "true" | "True"));
        let response = match rest {
            ["cancel"] => self.cancel(now, number),
            ["status"] => {
                let status = self.status(number, job, now, &base, logs.then(|| job.log(now)));
                Response::json(if matches!(job.state, State::Done { .. }) { 200 } else { 202 }, &status)
            }
            ["status", ..] => Response::events(Stream::job_status(&id, base, logs, now)),
            _ => match &job.state {
                State::Done { outcome, .. } => outcome.response.clone(),
                _ => detail(400, "Request is still in progress"),
            },
        };
        Ok(with_request_headers(response, &id, hint.as_deref()))
    }

    /// While it waits, a request is removed. On a runner, the model is told, and the models here stop at once.
    fn cancel(&mut self, now: Millis, number: u64) -> Response {
        let done = self.jobs.get(&number).is_none_or(|job| matches!(job.state, State::Done { .. }));
        if done {
            return Response::json(400, &json!({ "status": "ALREADY_COMPLETED" }));
        }
        self.finish(number, now, Some(cancelled()));
        Response::json(202, &json!({ "status": "CANCELLATION_REQUESTED" }))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cancelled, timed_out};

    #[test]
    fn a_timeout_by_the_caller_can_be_told_from_one_by_fal() {
        let response = timed_out().response;
        assert_eq!((response.status, response.header("x-fal-request-timeout-type")), (504, Some("user")));
        assert_eq!(cancelled().response.status, 499);
    }
}
