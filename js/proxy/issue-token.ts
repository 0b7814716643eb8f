/**
 * Tokens for browsers. What the browser sent is read, checked against the policy and not passed on: the proxy itself asks fal,
 * for names that are allowed and a time that the policy sets.
 */

import { type TokenIssuing, type UpstreamRequest, answerProblem, bareName } from "#core";
import { callCore } from "../core/call-core.ts";
import { AdmissionEventKind, RouteKind, TokenStep } from "../core/wire.ts";
import { drive } from "../io/drive.ts";
import type { Reserved } from "../limits/limited-call.ts";
import { tokenIn } from "../realtime/token.ts";
import type { Way } from "./admit.ts";
import { readBody, wholeBody } from "./body.ts";
import type { ProxyCall } from "./call.ts";
import { machineOf } from "./call-machine.ts";
import { checkGrant } from "./check-grant.ts";
import { refusalOfAnswer } from "./call-key.ts";
import { BODY_TOO_LARGE, INTERNAL, Refusal } from "./refusals.ts";
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
  const body = await readBody(call, MAX_BYTES, true).catch((error: Refusal) => {
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

/** A call for a token. The core decides what is asked, and what counts (src/proxy/token.rs). */
export function tokenCall(call: ProxyCall, upstream: UpstreamRequest): Way {
  const { request, proxy } = call;
  const isNewer = request.headers.get("x-fal-target-url")?.trim() === NEWER;
  let names: string[] = [];
  let issue: TokenIssuing | undefined;
  let reserved: Reserved | undefined;
  return {
    goes: AdmissionEventKind.GoesToModel,
    route: RouteKind.Token,
    async readBody() {
      names = await namesIn(call);
    },
    apps() {
      const issuing = proxy.policy.issueToken(isNewer, names);
      if (typeof issuing === "number") throw new Refusal(issuing);
      issue = issuing;
    },
    grant: () => checkGrant(call, names),
    async reserve() {
      // Nobody sees what goes on with a token: it takes a place for as long as a connection can be opened with it.
      call.placeMs = proxy.tokenSeconds * 1000;
      reserved = await reserve(call);
    },
    async pass() {
      if (!issue) throw new Refusal(INTERNAL);
      try {
        return await giveToken(call, issue, names, isNewer);
      } finally {
        const issued = issue;
        reserved?.failed(callCore(() => issued.isPaid()));
      }
    },
    free() {
      issue?.free();
      upstream.free();
    },
  };
}

/** Asks fal for a token, and gives it. */
async function giveToken(call: ProxyCall, issue: TokenIssuing, names: string[], isNewer: boolean): Promise<Response> {
  const { tokenSeconds } = call.proxy;
  let token: string | undefined;
  const questions: Record<number, Question> = {
    [TokenStep.AskNewer]: { target: NEWER, body: { allowed_apps: names, duration: tokenSeconds } },
    [TokenStep.AskOlder]: {
      target: OLDER,
      body: { allowed_apps: isNewer ? names.map(bareName) : names, token_expiration: tokenSeconds },
    },
  };
  const step = await drive<number, Reserving | Answered>("reserved", {
    next(event) {
      if (event === "reserved") return callCore(() => issue.reserved());
      const next = callCore(() => issue.answered(event.status, event.hasToken));
      if (event.refused && next >= 0) throw event.refused;
      return next;
    },
    async perform(step) {
      const question = questions[step];
      if (!question) return undefined;
      const response = await ask(call, question);
      const { status } = response;
      token = response.ok ? tokenIn(await response.json().catch(() => undefined)) : undefined;
      if (!response.ok) discard(response);
      const problem = answerProblem(status);
      const refused = problem >= 0 ? refusalOfAnswer(call, problem, status) : undefined;
      return { status, hasToken: token !== undefined, refused };
    },
    failed(error) {
      const wasSent = !(error instanceof Refusal && error.isUnsent);
      callCore(() => issue.failed(wasSent));
      throw error;
    },
  });
  if (step !== TokenStep.Give || token === undefined) throw new Refusal(step);
  return Response.json(isNewer ? { token } : token, { headers: call.headers.list });
}

type Reserving = "reserved";

/** What fal has answered, and what is said to the browser where that was no token. */
interface Answered {
  status: number;
  hasToken: boolean;
  refused: Refusal | undefined;
}

/** What fal is asked. */
interface Question {
  target: string;
  body: object;
}

async function ask(call: ProxyCall, { target, body }: Question): Promise<Response> {
  const upstream = call.proxy.policy.upstreamRequest(call.head, target);
  if (typeof upstream === "number") throw new Refusal(upstream);
  try {
    const machine = machineOf(call.routeKind, true, false);
    return await sendUpstream(call, machine, upstream, wholeBody(new TextEncoder().encode(JSON.stringify(body))));
  } finally {
    upstream.free();
  }
}
