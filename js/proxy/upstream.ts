/** The request to fal: built from nothing but the route and what the policy lets through, and sent in time. */

import { routeKindPatience as defaultTimeout, type UpstreamRequest } from "#core";
import { fetchOf } from "../client/checks.ts";
import { callCore } from "../core/call-core.ts";
import { CallEventKind, CallStep } from "../core/wire.ts";
import { USER_AGENT } from "../host/server/host.ts";
import { localised } from "../host/server/local-hosts.ts";
import { cancelQuietly } from "../io/chunks.ts";
import { withTimeout } from "../io/timeout.ts";
import type { RequestBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { isFollowed } from "./decision.ts";
import { credentialOf, spareCredentialOf } from "./call-key.ts";
import type { CallMachine } from "./call-machine.ts";
import { SUBMIT, UPLOAD } from "./route-kind.ts";
import type { RouteKind } from "./decision-types.ts";
import type { RequestHead } from "./head.ts";
import { HeaderList } from "./headers.ts";
import { forcedLifecycle } from "./uploads.ts";
import { uncached } from "../io/uncached.ts";
import { neverConnected } from "./never-connected.ts";
import {
  CLIENT_LEFT,
  CLIENT_LEFT_WAITING,
  MISCONFIGURED,
  Refusal,
  UPSTREAM_BROKEN,
  UPSTREAM_TIMEOUT,
  UPSTREAM_UNREACHABLE,
} from "./refusals.ts";

const LIFECYCLE_HEADERS = ["x-fal-object-lifecycle", "x-fal-object-lifecycle-preference"];

/** What every request to fal begins with, and the headers of these names that the visitor has sent. */
export function upstreamHeaders({ method, headers }: RequestHead, names: readonly string[]): HeaderList {
  const written = new HeaderList({ "user-agent": USER_AGENT });
  // What came in was declared as JSON; the rest of the declaration is the visitor's.
  if (method === "POST") written.set("content-type", "application/json");
  written.copy(headers, names);
  return written;
}

function headersFor({ head, routeKind, proxy: { options } }: ProxyCall): HeaderList {
  const headers = upstreamHeaders(head, ["accept", ...(options.forwardHeaders ?? [])]);
  if (routeKind === UPLOAD) {
    const lifecycle = forcedLifecycle(options);
    // fal has two storages, and each reads another name.
    for (const name of lifecycle === undefined ? [] : LIFECYCLE_HEADERS) headers.set(name, lifecycle as string);
  }
  return headers;
}

/** What is sent to fal, and for how long it is waited for. */
export interface Sending {
  /** What attaches the key: to fal's own hosts only. */
  target: Pick<UpstreamRequest, "authorize">;
  url: string;
  headers: HeaderList;
  body?: RequestBody | undefined;
  /** How long fal may take to begin its answer, once it has the body, in milliseconds. */
  timeout: number;
  /** Whether it goes on though its client has left. */
  outlives: boolean;
}

/** Sends a call on to a model or its queue. */
export function sendUpstream(
  call: ProxyCall,
  machine: CallMachine,
  target: UpstreamRequest,
  body?: RequestBody,
  url: string = callCore(() => target.url()),
): Promise<Response> {
  const { facts, routeKind } = call;
  const timeout = call.proxy.options.timeouts?.[facts.route as RouteKind] ?? defaultTimeout(routeKind);
  // A submit is waited for though its client has left: whoever gives up here never learns which job to follow.
  const outlives = routeKind === SUBMIT;
  return sendWithKey(call, machine, { target, url, headers: headersFor(call), body, timeout, outlives });
}

/** Sends a call on: once, and with the next key when the machine of the call wants that. */
export async function sendWithKey(call: ProxyCall, machine: CallMachine, sending: Sending): Promise<Response> {
  const { options } = call.proxy;
  let credential = await credentialOf(call);
  machine.on(CallEventKind.KeyFound);
  for (;;) {
    const response = await attempt(call, sending, credential);
    machine.answered(response);
    if (machine.step !== CallStep.FindNextKey) return response;
    const spare = await spareCredentialOf(call);
    machine.on(spare === undefined ? CallEventKind.NoOtherKey : CallEventKind.KeyFound);
    if (spare === undefined) return response;
    credential = spare;
    call.notify("onKeyRejected", () => options.onKeyRejected?.({ key: 0 }));
    await response.body?.cancel();
  }
}

/**
 * One attempt. The time to the first byte of the response begins when the last byte of the request has been sent; a client
 * that leaves ends it.
 */
async function attempt(
  call: ProxyCall,
  { target, url, headers, body, timeout, outlives }: Sending,
  credential: string,
): Promise<Response> {
  const { head } = call;
  const { options } = call.proxy;
  if (!callCore(() => target.authorize(url, headers, credential))) throw new Refusal(MISCONFIGURED);
  if (isFollowed(call)) call.credential = credential;
  const abort = new AbortController();
  if (!outlives) call.onLeave(() => abort.abort());
  // What was sent so far is not what was meant: no answer to it is wanted.
  void body?.sent?.then(() => body.fault() !== undefined && abort.abort());
  // Whoever has left by now has nothing sent, and nothing to pay for.
  if (abort.signal.aborted) throw new Refusal(body?.fault() ?? CLIENT_LEFT);
  const init: RequestInit & { duplex: "half" } = {
    method: head.method,
    headers: headers.list,
    body: body?.bytes ?? body?.stream ?? null,
    signal: abort.signal,
    redirect: "manual",
    ...uncached(),
    duplex: "half",
  };
  const onTimeout = () => abort.abort();
  try {
    const response = await withTimeout(
      (fetchOf(options) ?? fetch)(localised(url, call.secrets), init),
      timeout,
      onTimeout,
      { startAfter: body?.sent, timer: call.timer },
    );
    if (response && body?.fault() === undefined) return response;
    if (response) discard(response);
  } catch (error) {
    const fault = body?.fault();
    if (fault !== undefined) throw new Refusal(fault);
    const hasLeft = abort.signal.aborted;
    if (!hasLeft) call.report(error, "fetch");
    if (neverConnected(error)) throw new Refusal(UPSTREAM_UNREACHABLE);
    throw new Refusal(hasLeft ? CLIENT_LEFT_WAITING : UPSTREAM_BROKEN);
  }
  throw new Refusal(body?.fault() ?? UPSTREAM_TIMEOUT);
}

/** Drops a response that is not passed on. */
export const discard = ({ body }: Response): void => void (body && cancelQuietly(body));
