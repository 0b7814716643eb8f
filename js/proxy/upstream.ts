/** The request for fal: built from nothing but the route and what the policy lets through, and sent in time. */

import { MISCONFIGURED, UPSTREAM_TIMEOUT, UPSTREAM_UNREACHABLE } from "./refusals.ts";
import { errandPatience } from "#core";
import { findCredential, spareCredential } from "../host/server/credentials.ts";
import { callCore } from "../core/call-core.ts";
import { USER_AGENT } from "../host/server/host.ts";
import { fetchOf } from "../client/options.ts";
import { Refused } from "./refused.ts";
import { dropped } from "./call.ts";

/** @typedef {import("./call.ts").Visit} Visit */
/** @typedef {import("#core").Passage} Passage */

/** @param {Pick<Visit, "request" | "options">} visit */
function builtHeaders({ request, options: { forwardHeaders = [] } }) {
  const headers = new Headers({ "user-agent": USER_AGENT });
  const kept = ["accept", ...(request.method === "POST" ? ["content-type"] : []), ...forwardHeaders];
  for (const name of kept) {
    const value = request.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  return headers;
}

/**
 * Sends a call on. With a key that is refused it is tried once more with the next one, if there is one and the body can be
 * sent again: fal refuses a key before anything runs.
 *
 * @param {Visit} visit @param {Passage} passage @param {import("./body.ts").Body | undefined} body
 */
export async function send(visit, passage, body) {
  const from = { ...visit.options, env: visit.secrets };
  const credential = await findCredential(from).catch(() => undefined);
  if (credential === undefined) throw new Refused(MISCONFIGURED);
  const answer = await reach(visit, passage, credential, body);
  if (answer.status !== 401 || body?.stream) return answer;
  const spare = await spareCredential(from).catch(() => undefined);
  if (spare === undefined) return answer;
  visit.aside(() => visit.options.onKeyRejected?.({ key: 0 }));
  await answer.body?.cancel();
  return reach(visit, passage, spare, body);
}

/**
 * One try. The time to the first byte of the answer begins when the last one of the request has left; a visitor who leaves
 * ends it.
 *
 * @param {Visit} visit @param {Passage} passage @param {string} credential
 * @param {import("./body.ts").Body | undefined} body
 * @returns {Promise<Response>}
 */
async function reach({ request, options, facts, errand }, passage, credential, body) {
  const headers = builtHeaders({ request, options });
  const url = callCore(() => passage.url());
  if (!callCore(() => passage.authorize(url, headers, credential))) throw new Refused(MISCONFIGURED);
  const abort = new AbortController();
  if (request.signal?.aborted) abort.abort();
  request.signal?.addEventListener("abort", () => abort.abort());
  const patience =
    options.timeouts?.[/** @type {keyof typeof options.timeouts} */ (facts.route)] ?? errandPatience(errand);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let isOver = false;
  /** @type {Promise<undefined>} */
  const late = new Promise((resolve) => {
    const start = () => {
      // What was sent so far is not what was meant: nobody needs to answer it.
      if (body?.fault()) abort.abort();
      else if (!isOver) timer = setTimeout(() => (resolve(undefined), abort.abort()), patience);
    };
    (body?.sent ?? Promise.resolve()).then(start);
  });
  /** @type {RequestInit & { duplex: "half" }} */
  const init = {
    method: request.method,
    headers,
    body: body?.bytes ?? body?.stream ?? null,
    signal: abort.signal,
    redirect: "manual",
    duplex: "half",
  };
  try {
    const answer = await Promise.race([(fetchOf(options) ?? fetch)(url, init), late]);
    if (answer && body?.fault() === undefined) return answer;
    if (answer) dropped(answer);
  } catch {
    throw new Refused(body?.fault() ?? UPSTREAM_UNREACHABLE);
  } finally {
    isOver = true;
    clearTimeout(timer);
  }
  throw new Refused(body?.fault() ?? UPSTREAM_TIMEOUT);
}
