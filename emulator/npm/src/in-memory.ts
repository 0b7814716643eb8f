/**
 * The emulator without a port: a `fetch` and a `WebSocket` that take what is sent to fal's own addresses to a model in this
 * process. Nothing here needs Node; a page or a service worker can have one, too.
 */

import { Host } from "./host.ts";
import { type Head, ConnectionLost, exchange, headOf, mostBytesOf } from "./exchange.ts";
import { socketClass } from "./in-memory-socket.ts";
import type { InMemoryEmulator, InMemoryOptions, Platform } from "./types.d.ts";
import { type Post, deliver } from "./webhooks.ts";

export type * from "./types.d.ts";

const { setTimeout } = globalThis;

/** What CDN URLs begin with, so that they are those of fal: `https://v3.fal.media/...`. */
const PUBLIC_URL = "https:/";

/** Creates an emulator in memory. Throws a `TypeError` that says what is wrong with its options. */
export function createEmulator(options: InMemoryOptions, platform: Platform = globalThis): InMemoryEmulator {
  const { wasm, time = "real", onWebhook, settings = {}, ...rest } = options;
  const clock = time === "real" ? undefined : ("manual" as const);
  const host = new Host(wasm, { ...rest, settings: { ...settings, ...(clock && { clock }) } }, PUBLIC_URL);
  const closing = new AbortController();
  if (time === "jump") jump(host);
  const post: Post = async ({ url, headers, body }) => {
    const answer = await onWebhook?.(new platform.Request(url, { method: "POST", headers, body }));
    return answer?.status;
  };
  if (onWebhook) void deliver(host, post, closing.signal);
  return {
    key: host.key,
    seed: host.seed,
    now: () => host.now(),
    control: (command) => host.command(command),
    report: () => host.report(),
    fetch(input, { signal, ...init } = {}) {
      // The signal may be of another realm, where a page is imitated.
      const request = new platform.Request(input, init);
      return send(host, request, signal ?? request.signal, platform, time === "jump");
    },
    WebSocket: socketClass(host),
    close: () => closing.abort(),
  };
}

/** Has the clock jump to what is waited for, as soon as everybody has said what that is. */
function jump(host: Host): void {
  let isAsked = false;
  host.onWait = () => {
    if (isAsked) return;
    isAsked = true;
    setTimeout(() => {
      isAsked = false;
      const next = host.next();
      if (next !== undefined && next > host.now()) host.command({ advance_ms: next - host.now() });
    }, 0);
  };
}

/** Who polls waits without telling the emulator: what comes next has come when they ask again. */
function goOn(host: Host, { method, path }: Head): void {
  if (method !== "GET" || !path.endsWith("/status")) return;
  const next = host.model.next_post();
  if (next !== undefined && next > host.now()) host.command({ advance_ms: next - host.now() });
}

async function send(
  host: Host,
  request: Request,
  signal: AbortSignal,
  platform: Platform,
  jumps: boolean,
): Promise<Response> {
  const url = new URL(request.url);
  const gone = new AbortController();
  const abort = () => gone.abort();
  if (signal.aborted) throw signal.reason;
  const head = headOf(request.method, url, [["host", url.host], ...request.headers]);
  const counted = JSON.stringify(head);
  host.model.count(counted, false);
  const over = () => host.model.count(counted, true);
  signal.addEventListener("abort", abort);
  try {
    const bytes = new Uint8Array(await request.arrayBuffer());
    const aborted = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    aborted.catch(() => {});
    const answering = exchange(host, head, bytes.length > mostBytesOf(head) ? undefined : bytes, gone.signal);
    const answer = await Promise.race([answering, aborted]);
    if (jumps) goOn(host, head);
    if (!answer) throw lost();
    const { status, headers, body } = answer;
    const isEmpty = [101, 204, 205, 304].includes(status) || request.method === "HEAD";
    return new platform.Response(
      isEmpty ? null : body instanceof Uint8Array ? body.slice() : streamed(body, signal, abort, platform),
      { status, headers },
    );
  } finally {
    over();
  }
}

/** As `fetch` says it. */
const lost = (cause = new ConnectionLost()): TypeError => new TypeError("fetch failed", { cause });

/** A body in the course of time. */
function streamed(
  body: AsyncGenerator<Uint8Array>,
  signal: AbortSignal,
  abort: () => void,
  { ReadableStream }: Platform,
): ReadableStream<Uint8Array> {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  signal.addEventListener("abort", () => controller?.error(signal.reason));
  return new ReadableStream<Uint8Array>({
    start: (given) => void (controller = given),
    async pull(sink) {
      try {
        const { done, value } = await body.next();
        if (signal.aborted) return;
        if (done) sink.close();
        else sink.enqueue(value);
      } catch (error) {
        sink.error(error instanceof ConnectionLost ? lost(error) : error);
      }
    },
    cancel() {
      abort();
      void body.return(undefined);
    },
  });
}
