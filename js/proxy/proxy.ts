/**
 * The proxy that browsers call: the app's own URL, which holds the key and lets through what the app allows.
 *
 * The decisions are the core's (src/proxy). Here the app is asked who calls, and bytes flow. What ends a call throws
 * `Refused`; whatever else is thrown is a mistake of the app's or ours, and opens nothing.
 */

import { KEY_LEAKED, MISCONFIGURED, UNAUTHENTICATED, answerHeaders, codeOf, preflight, refusal } from "./refusals.ts";
import { MAX_BODY_BYTES, takeBody } from "./body.ts";
import { routeKindName } from "#core";
import { deliver } from "./response.ts";
import { callCore } from "../core/call-core.ts";
import { ENTER, PREFLIGHT, checkOptions, inspect, passageFor } from "./policy.ts";
import { judged, rulesFor } from "./input-rules.ts";
import { isTooFast, reserve } from "../limits/limits.ts";
import { mintFor } from "./issue-token.ts";
import { send } from "./upstream.ts";
import { mustBeOwn, signerFor } from "./ownership.ts";
import { Refused } from "./refused.ts";
import { followed, visitOf } from "./call.ts";
import type { ProxyOptions } from "./types.ts";

/** @typedef {import("./call.ts").Visit} Visit */
/** @typedef {import("#core").UpstreamRequest} Passage */

/** How long the app may take to say who asks, in milliseconds. */
const AUTHENTICATE_TIMEOUT = 10_000;

// Numbers of errands (src/proxy/route_kind.rs).
const SUBMIT = 2;
const TOKEN = 8;

/**
 * Makes a proxy: a handler with the signature of a Worker's `fetch`, which always answers. Throws at once when its
 * options are invalid.
 */
export function createFalProxy(
  options: ProxyOptions,
): (request: Request, env?: any, context?: any) => Promise<Response> {
  callCore(() => checkOptions(options));
  return async (request, env, context) => {
    const began = performance.now();
    const visit = visitOf(options, request, env, context);
    let code = "ok";
    const answer = await admit(visit, () => whoAsks(options, request, env, context)).catch((error) => {
      const refused = error instanceof Refused ? error : new Refused(MISCONFIGURED);
      code = codeOf(refused.number);
      return refusal(refused, visit.headers);
    });
    const { onDecision } = options;
    if (onDecision && request.method !== "OPTIONS") {
      const { status } = answer;
      const requestId = visit.facts.requestId ?? answer.headers.get("x-fal-request-id") ?? undefined;
      visit.endings.push(({ bytes, complete }) => {
        const ms = performance.now() - began;
        return onDecision({ ...visit.facts, requestId, code, status, ms, bytes, complete });
      });
    }
    return followed(visit, answer, code !== "ok");
  };
}

/** Lets a call in, or not. @param {Visit} visit @param {() => Promise<import("./call.ts").Principal>} identify */
async function admit(visit, identify) {
  const { options, request, facts } = visit;
  const { verdict, reader } = callCore(() => inspect(options, request));
  visit.headers = answerHeaders(reader);
  if (verdict === PREFLIGHT) return preflight(visit.headers);
  if (verdict === KEY_LEAKED) visit.aside(() => options.onKeyLeak?.(request));
  if (verdict !== ENTER) throw new Refused(verdict);
  visit.principal = await identify();
  facts.principal = visit.principal.id;
  const passage = callCore(() => passageFor(options, request));
  if (typeof passage === "number") throw new Refused(passage);
  try {
    visit.errand = passage.kind();
    facts.route = /** @type {import("./types.ts").RouteKind} */ (routeKindName(visit.errand));
    facts.endpoint = passage.endpoint();
    facts.requestId = passage.request();
    await isTooFast(visit);
    await mustBeOwn(visit, passage);
    if (visit.errand === SUBMIT) visit.signer = await signerFor(visit);
    return await (visit.errand === TOKEN ? mintFor(visit) : pass(visit, passage));
  } finally {
    passage.free();
  }
}

/** Takes a call to fal, and brings the answer back. @param {Visit} visit @param {Passage} passage */
async function pass(visit, passage) {
  const { options, request, facts } = visit;
  const { maxBodyBytes = MAX_BODY_BYTES, webhookUrl, limits } = options;
  const rules = rulesFor(options, facts.endpoint);
  const isOnce = limits !== undefined && request.headers.has("idempotency-key");
  const isPost = request.method === "POST";
  let body = isPost ? await takeBody(request, maxBodyBytes, rules.length > 0 || isOnce) : undefined;
  if (rules.length > 0 && body?.bytes) body = judged(rules, body.bytes);
  const webhook = typeof webhookUrl === "function" ? await webhookUrl(visit.principal, request) : webhookUrl;
  if (webhook) passage.setWebhook(webhook);
  const held = await reserve(visit, body);
  if (held.replay) return deliver(visit, passage, held.replay, held);
  try {
    return await deliver(visit, passage, await send(visit, passage, body), held);
  } catch (error) {
    held.failed(error);
    throw error;
  }
}

/**
 * Who asks, as the app knows them. A throw and a silence are a no, and so is anything but an object with an id.
 *
 * @param {ProxyOptions} options @param {Request} request @param {any} env @param {any} context
 */
async function whoAsks({ authenticate }, request, env, context) {
  if (authenticate === "anonymous-public") return { id: authenticate };
  try {
    /** @type {any} */
    const said = authenticate(request, env, context);
    // Who is known at once needs no patience.
    const principal = typeof said?.then === "function" ? await inTime(said) : said;
    if (typeof principal?.id === "string" && principal.id !== "") return principal;
  } catch {
    // Nobody, then.
  }
  throw new Refused(UNAUTHENTICATED);
}

/** What an app says, or nothing when it takes too long. @param {Promise<any>} said */
function inTime(said) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((resolve) => (timer = setTimeout(resolve, AUTHENTICATE_TIMEOUT)));
  return Promise.race([said, silence]).finally(() => clearTimeout(timer));
}
