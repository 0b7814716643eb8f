/** The limits of an app in front of a call: what they refuse ends it. */

import type { Reserved } from "../limits/limited-call.ts";
import { UNCOUNTED } from "../limits/settle.ts";
import type { RequestBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { LIMIT_REFUSALS, RATE, Refusal } from "./refusals.ts";
import { refuseByLimits } from "./watch.ts";

/** Refuses a call that the rate limiter of the platform refuses. */
export async function checkRate(call: ProxyCall): Promise<void> {
  const retryAfterMs = await call.proxy.limiter.isTooFast(call);
  if (retryAfterMs !== undefined) refuseByLimits(call, new Refusal(RATE, { retryAfterMs }));
}

/** Takes what a call needs of somebody's limits, or refuses it. */
export async function reserve(call: ProxyCall, body?: RequestBody): Promise<Reserved> {
  const verdict = await call.proxy.limiter.reserve(call, body?.bytes);
  if (verdict.kind === "reserved") return verdict.reserved;
  refuseByLimits(call, new Refusal(LIMIT_REFUSALS[verdict.why], { retryAfterMs: verdict.retryAfterMs }));
  return UNCOUNTED;
}

/** Tells the limits that a call failed. Where it is not certain that nothing was run, it counts as run. */
export const reportFailure = (reserved: Reserved, error: unknown): void =>
  reserved.failed(!(error instanceof Refusal && error.isUnsent));
