/** The switch of an app: it stops everything that costs, at once and for every server, until it is told otherwise. */

import { TOTAL } from "./ask-store.ts";
import type { LimitStore } from "./types.ts";

async function turn(store: LimitStore, stopped: boolean): Promise<void> {
  if (typeof store?.correct !== "function") {
    throw new TypeError(
      "This takes a store with `correct`, such as durableLimits(env.FAL_LIMITS) or redisLimits({ url }).",
    );
  }
  await store.correct(TOTAL, { stopped });
}

/**
 * Stops an app: from now on every run, submit, upload and token is refused with 503 `app_stopped`, whoever asks and whichever
 * server is asked. What was begun can still be followed and fetched. It takes effect for proxies whose `limits.total` is given
 * and which count in this store.
 *
 * @example
 * await stopRuns(durableLimits(env.FAL_LIMITS));
 */
export const stopRuns = (store: LimitStore): Promise<void> => turn(store, true);

/** Lets an app go on that was stopped by `stopRuns`, or by `limits.total.stopAt`. */
export const resumeRuns = (store: LimitStore): Promise<void> => turn(store, false);
