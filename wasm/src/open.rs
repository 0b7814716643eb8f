//! The operations a client has, from the options of a call.
//!
//! One way in for all of them: every function more would cost the browser build more than the operation itself.

use wasm_bindgen::prelude::*;

use super::hands::Hands;
use super::numbers::{Number, Numbers};
use super::refusal::{Refusal, accepted, endpoint_id, lines, request_id};
use super::task::Task;
use fal_wasm::client::realtime::{OutboxPolicy, Plan, Realtime};
use fal_wasm::client::{
    Call, FailureKind, Goal, Machine, Mode, Request, RetryPolicy, Start, Stream, Subscribe, SubscribePlan, Upload,
    UploadPlan,
};
use fal_wasm::protocol::{EndpointId, Method, Millis, Submission, TokenContract};

/// Time between two questions for a status.
const POLL_INTERVAL: Millis = 500;
/// How often a realtime connection is tried again before the caller is told.
const RECONNECTS: u32 = 5;

/// Opens the operation with this number (`js/core/codes.ts`); undefined when it is refused. The texts of the call are
/// on lines of their own: endpoint, path, method, webhook, request. One that is empty was not given.
#[wasm_bindgen]
pub fn open(hands: &Hands, operation: u8, texts: &str) -> Option<Task> {
    let [endpoint, path, method, webhook, request] = lines(texts);
    let order = Order { numbers: Numbers(hands), webhook, request };
    let machine = match operation {
        CONNECT => return Some(order.connect().into()),
        UPLOAD => order.upload(),
        MINT => Ok(order.mint()),
        _ => full_id(endpoint, path).and_then(|endpoint| order.about(operation, endpoint, Method::parse(method))),
    };
    accepted(hands, machine).map(Task::from)
}

/// What a call says.
struct Order<'a> {
    numbers: Numbers<'a>,
    webhook: &'a str,
    request: &'a str,
}

impl Order<'_> {
    fn call(&self, request: Request, policy: RetryPolicy) -> Machine {
        Machine::new(Call::new(request, policy, self.numbers.millis(Number::Timeout)), self.numbers.seed())
    }

    fn upload(&self) -> Result<Machine, Refusal> {
        let numbers = &self.numbers;
        let (size, once) = (numbers.millis(Number::Size).unwrap_or(Millis::MAX), numbers.flag(Number::Once));
        let plan = UploadPlan::new(size, once, numbers.over(UploadPlan::policy()));
        let plan = plan.ok_or(Refusal::option("file"))?;
        let timeout = numbers.millis(Number::Timeout);
        Ok(Machine::new(Upload::new(UploadPlan { timeout, ..plan }), numbers.seed()))
    }

    fn mint(&self) -> Machine {
        let newer = self.numbers.flag(Number::Newer);
        let contract = if newer { TokenContract::Newer } else { TokenContract::Older };
        self.call(Request::token(contract), self.numbers.usual())
    }

    /// A realtime connection.
    fn connect(&self) -> Realtime {
        let numbers = &self.numbers;
        let policy = numbers.over(RetryPolicy { max_retries: RECONNECTS, ..RetryPolicy::default() });
        let outbox = match numbers.count(Number::Frames) {
            0 => OutboxPolicy::Latest,
            frames => OutboxPolicy::Queue { frames, bytes: numbers.count(Number::Bytes) },
        };
        let needs_token = numbers.flag(Number::NeedsToken);
        let throttle = numbers.millis(Number::Throttle).unwrap_or_default();
        Realtime::new(Plan { needs_token, outbox, throttle, policy }, numbers.seed())
    }

    fn stream(&self, request: Request, policy: RetryPolicy) -> Machine {
        Machine::new(Stream::new(request, policy, self.numbers.millis(Number::Idle)), self.numbers.seed())
    }

    fn submit(&self, endpoint: EndpointId, method: Method) -> Request {
        let max_queue_length = self.numbers.get(Number::MaxQueueLength).map(|length| length as u32);
        let webhook = (!self.webhook.is_empty()).then(|| self.webhook.into());
        self.numbers.classed(Request::submit(endpoint, method, Submission { webhook, max_queue_length }))
    }

    fn follow(&self, endpoint: EndpointId, method: Method) -> Result<Machine, Refusal> {
        let numbers = &self.numbers;
        let fetches = numbers.flag(Number::Fetches);
        let plan = SubscribePlan {
            app: endpoint.app(),
            start: match self.request {
                "" if fetches => Start::Submit(self.submit(endpoint, method)),
                _ => Start::Resume(request_id(self.request)?),
            },
            goal: if fetches { Goal::Result } else { Goal::Status },
            mode: if numbers.flag(Number::Polls) { Mode::Polling } else { Mode::Streaming },
            logs: numbers.flag(Number::Logs),
            poll_interval: numbers.millis(Number::PollInterval).unwrap_or(POLL_INTERVAL),
            timeout: numbers.millis(Number::Timeout),
            cancel_on_timeout: numbers.flag(Number::CancelOnTimeout),
            cancel_on_abort: numbers.flag(Number::CancelOnAbort),
            policy: numbers.usual(),
            status_policy: numbers.status(),
        };
        Ok(Machine::new(Subscribe::new(plan), numbers.seed()))
    }

    /// An operation about an endpoint, or about a request in its queue.
    fn about(&self, operation: u8, endpoint: EndpointId, method: Option<Method>) -> Result<Machine, Refusal> {
        let numbers = &self.numbers;
        let method = || method.ok_or(Refusal::option("method"));
        Ok(match operation {
            RUN => self.call(numbers.classed(Request::run(endpoint, method()?)), numbers.usual()),
            SUBMIT => self.call(self.submit(endpoint, method()?), numbers.usual()),
            STREAM => self.stream(numbers.classed(Request::stream(endpoint.streamed(), method()?)), numbers.usual()),
            FOLLOW => self.follow(endpoint, method()?)?,
            _ => {
                let (app, id) = (endpoint.app(), request_id(self.request)?);
                let logs = numbers.flag(Number::Logs);
                match operation {
                    STATUS => self.call(Request::status(app, id, logs), numbers.status()),
                    RESULT => self.call(Request::result(app, id), numbers.usual()),
                    CANCEL => self.call(Request::cancel(app, id), numbers.usual()),
                    STREAM_STATUS => self.stream(Request::follow(app, id, logs), numbers.status()),
                    _ => return Err(FailureKind::Internal.into()),
                }
            }
        })
    }
}

/// The id of an endpoint with the `path` a call adds to it.
fn full_id(endpoint: &str, path: &str) -> Result<EndpointId, Refusal> {
    let endpoint = endpoint_id(endpoint)?;
    if path.is_empty() { Ok(endpoint) } else { endpoint.join(path).map_err(|_| Refusal::option("path")) }
}

// The operations, by their numbers.
const RUN: u8 = 0;
const SUBMIT: u8 = 1;
const FOLLOW: u8 = 2;
const STATUS: u8 = 3;
const RESULT: u8 = 4;
const CANCEL: u8 = 5;
const STREAM: u8 = 6;
const STREAM_STATUS: u8 = 7;
const UPLOAD: u8 = 8;
const MINT: u8 = 9;
const CONNECT: u8 = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn javascript_counts_operations_the_same_way() {
        let source = include_str!("../../js/core/codes.ts");
        for (name, number) in [
            ("RUN", RUN),
            ("SUBMIT", SUBMIT),
            ("FOLLOW", FOLLOW),
            ("STATUS", STATUS),
            ("RESULT", RESULT),
            ("CANCEL", CANCEL),
            ("STREAM", STREAM),
            ("STREAM_STATUS", STREAM_STATUS),
            ("UPLOAD", UPLOAD),
            ("MINT", MINT),
            ("CONNECT", CONNECT),
        ] {
            assert!(source.contains(&std::format!("export const {name} = {number};")), "{name}");
        }
    }
}
