//! What visitors may use: how often, how much at once, and how much money.
//!
//! ```no_run
//! # use std::time::Duration;
//! # use fal_wasm_client::proxy::ProxyBuilder;
//! use fal_wasm_client::proxy::limits::{Limits, MemoryLimits, Price, Spending, TotalLimits};
//!
//! # fn example(builder: ProxyBuilder) -> ProxyBuilder {
//! const DAY: Duration = Duration::from_secs(86_400);
//!
//! let spending = Spending::new(2.0).price("fal-ai/flux/**", Price::per_unit(0.025).units(4.0));
//! let limits = Limits::new(MemoryLimits::new())
//!     .requests(20, Duration::from_secs(60))
//!     .concurrent(2)
//!     .spending(spending)
//!     .total(TotalLimits::new().spending(100.0, DAY).stop_at(20.0, Duration::from_secs(3_600)));
//! builder.limits(limits)
//! # }
//! ```
//!
//! What a call needs is taken before it is sent, all of it or nothing, and settled when its answer was read or its visitor has
//! left: with the units that fal bills, at any status. Money is given back only for what provably did not run, and for what fal
//! does not bill; a submit whose answer was lost keeps what it holds until its lease ends. What is over a limit is refused with
//! a 429 and `Retry-After`. All of that is decided by the machines of the core ([`fal_wasm::limits`], [`fal_wasm::proxy::Call`]),
//! as in the npm package.
//!
//! A call with an `Idempotency-Key` is made once: the same again gets the same answer for a day.

mod account;
mod compile;
mod memory;
mod options;
mod reads;
mod settle;
mod store;
mod take;
mod types;

use crate::marker::Source;

pub(super) use self::compile::Limiter;
pub use self::memory::MemoryLimits;
pub use self::options::{Anomaly, Limits, Price, Spending, TotalLimits};
pub(super) use self::settle::Taken;
pub use self::store::LimitStore;
pub(super) use self::take::{LimitedCall, reserve};
pub use self::types::{
    Correction, Cost, Exhausted, KeptAnswer, LimitedJob, OnceKey, Outcome, Places, Reservation, Settled, Settlement,
    Verdict, Window,
};
pub use fal_wasm::limits::{Account, After, Record};

/// The account of the whole app. No visitor has it: their ids are never empty.
const TOTAL: &str = "";

/// Stops an app: from now on every run, submit, stream and upload is refused with 503 `app_stopped`, whoever asks and whichever
/// server is asked. What was begun can still be followed and fetched. It takes effect for proxies with [`Limits::total`] that
/// count in this store.
///
/// # Errors
/// Those of the store.
pub async fn stop_runs(store: &impl LimitStore) -> Result<(), Source> {
    store.correct(TOTAL, &Correction { stopped: Some(true), ..Correction::default() }).await
}

/// Lets an app go on that was stopped by [`stop_runs`], or by [`TotalLimits::stop_at`].
///
/// # Errors
/// Those of the store.
pub async fn resume_runs(store: &impl LimitStore) -> Result<(), Source> {
    store.correct(TOTAL, &Correction { stopped: Some(false), ..Correction::default() }).await
}
