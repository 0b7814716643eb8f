/** What the operator learns of a call, when it is over and settled: the decision, and the record of it. */

import { withoutScheme } from "../host/server/credentials.ts";
import type { ProxyCall } from "./call.ts";
import { fingerprintOf } from "./key-leak.ts";
import type { Decision } from "./types.ts";

/** Whether the app wants to know what became of its calls. */
export const isFollowed = ({ proxy: { options }, request }: ProxyCall): boolean =>
  Boolean(options.onDecision ?? options.audit) && request.method !== "OPTIONS";

/** Tells the app what became of a call. Resolves when its record is kept, or the app could not keep it. */
async function tell(call: ProxyCall, ended: Pick<Decision, "code" | "status" | "ms" | "bytes" | "complete">) {
  const { facts, app, credential, proxy, env } = call;
  const { onDecision, audit } = proxy.options;
  const key = credential === undefined ? undefined : await fingerprintOf(withoutScheme(credential));
  const all: Decision = {
    ...facts,
    ...((facts.endpoint ?? app) !== undefined && { endpoint: facts.endpoint ?? app }),
    ...(key !== undefined && { key }),
    policy: proxy.settingsHash(),
    ...ended,
  };
  if (onDecision) call.notify("onDecision", () => onDecision({ ...all }));
  if (!audit) return;
  try {
    await audit(proxy.trail(all), env);
  } catch (error) {
    call.report(error, "audit");
  }
}

/** Tells the app about a call when its response is over, and what was reserved for it is settled. */
export function followDecision(call: ProxyCall, response: Response, code: Decision["code"], began: number): void {
  if (!isFollowed(call)) return;
  const { facts } = call;
  const { status } = response;
  facts.requestId ??= response.headers.get("x-fal-request-id") ?? undefined;
  let ms = 0;
  call.endings.unshift(() => void (ms = performance.now() - began));
  call.last = ({ bytes, complete }) => tell(call, { code, status, ms, bytes, complete });
}
