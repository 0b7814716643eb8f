/** Questions of the proxy's own: where a job is, and what it cost. */

import { jobRequest } from "#core";
import { fetchOf } from "../client/checks.ts";
import { callCore } from "../core/call-core.ts";
import { USER_AGENT } from "../host/server/host.ts";
import { localised } from "../host/server/local-hosts.ts";
import { withTimeout } from "../io/timeout.ts";
import { cancelQuietly } from "../io/chunks.ts";
import { uncached } from "../io/uncached.ts";
import type { LimitedJob } from "../limits/types.ts";
import type { ProxyCall } from "./call.ts";
import { credentialOf, hasOwnKeys } from "./call-key.ts";

/** How long fal may take: somebody is waiting for a yes or a no. */
const PATIENCE_MS = 3_000;

/** Asks fal about a job. Undefined when no answer came in time, and when the job has no name that can be asked for. */
export async function askAboutJob(
  call: ProxyCall,
  { app, id }: LimitedJob,
  what: "status" | "result",
): Promise<Response | undefined> {
  const { options } = call.proxy;
  const credential = await credentialOf(call);
  const upstream = callCore(() => jobRequest(app, id, what === "result"));
  if (!upstream) return undefined;
  try {
    const headers = new Headers({ accept: "application/json", "user-agent": USER_AGENT });
    const url = callCore(() => upstream.url());
    if (!callCore(() => upstream.authorize(url, headers, credential))) return undefined;
    const abort = new AbortController();
    const init: RequestInit = { headers, signal: abort.signal, redirect: "manual", ...uncached() };
    const answer = (fetchOf(options) ?? fetch)(localised(url, call.secrets), init).catch(() => undefined);
    const response = await withTimeout(answer, PATIENCE_MS, () => {
      abort.abort();
      return undefined;
    });
    // With a visitor's own key fal does not know the jobs of others: nothing is learned from that.
    if (response && !response.ok && hasOwnKeys(options)) return void (response.body && cancelQuietly(response.body));
    return response;
  } finally {
    upstream.free();
  }
}
