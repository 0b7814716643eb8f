/**
 * `mode: "watch"`: what the rules of an app would refuse goes through, and is told. Who asks and where a call may go are never
 * only watched.
 */

import type { ProxyCall } from "./call.ts";
import { BUDGET, INPUT, JOBS, LIMITS_UNAVAILABLE, MISCONFIGURED, PRICE_UNKNOWN, RATE, Refusal } from "./refusals.ts";

/** What limits refuse for other reasons holds: an idempotency key that bought once, and an app that was stopped. */
const LIMITS: readonly number[] = [RATE, JOBS, BUDGET, PRICE_UNKNOWN, LIMITS_UNAVAILABLE, MISCONFIGURED];

/** Whether a proxy only watches. */
export const isWatching = ({ proxy: { options } }: Pick<ProxyCall, "proxy">): boolean => options.mode === "watch";

/** Notes that a call would be refused. */
function note({ facts }: ProxyCall, { code }: Refusal): void {
  const noted = (facts.wouldRefuse ??= []);
  if (!noted.includes(code)) noted.push(code);
}

/** Refuses a call by its limits, or notes that they would. */
export function refuseByLimits(call: ProxyCall, refusal: Refusal): void {
  if (!isWatching(call) || !LIMITS.includes(refusal.number)) throw refusal;
  note(call, refusal);
}

/** Refuses a call by a rule of the app's, or notes that the rule would. */
export function refuseByRule(call: ProxyCall, refusal: Refusal): void {
  if (!isWatching(call)) throw refusal;
  note(call, refusal);
}

/** Checks an attestation, or notes that it would refuse the call. */
export async function attested(call: ProxyCall, check: () => Promise<void>): Promise<void> {
  try {
    await check();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refuseByRule(call, error);
  }
}

/** What judging an input by its rules gives; undefined when it would be refused, and the proxy only watches. */
export function judged<T>(call: ProxyCall, judge: () => T): T | undefined {
  try {
    return judge();
  } catch (error) {
    if (!(error instanceof Refusal) || error.number !== INPUT) throw error;
    refuseByRule(call, error);
    return undefined;
  }
}
