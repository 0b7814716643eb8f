/**
 * The proxy that browsers call: a URL of the app's own, which holds the key and lets through what the app allows.
 *
 * The core decides (src/proxy). Here the app is asked who calls, and bytes flow. What ends a call throws a `Refusal`; whatever
 * else is thrown is a mistake of the app's or ours, and lets nothing through.
 */

import { callCore } from "../core/call-core.ts";
import { type Way, admit } from "./admit.ts";
import { authenticate } from "./authenticate.ts";
import { type ProxyCall, followToEnd, openCall } from "./call.ts";
import { compileProxy } from "./compile.ts";
import { followDecision } from "./decision.ts";
import { preflight, responseHeaders } from "./headers.ts";
import { tokenCall } from "./issue-token.ts";
import { reportKeyLeak } from "./key-leak.ts";
import { modelCall } from "./model-call.ts";
import { ENTER, PREFLIGHT } from "./policy.ts";
import { INTERNAL, KEY_LEAKED, Refusal, refusalResponse } from "./refusals.ts";
import { TOKEN, routeKindName } from "./route-kind.ts";
import { bridgeRequestOf, sessionCall } from "./session.ts";
import type { Decision, Principal, ProxyOptions } from "./types.ts";

/**
 * Makes a proxy: a handler with the signature of a Worker's `fetch`, which always answers. Throws at once what is wrong with
 * its options.
 */
export function createFalProxy(
  options: ProxyOptions,
): (request: Request, env?: any, context?: any) => Promise<Response> {
  const proxy = callCore(() => compileProxy(options));
  return async (request, env, context) => {
    const began = performance.now();
    const call = openCall(proxy, request, env, context);
    let code: Decision["code"] = "ok";
    const response = await handle(call, () => authenticate(call, env, context)).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(INTERNAL);
      if (refusal !== error) call.report(error, "internal");
      code = refusal.code;
      return refusalResponse(refusal, call.headers);
    });
    call.timer.end();
    followDecision(call, response, code, began);
    return followToEnd(call, response, code !== "ok");
  };
}

/** Lets a call in and does what it is for, or refuses it. */
async function handle(call: ProxyCall, identify: () => Principal | Promise<Principal>): Promise<Response> {
  const { options, policy } = call.proxy;
  const { verdict, reader } = policy.inspect(call.head);
  call.headers = responseHeaders(reader);
  if (verdict === PREFLIGHT) return preflight(call.headers, options.allowedHeaders);
  if (verdict === KEY_LEAKED) reportKeyLeak(call);
  if (verdict !== ENTER) throw new Refusal(verdict);
  try {
    await admit(call, identify, () => wayOf(call));
    if (!call.way) throw new Refusal(INTERNAL);
    return await call.way.pass();
  } finally {
    call.way?.free();
  }
}

/** Where a call goes. */
function wayOf(call: ProxyCall): Way {
  const bridge = bridgeRequestOf(call);
  if (bridge) return sessionCall(call, bridge);
  const { facts, proxy } = call;
  const upstream = proxy.policy.upstreamRequest(call.head);
  if (typeof upstream === "number") throw new Refusal(upstream);
  call.routeKind = upstream.kind();
  facts.route = routeKindName(call.routeKind);
  const [endpoint, app, requestId, url = ""] = upstream.names().split("\n");
  [facts.endpoint, call.app, facts.requestId] = [endpoint || undefined, app || undefined, requestId || undefined];
  return call.routeKind === TOKEN ? tokenCall(call, upstream) : modelCall(call, upstream, url);
}
