//! `fal.run`: a model called directly. The answer, or the stream, is the model's own.

use serde_json::json;

use super::Fal;
use super::auth::Access;
use super::catalogue::{Outcome, Streaming, Visit, access, execute, find, input_of, no_such_app};
use super::endpoint::Endpoint;
use super::errors::not_found;
use super::headers::Wishes;
use super::http::{Body, Millis, Request, Response};
use super::platform::Run;
use super::queue::timed_out;

impl Fal {
    /// A run (any method) or a stream (`…/stream`).
    pub(super) fn run(&mut self, now: Millis, request: &Request, path: &str) -> Result<Response, Response> {
        let endpoint = Endpoint::parse(path).ok_or_else(not_found)?;
        let access = access(&endpoint.app);
        let caller = self.credentials.admit_or_token(now, request, &endpoint, access.unwrap_or(Access::Shared))?;
        access.ok_or_else(|| no_such_app(&endpoint))?;
        let wishes = Wishes::of(request)?;
        let account = caller.map(|caller| caller.account);
        if let Some(limit) = self.credentials.access.concurrent {
            let running = self.running.count(now, account.as_deref()) + self.queue.running(account.as_deref());
            if running >= limit as usize {
                return Err(too_many(limit));
            }
        }
        let id = self.ids.uuid();
        let response = self.computed(now, request, &endpoint, &wishes).unwrap_or_else(|refusal| refusal);
        let ended = ends(now, &response);
        self.ran(Run {
            id: id.clone(),
            endpoint: endpoint.id(),
            account: account.clone(),
            sent: now,
            started: now,
            ended,
            status: response.status,
        });
        self.running.begin(account, ended);
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

/// The direct calls that are running: whose they are, and until when.
#[derive(Debug, Default)]
pub struct Running(Vec<(Option<String>, Millis)>);

impl Running {
    fn begin(&mut self, account: Option<String>, ends: Millis) {
        self.0.push((account, ends));
    }

    /// How many an account has at this time. A caller that hangs up early is not noticed.
    fn count(&mut self, now: Millis, account: Option<&str>) -> usize {
        self.0.retain(|(_, ends)| *ends > now);
        self.0.iter().filter(|(whose, _)| whose.as_deref() == account).count()
    }
}

/// When a call has ended.
fn ends(now: Millis, response: &Response) -> Millis {
    let streamed = if let Body::Stream(stream) = &response.body { stream.ends() } else { None };
    streamed.unwrap_or(now.saturating_add(response.after))
}

/// The 429 of an account that has as much running as it may.
fn too_many(limit: u32) -> Response {
    let body = json!({
        "detail": format!("Reached concurrent requests limit of {limit}"),
        "type": "concurrent_requests_limit",
        "data": { "limit": limit },
    });
    Response::json(429, &body).with_header("x-fal-needs-retry", "1")
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
