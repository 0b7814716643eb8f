//! The operations a client has, from the options of a call.
//!
//! One way in for all of them: every function more would cost the browser build more than the operation itself.

use wasm_bindgen::prelude::*;

use super::hands::{Act, Hands};
#[cfg(feature = "edge")]
use super::problem::Problem;
use super::realtime;
use super::task::Task;
use crate::client::{
    Call, Class, FailureKind, Goal, Machine, Mode, Request, RetryPolicy, Start, Stream, Subscribe, SubscribePlan,
    Upload, UploadPlan,
};
use crate::protocol::{EndpointId, Method, Millis, RequestId, Submission, TokenContract, split_once};

/// Time between two questions for a status.
const POLL_INTERVAL: Millis = 500;
/// How stubbornly a status is asked for: it is only read, and work that is paid for depends on it.
const STATUS_RETRIES: u32 = 5;

/// A number among the options of a call, at its place; `js/shared/order.js` has the same names in the same order. The
/// statuses worth another try follow after the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Decides every random number.
    Seed,
    MaxRetries,
    BaseDelay,
    MaxDelay,
    BackoffMultiplier,
    EnableJitter,
    Budget,
    /// Hosts have backups.
    #[cfg_attr(not(feature = "edge"), allow(dead_code, reason = "a browser talks to its proxy only"))]
    BackupHosts,
    /// Time for all tries together.
    Timeout,
    /// Running twice does no harm.
    Idempotent,
    Logs,
    /// Following ends with the result, not with the last status.
    Fetches,
    /// Following does without a stream.
    Polls,
    PollInterval,
    CancelOnTimeout,
    CancelOnAbort,
    MaxQueueLength,
    /// Longest silence of a stream.
    Idle,
    /// The size of a file, in bytes.
    Size,
    /// The file can be read once only.
    Once,
    /// Of the two contracts for tokens the newer one.
    Newer,
    /// A realtime connection needs a token.
    NeedsToken,
    /// Time between two of its messages.
    Throttle,
    /// What waits for it at most; no frames means that only the newest waits.
    Frames,
    Bytes,
    /// How many statuses follow.
    Statuses,
}

/// The numbers of a call. `NaN` stands for what was not set, no statuses for the usual ones.
pub struct Numbers<'a>(pub &'a Hands);

impl Numbers<'_> {
    fn get(&self, number: Number) -> Option<f64> {
        let value = self.0.number(number as u32);
        (!value.is_nan()).then_some(value)
    }

    /// A whole number; 0 when it was not set.
    pub fn count(&self, number: Number) -> u32 {
        self.get(number).unwrap_or_default() as u32
    }

    /// A time, or another large number.
    pub fn millis(&self, number: Number) -> Option<Millis> {
        self.get(number).map(|time| time as Millis)
    }

    /// Yes or no.
    pub fn flag(&self, number: Number) -> bool {
        self.get(number) == Some(1.0)
    }

    /// Decides every random number.
    pub fn seed(&self) -> u64 {
        self.get(Number::Seed).unwrap_or_default().to_bits()
    }

    /// Time for all tries together.
    #[cfg(feature = "edge")]
    pub fn timeout(&self) -> Option<Millis> {
        self.millis(Number::Timeout)
    }

    /// Longest silence of a stream.
    #[cfg(feature = "edge")]
    pub fn idle(&self) -> Option<Millis> {
        self.millis(Number::Idle)
    }

    /// The caller's numbers over the defaults of an operation.
    pub fn over(&self, mut policy: RetryPolicy) -> RetryPolicy {
        if let Some(tries) = self.get(Number::MaxRetries) {
            policy.max_retries = tries as u32;
        }
        if let Some(delay) = self.millis(Number::BaseDelay) {
            policy.base_delay = delay;
        }
        if let Some(delay) = self.millis(Number::MaxDelay) {
            policy.max_delay = delay;
        }
        if let Some(multiplier) = self.get(Number::BackoffMultiplier) {
            policy.multiplier = multiplier;
        }
        if let Some(jitter) = self.get(Number::EnableJitter) {
            policy.jitter = jitter != 0.0;
        }
        if let Some(budget) = self.millis(Number::Budget) {
            policy.budget = budget;
        }
        #[cfg(feature = "edge")]
        if self.flag(Number::BackupHosts) {
            policy.backup_hosts = true;
        }
        let statuses = self.count(Number::Statuses);
        if statuses > 0 {
            policy.statuses.clear();
        }
        for place in 1..=statuses {
            policy.statuses.push(self.0.number(Number::Statuses as u32 + place) as u16);
        }
        policy
    }

    fn usual(&self) -> RetryPolicy {
        self.over(RetryPolicy::default())
    }

    fn status(&self) -> RetryPolicy {
        let mut policy = RetryPolicy { max_retries: STATUS_RETRIES, ..RetryPolicy::default() };
        policy.statuses.push(500);
        self.over(policy)
    }

    /// A request that runs a model, as repeatable as the caller says it is.
    fn classed(&self, request: Request) -> Request {
        let class = if self.flag(Number::Idempotent) { Class::Safe } else { request.class };
        Request { class, ..request }
    }
}

/// Opens the operation with this number (`js/shared/codes.js`); undefined when it is refused. The texts of the call are
/// on lines of their own: endpoint, path, method, webhook, request. One that is empty was not given.
#[wasm_bindgen]
pub fn open(hands: &Hands, operation: u8, texts: &str) -> Option<Task> {
    let [endpoint, path, method, webhook, request] = lines(texts);
    let order = Order { numbers: Numbers(hands), webhook, request };
    let machine = match operation {
        CONNECT => return Some(realtime::open(&order.numbers)),
        UPLOAD => order.upload(),
        MINT => Ok(order.mint()),
        _ => full_id(endpoint, path).and_then(|endpoint| order.about(operation, endpoint, Method::parse(method))),
    };
    accepted(hands, machine).map(Task::from)
}

/// The lines of a text; empty where there are fewer.
pub fn lines<const COUNT: usize>(text: &str) -> [&str; COUNT] {
    let mut rest = text;
    [(); COUNT].map(|()| {
        let (line, after) = split_once(rest, b'\n').unwrap_or((rest, ""));
        rest = after;
        line
    })
}

/// Something that was asked for and is not refused; why it is refused is told.
pub fn accepted<T>(hands: &Hands, wanted: Result<T, Refusal>) -> Option<T> {
    wanted
        .map_err(|Refusal { kind, reason, option }| {
            hands.act_with(Act::Refuse, 0, u32::from(kind as u8), reason.into(), 0.0, option.as_bytes());
        })
        .ok()
}

/// Why something is refused: the reason is that of the type that refused, and an option has a name.
pub struct Refusal {
    /// What is wrong.
    pub kind: FailureKind,
    /// What about it.
    pub reason: u8,
    /// With which option.
    pub option: &'static str,
}

impl Refusal {
    fn option(option: &'static str) -> Self {
        Self { kind: FailureKind::OptionInvalid, reason: 0, option }
    }
}

impl From<FailureKind> for Refusal {
    fn from(kind: FailureKind) -> Self {
        Self { kind, reason: 0, option: "" }
    }
}

#[cfg(feature = "edge")]
impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::because(refusal.kind, refusal.reason)
    }
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

pub fn endpoint_id(text: &str) -> Result<EndpointId, Refusal> {
    EndpointId::parse(text).map_err(|error| Refusal { reason: error as u8, ..FailureKind::EndpointIdInvalid.into() })
}

fn request_id(text: &str) -> Result<RequestId, Refusal> {
    RequestId::parse(text).map_err(|_| FailureKind::RequestIdInvalid.into())
}

/// The id of an endpoint with the `path` a call adds to it.
fn full_id(endpoint: &str, path: &str) -> Result<EndpointId, Refusal> {
    let endpoint = endpoint_id(endpoint)?;
    if path.is_empty() { Ok(endpoint) } else { endpoint.join(path).map_err(|_| Refusal::option("path")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The skin has the names once more; an option of the caller's would be read as another one.
    #[test]
    fn the_skin_has_the_same_numbers_in_the_same_order() {
        let all = [
            Number::Seed,
            Number::MaxRetries,
            Number::BaseDelay,
            Number::MaxDelay,
            Number::BackoffMultiplier,
            Number::EnableJitter,
            Number::Budget,
            Number::BackupHosts,
            Number::Timeout,
            Number::Idempotent,
            Number::Logs,
            Number::Fetches,
            Number::Polls,
            Number::PollInterval,
            Number::CancelOnTimeout,
            Number::CancelOnAbort,
            Number::MaxQueueLength,
            Number::Idle,
            Number::Size,
            Number::Once,
            Number::Newer,
            Number::NeedsToken,
            Number::Throttle,
            Number::Frames,
            Number::Bytes,
            Number::Statuses,
        ];
        let skin = include_str!("../../js/shared/order.js");
        let list = skin.split("NUMBERS = [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
        let names: std::vec::Vec<_> = list.split('"').skip(1).step_by(2).collect();
        assert_eq!(names.len(), all.len());
        for (place, (number, name)) in all.into_iter().zip(names).enumerate() {
            assert_eq!(number as usize, place);
            assert!(std::format!("{number:?}").eq_ignore_ascii_case(name), "{number:?} {name}");
        }
    }

    #[test]
    fn the_skin_counts_operations_the_same_way() {
        let skin = include_str!("../../js/shared/codes.js");
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
            assert!(skin.contains(&std::format!("export const {name} = {number};")), "{name}");
        }
    }
}
