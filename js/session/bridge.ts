/** What is said to fal's bridge, `wma.fal.run`, and what its answers mean. */

import { SessionPulse } from "../core/wire.ts";
import type { RealtimeExtensionContext } from "./types.ts";

const BRIDGE = "https://wma.fal.run";
/** Where a proxy of this package is told that a session is over. fal has no such path: it ends by the heartbeats that stop. */
const CLOSE = `${BRIDGE}/session/close`;
/** What shows such a proxy whose session it is. */
const CAPABILITY = "x-fal-capability";
/** The longest answer to an offer. */
const MAX_ANSWER_CHARS = 256 * 1024;

/** fal's answer to an offer. */
export interface Answer {
  sessionId: string;
  description: RTCSessionDescriptionInit;
  /** From a proxy of this package. */
  capability: string | undefined;
}

/** fal, or a proxy, did not answer with a session. */
export class Unanswered extends Error {
  status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

const post = (context: RealtimeExtensionContext, url: string, body: object, init: RequestInit = {}) =>
  context.fetch(url, { method: "POST", ...init, body: JSON.stringify(body) });

/** The servers in an answer; undefined when there are none. */
export const serversIn = (answer: any): RTCIceServer[] | undefined =>
  Array.isArray(answer?.ice_servers) && answer.ice_servers.length > 0 ? answer.ice_servers : undefined;

/** Asks for ICE servers; undefined when the bridge has none for this app. */
export async function askBridge(context: RealtimeExtensionContext, signal: AbortSignal) {
  const response = await post(context, `${BRIDGE}/ice`, { app_id: context.endpointId }, { signal });
  return response.ok ? serversIn(await response.json()) : void (await response.text());
}

/** The sentence in an error of fal's, which is in one of several places. */
function sentenceIn(text: string): string | undefined {
  try {
    const { error, message, detail } = JSON.parse(text);
    for (const one of [error?.message, error, message, detail, detail?.[0]?.msg])
      if (typeof one === "string" && one) return one;
  } catch {
    // No JSON.
  }
  return undefined;
}

/** An answer in what has come so far: JSON, a line of JSON, or an event. */
function answerIn(text: string): { session_id: string; sdp: string; type: RTCSdpType } | undefined {
  for (const part of [text, ...text.split(/\r?\n/).map((line) => line.replace(/^data: ?/, ""))]) {
    try {
      const value = JSON.parse(part);
      if (typeof value?.session_id === "string" && typeof value.sdp === "string") return value;
    } catch {
      // Not all of it is there.
    }
  }
  return undefined;
}

/**
 * Sends the offer. Chosen, since fal's pages say that the answer is streamed and its client reads one JSON text: both are
 * understood, and a stream lasts as long as the session. `onEnd` is called at its end.
 */
export async function sendOffer(
  context: RealtimeExtensionContext,
  { type, sdp }: RTCSessionDescriptionInit,
  signal: AbortSignal,
  onEnd: () => void,
): Promise<Answer> {
  const response = await post(context, `${BRIDGE}/session`, { app_id: context.endpointId, sdp, type }, { signal });
  const { status, headers } = response;
  if (!response.ok) {
    const said = sentenceIn(await response.text().catch(() => ""));
    throw new Unanswered(status, said ?? `The session was refused with HTTP ${status}.`);
  }
  const isStream = /event-stream|ndjson|jsonl/i.test(headers.get("content-type") ?? "");
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let answer: ReturnType<typeof answerIn>;
  while (!answer && text.length < MAX_ANSWER_CHARS) {
    const { done, value } = (await reader?.read()) ?? { done: true };
    text += decoder.decode(value, { stream: !done });
    answer = answerIn(text);
    if (done) break;
  }
  if (!answer) {
    void reader?.cancel().catch(() => {});
    throw new Unanswered(0, "The answer to the offer names no session.");
  }
  const drained = (async () => {
    while (!(await reader?.read())?.done);
  })();
  drained.catch(() => {}).then(() => isStream && onEnd());
  return {
    sessionId: answer.session_id,
    description: { type: answer.type ?? "answer", sdp: answer.sdp },
    capability: headers.get(CAPABILITY) ?? undefined,
  };
}

const shown = (capability: string | undefined): RequestInit =>
  capability === undefined ? {} : { headers: { [CAPABILITY]: capability } };

/** Sends a heartbeat; resolves to what came of it. */
export async function beat(
  context: RealtimeExtensionContext,
  { sessionId, capability }: Answer,
  signal: AbortSignal,
): Promise<number> {
  try {
    const body = { session_id: sessionId };
    const response = await post(context, `${BRIDGE}/session/heartbeat`, body, { signal, ...shown(capability) });
    const text = await response.text();
    // A proxy says so when time or money is used up (402), and that it knows no such session any more (410).
    if (response.status === 402 || response.status === 410) return SessionPulse.Over;
    if (!response.ok) return SessionPulse.Strange;
    try {
      return JSON.parse(text)?.alive === false ? SessionPulse.Dead : SessionPulse.Alive;
    } catch {
      return SessionPulse.Strange;
    }
  } catch {
    return SessionPulse.Lost;
  }
}

/** Tells a proxy of this package that a session is over. It is sent though the page goes away. */
export async function tellOver(context: RealtimeExtensionContext, { sessionId, capability }: Answer): Promise<void> {
  if (capability === undefined) return;
  const response = await post(context, CLOSE, { session_id: sessionId }, { keepalive: true, ...shown(capability) });
  await response.text();
}
