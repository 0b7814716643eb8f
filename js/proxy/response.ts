/** fal's response on its way to the browser: what of it is passed on, and what is learned from it. */

import { answerProblem, passedStatus, type UpstreamRequest } from "#core";
import { CallEventKind, CallStep } from "../core/wire.ts";
import { readAtMost } from "../io/read-at-most.ts";
import type { Reserved } from "../limits/limited-call.ts";
import { unitsIn } from "../limits/settle.ts";
import type { ProxyCall } from "./call.ts";
import type { CallMachine } from "./call-machine.ts";
import { refusalOfAnswer } from "./call-key.ts";
import { isFollowed } from "./decision.ts";
import { CAPABILITY, namesOfReturnedHeaders } from "./headers.ts";
import { issueCapability } from "./ownership.ts";
import { Refusal, UPSTREAM_BROKEN } from "./refusals.ts";
import { discard } from "./upstream.ts";

/** More than fal says about a request that it has taken. */
const MAX_SUBMITTED_BYTES = 64 * 1024;

/** Passes a response on. Its body streams; only the response to a submit is read, because it has the id of the request. */
export async function passResponse(
  call: ProxyCall,
  machine: CallMachine,
  upstream: UpstreamRequest,
  response: Response,
  reserved: Reserved,
): Promise<Response> {
  const { headers, facts } = call;
  const { status } = response;
  if (machine.step === CallStep.Refuse) {
    discard(response);
    throw refusalOfAnswer(call, answerProblem(status), status);
  }
  if (isFollowed(call)) noteUnits(call, response.headers);
  headers.copy(response.headers, namesOfReturnedHeaders(response.ok));
  if (reserved.replay) headers.copy(response.headers, ["idempotent-replayed"]);
  if (machine.step === CallStep.Pass)
    return new Response(response.body, { status: passedStatus(status), headers: headers.list });
  const bytes = await readAtMost(response.body, MAX_SUBMITTED_BYTES).catch(() => undefined);
  if (!bytes) throw new Refusal(UPSTREAM_BROKEN);
  machine.on(CallEventKind.Done);
  const requestId = requestIdIn(bytes);
  facts.requestId = requestId;
  await reserved.began(requestId, response, bytes);
  machine.on(CallEventKind.Done);
  const capability = call.signingKey && (await issueCapability(call, upstream, requestId, call.signingKey));
  if (capability) headers.set(CAPABILITY, capability);
  return new Response(bytes, { status, headers: headers.list });
}

/** Notes how many units fal bills, if it says so. */
function noteUnits({ facts }: ProxyCall, headers: Headers): void {
  const units = unitsIn(headers);
  if (units !== undefined) facts.billableUnits = units;
}

/** The id in fal's response to a submit; empty when there is none. */
function requestIdIn(bytes: Uint8Array): string {
  try {
    return String(JSON.parse(new TextDecoder().decode(bytes)).request_id ?? "");
  } catch {
    return "";
  }
}
