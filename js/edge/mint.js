/**
 * Tokens for browsers. What the browser sent is read, held against the policy and not passed on: the proxy asks fal itself,
 * for names that are allowed and a time that the policy sets.
 */

import { ENDPOINT, UPSTREAM_AUTH, UPSTREAM_UNREACHABLE, refuse } from "./answers.js";
import { answerProblem } from "./core.js";
import { enter } from "./enter.js";
import { mayMint, tokenSeconds } from "./gate.js";
import { fetchOf } from "./options.js";
import { OTHER_CONTRACT, aliasOf, tokenIn } from "./token.js";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */
/** @typedef {{ url: string, headers: Headers }} Outgoing */

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
 * @param {ProxyOptions} options @param {Request} request @param {Headers} headers
 * @param {(target: string) => Promise<Outgoing | number>} authorize
 */
export async function mintFor(options, request, headers, authorize) {
  const isNewer = request.headers.get("x-fal-target-url")?.trim() === NEWER;
  const names = await namesIn(request);
  if (!enter(() => mayMint(options, isNewer, names))) return refuse(ENDPOINT, headers);
  const seconds = tokenSeconds(options);
  const aliases = isNewer ? names.map(aliasOf) : names;
  const tries = [
    ...(isNewer ? [{ target: NEWER, body: { allowed_apps: names, duration: seconds } }] : []),
    ...(enter(() => mayMint(options, false, aliases))
      ? [{ target: OLDER, body: { allowed_apps: aliases, token_expiration: seconds } }]
      : []),
  ];
  let problem = UPSTREAM_UNREACHABLE;
  for (const { target, body } of tries) {
    const outgoing = await authorize(target);
    if (typeof outgoing === "number") return refuse(outgoing, headers);
    const answer = await ask(options, outgoing, body, request.signal);
    const token = answer?.ok ? tokenIn(await answer.json().catch(() => undefined)) : undefined;
    if (token !== undefined) return Response.json(isNewer ? { token } : token, { headers });
    if (!answer) break;
    problem = answerProblem(answer.status) >= 0 ? UPSTREAM_AUTH : UPSTREAM_UNREACHABLE;
    if (!OTHER_CONTRACT.includes(answer.status)) break;
  }
  return refuse(problem, headers);
}

/** @param {ProxyOptions} options @param {Outgoing} outgoing @param {object} body @param {AbortSignal} signal */
async function ask(options, { url, headers }, body, signal) {
  headers.set("accept", "application/json");
  headers.set("content-type", "application/json");
  /** @type {RequestInit} */
  const init = { method: "POST", headers, body: JSON.stringify(body), signal, redirect: "manual" };
  return (fetchOf(options) ?? fetch)(url, init).catch(() => undefined);
}
