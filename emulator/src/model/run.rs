//! `fal.run`: a model called directly. The answer, or the stream, is the model's own.

use super::Fal;
use super::auth::Access;
use super::catalogue::{Outcome, Streaming, Visit, access, execute, find, input_of, no_such_app};
use super::endpoint::Endpoint;
use super::errors::not_found;
use super::headers::Wishes;
use super::http::{Millis, Request, Response};
use super::queue::timed_out;

impl Fal {
    /// A run (any method) or a stream (`…/stream`).
    pub(super) fn run(&mut self, now: Millis, request: &Request, path: &str) -> Result<Response, Response> {
        let endpoint = Endpoint::parse(path).ok_or_else(not_found)?;
        let access = access(&endpoint.app);
        self.credentials.admit_or_token(now, request, &endpoint, access.unwrap_or(Access::Shared))?;
        access.ok_or_else(|| no_such_app(&endpoint))?;
        let wishes = Wishes::of(request)?;
        let id = self.ids.uuid();
        let response = self.computed(now, request, &endpoint, &wishes).unwrap_or_else(|refusal| refusal);
        Ok(signed(response, &id, wishes.hint.as_deref()))
    }

    fn computed(
        &mut self,
        now: Millis,
        request: &Request,
        endpoint: &Endpoint,
        wishes: &Wishes,
    ) -> Result<Response, Response> {
        let input = input_of(request)?;
        let mut visit = Visit { now, input: &input, headers: &wishes.all, ids: &mut self.ids, store: &mut self.store };
        if let Some(streaming) = streaming(endpoint) {
            return streaming(&mut visit).map(Response::events);
        }
        // A direct call waits for a runner like any other, but is not in the queue: nothing else waits for it.
        let wait = self.queue.settings.wait_ms();
        if let Some(limit) = wishes.start_within.filter(|limit| wait > *limit) {
            return Ok(Response { after: limit, ..timed_out().response });
        }
        let execution = execute(endpoint, &mut visit);
        let run_ms = self.queue.settings.run_ms.unwrap_or(execution.run_ms);
        let Outcome { response, failure } = execution.outcome;
        let response = Response { after: wait.saturating_add(run_ms), ..response };
        // Nobody but the caller can repeat a direct call: the answer says whether that may help.
        let passing = failure.is_some() && response.status >= 500;
        Ok(if passing { response.with_header("x-fal-needs-retry", "1") } else { response })
    }
}

/// What streams at `…/stream`, when something does.
fn streaming(endpoint: &Endpoint) -> Option<Streaming> {
    find(&endpoint.without("stream")?).ok()?.stream
}

/// Adds what every answer about a request carries.
pub(super) fn signed(response: Response, id: &str, hint: Option<&str>) -> Response {
    let response = response.with_header("x-fal-request-id", id);
    match hint {
        Some(hint) => response.with_header("x-fal-runner-hints", hint),
        None => response,
    }
}
