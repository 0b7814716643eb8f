/**
 * The proxy that browsers call: the app's own URL, which holds the key and lets through what the app allows.
 *
 * The decisions are the core's (src/proxy). Here the app is asked who calls, and bytes flow.
 */

import {
  KEY_LEAKED,
  MISCONFIGURED,
  UNAUTHENTICATED,
  UPSTREAM_UNREACHABLE,
  answerHeaders,
  preflight,
  refuse,
} from "./answers.js";
import { answerProblem, returnedHeaders } from "./core.js";
import { findCredential } from "./credential.js";
import { enter } from "./enter.js";
import { fetchOf } from "./options.js";
import { ENTER, PREFLIGHT, checkOptions, inspect, passageFor } from "./gate.js";
import { mintFor } from "./mint.js";

/** @typedef {import("../types/proxy.d.ts").ProxyOptions} ProxyOptions */

/** How long the app may take to say who asks, in milliseconds. */
const AUTHENTICATE_TIMEOUT = 10_000;

const USER_AGENT = "fal-wasm/__VERSION__";

/**
 * Makes a proxy: a handler that takes what a Worker's `fetch` takes, and always answers.
 *
 * @param {ProxyOptions} options
 * @returns {(request: Request, env?: any, context?: any) => Promise<Response>}
 */
export function createFalProxy(options) {
  enter(() => checkOptions(options));
  return async (request, env, context) => {
    let headers = answerHeaders(undefined);
    try {
      const { verdict, reader } = enter(() => inspect(options, request));
      headers = answerHeaders(reader);
      if (verdict === PREFLIGHT) return preflight(headers);
      if (verdict === KEY_LEAKED) await report(options, request);
      if (verdict !== ENTER) return refuse(verdict, headers);
      if (!(await isKnown(options, request, env, context))) return refuse(UNAUTHENTICATED, headers);
      const outgoing = await authorized(options, request, env);
      if (typeof outgoing === "number") return refuse(outgoing, headers);
      if (!outgoing.isToken) return await forward(options, outgoing, request, headers);
      return await mintFor(options, request, headers, (target) => authorized(options, request, env, target));
    } catch {
      return refuse(MISCONFIGURED, headers);
    }
  };
}

/** Tells the app that a key leaked. What its hook makes of that changes nothing here. @param {ProxyOptions} options @param {Request} request */
const report = async ({ onKeyLeak }, request) => {
  try {
    await onKeyLeak?.(request);
  } catch {
    // The call is refused all the same.
  }
};

/**
 * Whether the app knows who asks. A throw and a silence are a no, and so is anything but an object with an id.
 *
 * @param {ProxyOptions} options @param {Request} request @param {any} env @param {any} context
 */
async function isKnown({ authenticate }, request, env, context) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const silence = new Promise((resolve) => (timer = setTimeout(resolve, AUTHENTICATE_TIMEOUT)));
  try {
    const principal = await Promise.race([authenticate(request, env, context), silence]);
    return typeof principal?.id === "string" && principal.id !== "";
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * URL and headers for fal, built from nothing but the route and what the policy lets through; or the number of a
 * refusal.
 *
 * @param {ProxyOptions} options @param {Request} request @param {any} env @param {string} [target]
 */
async function authorized({ credentials, forwardHeaders = [], ...options }, request, env, target) {
  const passage = enter(() => passageFor(options, request, target));
  if (typeof passage === "number") return passage;
  const headers = new Headers({ "user-agent": USER_AGENT });
  const kept = ["accept", ...(request.method === "POST" ? ["content-type"] : []), ...forwardHeaders];
  for (const name of kept) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  const credential = await findCredential({ credentials, env: options.env ?? env }).catch(() => undefined);
  const url = enter(() => passage.url());
  const attached = credential !== undefined && enter(() => passage.authorize(url, headers, credential));
  const isToken = enter(() => passage.isToken());
  passage.free();
  return attached ? { url, headers, isToken } : MISCONFIGURED;
}

/**
 * Sends a call on, and streams the answer back: neither body is read here.
 *
 * @param {ProxyOptions} options @param {{ url: string, headers: Headers }} outgoing
 * @param {Request} request @param {Headers} headers
 */
async function forward(options, outgoing, request, headers) {
  const { method, signal } = request;
  const body = method === "POST" ? request.body : null;
  /** @type {RequestInit & { duplex: "half" }} */
  const init = { method, headers: outgoing.headers, body, signal, redirect: "manual", duplex: "half" };
  const answer = await (fetchOf(options) ?? fetch)(outgoing.url, init).catch(() => undefined);
  if (!answer) return refuse(UPSTREAM_UNREACHABLE, headers);
  const problem = answerProblem(answer.status);
  if (problem >= 0) {
    await answer.body?.cancel();
    return refuse(problem, headers);
  }
  for (const name of returnedHeaders()) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return new Response(answer.body, { status: answer.status, headers });
}
