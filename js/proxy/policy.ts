/** What the proxy asks the core: may this call come in, and where may it go. */

import { type TokenIssuing, type UpstreamRequest, ProxyPolicy } from "#core";
import { callCore } from "../core/call-core.ts";
import { heldInCore } from "../core/held.ts";
import { patternTable } from "../core/pattern-table.ts";
import { isKey } from "../core/texts.ts";
import { Reader, Verdict } from "../core/wire.ts";
import type { RequestHead } from "./head.ts";
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
  inspect(head: RequestHead): { verdict: number; reader: PageReader | undefined };
  /** Where a call may go: a request that has to be freed, or the number of a refusal. */
  upstreamRequest(head: RequestHead, target?: string): UpstreamRequest | number;
  /** Whether a call to an endpoint, whose answer is `streamed` or not, needs a grant. */
  needsGrant(endpoint: string, streamed: boolean): boolean;
  /**
   * Begins to issue a token for all of these names: endpoint ids in the newer contract, apps in the older. What is given back
   * has to be freed, or is the number of a refusal.
   */
  issueToken(newer: boolean, names: string[]): TokenIssuing | number;
}

/** Parses a policy once, for all calls; throws the name of the option that is wrong. */
export function compilePolicy(options: ProxyOptions): Policy {
  const { allowedEndpoints, trustedOrigins = [], uploads = true, realtimeTokens, inputs = {} } = options;
  const granted = options.grantedEndpoints && [...options.grantedEndpoints];
  if (granted) patternTable(granted, { place: ["grantedEndpoints"], covered: true, open: allowedEndpoints });
  const [endpoints, ruled] = [[...allowedEndpoints], Object.keys(inputs)];
  const origins = trustedOrigins.map((one) => (typeof one === "string" ? { origin: one } : { ...one }));
  const { unruled = false, olderContract = false }: { unruled?: boolean; olderContract?: boolean } =
    Object(realtimeTokens);
  const gate = heldInCore(() => {
    const policy = new ProxyPolicy(endpoints, uploads !== false, ruled);
    for (const { origin, credentials = false } of origins) policy.trust(origin, credentials);
    if (granted) policy.requireGrants(granted);
    if (realtimeTokens) policy.allowTokens(unruled, olderContract);
    return policy;
  });
  return {
    inspect(head) {
      const { headers, method, url } = head;
      const [leaksKey, origin] = [hasKey(head), headers.get("origin")];
      const [site, contentType] = [headers.get("sec-fetch-site"), headers.get("content-type")];
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
    upstreamRequest: ({ headers, method }, target = headers.get("x-fal-target-url")) =>
      refusable(() => gate().upstream(method, target)),
    needsGrant: (endpoint, streamed) => callCore(() => gate().needsGrant(endpoint, streamed)),
    issueToken: (newer, names) => refusable(() => gate().issueToken(newer, names)),
  };
}

/** Whether a request hands over a fal key. */
function hasKey({ headers, url }: RequestHead): boolean {
  if (isKey(url)) return true;
  for (const [name, value] of headers) if (isKey(name) || isKey(value)) return true;
  return false;
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
