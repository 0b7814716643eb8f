/**
 * `mode: "watch"`: what the rules of an app would refuse goes through, and is told. The core says which refusals those are
 * (src/proxy/admission.rs).
 */

import type { ProxyCall } from "./call.ts";
import type { Refusal } from "./refusals.ts";

/** Whether a proxy only watches. */
export const isWatching = ({ proxy: { options } }: Pick<ProxyCall, "proxy">): boolean => options.mode === "watch";

/** Notes that a call would be refused. */
export function note({ facts }: ProxyCall, { code }: Refusal): void {
  const noted = (facts.wouldRefuse ??= []);
  if (!noted.includes(code)) noted.push(code);
}
