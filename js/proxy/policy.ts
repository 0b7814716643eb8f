/** What the proxy asks the core: may this call come in, and where may it go. */

import { type TokenIssuing, type UpstreamRequest, ProxyPolicy } from "#core";
import { isKey } from "../core/texts.ts";
import { callCore } from "../core/call-core.ts";
import { heldInCore } from "../core/held.ts";
import { Reader, Verdict } from "../core/wire.ts";
import type { ProxyOptions } from "./types.ts";

// What the policy says of a call that it does not refuse.
export const ENTER = Verdict.Proceed;
export const PREFLIGHT = Verdict.Preflight;

/** A page of another origin that may read a response. */
export interface PageReader {
  origin: string;
  /** Whether it may send cookies along. */
  hasCookies: boolean;
}

/** The policy of a proxy, parsed. */
export interface Policy {
  /**
   * Looks at a call as it comes in. The verdict is `ENTER`, `PREFLIGHT`, or the number of a refusal; `reader` is the page of
   * another origin that may read the response.
   */
  inspect(request: Request): { verdict: number; reader: PageReader | undefined };
  /** Where a call may go: a request that has to be freed, or the number of a refusal. */
  upstreamRequest(request: Request, target?: string): UpstreamRequest | number;
  /**
   * Begins to issue a token for all of these names: endpoint ids in the newer contract, apps in the older. What is given back
   * has to be freed, or is the number of a refusal.
   */
  issueToken(newer: boolean, names: string[]): TokenIssuing | number;
}

/** Parses a policy once, for all calls; throws the name of the option that is wrong. */
export function compilePolicy(options: ProxyOptions): Policy {
  const { allowedEndpoints, trustedOrigins = [], uploads = true, realtimeTokens, inputs = {} } = options;
  const [endpoints, ruled] = [[...allowedEndpoints], Object.keys(inputs)];
  const origins = trustedOrigins.map((one) => (typeof one === "string" ? { origin: one } : { ...one }));
  const { unruled = false, olderContract = false }: { unruled?: boolean; olderContract?: boolean } =
    Object(realtimeTokens);
  const gate = heldInCore(() => {
    const policy = new ProxyPolicy(endpoints, uploads !== false, ruled);
    for (const { origin, credentials = false } of origins) policy.trust(origin, credentials);
    if (realtimeTokens) policy.allowTokens(unruled, olderContract);
    return policy;
  });
  return {
    inspect({ headers, method, url }) {
      const leaksKey = isKey(url) || [...headers].some(([name, value]) => isKey(name) || isKey(value));
      const origin = headers.get("origin") ?? undefined;
      const site = headers.get("sec-fetch-site") ?? undefined;
      const contentType = headers.get("content-type") ?? undefined;
      return callCore(() => {
        const verdict = gate().admit(method, url, origin, site, contentType, leaksKey);
        const who = origin === undefined ? Reader.Nobody : gate().reader(origin);
        const reader =
          origin === undefined || who === Reader.Nobody
            ? undefined
            : { origin, hasCookies: who === Reader.PageWithCookies };
        return { verdict, reader };
      });
    },
    upstreamRequest: ({ headers, method }, target = headers.get("x-fal-target-url") ?? undefined) =>
      refusable(() => gate().upstream(method, target)),
    issueToken: (newer, names) => refusable(() => gate().issueToken(newer, names)),
  };
}

/** What the core gives, or the number of the refusal that it throws. */
const refusable = <T>(work: () => T): T | number =>
  callCore(() => {
    try {
      return work();
    } catch (error) {
      if (typeof error === "number") return error;
      throw error;
    }
  });
