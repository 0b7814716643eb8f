//! Taking what a call needs, from its visitor's account and from that of the whole app. The core decides
//! ([`fal_wasm::limits::Taking`]).

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use fal_wasm::limits::{Taking, TakingEvent, TakingStep};
use fal_wasm::protocol::Millis;
use fal_wasm::proxy::{Call, Refusal, RouteKind};
use sha2::{Digest, Sha256};
use tokio::task::JoinSet;

use super::TOTAL;
use super::compile::{Estimate, Limiter};
use super::options::{Anomaly, DAY};
use super::settle::{Held, Name, Taken};
use super::types::{
    Cost, Exhausted, KeptAnswer, LimitedJob, OnceKey, Outcome, Places, Reservation, Settlement, Verdict, Window,
};
use crate::marker::Source;
use crate::native::{random, wall};
use crate::options::millis;
use crate::proxy::Inner;
use crate::proxy::refusals::Refused;
use crate::proxy::report::ProxyStep;
use crate::proxy::visitor::Principal;
use crate::uuid::uuid;

/// How long a store may take.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long an idempotency key is remembered.
const ONCE_MS: Millis = 24 * 3_600_000;
/// When to come again while a call with the same idempotency key is under way.
const PENDING_MS: Millis = 1_000;
/// The most that numbers of stores can be.
const MOST: u64 = 9_007_199_254_740_991;

/// A call, as far as limits need to know it.
#[derive(Clone)]
pub(in crate::proxy) struct LimitedCall {
    pub kind: RouteKind,
    pub principal: Principal,
    pub endpoint: Option<String>,
    /// The app that owns its queue.
    pub app: Option<String>,
    /// The job that it is about.
    pub request: Option<String>,
    /// Its idempotency key, what it is a call to, and its body.
    pub once: Option<(String, String, Bytes)>,
    /// For how long it takes a place, where nobody sees what goes on with what it brings.
    pub place: Option<Duration>,
}

/// What limits let through.
enum Pass {
    /// Nothing of it is counted.
    Uncounted,
    /// This is held for it.
    Held(Box<Held>),
    /// Nothing is sent: this is the answer that an earlier call with the same idempotency key had.
    Replay(KeptAnswer),
}

/// What an app's store says; none, and the operator is told, when it fails or takes too long.
pub(super) async fn asked<T>(inner: &Inner, work: impl Future<Output = Result<T, Source>>) -> Option<T> {
    let error = match tokio::time::timeout(PATIENCE, work).await {
        Ok(Ok(said)) => return Some(said),
        Ok(Err(error)) => error,
        Err(_) => "the store of `limits` did not answer within 5 seconds.".into(),
    };
    inner.report.tell(ProxyStep::Store, error);
    None
}

/// Takes what a call needs, all of it or nothing; beside it the answer that an earlier call with the same idempotency key had,
/// after which nothing is sent. When nobody waits for this any more, what it has taken is given back.
pub(in crate::proxy) async fn reserve(
    inner: &Arc<Inner>,
    call: LimitedCall,
    machine: Call,
) -> Result<(Taken, Option<KeptAnswer>), Refused> {
    if inner.limits.is_none() {
        return Ok((Taken::new(machine, None), None));
    }
    let inner = Arc::clone(inner);
    let takes = async move {
        let pass = match &inner.limits {
            Some(limits) if call.kind.is_counted() => limits.reserve(&inner, call).await?,
            Some(limits) => limits.read(&inner, call)?,
            None => Pass::Uncounted,
        };
        Ok(match pass {
            Pass::Uncounted => (Taken::new(machine, None), None),
            Pass::Held(held) => (Taken::new(machine, Some(held)), None),
            Pass::Replay(answer) => (Taken::new(machine, None), Some(answer)),
        })
    };
    tokio::spawn(takes).await.unwrap_or(Err(Refusal::Internal.into()))
}

impl Limiter {
    /// A call about a job that was begun before.
    fn read(&self, inner: &Arc<Inner>, call: LimitedCall) -> Result<Pass, Refused> {
        if let Some(wait) = self.reads.wait(call.principal.id(), wall()) {
            return Err(Refused::until(Refusal::Rate, Some(wait)));
        }
        let is_followed = self.concurrent.is_some() || self.spending.is_some();
        Ok(match call.request.filter(|_| is_followed) {
            Some(job) => Pass::Held(Box::new(Held::new(inner, call.principal, Name::Job(job)))),
            None => Pass::Uncounted,
        })
    }

    async fn reserve(&self, inner: &Arc<Inner>, call: LimitedCall) -> Result<Pass, Refused> {
        let once = call.once.as_ref().filter(|_| call.kind.is_job()).map(|(key, target, body)| OnceKey {
            key: digest(&[key.as_bytes()]),
            digest: digest(&[target.as_bytes(), b"\n", body]),
            keep_ms: ONCE_MS,
        });
        let budget = self.spending.as_ref().filter(|_| call.kind.is_priced());
        let price = match budget {
            None => None,
            Some((_, prices)) => {
                let endpoint = call.endpoint.as_deref().unwrap_or_default();
                let price = match call.kind {
                    RouteKind::Token => prices.token,
                    kind => prices.of(endpoint, &call.principal, kind == RouteKind::Stream),
                };
                Some(price.ok_or(Refusal::PriceUnknown)?)
            }
        };
        let own = Reservation {
            ticket: ticket(),
            lease_ms: call.place.map_or(self.lease, millis),
            requests: self.requests,
            jobs: self.concurrent.filter(|_| call.kind.is_job() || call.place.is_some()).map(|max| Places { max }),
            spending: budget.zip(price).map(|((budget, _), price)| cost(price, *budget)),
            once,
            ..Reservation::default()
        };
        let all = self.has_total.then(|| self.of_all(own.ticket.clone(), price));
        match self.take(inner, &call, &own, all.as_ref()).await {
            Took::Taken(total) => {
                let once = own.once.map(|once| once.key);
                let name = Name::Ticket { ticket: own.ticket, once, total, app: call.app };
                Ok(Pass::Held(Box::new(Held::new(inner, call.principal, name))))
            }
            Took::Replay(answer) => Ok(Pass::Replay(answer)),
            Took::No(verdict) => {
                if verdict == Some(Verdict::Alarm) {
                    self.sound_alarm(inner, &call);
                }
                Err(refusal_of(verdict))
            }
        }
    }

    /// What a call needs of what the whole app may use.
    fn of_all(&self, ticket: String, price: Option<Estimate>) -> Reservation {
        let budget = self.total_spending.unwrap_or(Window { max: MOST, window_ms: millis(DAY) });
        Reservation {
            ticket,
            counted_only: true,
            requests: self.total_requests,
            spending: price.map(|price| cost(price, budget)),
            alarm: self.stop_at.map(|(_, window)| window),
            ..Reservation::default()
        }
    }

    /// A wish that nobody's account grants, so that it names jobs to ask about.
    fn more_than_there_is(&self) -> Option<Reservation> {
        let (budget, _) = self.spending.as_ref()?;
        let spending = Some(Cost { cost: 1, unit: 0.0, max: 1, window_ms: budget.window_ms });
        Some(Reservation { ticket: ticket(), lease_ms: 1, spending, ..Reservation::default() })
    }

    async fn take(&self, inner: &Arc<Inner>, call: &LimitedCall, own: &Reservation, all: Option<&Reservation>) -> Took {
        let person = call.principal.id();
        let store = &self.store;
        // What this visitor's jobs turn out to cost may make room.
        let has_budget = own.spending.is_some_and(|spending| spending.cost > 0);
        let mut taking = Taking::new(all.is_some(), has_budget);
        let mut said = None;
        let mut jobs = Vec::new();
        // What fal was asked about.
        let mut about = Vec::new();
        loop {
            let event = match taking.step() {
                TakingStep::Take | TakingStep::TakeAsked | TakingStep::TakeAskedAgain => {
                    let wish = Reservation { asked: about.clone(), ..own.clone() };
                    said = asked(inner, store.reserve(person, &wish)).await;
                    event_of(said.as_ref(), &mut jobs, &mut about)
                }
                TakingStep::TakeOfAll | TakingStep::TakeOfAllAsked => {
                    said = match all {
                        Some(all) => asked(inner, store.reserve(TOTAL, all)).await,
                        None => None,
                    };
                    event_of(said.as_ref(), &mut jobs, &mut about)
                }
                TakingStep::FindJobs => {
                    let found = match self.more_than_there_is() {
                        Some(wish) => asked(inner, store.reserve(person, &wish)).await,
                        None => None,
                    };
                    event_of(found.as_ref(), &mut jobs, &mut about)
                }
                TakingStep::Ask | TakingStep::AskAgain | TakingStep::AskForAll => {
                    let mut asks = JoinSet::new();
                    for job in std::mem::take(&mut jobs) {
                        let (inner, principal) = (Arc::clone(inner), call.principal.clone());
                        asks.spawn(async move { super::settle::settle_by_asking(&inner, &principal, job).await });
                    }
                    asks.join_all().await;
                    TakingEvent::Ok
                }
                TakingStep::GiveBack => {
                    let once = own.once.as_ref().map(|once| once.key.clone());
                    let ticket = Some(own.ticket.clone());
                    let back = Settlement { ticket, once, ..Settlement::of(Outcome::Free) };
                    asked(inner, store.settle(person, &back)).await;
                    TakingEvent::Ok
                }
                TakingStep::Taken => {
                    let at = if let Some(Verdict::Ok { at }) = said { Some(at) } else { None };
                    return Took::Taken(at.filter(|_| all.is_some()));
                }
                TakingStep::Replay => {
                    return if let Some(Verdict::Replay { answer }) = said {
                        Took::Replay(answer)
                    } else {
                        Took::No(None)
                    };
                }
                TakingStep::Refused => return Took::No(said),
            };
            taking.on(event);
        }
    }

    /// Tells the operator that the alarm has stopped the app: it happens once, until the app goes on.
    fn sound_alarm(&self, inner: &Inner, call: &LimitedCall) {
        let Some(((max, per), _)) = self.stop_at else { return };
        let said = format!(
            "`limits.total.stop_at`: More than {max} would have been spent within {} seconds. The app is stopped until \
             `resume_runs(store)`.",
            per.as_secs_f64()
        );
        inner.report.tell(ProxyStep::OnAnomaly, said.into());
        if let Some(told) = &self.on_anomaly {
            told(Anomaly { max, per, principal: call.principal.id().into(), endpoint: call.endpoint.clone() });
        }
    }
}

/// What came of taking.
enum Took {
    /// All of it, and when it was taken from what the whole app may use.
    Taken(Option<Millis>),
    Replay(KeptAnswer),
    /// Nothing, and the verdict that said no; none when nobody knows.
    No(Option<Verdict>),
}

/// What an account has said, none when nobody knows, to the machine.
fn event_of(verdict: Option<&Verdict>, jobs: &mut Vec<LimitedJob>, asked: &mut Vec<Exhausted>) -> TakingEvent {
    match verdict {
        Some(Verdict::Ok { .. }) => TakingEvent::Ok,
        Some(Verdict::Question { about, jobs: named }) => {
            jobs.clone_from(named);
            asked.push(*about);
            TakingEvent::Question
        }
        Some(Verdict::Replay { .. }) => TakingEvent::Replay,
        Some(Verdict::Refused { limit: Exhausted::Spending, .. }) => TakingEvent::Spent,
        _ => TakingEvent::No,
    }
}

/// A verdict that lets nothing through, in the words of the proxy.
fn refusal_of(verdict: Option<Verdict>) -> Refused {
    match verdict {
        Some(Verdict::Refused { limit, retry_after_ms }) => {
            let refusal = match limit {
                Exhausted::Requests => Refusal::Rate,
                Exhausted::Jobs => Refusal::Jobs,
                Exhausted::Spending => Refusal::Budget,
                Exhausted::Stopped => Refusal::Stopped,
            };
            Refused::until(refusal, retry_after_ms)
        }
        Some(Verdict::Alarm) => Refusal::Stopped.into(),
        Some(Verdict::Reused) => Refusal::KeyReused.into(),
        Some(Verdict::Pending) => Refused::until(Refusal::KeyPending, Some(PENDING_MS)),
        _ => Refusal::LimitsUnavailable.into(),
    }
}

fn cost(price: Estimate, Window { max, window_ms }: Window) -> Cost {
    Cost { cost: price.cost.min(MOST), unit: price.unit, max, window_ms }
}

fn ticket() -> String {
    uuid([random(), random()])
}

/// SHA-256 in hexadecimal: a key may be as long as a header.
fn digest(pieces: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for piece in pieces {
        digest.update(piece);
    }
    digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
