//! What an app says about its limits.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::store::{AnyStore, LimitStore};
use crate::proxy::visitor::Principal;

pub(super) const DAY: Duration = Duration::from_secs(24 * 3_600);
/// How long the end of something is waited for that is never reported.
const LEASE: Duration = Duration::from_secs(3_600);
/// More than a client asks in its shortest intervals about many jobs at once.
const READS: (u64, Duration) = (3_000, Duration::from_secs(60));

/// What a unit of an endpoint costs, in the currency of the budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Price {
    pub(super) price: f64,
    pub(super) units: f64,
}

impl Price {
    /// What a unit costs. One is reserved for a call, unless [`units`](Self::units) says more.
    pub const fn per_unit(price: f64) -> Self {
        Self { price, units: 1.0 }
    }

    /// How many units are reserved for a call: the most that one can come to. Default: 1.
    #[must_use]
    pub const fn units(self, units: f64) -> Self {
        Self { units, ..self }
    }
}

impl From<f64> for Price {
    fn from(price: f64) -> Self {
        Self::per_unit(price)
    }
}

pub(super) type PriceOf = Box<dyn Fn(&str, &Principal) -> Option<Price> + Send + Sync>;

/// How much money a visitor may spend. It is reserved before a call and settled with the units that fal bills. Where fal bills
/// more than was reserved (`units` too low), it counts, and nothing more passes in that window.
pub struct Spending {
    pub(super) max: f64,
    pub(super) per: Duration,
    pub(super) prices: Vec<(String, Price)>,
    pub(super) price_of: Option<PriceOf>,
    pub(super) token: Option<f64>,
}

impl Spending {
    /// So much in a day (UTC), at prices that have to be named: an endpoint without a price is refused (`price_unknown`).
    pub fn new(max: f64) -> Self {
        Self { max, per: DAY, prices: Vec::new(), price_of: None, token: None }
    }

    /// What a token for realtime connections counts as; what is spent with it is not known. Without a price, none is issued.
    #[must_use]
    pub fn token_price(self, price: f64) -> Self {
        Self { token: Some(price), ..self }
    }

    /// The length of a window. Windows begin at whole multiples of it. Default: a day.
    #[must_use]
    pub fn per(self, window: Duration) -> Self {
        Self { per: window, ..self }
    }

    /// What the endpoints cost that match a pattern; where several match, the most expensive counts.
    #[must_use]
    pub fn price(mut self, pattern: impl Into<String>, price: impl Into<Price>) -> Self {
        self.prices.push((pattern.into(), price.into()));
        self
    }

    /// What an endpoint costs that no pattern names; none for what has no price, which is then refused.
    #[must_use]
    pub fn price_with(self, price: impl Fn(&str, &Principal) -> Option<Price> + Send + Sync + 'static) -> Self {
        Self { price_of: Some(Box::new(price)), ..self }
    }
}

/// What all visitors together may use, so that a thousand new accounts do not have a thousand budgets. Once it is stopped,
/// nothing is run until [`resume_runs`](super::resume_runs).
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TotalLimits {
    pub(super) requests: Option<(u64, Duration)>,
    pub(super) spending: Option<(f64, Duration)>,
    pub(super) stop_at: Option<(f64, Duration)>,
}

impl TotalLimits {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Runs, submits, streams, uploads and tokens of everybody, in a sliding window.
    #[must_use]
    pub fn requests(self, max: u64, per: Duration) -> Self {
        Self { requests: Some((max, per)), ..self }
    }

    /// What everybody may spend in a window, at the prices of [`Limits::spending`].
    #[must_use]
    pub fn spending(self, max: f64, per: Duration) -> Self {
        Self { spending: Some((max, per)), ..self }
    }

    /// The alarm: whoever would spend more than `max` in a window stops the app, and `on_anomaly` is called. What was begun can
    /// still be followed and fetched.
    #[must_use]
    pub fn stop_at(self, max: f64, per: Duration) -> Self {
        Self { stop_at: Some((max, per)), ..self }
    }
}

/// An alarm that stopped the app.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Anomaly {
    /// What may be spent in a window before the app stops.
    pub max: f64,
    /// The length of that window.
    pub per: Duration,
    /// The id of whose call would have spent more.
    pub principal: String,
    /// What it was a call to.
    pub endpoint: Option<String>,
}

pub(super) type OnAnomaly = Box<dyn Fn(Anomaly) + Send + Sync>;

/// What each visitor may use. At least one limit is needed.
#[must_use]
pub struct Limits {
    pub(super) store: Arc<dyn AnyStore>,
    pub(super) requests: Option<(u64, Duration)>,
    pub(super) concurrent: Option<u64>,
    pub(super) spending: Option<Spending>,
    pub(super) total: Option<TotalLimits>,
    pub(super) on_anomaly: Option<OnAnomaly>,
    pub(super) reads: (u64, Duration),
    pub(super) lease: Duration,
}

impl Limits {
    /// Whether tokens have a price.
    pub(in crate::proxy) fn has_token_price(&self) -> bool {
        self.spending.as_ref().is_some_and(|spending| spending.token.is_some())
    }

    /// Counts in this store. An `Arc` of one is one, too: keep a copy for [`stop_runs`](super::stop_runs).
    pub fn new(store: impl LimitStore) -> Self {
        let store = Arc::new(store);
        Self {
            store,
            requests: None,
            concurrent: None,
            spending: None,
            total: None,
            on_anomaly: None,
            reads: READS,
            lease: LEASE,
        }
    }

    /// Runs, submits, streams and uploads, in a sliding window; those of the window before count as if evenly spread.
    pub fn requests(self, max: u64, per: Duration) -> Self {
        Self { requests: Some((max, per)), ..self }
    }

    /// How many runs, streams and queued jobs may be in progress at once. A queued job takes its place until fal says that it is
    /// over: before anybody is refused, fal is asked about the jobs that are not known to be.
    pub fn concurrent(self, max: u64) -> Self {
        Self { concurrent: Some(max), ..self }
    }

    /// How much money may be spent.
    pub fn spending(self, spending: Spending) -> Self {
        Self { spending: Some(spending), ..self }
    }

    /// What everybody together may use.
    pub fn total(self, total: TotalLimits) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Called once when [`TotalLimits::stop_at`] has stopped the app. The error also goes to `on_error`.
    pub fn on_anomaly(self, told: impl Fn(Anomaly) + Send + Sync + 'static) -> Self {
        Self { on_anomaly: Some(Box::new(told)), ..self }
    }

    /// Questions about jobs that were begun: for their status, their result, or to cancel them. They cost nothing; each process
    /// counts for itself. Default: 3000 in a minute.
    pub fn reads(self, max: u64, per: Duration) -> Self {
        Self { reads: (max, per), ..self }
    }

    /// How long a call takes its place when its end is not known and nobody can be asked about it: the process was ended, or the
    /// answer to a submit was lost. Default: an hour.
    pub fn lease(self, duration: Duration) -> Self {
        Self { lease: duration, ..self }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Limits(..)")
    }
}
