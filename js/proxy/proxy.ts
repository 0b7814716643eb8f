/**
 * The proxy that browsers call: a URL of the app's own, which holds the key and lets through what the app allows.
 *
 * The core decides (src/proxy). Here the app is asked who calls, and bytes flow. What ends a call throws a `Refusal`; whatever
 * else is thrown is a mistake of the app's or ours, and lets nothing through.
 */

import type { UpstreamRequest } from "#core";
import { callCore } from "../core/call-core.ts";
import { checkAttestation } from "./attest.ts";
import { authenticate } from "./authenticate.ts";
import { MAX_BODY_BYTES, MAX_INPUT_BYTES, readBody } from "./body.ts";
import { credentialOf, hasOwnKeys } from "./call-key.ts";
import { type ProxyCall, followToEnd, openCall } from "./call.ts";
import { compileProxy } from "./compile.ts";
import { followDecision } from "./decision.ts";
import { preflight, responseHeaders } from "./headers.ts";
import { enforce } from "./input-rules.ts";
import { issueToken } from "./issue-token.ts";
import { checkOwnership, signingKeyFor } from "./ownership.ts";
import { reportKeyLeak } from "./key-leak.ts";
import { ENTER, PREFLIGHT } from "./policy.ts";
import { BODY_TOO_LARGE, INTERNAL, KEY_LEAKED, Refusal, refusalResponse } from "./refusals.ts";
import { checkRate, reportFailure, reserve } from "./reserve.ts";
import { passResponse } from "./response.ts";
import { CANCEL, STATUS, STREAM, SUBMIT, TOKEN, UPLOAD, routeKindName } from "./route-kind.ts";
import type { Decision, Principal, ProxyOptions } from "./types.ts";
import { sendUpstream } from "./upstream.ts";
import { describedFile } from "./uploads.ts";
import { attested, isWatching, judged, refuseByRule } from "./watch.ts";
import { webhookFor } from "./webhook-url.ts";

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
    followDecision(call, response, code, began);
    return followToEnd(call, response, code !== "ok");
  };
}

/** Lets a call in, or refuses it. */
async function handle(call: ProxyCall, identify: () => Promise<Principal>): Promise<Response> {
  const { request, facts } = call;
  const { options, policy } = call.proxy;
  const { verdict, reader } = policy.inspect(request);
  call.headers = responseHeaders(reader);
  if (verdict === PREFLIGHT) return preflight(call.headers, options.allowedHeaders);
  if (verdict === KEY_LEAKED) reportKeyLeak(call);
  if (verdict !== ENTER) throw new Refusal(verdict);
  call.principal = await identify();
  facts.principal = call.principal.id;
  // Before anything is counted: who has no key of their own has nothing to be counted for.
  if (hasOwnKeys(options)) await credentialOf(call);
  const upstream = policy.upstreamRequest(request);
  if (typeof upstream === "number") throw new Refusal(upstream);
  try {
    call.routeKind = upstream.kind();
    facts.route = routeKindName(call.routeKind);
    facts.endpoint = upstream.endpoint();
    call.app = upstream.app();
    facts.requestId = upstream.request();
    await checkRate(call);
    await checkOwnership(call, upstream);
    await attested(call, () => checkAttestation(call));
    if (call.routeKind === SUBMIT) call.signingKey = await signingKeyFor(call);
    return await (call.routeKind === TOKEN ? issueToken(call) : passOn(call, upstream));
  } finally {
    upstream.free();
  }
}

/** Passes a call on to fal, and the response back. */
async function passOn(call: ProxyCall, upstream: UpstreamRequest): Promise<Response> {
  const { request, facts } = call;
  const { options, inputRules } = call.proxy;
  const { maxBodyBytes = MAX_BODY_BYTES, limits } = options;
  const { maxInputBytes = Math.min(MAX_INPUT_BYTES, maxBodyBytes) } = options;
  const rules = inputRules(facts.endpoint, call.routeKind === STREAM);
  const isOnce = limits !== undefined && request.headers.has("idempotency-key");
  const isPost = request.method === "POST";
  const isWhole = rules.length > 0 || isOnce;
  const max = isWhole && !isWatching(call) ? maxInputBytes : maxBodyBytes;
  call.isBodyPassedOn = true;
  let body = call.routeKind === UPLOAD ? await describedFile(call) : undefined;
  if (isPost) body ??= await readBody(request, max, isWhole);
  const { bytes } = body ?? {};
  if (isWhole && bytes && bytes.byteLength > maxInputBytes) refuseByRule(call, new Refusal(BODY_TOO_LARGE));
  else if (rules.length > 0 && bytes) body = judged(call, () => enforce(rules, bytes)) ?? body;
  if (call.routeKind === SUBMIT) {
    const webhook = await webhookFor(call);
    if (webhook) upstream.setWebhook(webhook);
  }
  const reserved = await reserve(call, body);
  const { statuses } = call.proxy;
  if (call.routeKind === CANCEL) statuses?.clear();
  const url = call.routeKind === STATUS && statuses ? callCore(() => upstream.url()) : undefined;
  const known = reserved.replay ?? (url === undefined ? undefined : statuses?.find(url));
  if (known) return passResponse(call, upstream, known, reserved);
  try {
    const response = await sendUpstream(call, upstream, body);
    if (url !== undefined) statuses?.keep(call, url, response);
    return await passResponse(call, upstream, response, reserved);
  } catch (error) {
    reportFailure(reserved, error);
    throw error;
  }
}
