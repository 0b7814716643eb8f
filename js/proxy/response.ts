/** fal's answer on its way to the browser: what of it goes there, and what is learned from it. */

import { CAPABILITY, UPSTREAM_BROKEN } from "./refusals.ts";
import { fewBytes } from "./body.ts";
import { answerProblem, returnedHeaders } from "#core";
import { capabilityFor } from "./ownership.ts";
import { Refused } from "./refused.ts";
import { dropped } from "./call.ts";

/** @typedef {import("./call.ts").Visit} Visit */

/** Number of an errand (src/proxy/route_kind.rs). */
const SUBMIT = 2;

/** Headers that go back to the browser: always the same ones, so they are asked for once. @type {string[] | undefined} */
let returned;

/** More than fal says about a request that it has taken. */
const MAX_SUBMITTED_BYTES = 64 * 1024;

/**
 * Passes an answer on. Its body streams; only what fal says to a submit is read, because it has the id of the request.
 *
 * @param {Visit} visit @param {import("#core").UpstreamRequest} passage @param {Response} answer
 * @param {import("../limits/limits.ts").Held} held
 */
export async function deliver(visit, passage, answer, held) {
  const { headers, errand, facts } = visit;
  const problem = answerProblem(answer.status);
  if (problem >= 0) {
    dropped(answer);
    held.answered(answer.status);
    throw new Refused(problem);
  }
  returned ??= returnedHeaders();
  for (const name of [...returned, ...(held.replay ? ["idempotent-replayed"] : [])]) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  if (errand !== SUBMIT || !answer.ok) {
    held.answered(answer.status, answer.headers);
    return new Response(answer.body, { status: answer.status, headers });
  }
  const bytes = await fewBytes(answer, MAX_SUBMITTED_BYTES).catch(() => undefined);
  if (!bytes) throw new Refused(UPSTREAM_BROKEN);
  const requestId = idIn(bytes);
  facts.requestId = requestId;
  await held.began(requestId, answer, bytes);
  const capability = visit.signer && (await capabilityFor(visit, passage, requestId, visit.signer));
  if (capability) headers.set(CAPABILITY, capability);
  return new Response(bytes, { status: answer.status, headers });
}

/** The id in fal's answer to a submit; empty when there is none. @param {Uint8Array} bytes @returns {string} */
function idIn(bytes) {
  try {
    return String(JSON.parse(new TextDecoder().decode(bytes)).request_id ?? "");
  } catch {
    return "";
  }
}
