//! Webhooks: what is posted when a request is done, and how often.
//!
//! `Fal::posts` gives what to post, and `Fal::posted` takes the outcome. The server or a simulation does the posting.

mod signing;

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::{Value, json};

use super::errors::{method_not_allowed, not_found};
use super::http::{Millis, Request, Response};
use super::settings::WebhookSettings;

/// The first try is waited for so long, the others so long.
const FIRST_TIMEOUT: Millis = 15_000;
const TIMEOUT: Millis = 120_000;
/// How often a webhook is tried again.
const MAX_RETRIES: usize = 31;
/// The first wait between two tries, which doubles, and the longest (chosen).
const FIRST_WAIT: Millis = 10_000;
const LONGEST_WAIT: Millis = 600_000;
/// For how long it is tried: as long as the result is kept, and a large one is kept for less.
const LIFETIME: Millis = 3_600_000;
const LIFETIME_OF_LARGE: Millis = 360_000;
const LARGE: usize = 10_000;
/// How many webhooks are remembered.
const MAX_WEBHOOKS: usize = 10_000;

/// fal's words for a result that is not JSON.
const NOT_JSON: &str = "Response payload is not JSON serializable. Either return a JSON serializable object or use the queue endpoint to retrieve the response.";

/// Every webhook since the last reset.
#[derive(Debug, Default)]
pub struct Webhooks {
    seed: u64,
    /// How they are signed and delivered.
    pub settings: WebhookSettings,
    by_number: BTreeMap<u64, Webhook>,
    made: u64,
}

#[derive(Debug)]
struct Webhook {
    url: String,
    request_id: String,
    user_id: String,
    body: Vec<u8>,
    /// When it is tried no more.
    until: Millis,
    state: State,
    tries: Vec<Try>,
    /// How often it was taken.
    taken: u32,
}

#[derive(Debug, Clone, Copy)]
enum State {
    Waiting { until: Millis },
    Posting,
    Delivered,
    GivenUp,
}

/// A webhook to post now.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// To be named in `Fal::posted`.
    pub number: u64,
    /// Where to.
    pub url: String,
    /// All of its headers but those of HTTP itself.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Vec<u8>,
    /// How long an answer is waited for.
    pub timeout: Millis,
}

/// The outcome of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryOutcome {
    /// It was answered with this status.
    Status(u16),
    /// There was no answer in time.
    TimedOut,
    /// There was no connection, or it broke.
    Unreachable,
    /// The URL is not on this machine, so nothing was posted.
    Forbidden,
}

/// One try.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Try {
    /// When it began.
    pub at_ms: Millis,
    /// The outcome; `None` while that is not known.
    pub outcome: Option<DeliveryOutcome>,
}

/// One webhook, for a test to check.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryReport {
    /// The request that is done.
    pub request_id: String,
    /// Where to, without the query.
    pub url: String,
    /// `waiting`, `posting`, `delivered` or `given_up`.
    pub state: &'static str,
    /// When it is tried next.
    pub next_ms: Option<Millis>,
    /// The tries, oldest first.
    pub tries: Vec<Try>,
}

impl Webhooks {
    /// No webhooks yet. The keys that sign them follow from the seed.
    pub fn new(seed: u64, settings: WebhookSettings) -> Self {
        Self { seed, settings, ..Self::default() }
    }

    /// Those after a reset. Numbers go on, so that what is being posted meanwhile is not taken for something new.
    pub fn after(before: &Self, settings: WebhookSettings) -> Self {
        Self { seed: before.seed, settings, made: before.made, by_number: BTreeMap::new() }
    }

    /// A request is done that was submitted with a webhook.
    pub fn add(&mut self, now: Millis, url: &str, request_id: &str, account: Option<&str>, response: &Response) {
        if self.by_number.len() >= MAX_WEBHOOKS {
            self.by_number.pop_first();
        }
        let body = payload(request_id, response).to_string().into_bytes();
        let lifetime = if body.len() >= LARGE { LIFETIME_OF_LARGE } else { LIFETIME };
        self.made += 1;
        let webhook = Webhook {
            url: url.to_owned(),
            request_id: request_id.to_owned(),
            user_id: account.unwrap_or("anonymous").to_owned(),
            body,
            until: now.saturating_add(lifetime),
            state: State::Waiting { until: now },
            tries: Vec::new(),
            taken: 0,
        };
        self.by_number.insert(self.made, webhook);
    }

    /// When the next one is to be posted.
    pub fn next_due(&self) -> Option<Millis> {
        let due = |webhook: &Webhook| match webhook.state {
            State::Waiting { until } => Some(until),
            _ => None,
        };
        self.by_number.values().filter_map(due).min()
    }

    /// Every webhook that is remembered, oldest first.
    pub fn report(&self) -> Vec<DeliveryReport> {
        let report = |webhook: &Webhook| {
            let (state, next_ms) = match webhook.state {
                State::Waiting { until } => ("waiting", Some(until)),
                State::Posting => ("posting", None),
                State::Delivered => ("delivered", None),
                State::GivenUp => ("given_up", None),
            };
            let url = webhook.url.split('?').next().unwrap_or_default().to_owned();
            DeliveryReport { request_id: webhook.request_id.clone(), url, state, next_ms, tries: webhook.tries.clone() }
        };
        self.by_number.values().map(report).collect()
    }
}

impl Webhook {
    fn record(&mut self, now: Millis, posted: DeliveryOutcome, repeat: u32) {
        if let Some(last) = self.tries.last_mut() {
            last.outcome = Some(posted);
        }
        let doublings = u32::try_from(self.tries.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let wait = FIRST_WAIT.saturating_mul(1_u64.checked_shl(doublings).unwrap_or(Millis::MAX)).min(LONGEST_WAIT);
        let again = State::Waiting { until: now.saturating_add(wait) };
        let taken = matches!(posted, DeliveryOutcome::Status(200..=299));
        self.taken += u32::from(taken);
        self.state = match posted {
            // At least once is what fal promises.
            _ if taken && self.taken <= repeat => again,
            _ if taken => State::Delivered,
            // Redirects are not followed, and forbidden URLs are never called.
            DeliveryOutcome::Status(300..=399) | DeliveryOutcome::Forbidden => State::GivenUp,
            _ if self.tries.len() > MAX_RETRIES || now.saturating_add(wait) > self.until => State::GivenUp,
            _ => again,
        };
    }
}

/// The body of a webhook.
fn payload(request_id: &str, response: &Response) -> Value {
    let ok = response.status < 400;
    let payload = serde_json::from_slice::<Value>(&response.body_bytes());
    let mut body = json!({
        "request_id": request_id,
        "gateway_request_id": request_id,
        "status": if ok { "OK" } else { "ERROR" },
        "payload": payload.as_ref().unwrap_or(&Value::Null),
    });
    if let Some(fields) = body.as_object_mut() {
        if !ok {
            fields.insert("error".to_owned(), format!("Invalid status code: {}", response.status).into());
        } else if payload.is_err() {
            fields.insert("payload_error".to_owned(), NOT_JSON.into());
        }
    }
    body
}

impl Webhooks {
    /// `GET /.well-known/jwks.json`, for everybody.
    pub fn jwks(&self, request: &Request, path: &str) -> Result<Response, Response> {
        if path != "/.well-known/jwks.json" {
            return Err(not_found());
        }
        if request.method != "GET" {
            return Err(method_not_allowed());
        }
        Ok(Response::json(200, &signing::published(self.seed, self.settings.key)))
    }

    /// The webhooks to post now; they count as being posted from now on.
    pub fn take_due(&mut self, now: Millis) -> Vec<Delivery> {
        let WebhookSettings { key, skew_seconds, .. } = self.settings;
        let signed_at = (now / 1000).saturating_add_signed(skew_seconds);
        let due = |webhook: &Webhook| matches!(webhook.state, State::Waiting { until } if until <= now);
        let mut posts = Vec::new();
        for (number, webhook) in self.by_number.iter_mut().filter(|(_, webhook)| due(webhook)) {
            let Webhook { url, request_id, user_id, body, tries, .. } = &*webhook;
            let mut headers = signing::headers(self.seed, key, request_id, user_id, signed_at, body);
            headers.push(("content-type".to_owned(), "application/json".to_owned()));
            let timeout = if tries.is_empty() { FIRST_TIMEOUT } else { TIMEOUT };
            posts.push(Delivery { number: *number, url: url.clone(), headers, body: body.clone(), timeout });
            webhook.state = State::Posting;
            webhook.tries.push(Try { at_ms: now, outcome: None });
        }
        posts
    }

    /// The outcome of a delivery. One from before a reset is ignored.
    pub fn record(&mut self, now: Millis, number: u64, posted: DeliveryOutcome) {
        let repeat = self.settings.repeat;
        if let Some(webhook) = self.by_number.get_mut(&number) {
            webhook.record(now, posted, repeat);
        }
    }
}
