/** Finding the store, and asking it: it is the app's own, and may fail or take too long. */

import { withTimeout } from "../io/timeout.ts";
import type { LimitedCall } from "./limited-call.ts";
import type { Limits, LimitStore, Reservation, Verdict } from "./types.ts";

/** How long a store may take. */
const STORE_TIMEOUT_MS = 5_000;

/** The account of the whole app. No person has it: their ids are never empty. */
export const TOTAL = "";

/** The store; throws when there is none, and what the app's function throws. */
export function storeIn({ store, total }: Pick<Limits, "store" | "total">, env: unknown): LimitStore {
  const found = typeof store === "function" ? store(env) : store;
  const methods = ["reserve", "settle", ...(total ? ["correct"] : [])] as const;
  if (methods.every((name) => typeof found?.[name as keyof LimitStore] === "function")) return found;
  throw new TypeError(
    `\`limits.store\` must give a store with ${methods.join(", ")}, such as durableLimits(env.FAL_LIMITS) or redisLimits({ url }).`,
  );
}

/** The store; undefined, and the operator is told, when there is none. */
export function storeOf(limits: Limits, { env, report }: LimitedCall): LimitStore | undefined {
  try {
    return storeIn(limits, env);
  } catch (error) {
    report(error, "store");
    return undefined;
  }
}

/** What a function of the app's says; rejects when it throws or takes too long. */
export const inTime = async <T>(work: () => T | PromiseLike<T>, what = "store"): Promise<T> =>
  withTimeout(work(), STORE_TIMEOUT_MS, () => {
    throw new Error(`\`limits.${what}\` did not answer within ${STORE_TIMEOUT_MS / 1000} seconds.`);
  }) as Promise<T>;

const VERDICTS: readonly Verdict["kind"][] = ["ok", "refused", "alarm", "question", "replay", "reused", "pending"];

/** What the store says to a reservation; undefined, and the operator is told, when it fails or says something else. */
export const reserveAt = (
  call: LimitedCall,
  store: LimitStore,
  account: string,
  wish: Reservation,
): Promise<Verdict | undefined> =>
  asked(call, async () => {
    const verdict = await store.reserve(account, wish);
    if (VERDICTS.includes(verdict?.kind)) return verdict;
    throw new TypeError("`limits.store` answered with what is no verdict.");
  });

/** What the store says; undefined, and the operator is told, when it fails. */
export const asked = <T>(call: LimitedCall, work: () => Promise<T>): Promise<T | undefined> =>
  inTime(work).catch((error: unknown) => {
    call.report(error, "store");
    return undefined;
  });
