//! Saying what became of a call, when its answer was read, or when fal is asked about it.

use std::sync::Arc;
use std::time::Duration;

use base64::engine::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use fal_wasm::limits::{self, Answer, CallKind};
use fal_wasm::protocol::Millis;
use fal_wasm::proxy::{Call, CallEvent, CallStep, Refusal};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use tokio::runtime::Handle;

use super::TOTAL;
use super::take::asked;
use super::types::{Correction, KeptAnswer, LimitedJob, Outcome, Settlement};
use crate::json::Doc;
use crate::proxy::Inner;
use crate::proxy::visitor::Principal;
use crate::service::{Follows, header, read_at_most};

/// How much of an answer is kept for its idempotency key.
const MAX_KEPT_BYTES: usize = 64 * 1024;
/// More than fal says about where a job is.
const MAX_STATUS_BYTES: usize = 64 * 1024;
/// How long the rest of what fal says about a job may take.
const PATIENCE: Duration = Duration::from_secs(3);

/// What something is found by.
pub(super) enum Name {
    /// What was taken, the digest of its idempotency key, when it was taken from what the whole app may use, and the app that
    /// owns its queue.
    Ticket { ticket: String, once: Option<String>, total: Option<Millis>, app: Option<String> },
    /// A job that was begun before.
    Job(String),
}

/// What is held for a call.
pub(super) struct Held {
    inner: Arc<Inner>,
    principal: Principal,
    name: Name,
    /// Where what became of it is said when nobody waits any more.
    runtime: Handle,
    /// What may be kept for its idempotency key.
    answer: Option<(u16, String)>,
    body: Vec<u8>,
    is_whole: bool,
}

impl Held {
    pub fn new(inner: &Arc<Inner>, principal: Principal, name: Name) -> Self {
        let (inner, runtime) = (Arc::clone(inner), Handle::current());
        Self { inner, principal, name, runtime, answer: None, body: Vec::new(), is_whole: false }
    }

    fn keeps(&self) -> bool {
        matches!(self.name, Name::Ticket { once: Some(_), .. })
    }

    /// What has become of it.
    fn settlement(&self, outcome: Outcome) -> Settlement {
        let empty = Settlement::of(outcome);
        match &self.name {
            Name::Ticket { ticket, once, total, .. } => {
                Settlement { ticket: Some(ticket.clone()), once: once.clone(), total: *total, ..empty }
            }
            Name::Job(job) => Settlement { job: Some(job.clone()), ..empty },
        }
    }

    /// The answer as it is kept.
    fn kept(&self, bytes: &[u8]) -> Option<KeptAnswer> {
        let (status, content_type) = self.answer.clone().filter(|_| self.keeps())?;
        Some(KeptAnswer { status, content_type, body: STANDARD.encode(bytes) })
    }
}

/// A call on its way, with what is held for it. When this is dropped the call is over, wherever it was, and what became of it is
/// said: what nobody can explain may have been run.
pub(in crate::proxy) struct Taken {
    call: Call,
    held: Option<Box<Held>>,
    /// What becomes of it, where the call itself does not say.
    ends: Option<limits::Outcome>,
}

impl Taken {
    pub(super) fn new(call: Call, held: Option<Box<Held>>) -> Self {
        Self { call, held, ends: None }
    }

    /// A call for which nothing is taken.
    pub fn uncounted(call: Call) -> Self {
        Self::new(call, None)
    }

    /// Says of a token whether it counts. What goes on with one nobody sees: it keeps what was taken for as long as that was for.
    pub fn counts(&mut self, is_paid: bool) {
        self.ends = Some(if is_paid { limits::Outcome::Lost } else { limits::Outcome::Free });
    }

    /// What comes next.
    pub fn step(&self) -> CallStep {
        self.call.step()
    }

    /// Tells what has happened.
    pub fn on(&mut self, event: CallEvent) -> CallStep {
        self.call.on(event)
    }

    /// Tells what went wrong.
    pub fn failed(&mut self, refusal: Refusal) {
        self.call.on(CallEvent::Failed(Some(refusal)));
    }

    /// Tells what was answered.
    pub fn answered(&mut self, status: u16, headers: &HeaderMap) -> CallStep {
        if let Some(held) = &mut self.held {
            let content_type = header(headers, CONTENT_TYPE.as_str());
            held.answer = Some((status, content_type.unwrap_or_else(|| "application/json".into())));
        }
        self.call.on(CallEvent::Answered(meaning(status, headers)))
    }

    /// A job has begun, and this was answered. The answer is worth more to the visitor than a record about it: when the store
    /// fails here, what is held stays held until its lease ends.
    pub async fn began(&mut self, id: Option<&str>, bytes: &[u8]) {
        if let Some(held) = &self.held {
            let app = if let Name::Ticket { app, .. } = &held.name { app.as_ref() } else { None };
            let became = app.zip(id).map(|(app, id)| LimitedJob { app: app.clone(), id: id.into() });
            let settlement = Settlement { became, answer: held.kept(bytes), ..held.settlement(Outcome::Began) };
            settle(&held.inner, &held.principal, settlement).await;
        }
        self.call.on(CallEvent::Done);
    }
}

impl Follows for Taken {
    fn data(&mut self, bytes: &Bytes) {
        if let Some(held) = self.held.as_mut().filter(|held| held.keeps() && held.body.len() <= MAX_KEPT_BYTES) {
            held.body.extend_from_slice(bytes);
        }
    }

    fn whole(&mut self) {
        if let Some(held) = &mut self.held {
            held.is_whole = true;
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        let Some(held) = self.held.take() else { return };
        self.call.on(CallEvent::Failed(None));
        let Some((outcome, units)) = Outcome::of(self.ends.unwrap_or(self.call.outcome())) else { return };
        let is_kept = held.is_whole && held.body.len() <= MAX_KEPT_BYTES && outcome != Outcome::Lost;
        let answer = if is_kept { held.kept(&held.body) } else { None };
        let settlement = Settlement { units, answer, ..held.settlement(outcome) };
        let runtime = held.runtime.clone();
        runtime.spawn(async move { settle(&held.inner, &held.principal, settlement).await });
    }
}

/// Tells a visitor's account, and then that of the app when it was counted there as something else.
async fn settle(inner: &Inner, principal: &Principal, settlement: Settlement) {
    let Some(limits) = &inner.limits else { return };
    let Some(settled) = asked(inner, limits.store.settle(principal.id(), &settlement)).await else { return };
    if let (true, Some(at), Some(reserved), Some(cost)) =
        (limits.has_total, settled.total, settled.reserved, settled.cost)
        && reserved != cost
    {
        let correction = Correction { at: Some(at), reserved, cost, stopped: None };
        asked(inner, limits.store.correct(TOTAL, &correction)).await;
    }
}

/// Asks fal where a job is, and what it came to when it is over; what it says is settled.
pub(super) async fn settle_by_asking(inner: &Arc<Inner>, principal: &Principal, job: LimitedJob) {
    let Some(mut status) = inner.ask_about(&job.app, &job.id, false).await else { return };
    let of_job = |outcome, units| Settlement { job: Some(job.id.clone()), units, ..Settlement::of(outcome) };
    if matches!(status.status().as_u16(), 404 | 410) {
        return settle(inner, principal, of_job(Outcome::Charged, None)).await;
    }
    let reads = tokio::time::timeout(PATIENCE, read_at_most(&mut status, MAX_STATUS_BYTES));
    let Ok(Some(bytes)) = reads.await else { return };
    let said = std::str::from_utf8(&bytes).ok().and_then(Doc::parse).and_then(|doc| doc.get("status")?.text());
    if !status.status().is_success() || said.as_deref() != Some("COMPLETED") {
        return;
    }
    let has_budget = inner.limits.as_ref().is_some_and(|limits| limits.spending.is_some());
    let result = if has_budget { inner.ask_about(&job.app, &job.id, true).await } else { None };
    let outcome = result
        .and_then(|result| Outcome::of(meaning(result.status().as_u16(), result.headers()).outcome(CallKind::Result)));
    let (outcome, units) = outcome.unwrap_or((Outcome::Released, None));
    settle(inner, principal, of_job(outcome, units)).await;
}

/// What an answer says, as far as it decides anything: a gateway on the way names nothing.
fn meaning(status: u16, headers: &HeaderMap) -> Answer {
    let has = |name: &str| headers.contains_key(name);
    Answer {
        units: header(headers, "x-fal-billable-units").and_then(|text| units_in(&text)),
        named: has("x-fal-error-type") || has("x-fal-retryable"),
        later: has("retry-after"),
        ..Answer::of_status(status)
    }
}

/// How many units fal bills, if it says so: digits, and perhaps a fraction.
fn units_in(text: &str) -> Option<f64> {
    let is_number = |digits: &str| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    (is_number(whole) && is_number(fraction)).then(|| text.parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_what_fal_writes_and_nothing_else() {
        for (text, units) in [("2", Some(2.0)), ("0.25", Some(0.25)), ("007", Some(7.0))] {
            assert_eq!(units_in(text), units, "{text}");
        }
        for text in ["", "-1", "1e3", "inf", "NaN", ".5", "5.", "1.2.3", " 1", "+1", "1, 2"] {
            assert_eq!(units_in(text), None, "{text}");
        }
    }
}
