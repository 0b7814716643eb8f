/**
 * Tokens for browsers. What the browser sent is read, checked against the policy and not passed on: the proxy itself asks fal,
 * for names that are allowed and a time that the policy sets.
 */

import { answerProblem } from "#core";
import { readAtMost } from "../io/read-at-most.ts";
import { OTHER_CONTRACT, aliasOf, tokenIn } from "../realtime/token.ts";
import { wholeBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { ENDPOINT, Refusal, UPSTREAM_AUTH, UPSTREAM_BROKEN } from "./refusals.ts";
import { reportFailure, reserve } from "./reserve.ts";
import { reportProblem } from "./response.ts";
import { discard, sendUpstream } from "./upstream.ts";

const NEWER = "https://rest.fal.ai/tokens/realtime";
const OLDER = "https://rest.fal.ai/tokens/";

/** More than any list of apps that one connection is for. */
const MAX_BYTES = 4096;
const MAX_NAMES = 16;

/** The apps that a browser names; none when its body is not a short list of texts. */
async function namesIn(request: Request): Promise<string[]> {
  try {
    const body = await readAtMost(request.body, MAX_BYTES);
    const names: unknown = JSON.parse(new TextDecoder().decode(body)).allowed_apps;
    const isList = Array.isArray(names) && names.length <= MAX_NAMES;
    return isList && names.every((name) => typeof name === "string") ? names : [];
  } catch {
    return [];
  }
}

/** Answers a browser that asks for a token. */
export async function issueToken(call: ProxyCall): Promise<Response> {
  const { request, headers } = call;
  const { policy, tokenSeconds } = call.proxy;
  const isNewer = request.headers.get("x-fal-target-url")?.trim() === NEWER;
  const names = await namesIn(request);
  if (!policy.mayIssueToken(isNewer, names)) throw new Refusal(ENDPOINT);
  const reserved = await reserve(call);
  const aliases: string[] = isNewer ? names.map(aliasOf) : names;
  const requests = [
    ...(isNewer ? [{ target: NEWER, body: { allowed_apps: names, duration: tokenSeconds } }] : []),
    ...(policy.mayIssueToken(false, aliases)
      ? [{ target: OLDER, body: { allowed_apps: aliases, token_expiration: tokenSeconds } }]
      : []),
  ];
  let status = 0;
  try {
    for (const { target, body } of requests) {
      const response = await ask(call, target, body);
      status = response.status;
      const token = response.ok ? tokenIn(await response.json().catch(() => undefined)) : undefined;
      if (token !== undefined) {
        reserved.answered(status);
        return Response.json(isNewer ? { token } : token, { headers });
      }
      if (!response.ok) discard(response);
      if (!OTHER_CONTRACT.includes(status)) break;
    }
    const problem = answerProblem(status);
    if (problem >= 0) reportProblem(call, problem, status);
    throw new Refusal(problem >= 0 ? UPSTREAM_AUTH : UPSTREAM_BROKEN);
  } catch (error) {
    if (status) reserved.answered(status);
    else reportFailure(reserved, error);
    throw error;
  }
}

async function ask(call: ProxyCall, target: string, body: object): Promise<Response> {
  const upstream = call.proxy.policy.upstreamRequest(call.request, target);
  if (typeof upstream === "number") throw new Refusal(upstream);
  try {
    return await sendUpstream(call, upstream, wholeBody(new TextEncoder().encode(JSON.stringify(body))));
  } finally {
    upstream.free();
  }
}
