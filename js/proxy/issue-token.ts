/**
 * Tokens for browsers. What the browser sent is read, checked against the policy and not passed on: the proxy itself asks fal,
 * for names that are allowed and a time that the policy sets.
 */

import { answerProblem, bareName } from "#core";
import { callCore } from "../core/call-core.ts";
import { TokenStep } from "../core/wire.ts";
import type { Reserved } from "../limits/limited-call.ts";
import { tokenIn } from "../realtime/token.ts";
import { readBody, wholeBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { refusalOfAnswer } from "./call-key.ts";
import { BODY_TOO_LARGE, Refusal } from "./refusals.ts";
import { reserve } from "./reserve.ts";
import { discard, sendUpstream } from "./upstream.ts";

const NEWER = "https://rest.fal.ai/tokens/realtime";
const OLDER = "https://rest.fal.ai/tokens/";

/** More than any list of apps that one connection is for. */
const MAX_BYTES = 4096;
const MAX_NAMES = 16;

/** The apps that a browser names; none when its body is not a short list of texts. */
async function namesIn(call: ProxyCall): Promise<string[]> {
  call.isBodyPassedOn = true;
  const body = await readBody(call.request, MAX_BYTES, true).catch((error: Refusal) => {
    if (error.number !== BODY_TOO_LARGE) throw error;
  });
  try {
    const names: unknown = JSON.parse(new TextDecoder().decode(body?.bytes)).allowed_apps;
    const isList = Array.isArray(names) && names.length <= MAX_NAMES;
    return isList && names.every((name) => typeof name === "string") ? names : [];
  } catch {
    return [];
  }
}

/** Answers a browser that asks for a token. The core decides what is asked, and what counts (src/proxy/token.rs). */
export async function issueToken(call: ProxyCall): Promise<Response> {
  const { request, headers } = call;
  const { policy, tokenSeconds } = call.proxy;
  const isNewer = request.headers.get("x-fal-target-url")?.trim() === NEWER;
  const names = await namesIn(call);
  const issue = policy.issueToken(isNewer, names);
  if (typeof issue === "number") throw new Refusal(issue);
  // Nobody sees what goes on with a token: it takes a place for as long as a connection can be opened with it.
  call.placeMs = tokenSeconds * 1000;
  let reserved: Reserved | undefined;
  try {
    reserved = await reserve(call);
    let token: string | undefined;
    let next = callCore(() => issue.reserved());
    while (next === TokenStep.AskNewer || next === TokenStep.AskOlder) {
      const question =
        next === TokenStep.AskNewer
          ? { target: NEWER, body: { allowed_apps: names, duration: tokenSeconds } }
          : {
              target: OLDER,
              body: { allowed_apps: isNewer ? names.map(bareName) : names, token_expiration: tokenSeconds },
            };
      const response = await ask(call, question).catch((error: unknown) => {
        const wasSent = !(error instanceof Refusal && error.isUnsent);
        callCore(() => issue.failed(wasSent));
        throw error;
      });
      token = response.ok ? tokenIn(await response.json().catch(() => undefined)) : undefined;
      if (!response.ok) discard(response);
      const problem = answerProblem(response.status);
      const refused = problem >= 0 ? refusalOfAnswer(call, problem, response.status) : undefined;
      next = callCore(() => issue.answered(response.status, token !== undefined));
      if (refused && next >= 0) throw refused;
    }
    if (next !== TokenStep.Give || token === undefined) throw new Refusal(next);
    return Response.json(isNewer ? { token } : token, { headers });
  } finally {
    reserved?.failed(callCore(() => issue.isPaid()));
    issue.free();
  }
}

async function ask(call: ProxyCall, { target, body }: { target: string; body: object }): Promise<Response> {
  const upstream = call.proxy.policy.upstreamRequest(call.request, target);
  if (typeof upstream === "number") throw new Refusal(upstream);
  try {
    return await sendUpstream(call, upstream, wholeBody(new TextEncoder().encode(JSON.stringify(body))));
  } finally {
    upstream.free();
  }
}
