//! `fal.run`: a model called directly. The answer, or the stream, is the model's own.

use serde_json::json;

use super::call_options::CallOptions;
use super::catalogue::{Invocation, Outcome, Streaming, execute, find, input_of};
use super::endpoint::Endpoint;
use super::http::{Body, Millis, Request, Response};
use super::ids::Ids;
use super::queue::timed_out;
use super::settings::QueueSettings;
use super::storage::Storage;

/// Runs a model for a caller who waits, or streams it.
///
/// # Errors
/// The answer to an input that cannot be used.
pub fn run(
    now: Millis,
    request: &Request,
    endpoint: &Endpoint,
    options: &CallOptions,
    settings: QueueSettings,
    (ids, storage): (&mut Ids, &mut Storage),
) -> Result<Response, Response> {
    let input = input_of(request)?;
    let mut invocation = Invocation { now, input: &input, headers: &options.all, ids, storage };
    if let Some(streaming) = streaming(endpoint) {
        return streaming(&mut invocation).map(Response::events);
    }
    // A direct call waits for a runner like any other, but is not in the queue: nothing else waits for it.
    let wait = settings.wait_ms();
    if let Some(limit) = options.start_within.filter(|limit| wait > *limit) {
        return Ok(Response { after: limit, ..timed_out().response });
    }
    let execution = execute(endpoint, &mut invocation);
    let run_ms = settings.run_ms.unwrap_or(execution.run_ms);
    let Outcome { response, failure } = execution.outcome;
    let response = Response { after: wait.saturating_add(run_ms), ..response };
    // Nobody but the caller can repeat a direct call: the answer says whether that may help.
    let passing = failure.is_some() && response.status >= 500;
    Ok(if passing { response.with_header("x-fal-needs-retry", "1") } else { response })
}

/// The direct calls that are running: whose they are, and until when.
#[derive(Debug, Default)]
pub struct DirectCalls(Vec<(Option<String>, Millis)>);

impl DirectCalls {
    pub fn begin(&mut self, account: Option<String>, ends: Millis) {
        self.0.push((account, ends));
    }

    /// How many an account has at this time. A caller that hangs up early is not noticed.
    pub fn count(&mut self, now: Millis, account: Option<&str>) -> usize {
        self.0.retain(|(_, ends)| *ends > now);
        self.0.iter().filter(|(whose, _)| whose.as_deref() == account).count()
    }
}

/// When a call has ended.
pub fn ends(now: Millis, response: &Response) -> Millis {
    let streamed = if let Body::Stream(stream) = &response.body { stream.ends() } else { None };
    streamed.unwrap_or(now.saturating_add(response.after))
}

/// The 429 of an account that has as much running as it may.
pub fn too_many(limit: u32) -> Response {
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
