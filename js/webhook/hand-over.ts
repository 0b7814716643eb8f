/**
 * Hands a webhook over to the app, once. The core decides (src/webhook/lease.rs); here the store is asked and the app is
 * called.
 */

import { webhookLease, webhookMarkSeconds } from "#core";
import { callCore } from "../core/call-core.ts";
import { LeaseEffect, LeaseEvent, WebhookRefusal } from "../core/wire.ts";
import { WebhookError } from "./errors.ts";
import type { ReplayStore } from "./types.ts";

/** How long a handled webhook is remembered, in seconds. */
export const rememberedSeconds = (): number => callCore(() => webhookMarkSeconds(LeaseEffect.Remember));

/**
 * Hands a webhook over, unless that was done before. Rejects with a `WebhookError` when fal is to deliver it again.
 *
 * @param onForgotten Told why the store could not remember a webhook that was handled.
 */
export async function handOver(
  store: ReplayStore,
  name: string,
  work: () => Promise<unknown>,
  onForgotten: (error: unknown) => Promise<void>,
): Promise<void> {
  const lease = `${name} lease`;
  let cause: unknown;
  let state = new Float64Array();
  const next = (event: LeaseEvent): LeaseEffect => {
    const [effect = LeaseEffect.Nothing, ...rest] = callCore(() => webhookLease(state, event, performance.now()));
    state = Float64Array.from(rest);
    return effect;
  };
  const mark = async (id: string, effect: LeaseEffect): Promise<LeaseEvent> =>
    (await store.seen(
      id,
      callCore(() => webhookMarkSeconds(effect)),
    ))
      ? LeaseEvent.WasMarked
      : LeaseEvent.Marked;
  const remove = async (id: string): Promise<LeaseEvent> => {
    await store.forget(id);
    return LeaseEvent.Removed;
  };

  /** Performs an effect; undefined when it is the end. */
  const perform = (effect: LeaseEffect): Promise<LeaseEvent> | undefined => {
    switch (effect) {
      case LeaseEffect.Take:
        return mark(lease, effect);
      case LeaseEffect.Look:
        if (!store.has) return mark(name, effect);
        return store.has(name).then((is) => (is ? LeaseEvent.WasMarked : LeaseEvent.Unmarked));
      case LeaseEffect.Clear:
        return remove(name);
      case LeaseEffect.Handle:
        return work().then(() => LeaseEvent.Handled);
      case LeaseEffect.Remember:
        return mark(name, effect);
      case LeaseEffect.Release:
        return remove(lease);
      default:
        return undefined;
    }
  };

  let effect = next(LeaseEvent.Delivered);
  for (;;) {
    const isRelease = effect === LeaseEffect.Release;
    const performed = (async () => perform(effect))();
    const event = await performed.catch((error: unknown) => {
      // A lease that cannot be given back ends by itself: that is nobody's concern.
      if (!isRelease) cause = error;
      return LeaseEvent.Failed;
    });
    if (event === undefined) break;
    effect = next(event);
  }
  if (effect === LeaseEffect.Handled) return;
  if (effect === LeaseEffect.Forgotten) return onForgotten(cause);
  if (effect === LeaseEffect.Busy) throw new WebhookError(WebhookRefusal.Busy);
  throw new WebhookError(WebhookRefusal.NotHandled, cause);
}
