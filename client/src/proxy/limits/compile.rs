//! Limits, checked and ready to be asked.

use std::sync::Arc;
use std::time::Duration;

use fal_wasm::credentials::{EndpointPatterns, EndpointTable, Scope};
use fal_wasm::limits::Rate;

use super::Window;
use super::options::{Limits, OnAnomaly, Price, PriceOf, Spending, TotalLimits};
use super::reads::Reads;
use super::store::AnyStore;
use crate::error::FalError;
use crate::options::millis;
use crate::proxy::visitor::Principal;

/// Budgets are in millionths.
const MILLION: f64 = 1_000_000.0;

/// What is reserved for a call, and what a unit costs, in millionths.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Estimate {
    pub cost: u64,
    pub unit: f64,
}

impl Price {
    /// What is reserved and what a unit costs, in millionths; none when it is no price.
    fn estimate(self) -> Option<Estimate> {
        let is_amount = |number: f64| number.is_finite() && number >= 0.0;
        let cost = (self.price * self.units * MILLION).ceil();
        (is_amount(self.price) && is_amount(self.units) && is_amount(cost))
            .then_some(Estimate { cost: cost as u64, unit: self.price * MILLION })
    }
}

impl Limits {
    /// Checks them, for endpoints that are open.
    pub(in crate::proxy) fn compile(self, open: &EndpointPatterns) -> Result<Limiter, FalError> {
        let wrong = |name: &str, why: &str| Err(FalError::option(&["limits.", name].concat(), why));
        let Self { requests, concurrent, spending, total, on_anomaly, reads, lease, store } = self;
        if requests.is_none() && concurrent.is_none() && spending.is_none() && total.is_none() {
            return Err(FalError::option("limits", "needs one of `requests`, `concurrent`, `spending`, `total`."));
        }
        let all = total.unwrap_or_default();
        if total == Some(TotalLimits::default()) {
            return wrong("total", "needs one of `requests`, `spending`, `stop_at`.");
        }
        let rates = [("requests", requests), ("reads", Some(reads)), ("total.requests", all.requests)];
        for (name, rate) in rates {
            if rate.is_some_and(|(max, per)| max == 0 || millis(per) == 0) {
                return wrong(name, "takes one request at least, and a window of a millisecond at least.");
            }
        }
        if concurrent == Some(0) {
            return wrong("concurrent", "takes one at least.");
        }
        if millis(lease) == 0 {
            return wrong("lease", "takes a millisecond at least.");
        }
        let own = spending.as_ref().map(|spending| (spending.max, spending.per));
        let budgets = [("spending", own), ("total.spending", all.spending), ("total.stop_at", all.stop_at)];
        for (name, budget) in budgets {
            if budget.is_some_and(|(max, per)| !max.is_finite() || max <= 0.0 || millis(per) == 0) {
                return wrong(name, "takes more than nothing, and a window of a millisecond at least.");
            }
            if budget.is_some() && own.is_none() {
                return wrong(name, "needs the prices of `limits.spending`.");
            }
        }
        if on_anomaly.is_some() && all.stop_at.is_none() {
            return wrong("on_anomaly", "is never called without `limits.total.stop_at`.");
        }
        let budget = |(max, per): (f64, Duration)| Window { max: (max * MILLION) as u64, window_ms: millis(per) };
        let rate = |(max, per): (u64, Duration)| Window { max, window_ms: millis(per) };
        let prices = spending.map(|spending| Prices::compile(spending, open)).transpose()?;
        Ok(Limiter {
            store,
            requests: requests.map(rate),
            concurrent,
            spending: own.map(budget).zip(prices),
            has_total: total.is_some(),
            total_requests: all.requests.map(rate),
            total_spending: all.spending.map(budget),
            stop_at: all.stop_at.map(|stop_at| (stop_at, budget(stop_at))),
            on_anomaly,
            reads: Reads::new(Rate { max: reads.0, window: millis(reads.1) }),
            lease: millis(lease),
        })
    }
}

/// Prices, checked.
pub(super) struct Prices {
    table: EndpointTable,
    estimates: Vec<Estimate>,
    price_of: Option<PriceOf>,
    /// What a token counts as.
    pub token: Option<Estimate>,
}

impl Prices {
    fn compile(Spending { prices, price_of, token, .. }: Spending, open: &EndpointPatterns) -> Result<Self, FalError> {
        let wrong = |why: &[&str]| FalError::option("limits.spending", &why.concat());
        let token = match token.map(|price| Price::from(price).estimate()) {
            Some(None) => return Err(wrong(&["has a `token_price` that is none: it takes a number, 0 or above."])),
            price => price.flatten(),
        };
        if prices.is_empty() && price_of.is_none() {
            return Err(wrong(&["needs prices: an endpoint without one is refused."]));
        }
        let mut estimates = Vec::new();
        for (pattern, price) in &prices {
            let why = ["has a price for ", pattern, " that is none: it takes numbers that are not negative."];
            estimates.push(price.estimate().ok_or_else(|| wrong(&why))?);
        }
        let patterns: Vec<String> = prices.into_iter().map(|(pattern, _)| pattern).collect();
        let table = EndpointTable::parse(patterns.iter().cloned(), Scope::Named)
            .map_err(|(_, error)| wrong(&["has a pattern that is none: ", &error.to_string(), "."]))?;
        if let Some(idle) = table.idle(open).and_then(|place| patterns.get(place)) {
            let why = ["has a price for ", idle, ", and `allowed_endpoints` opens nothing that it is about."];
            return Err(wrong(&why));
        }
        Ok(Self { table, estimates, price_of, token })
    }

    /// What to reserve for a call: of several patterns that match, the most expensive counts.
    pub fn of(&self, endpoint: &str, principal: &Principal, is_streamed: bool) -> Option<Estimate> {
        let matching = self.table.about(endpoint, is_streamed);
        let estimates = matching.into_iter().filter_map(|place| self.estimates.get(place));
        let most = estimates.max_by_key(|estimate| estimate.cost).copied();
        most.or_else(|| self.price_of.as_ref()?(endpoint, principal)?.estimate())
    }
}

/// The limits of an app, checked and ready to be asked.
pub(in crate::proxy) struct Limiter {
    pub(super) store: Arc<dyn AnyStore>,
    pub(super) requests: Option<Window>,
    pub(super) concurrent: Option<u64>,
    pub(super) spending: Option<(Window, Prices)>,
    pub(super) has_total: bool,
    pub(super) total_requests: Option<Window>,
    pub(super) total_spending: Option<Window>,
    /// As the app said it, and in millionths.
    pub(super) stop_at: Option<((f64, Duration), Window)>,
    pub(super) on_anomaly: Option<OnAnomaly>,
    pub(super) reads: Reads,
    pub(super) lease: u64,
}
