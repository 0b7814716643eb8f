/**
 * Hands a webhook over to the app, once. The core decides (src/webhook/lease.rs); here the store is asked and the app is
 * called.
 */

import { webhookLease, webhookMarkSeconds } from "#core";
import { callCore } from "../core/call-core.ts";
import { LeaseEffect, LeaseEvent, WebhookRefusal } from "../core/wire.ts";
import { drive } from "../io/drive.ts";
import { WebhookError } from "./errors.ts";
import type { ReplayStore } from "./types.ts";

/** How long a handled webhook is remembered, in seconds. */
export const rememberedSeconds = (): number => callCore(() => webhookMarkSeconds(LeaseEffect.Remember));

/** What a store says. One that says nothing would have every webhook handled again, and nobody would know. */
function yesOrNo(method: "has" | "seen", is: unknown): boolean {
  if (typeof is === "boolean") return is;
  throw new TypeError(`\`${method}\` of \`replayStore\` must say true or false.`);
}

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
    yesOrNo(
      "seen",
      await store.seen(
        id,
        callCore(() => webhookMarkSeconds(effect)),
      ),
    )
      ? LeaseEvent.WasMarked
      : LeaseEvent.Marked;
  const remove = async (id: string): Promise<LeaseEvent> => {
    await store.forget(id);
    return LeaseEvent.Removed;
  };

  /** Performs an effect; undefined when it is the end. */
  const perform = async (effect: LeaseEffect): Promise<LeaseEvent | undefined> => {
    switch (effect) {
      case LeaseEffect.Take:
        return mark(lease, effect);
      case LeaseEffect.Look:
        if (!store.has) return mark(name, effect);
        return yesOrNo("has", await store.has(name)) ? LeaseEvent.WasMarked : LeaseEvent.Unmarked;
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

  const effect = await drive<LeaseEffect, LeaseEvent>(LeaseEvent.Delivered, {
    next,
    perform,
    failed(error, at) {
      // A lease that cannot be given back ends by itself: that is nobody's concern.
      if (at !== LeaseEffect.Release) cause = error;
      return LeaseEvent.Failed;
    },
  });
  if (effect === LeaseEffect.Handled) return;
  if (effect === LeaseEffect.Forgotten) return onForgotten(cause);
  if (effect === LeaseEffect.Busy) throw new WebhookError(WebhookRefusal.Busy);
  throw new WebhookError(WebhookRefusal.NotHandled, cause);
}
