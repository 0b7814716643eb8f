//! Hands a webhook over to the app, once. The core decides (`fal_wasm::webhook::lease`); here the store is asked and the app is
//! called.

use std::time::Instant;

use fal_wasm::protocol::Millis;
use fal_wasm::webhook::Refusal;
use fal_wasm::webhook::lease::{LEASE_SECONDS, Lease, LeaseEffect, LeaseEvent, REMEMBERED_SECONDS};

use super::refusals::{WebhookError, not_handled};
use super::replay_store::ReplayStore;
use crate::marker::{BoxFuture, Source};

/// Hands a webhook over, unless that was done before; an error when fal is to deliver it again. `forgotten` is told why the
/// store could not remember a webhook that was handled.
pub(super) async fn hand_over(
    store: &dyn ReplayStore,
    name: &str,
    work: impl FnOnce() -> BoxFuture<'static, Result<(), Source>>,
    forgotten: impl Fn(Source) + Send,
) -> Result<(), WebhookError> {
    let lease_name = [name, " lease"].concat();
    let (mut lease, began) = (Lease::default(), Instant::now());
    let (mut work, mut cause) = (Some(work), None);
    let mut event = LeaseEvent::Delivered;
    let marked = |was: bool| if was { LeaseEvent::WasMarked } else { LeaseEvent::Marked };
    loop {
        let now = Millis::try_from(began.elapsed().as_millis()).unwrap_or(Millis::MAX);
        let effect = lease.on(now, event);
        let came = match effect {
            LeaseEffect::Take => store.seen(&lease_name, LEASE_SECONDS).await.map(marked),
            LeaseEffect::Look => {
                store.has(name).await.map(|is| if is { LeaseEvent::WasMarked } else { LeaseEvent::Unmarked })
            }
            LeaseEffect::Clear => store.forget(name).await.map(|()| LeaseEvent::Removed),
            LeaseEffect::Handle => match work.take() {
                Some(work) => work().await.map(|()| LeaseEvent::Handled),
                None => Err("it was handed over before".into()),
            },
            LeaseEffect::Remember => store.seen(name, REMEMBERED_SECONDS).await.map(marked),
            LeaseEffect::Release => store.forget(&lease_name).await.map(|()| LeaseEvent::Removed),
            LeaseEffect::Handled => return Ok(()),
            LeaseEffect::Forgotten => {
                forgotten(cause.unwrap_or_else(|| "the store did not remember it".into()));
                return Ok(());
            }
            LeaseEffect::Busy => return Err(Refusal::Busy.into()),
            LeaseEffect::NotHandled | LeaseEffect::StoreFailed | LeaseEffect::Nothing => {
                return Err(cause.map_or(Refusal::NotHandled.into(), not_handled));
            }
        };
        event = came.unwrap_or_else(|error| {
            // A lease that cannot be given back ends by itself: that is nobody's concern.
            if effect != LeaseEffect::Release {
                cause = Some(error);
            }
            LeaseEvent::Failed
        });
    }
}
