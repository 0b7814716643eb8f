/** One call of the proxy, from its arrival to the last byte of its response. */

import type { Credentials } from "../host/transport.ts";
import { secretsAmong } from "../host/server/credentials.ts";
import { type BodyEnd, measured } from "../io/pipe.ts";
import type { LimitedCall } from "../limits/limited-call.ts";
import type { Way } from "./admit.ts";
import type { CompiledProxy } from "./compile.ts";
import { askAboutJob } from "./ask-fal.ts";
import { type RequestHead, headOf } from "./head.ts";
import { followClient } from "./leaving.ts";
import { type HeaderList, responseHeaders } from "./headers.ts";
import { Timer } from "../io/timer.ts";
import type { FieldRule } from "./input-rules.ts";
import { type Report, reporter } from "./report.ts";
import type { Decision, Principal } from "./types.ts";

/** A call, and what becomes known of it on its way. */
export interface ProxyCall extends LimitedCall {
  readonly proxy: CompiledProxy;
  readonly request: Request;
  /** What the request begins with. */
  readonly head: RequestHead;
  /** Where secrets are. */
  readonly secrets: Record<string, unknown>;
  /** Those of the response. */
  headers: HeaderList;
  routeKind: number;
  app?: string | undefined;
  /** Who asks, once that is known. */
  principal: Principal;
  /** What is reported of it. */
  readonly facts: Partial<Omit<Decision, "code" | "status" | "ms" | "bytes" | "complete" | "key" | "policy">>;
  /** What it was sent to fal with, where the operator wants to know which key that was. */
  credential?: string | undefined;
  /** Called when all of `endings` have been and are done. */
  last?: ((how: BodyEnd) => Promise<unknown>) | undefined;
  /** Where its key is looked for. */
  keys?: Promise<Credentials>;
  /** Whether its body was taken to be passed on. */
  isBodyPassedOn?: boolean;
  /** The rules of its grant. */
  grantRules?: readonly FieldRule[];
  /** What signs the capability of a new request. */
  signingKey?: CryptoKey | undefined;
  /** For what is waited for until its response is there, one after the other. */
  readonly timer: Timer;
  /** What it is let in for, once that is known. */
  way?: Way;
  /** Whether its client has left. */
  hasLeft: boolean;
  /** Called when all of `endings` have been. */
  end(): void;
  /** Does something when the client leaves. */
  onLeave(work: () => void): void;
  /** Does something that nobody waits for, and whose failure changes nothing. */
  inBackground(work: () => unknown): void;
  /** Calls a callback of the app's, in the background. */
  notify(step: "onAnomaly" | "onDecision" | "onKeyLeak" | "onKeyRejected", work: () => unknown): void;
  /** Tells the operator about an error. */
  readonly report: Report;
}

export function openCall(proxy: CompiledProxy, request: Request, env: any, context: any): ProxyCall {
  const keepAlive = (work: Promise<unknown>) => {
    try {
      context?.waitUntil?.(work);
    } catch {
      // A context of another kind.
    }
  };
  let end = () => {};
  const ended = new Promise<void>((resolve) => (end = resolve));
  const leaving: (() => void)[] = [];
  const hasLeft = followClient(request, () => {
    call.hasLeft = true;
    // When the client leaves, a worker is ended at once, unless it is kept alive at that very moment.
    keepAlive(ended);
    for (const work of leaving) work();
  });
  const { options } = proxy;
  const inBackground = (work: () => unknown) =>
    keepAlive(
      Promise.resolve()
        .then(work)
        .catch(() => {}),
    );
  const report = reporter(options, request, inBackground);
  const call: ProxyCall = {
    proxy,
    request,
    head: headOf(request),
    env: options.env ?? env,
    secrets: options.env ?? secretsAmong(env),
    headers: responseHeaders(undefined),
    routeKind: 0,
    principal: { id: "" },
    facts: {},
    keep: 0,
    endings: [],
    timer: new Timer(),
    hasLeft,
    end,
    onLeave: (work) => (call.hasLeft ? work() : void leaving.push(work)),
    inBackground,
    notify: (step, work) => inBackground(() => attempt(work).catch((error) => report(error, step))),
    ask: (job, what) => askAboutJob(call, job, what),
    report,
  };
  return call;
}

/** Does something, now; what it throws rejects. */
const attempt = async (work: () => unknown): Promise<unknown> => work();

/**
 * A response that is followed to its end, when somebody wants to know about it. A refusal ends with its first byte: the
 * client may be gone before it takes it.
 */
export function followToEnd(call: ProxyCall, response: Response, isRefusal: boolean): Response {
  const { endings, keep } = call;
  if (endings.length === 0 && !call.last) {
    call.end();
    return response;
  }
  const report = (how: BodyEnd) =>
    Promise.all(endings.map((ending) => attempt(() => ending(how)).catch((error) => call.report(error, "store"))))
      .then(() => call.last?.(how))
      .finally(() => call.end());
  if (isRefusal || endings.length === 0 || !response.body) {
    call.inBackground(() => report({ bytes: 0, complete: !call.hasLeft }));
    return response;
  }
  const { stream, ended } = measured(response.body, keep);
  call.inBackground(async () => report(await ended));
  return new Response(stream, response);
}
