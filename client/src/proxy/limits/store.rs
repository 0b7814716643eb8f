//! Where use is counted.

use std::future::Future;
use std::sync::Arc;

use super::types::{Correction, Reservation, Settled, Settlement, Verdict};
use crate::marker::{BoxFuture, Source};

/// Where use is counted. Each method does all of its work in one atomic step, by [`Reservation::reserve_in`],
/// [`Settlement::settle_in`] and [`Correction::correct_in`] on an [`Account`](super::Account) that it reads and writes
/// (`Account::read`, `Account::write`): in one transaction of a database, or under a lock. Two calls that do this at once would
/// spend one budget twice.
///
/// An account is named by the id of a visitor, that of the whole app by an empty text. An answer that does not come within 5
/// seconds is none: the call is refused (503 `limits_unavailable`).
///
/// ```
/// # use fal_wasm_client::proxy::limits::*;
/// # type Error = Box<dyn std::error::Error + Send + Sync>;
/// struct Watched(MemoryLimits);
///
/// impl LimitStore for Watched {
///     async fn reserve(&self, account: &str, wish: &Reservation) -> Result<Verdict, Error> {
///         let verdict = self.0.reserve(account, wish).await?;
///         println!("{account}: {verdict:?}");
///         Ok(verdict)
///     }
///
///     async fn settle(&self, account: &str, settlement: &Settlement) -> Result<Settled, Error> {
///         self.0.settle(account, settlement).await
///     }
///
///     async fn correct(&self, account: &str, correction: &Correction) -> Result<(), Error> {
///         self.0.correct(account, correction).await
///     }
/// }
/// ```
pub trait LimitStore: Send + Sync + 'static {
    /// Takes all of a reservation, or nothing.
    fn reserve(&self, account: &str, wish: &Reservation) -> impl Future<Output = Result<Verdict, Source>> + Send;

    /// Records what became of something.
    fn settle(&self, account: &str, settlement: &Settlement) -> impl Future<Output = Result<Settled, Source>> + Send;

    /// Corrects what was only counted; stops the account, or lets it go on.
    fn correct(&self, account: &str, correction: &Correction) -> impl Future<Output = Result<(), Source>> + Send;
}

impl<S: LimitStore> LimitStore for Arc<S> {
    fn reserve(&self, account: &str, wish: &Reservation) -> impl Future<Output = Result<Verdict, Source>> + Send {
        (**self).reserve(account, wish)
    }

    fn settle(&self, account: &str, settlement: &Settlement) -> impl Future<Output = Result<Settled, Source>> + Send {
        (**self).settle(account, settlement)
    }

    fn correct(&self, account: &str, correction: &Correction) -> impl Future<Output = Result<(), Source>> + Send {
        (**self).correct(account, correction)
    }
}

/// Any store.
pub(super) trait AnyStore: Send + Sync {
    fn reserve<'a>(&'a self, account: &'a str, wish: &'a Reservation) -> BoxFuture<'a, Result<Verdict, Source>>;
    fn settle<'a>(&'a self, account: &'a str, what: &'a Settlement) -> BoxFuture<'a, Result<Settled, Source>>;
    fn correct<'a>(&'a self, account: &'a str, what: &'a Correction) -> BoxFuture<'a, Result<(), Source>>;
}

impl<S: LimitStore> AnyStore for S {
    fn reserve<'a>(&'a self, account: &'a str, wish: &'a Reservation) -> BoxFuture<'a, Result<Verdict, Source>> {
        Box::pin(LimitStore::reserve(self, account, wish))
    }

    fn settle<'a>(&'a self, account: &'a str, what: &'a Settlement) -> BoxFuture<'a, Result<Settled, Source>> {
        Box::pin(LimitStore::settle(self, account, what))
    }

    fn correct<'a>(&'a self, account: &'a str, what: &'a Correction) -> BoxFuture<'a, Result<(), Source>> {
        Box::pin(LimitStore::correct(self, account, what))
    }
}
