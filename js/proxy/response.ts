/** fal's response on its way to the browser: what of it is passed on, and what is learned from it. */

import { answerProblem, type UpstreamRequest } from "#core";
import { readAtMost } from "../io/read-at-most.ts";
import type { Reserved } from "../limits/limited-call.ts";
import type { ProxyCall } from "./call.ts";
import { refusalOfAnswer } from "./call-key.ts";
import { CAPABILITY, copyHeaders, namesOfReturnedHeaders } from "./headers.ts";
import { issueCapability } from "./ownership.ts";
import { Refusal, UPSTREAM_BROKEN } from "./refusals.ts";
import { SUBMIT } from "./route-kind.ts";
import { discard } from "./upstream.ts";

/** More than fal says about a request that it has taken. */
const MAX_SUBMITTED_BYTES = 64 * 1024;

/** Passes a response on. Its body streams; only the response to a submit is read, because it has the id of the request. */
export async function passResponse(
  call: ProxyCall,
  upstream: UpstreamRequest,
  response: Response,
  reserved: Reserved,
): Promise<Response> {
  const { headers, facts } = call;
  const { status } = response;
  const problem = answerProblem(status);
  if (problem >= 0) {
    discard(response);
    reserved.answered(status, response.headers);
    throw refusalOfAnswer(call, problem, status);
  }
  noteUnits(call, response.headers);
  copyHeaders(response.headers, headers, namesOfReturnedHeaders());
  if (reserved.replay) copyHeaders(response.headers, headers, ["idempotent-replayed"]);
  if (call.routeKind !== SUBMIT || !response.ok) {
    reserved.answered(status, response.headers);
    return new Response(response.body, { status, headers });
  }
  const bytes = await readAtMost(response.body, MAX_SUBMITTED_BYTES).catch(() => undefined);
  if (!bytes) throw new Refusal(UPSTREAM_BROKEN);
  const requestId = requestIdIn(bytes);
  facts.requestId = requestId;
  await reserved.began(requestId, response, bytes);
  const capability = call.signingKey && (await issueCapability(call, upstream, requestId, call.signingKey));
  if (capability) headers.set(CAPABILITY, capability);
  return new Response(bytes, { status, headers });
}

/** Notes how many units fal bills, if it says so. */
function noteUnits({ facts }: ProxyCall, headers: Headers): void {
  const units = headers.get("x-fal-billable-units") ?? "";
  if (/^\d+(\.\d+)?$/.test(units)) facts.billableUnits = Number(units);
}

/** The id in fal's response to a submit; empty when there is none. */
function requestIdIn(bytes: Uint8Array): string {
  try {
    return String(JSON.parse(new TextDecoder().decode(bytes)).request_id ?? "");
  } catch {
    return "";
  }
}
