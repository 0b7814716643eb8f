/** Requests and their answers, apart from what carries them: a socket of Node, or a call in memory. */

import { type Answer, most_bytes as mostBytes, refusal } from "#model";

import type { Host } from "./host.ts";

/** A request without its body. */
export interface Head {
  method: string;
  /** The `Host` header. */
  host: string;
  /** As it came, percent-encoded. */
  path: string;
  /** Without its `?`. */
  query: string;
  /** Names in lower case. */
  headers: [name: string, value: string][];
}

/** What goes on the wire. */
export interface WireAnswer {
  status: number;
  headers: [name: string, value: string][];
  /** All of it, or in the course of time. It throws `ConnectionLost` where the connection is to break. */
  body: Uint8Array | AsyncGenerator<Uint8Array>;
}

/** The connection breaks here, by order of a fault. */
export class ConnectionLost extends Error {
  constructor() {
    super("The emulator dropped the connection.");
  }
}

/** What can happen to an answer on its way, as `model/faults/effect.rs` writes it. */
export type Effect =
  | "DropAfter"
  | "Hold"
  | { Truncate: number }
  | { Split: { bytes: number; every: number } }
  | { Stall: { after: number; ms: number } }
  | { Close: { code: number; after: number } };

const encoder = new TextEncoder();

export const CONTROL = "/__control";

/** How much of a body is worth reading. */
export const mostBytesOf = (head: Head): number => mostBytes(JSON.stringify(head));

/** Takes the head of a request apart that is for `url`. */
export function headOf(method: string, url: URL, headers: Iterable<readonly [string, string]>): Head {
  const all = [...headers].map(([name, value]): [string, string] => [name.toLowerCase(), value]);
  const host = all.find(([name]) => name === "host")?.[1] ?? url.host;
  return { method, host, path: url.pathname, query: url.search.slice(1), headers: all };
}

/**
 * Answers a request, when it is due. Undefined: the connection is to be dropped.
 *
 * @param body Its body; undefined when it is larger than the emulator takes.
 * @param signal Aborts when nobody waits for the answer any more.
 */
export async function exchange(
  host: Host,
  head: Head,
  body: Uint8Array | undefined,
  signal: AbortSignal,
): Promise<WireAnswer | undefined> {
  if (!body) return wireAnswer(host, refusal(413, "The body is larger than the emulator takes."), undefined, signal);
  if (head.path === CONTROL) {
    const answer = host.model.control(host.real(), JSON.stringify(head), body);
    host.notify();
    return wireAnswer(host, answer, undefined, signal);
  }
  const answer = host.model.exchange(host.real(), JSON.stringify(head), body);
  // An open status stream may have something new to send.
  if (head.method !== "GET") host.notify();
  if (!answer) return undefined;
  await host.reach(answer.at(), signal);
  const fault = faultOf(answer);
  return fault === "DropAfter" ? undefined : wireAnswer(host, answer, fault, signal);
}

/** What happens to an answer on its way. */
export function faultOf(answer: Answer): Effect | undefined {
  const fault = answer.fault();
  return fault === undefined ? undefined : JSON.parse(fault);
}

/** Names and values, from a list with both in turns. */
const pairs = (list: string[]): [string, string][] =>
  list.flatMap((name, index): [string, string][] => (index % 2 === 0 ? [[name, list[index + 1] ?? ""]] : []));

/** An answer for the wire; what a fault does to its body is done while that is read. */
export async function wireAnswer(
  host: Host,
  answer: Answer,
  fault: Effect | undefined,
  signal: AbortSignal,
): Promise<WireAnswer> {
  const head = { status: answer.status(), headers: pairs(answer.headers()) };
  if (answer.is_stream()) {
    const events = play(host, answer, signal);
    return { ...head, body: fault ? await damaged(host, events, fault, signal) : events };
  }
  const bytes = answer.bytes();
  answer.free();
  const isWhole = typeof fault === "object" && "Truncate" in fault && fault.Truncate >= bytes.length;
  if (!fault || isWhole) return { ...head, body: bytes };
  // The length is the whole answer's, so that the client can tell when some is missing.
  head.headers.push(["content-length", String(bytes.length)]);
  return { ...head, body: await damaged(host, once(bytes), fault, signal) };
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}

/** The events of a stream. */
async function* play(host: Host, answer: Answer, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    while (!signal.aborted) {
      const turn = answer.play(host.model, host.real());
      const [text, next] = [turn.bytes(), turn.next()];
      turn.free();
      if (text !== "") yield encoder.encode(text);
      if (next === undefined) return;
      if (text === "") await host.wait(next, signal);
    }
  } finally {
    answer.free();
  }
}

type Body = AsyncGenerator<Uint8Array>;

/** A body with what a fault does to it. One that is held back is waited for, so that the headers are late, too. */
async function damaged(host: Host, body: Body, fault: Effect, signal: AbortSignal): Promise<Body | Uint8Array> {
  if (fault === "Hold") return collect(body);
  if (typeof fault === "string") return body;
  if ("Truncate" in fault) return truncated(body, fault.Truncate);
  if ("Split" in fault) return paused(host, body, fault.Split.bytes, fault.Split.every, true, signal);
  if ("Stall" in fault) return paused(host, body, fault.Stall.after, fault.Stall.ms, false, signal);
  return body;
}

/** All of a body. */
export async function collect(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const pieces = [];
  for await (const piece of body) pieces.push(piece);
  const all = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** The first bytes of a body; then the connection breaks. */
async function* truncated(body: Body, after: number): Body {
  let left = after;
  while (left > 0) {
    const { done, value } = await body.next();
    if (done) break;
    yield value.subarray(0, left);
    left -= Math.min(left, value.length);
  }
  await body.return(undefined);
  throw new ConnectionLost();
}

/** A body that pauses after so many bytes: once, or again and again. */
async function* paused(host: Host, body: Body, after: number, ms: number, again: boolean, signal: AbortSignal): Body {
  let left = after;
  for await (let rest of body) {
    while (rest.length > 0) {
      if (left === 0) {
        left = again ? after : Infinity;
        await host.reach(host.now() + ms, signal);
      }
      const piece = rest.subarray(0, left);
      left -= piece.length;
      rest = rest.subarray(piece.length);
      yield piece;
    }
  }
}
