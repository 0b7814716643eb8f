/** The limits of an app in front of a call: what they refuse ends it. */

import type { Refused, Reserved } from "../limits/limited-call.ts";
import type { RequestBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { LIMIT_REFUSALS, Refusal } from "./refusals.ts";

/** What limits refuse, in the words of the proxy. */
export const refusalOf = ({ why, retryAfterMs }: Refused): Refusal =>
  new Refusal(LIMIT_REFUSALS[why], { retryAfterMs });

/** Refuses a call that the rate limiter of the platform refuses. */
export async function checkRate(call: ProxyCall): Promise<void> {
  const refused = await call.proxy.limiter.checkRate(call);
  if (refused) throw refusalOf(refused);
}

/** Takes what a call needs of somebody's limits, or refuses it. */
export async function reserve(call: ProxyCall, body?: RequestBody): Promise<Reserved> {
  const verdict = await call.proxy.limiter.reserve(call, body?.bytes);
  if (verdict.kind === "reserved") return verdict.reserved;
  throw refusalOf(verdict);
}
