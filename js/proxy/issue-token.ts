/**
 * Tokens for browsers. What the browser sent is read, held against the policy and not passed on: the proxy asks fal itself,
 * for names that are allowed and a time that the policy sets.
 */

import { ENDPOINT, UPSTREAM_AUTH, UPSTREAM_UNREACHABLE } from "./refusals.ts";
import { wholeBody } from "./body.ts";
import { answerProblem } from "#core";
import { callCore } from "../core/call-core.ts";
import { mayMint, passageFor, tokenSeconds } from "./policy.ts";
import { reserve } from "../limits/limits.ts";
import { send } from "./upstream.ts";
import { Refused } from "./refused.ts";
import { OTHER_CONTRACT, aliasOf, tokenIn } from "../realtime/token.ts";
import { dropped } from "./call.ts";

const NEWER = "https://rest.fal.ai/tokens/realtime";
const OLDER = "https://rest.fal.ai/tokens/";

/** More than any list of apps that one connection is for. */
const MAX_LENGTH = 4096;
const MAX_NAMES = 16;

/** The body of a request, when it is short. @param {Request} request */
async function shortBody(request) {
  const reader = request.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  for (let part = await reader?.read(); reader && part && !part.done; part = await reader.read()) {
    text += decoder.decode(part.value, { stream: true });
    if (text.length > MAX_LENGTH) await reader.cancel();
  }
  return text.length > MAX_LENGTH ? "" : text;
}

/** The apps that a browser names; none when its body is not a short list of texts. @param {Request} request */
async function namesIn(request) {
  try {
    const names = JSON.parse(await shortBody(request)).allowed_apps;
    const isList = Array.isArray(names) && names.length <= MAX_NAMES;
    return isList && names.every((name) => typeof name === "string") ? names : [];
  } catch {
    return [];
  }
}

/**
 * Answers a browser that asks for a token.
 *
 * @param {import("./call.ts").Visit} visit
 */
export async function mintFor(visit) {
  const { options, request, headers } = visit;
  const isNewer = request.headers.get("x-fal-target-url")?.trim() === NEWER;
  const names = await namesIn(request);
  if (!callCore(() => mayMint(options, isNewer, names))) throw new Refused(ENDPOINT);
  const held = await reserve(visit);
  const seconds = tokenSeconds(options);
  const aliases = isNewer ? names.map(aliasOf) : names;
  const tries = [
    ...(isNewer ? [{ target: NEWER, body: { allowed_apps: names, duration: seconds } }] : []),
    ...(callCore(() => mayMint(options, false, aliases))
      ? [{ target: OLDER, body: { allowed_apps: aliases, token_expiration: seconds } }]
      : []),
  ];
  let status = 0;
  try {
    for (const { target, body } of tries) {
      const answer = await ask(visit, target, body);
      status = answer.status;
      const token = answer.ok ? tokenIn(await answer.json().catch(() => undefined)) : undefined;
      if (token !== undefined) {
        held.answered(status);
        return Response.json(isNewer ? { token } : token, { headers });
      }
      if (!answer.ok) dropped(answer);
      if (!OTHER_CONTRACT.includes(status)) break;
    }
    throw new Refused(answerProblem(status) >= 0 ? UPSTREAM_AUTH : UPSTREAM_UNREACHABLE);
  } catch (error) {
    if (status) held.answered(status);
    else held.failed(error);
    throw error;
  }
}

/** @param {import("./call.ts").Visit} visit @param {string} target @param {object} body */
async function ask(visit, target, body) {
  const passage = callCore(() => passageFor(visit.options, visit.request, target));
  if (typeof passage === "number") throw new Refused(passage);
  try {
    return await send(visit, passage, wholeBody(new TextEncoder().encode(JSON.stringify(body))));
  } finally {
    passage.free();
  }
}
