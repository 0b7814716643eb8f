/** The request to fal: built from nothing but the route and what the policy lets through, and sent in time. */

import { routeKindPatience as defaultTimeout, type UpstreamRequest } from "#core";
import { fetchOf } from "../client/checks.ts";
import { callCore } from "../core/call-core.ts";
import { USER_AGENT } from "../host/server/host.ts";
import { localised } from "../host/server/local-hosts.ts";
import { cancelQuietly } from "../io/chunks.ts";
import { withTimeout } from "../io/timeout.ts";
import type { RequestBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { isFollowed } from "./decision.ts";
import { credentialOf, spareCredentialOf } from "./call-key.ts";
import { SUBMIT, UPLOAD } from "./route-kind.ts";
import { forcedLifecycle } from "./uploads.ts";
import { uncached } from "../io/uncached.ts";
import { copyHeaders } from "./headers.ts";
import { neverConnected } from "./never-connected.ts";
import { MISCONFIGURED, Refusal, UPSTREAM_BROKEN, UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE } from "./refusals.ts";

const LIFECYCLE_HEADERS = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];

function headersFor({ request, routeKind, proxy: { options } }: ProxyCall): Headers {
  const headers = new Headers({ "user-agent": USER_AGENT });
  // What came in was declared as JSON; the rest of the declaration is the visitor's.
  if (request.method === "POST") headers.set("content-type", "application/json");
  copyHeaders(request.headers, headers, ["accept", ...(options.forwardHeaders ?? [])]);
  if (routeKind === UPLOAD) {
    const lifecycle = forcedLifecycle(options);
    // fal has two storages, and each reads another name.
    for (const name of lifecycle === undefined ? [] : LIFECYCLE_HEADERS) headers.set(name, lifecycle as string);
  }
  return headers;
}

/**
 * Sends a call on. When fal refuses the key it is sent once more with the next key, if there is one and the body can be sent
 * again: fal refuses a key before anything runs.
 */
export async function sendUpstream(call: ProxyCall, upstream: UpstreamRequest, body?: RequestBody): Promise<Response> {
  const { options } = call.proxy;
  const response = await attempt(call, upstream, await credentialOf(call), body);
  if (response.status !== 401 || body?.stream) return response;
  const spare = await spareCredentialOf(call);
  if (spare === undefined) return response;
  call.notify("onKeyRejected", () => options.onKeyRejected?.({ key: 0 }));
  await response.body?.cancel();
  return attempt(call, upstream, spare, body);
}

/**
 * One attempt. The time to the first byte of the response begins when the last byte of the request has been sent; a client
 * that leaves ends it.
 */
async function attempt(
  call: ProxyCall,
  upstream: UpstreamRequest,
  credential: string,
  body?: RequestBody,
): Promise<Response> {
  const { request, facts, routeKind } = call;
  const { options } = call.proxy;
  const headers = headersFor(call);
  const url = callCore(() => upstream.url());
  if (!callCore(() => upstream.authorize(url, headers, credential))) throw new Refusal(MISCONFIGURED);
  if (isFollowed(call)) call.credential = credential;
  const abort = new AbortController();
  // A submit is waited for though its client has left: whoever gives up here never learns which job to follow.
  if (routeKind !== SUBMIT) {
    if (request.signal?.aborted) abort.abort();
    request.signal?.addEventListener("abort", () => abort.abort());
  }
  // What was sent so far is not what was meant: no answer to it is wanted.
  void body?.sent.then(() => body.fault() !== undefined && abort.abort());
  const init: RequestInit & { duplex: "half" } = {
    method: request.method,
    headers,
    body: body?.bytes ?? body?.stream ?? null,
    signal: abort.signal,
    redirect: "manual",
    ...uncached(),
    duplex: "half",
  };
  const timeout = (facts.route && options.timeouts?.[facts.route]) ?? defaultTimeout(routeKind);
  const onTimeout = () => abort.abort();
  try {
    const response = await withTimeout(
      (fetchOf(options) ?? fetch)(localised(url, call.secrets), init),
      timeout,
      onTimeout,
      body?.sent,
    );
    if (response && body?.fault() === undefined) return response;
    if (response) discard(response);
  } catch (error) {
    const fault = body?.fault();
    if (fault === undefined && !abort.signal.aborted) call.report(error, "fetch");
    throw new Refusal(fault ?? (neverConnected(error) ? UPSTREAM_UNREACHABLE : UPSTREAM_BROKEN));
  }
  throw new Refusal(body?.fault() ?? UPSTREAM_TIMEOUT);
}

/** Drops a response that is not passed on. */
export const discard = ({ body }: Response): void => void (body && cancelQuietly(body));
