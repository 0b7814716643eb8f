/**
 * Calls to fal's bridge for sessions with world models. What is sent on is built from what was read: an app that is open, an offer, or
 * the name of a session of the visitor's own. None of it is logged.
 */

import {
  type BridgeRequest,
  answerProblem,
  passedStatus,
  bridgeRequest,
  readSessionPass,
  sessionMessage,
  sessionPass,
} from "#core";
import { callCore } from "../core/call-core.ts";
import { AdmissionEventKind, BridgeRoute, CallEventKind, CallStep, RouteKind } from "../core/wire.ts";
import { cancelQuietly } from "../io/chunks.ts";
import { withTimeout } from "../io/timeout.ts";
import { type SessionHold, holdSession, keepSession, releaseSession, settleOpening } from "../limits/sessions.ts";
import type { Way } from "./admit.ts";
import { readBody, wholeBody } from "./body.ts";
import { refusalOfAnswer } from "./call-key.ts";
import type { ProxyCall } from "./call.ts";
import { machineOf, sessionMachine } from "./call-machine.ts";
import { CAPABILITY, GRANT, namesOfReturnedHeaders } from "./headers.ts";
import { checkSigned, signingKey } from "./ownership.ts";
import {
  CLIENT_LEFT_WAITING,
  ENDPOINT,
  GRANT_MISMATCH,
  INPUT,
  REQUEST_UNKNOWN,
  Refusal,
  SESSION_OVER,
  UPSTREAM_BROKEN,
  UPSTREAM_TIMEOUT,
} from "./refusals.ts";
import { refusalOf } from "./reserve.ts";
import type { SessionRouteKind } from "./decision-types.ts";
import type { SessionRules } from "../limits/session-types.ts";
import { signatureOf } from "./secret.ts";
import { upstreamHeaders, discard, sendWithKey } from "./upstream.ts";

/** The longest offer: those of browsers have 2 to 20 kB. */
const MAX_BYTES = 128 * 1024;
/** How long a session may last. */
export const MAX_SECONDS = 600;
/** fal's answer comes when a runner has started, in two minutes at most. */
const TIMEOUTS_MS = { ice: 10_000, session: 125_000, heartbeat: 10_000 };

/** By the numbers of `BridgeRoute`: the name in reports, and the fields of the body, each a text. */
const ROUTES: Record<BridgeRoute, { name: SessionRouteKind; fields: readonly string[]; timeout: number }> = {
  [BridgeRoute.Ice]: { name: "sessionIce", fields: ["app_id"], timeout: TIMEOUTS_MS.ice },
  [BridgeRoute.Session]: { name: "session", fields: ["app_id", "sdp", "type"], timeout: TIMEOUTS_MS.session },
  [BridgeRoute.Heartbeat]: { name: "sessionHeartbeat", fields: ["session_id"], timeout: TIMEOUTS_MS.heartbeat },
  [BridgeRoute.Over]: { name: "sessionClose", fields: ["session_id"], timeout: TIMEOUTS_MS.heartbeat },
};

const encoder = new TextEncoder();
const now = (): number => Math.floor(Date.now() / 1000);

/** The call to the bridge that this is; undefined when it goes to another of fal's hosts. It has to be freed. */
export function bridgeRequestOf({ head }: ProxyCall): BridgeRequest | undefined {
  const target = head.headers.get("x-fal-target-url");
  if (!target) return undefined;
  return callCore(() => {
    try {
      return bridgeRequest(head.method, target);
    } catch (error) {
      throw typeof error === "number" ? new Refusal(error) : error;
    }
  });
}

/** The rules for sessions; undefined when there are to be none. */
export const sessionRules = (sessions: boolean | SessionRules | undefined): SessionRules | undefined =>
  sessions === true ? {} : sessions || undefined;

/** A call to the bridge. */
export function sessionCall(call: ProxyCall, bridge: BridgeRequest): Way {
  const { limits, sessions } = call.proxy.options;
  const rules = sessionRules(sessions);
  const kind = bridge.kind() as BridgeRoute;
  const { name, fields } = ROUTES[kind];
  let body: Record<string, string> = {};
  let key: CryptoKey | undefined;
  let held: SessionHold = { ticket: "", age: undefined };
  if (!rules) {
    bridge.free();
    throw new Refusal(ENDPOINT);
  }
  call.facts.route = name;
  return {
    goes: AdmissionEventKind.GoesToBridge,
    route: kind,
    async readBody() {
      call.isBodyPassedOn = true;
      const { bytes } = await readBody(call, MAX_BYTES, true);
      body = readFields(bytes, fields);
    },
    async ownership() {
      held = await ownSession(call, rules, body.session_id ?? "");
    },
    apps() {
      checkApp(call, rules, body.app_id ?? "");
      if (kind === BridgeRoute.Session && (body.type !== "offer" || !body.sdp?.startsWith("v=0")))
        throw new Refusal(INPUT);
    },
    async signingKey() {
      key = await signingKey(call);
    },
    async reserve() {
      const verdict = await holdSession(call, limits, rules, rules.maxSeconds ?? MAX_SECONDS);
      if ("why" in verdict) throw refusalOf(verdict);
      held = verdict;
    },
    async pass() {
      if (kind === BridgeRoute.Session && key) return openSession(call, bridge, body, held, key);
      if (kind === BridgeRoute.Over) {
        await releaseSession(call, limits, held);
        return answer(call, new Response("{}", { headers: { "content-type": "application/json" } }));
      }
      if (kind === BridgeRoute.Heartbeat && !(await keepSession(call, limits, rules, held)))
        throw new Refusal(SESSION_OVER);
      return answer(call, await send(call, bridge, body));
    },
    free: () => bridge.free(),
  };
}

/** Opens a session for which all was taken. What becomes of that says the machine of the call. */
async function openSession(
  call: ProxyCall,
  bridge: BridgeRequest,
  body: Record<string, string>,
  held: SessionHold,
  key: CryptoKey,
): Promise<Response> {
  const { principal, proxy, timer, headers } = call;
  const machine = sessionMachine();
  const until = Date.now() + TIMEOUTS_MS.session;
  const isLate = () => {
    throw new Refusal(UPSTREAM_TIMEOUT);
  };
  const isBroken = (error: unknown) => {
    call.report(error, "fetch");
    throw new Refusal(UPSTREAM_BROKEN);
  };
  let opening: Opening | undefined;
  try {
    const response = await send(call, bridge, body, machine);
    if (machine.step !== CallStep.Read) return answer(call, response);
    // The answer is small; where it streams it lasts as long as the session, and its beginning names it.
    opening = openingOf(response);
    const session = await withTimeout(opening.session().catch(isBroken), until - Date.now(), isLate, { timer });
    const [app, opened] = [body.app_id ?? "", now()];
    const message = callCore(() => sessionMessage(principal.id, app, session, held.ticket, opened));
    if (message === undefined) throw new Refusal(UPSTREAM_BROKEN);
    machine.on(CallEventKind.Done);
    const signature = await signatureOf(key, message);
    // Nobody is there who could keep it.
    if (call.hasLeft) throw new Refusal(CLIENT_LEFT_WAITING);
    machine.on(CallEventKind.Done);
    headers.set(
      CAPABILITY,
      callCore(() => sessionPass(app, held.ticket, opened, signature)),
    );
    return answer(call, new Response(opening.body, response));
  } catch (error) {
    machine.failed(error);
    if (opening) cancelQuietly(opening.body);
    throw error;
  } finally {
    await settleOpening(call, proxy.options.limits, held, machine.outcome);
  }
}

/** The session of this name, when it is the visitor's own. */
async function ownSession(
  call: ProxyCall,
  { maxSeconds = MAX_SECONDS }: SessionRules,
  session: string,
): Promise<SessionHold> {
  const { head, principal, facts } = call;
  const shown = head.headers.get(CAPABILITY) ?? "";
  const read = callCore(() => readSessionPass(shown, session, principal.id, now(), maxSeconds));
  if (!read) throw new Refusal(REQUEST_UNKNOWN);
  const { message, signature, app, ticket, age } = read;
  read.free();
  await checkSigned(call, message, signature);
  facts.endpoint = app;
  if (age === undefined) throw new Refusal(SESSION_OVER);
  return { ticket, age };
}

/** Whether an app may have sessions: it is open, and there are no rules for its inputs that messages would go round. */
function checkApp(call: ProxyCall, { unruled = false }: SessionRules, app: string): void {
  const { policy, inputRules } = call.proxy;
  const route = policy.upstreamRequest(call.head, `https://fal.run/${app}`);
  // What is no endpoint id is no target here, but a field.
  if (typeof route === "number") throw new Refusal(route === ENDPOINT ? ENDPOINT : INPUT);
  const isRun = route.kind() === RouteKind.Run;
  route.free();
  if (!isRun) throw new Refusal(INPUT);
  call.facts.endpoint = app;
  call.routeKind = RouteKind.Run;
  // A grant is for one call, which a session is not.
  if (call.head.headers.has(GRANT) || policy.needsGrant(app, false)) throw new Refusal(GRANT_MISMATCH);
  if (!unruled && inputRules(app, false).length > 0) throw new Refusal(ENDPOINT);
}

/** Reads a body: an object with these fields and no other, each once and a text. */
function readFields(bytes: Uint8Array | undefined, names: readonly string[]): Record<string, string> {
  const text = new TextDecoder().decode(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refusal(INPUT);
  }
  const entries = Object.entries(Object(value));
  const isTexts = entries.every(([name, one]) => names.includes(name) && typeof one === "string");
  // Readers disagree about a name that occurs twice. All that is in it are texts, so two for each field are all of them.
  const texts = text.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  if (Array.isArray(value) || !isTexts || entries.length !== names.length || texts.length !== 2 * names.length)
    throw new Refusal(INPUT);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Sends a call to the bridge. One whose page has left goes on: what fal has begun by then has to be known. */
function send(
  call: ProxyCall,
  bridge: BridgeRequest,
  body: Record<string, string>,
  machine = machineOf(RouteKind.Status, true, false),
): Promise<Response> {
  const [url, headers] = [callCore(() => bridge.url()), upstreamHeaders(call.head, ["accept"])];
  const { timeout } = ROUTES[bridge.kind() as BridgeRoute];
  const bytes = encoder.encode(JSON.stringify(body));
  return sendWithKey(call, machine, { target: bridge, url, headers, body: wholeBody(bytes), timeout, outlives: true });
}

/** fal's answer, for the browser. That fal refuses the key is not the visitor's affair. */
function answer(call: ProxyCall, response: Response): Response {
  const { headers } = call;
  const problem = answerProblem(response.status);
  if (problem >= 0) {
    discard(response);
    throw refusalOfAnswer(call, problem, response.status);
  }
  headers.copy(response.headers, namesOfReturnedHeaders(response.ok));
  return new Response(response.body, { status: passedStatus(response.status), headers: headers.list });
}

/** fal's answer to the opening of a session. */
interface Opening {
  /** Reads until it is named; empty when that is not in it. */
  session(): Promise<string>;
  /** The whole of it, also what was read. */
  body: ReadableStream<Uint8Array>;
}

function openingOf(response: Response): Opening {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  const chunks: Uint8Array[] = [];
  let isDone = reader === undefined;
  const read = async (): Promise<Uint8Array | undefined> => {
    const { done, value } = isDone ? { done: true, value: undefined } : await reader!.read();
    isDone = done;
    return value;
  };
  return {
    async session() {
      let [text, session] = ["", ""];
      while (!isDone && text.length < MAX_BYTES && session === "") {
        const chunk = await read();
        if (chunk) chunks.push(chunk);
        text += decoder.decode(chunk, { stream: !isDone });
        session = sessionIn(text);
      }
      return session;
    },
    body: new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const chunk = chunks.shift() ?? (await read());
          if (chunk) controller.enqueue(chunk);
          else controller.close();
        },
        cancel: (reason) => reader?.cancel(reason),
      },
      // Nothing is read ahead of whoever reads: the beginning is read first.
      { highWaterMark: 0 },
    ),
  };
}

/** fal's name for a session, in what has come of its answer: JSON, or an event with JSON. Empty when it is not there yet. */
function sessionIn(text: string): string {
  for (const part of [text, ...text.split(/\r?\n/).map((line) => line.replace(/^data: ?/, ""))]) {
    try {
      const { session_id } = JSON.parse(part);
      if (typeof session_id === "string") return session_id;
    } catch {
      // Not all of it is there.
    }
  }
  return "";
}
