/**
 * A handler of requests and responses for servers that speak `node:http`, and for the frameworks on top of it.
 *
 * Nothing of Node is imported: everything is done with the two objects that are given.
 */

import { invalidOption } from "../client/checks.ts";
import { callCore } from "../core/call-core.ts";
import { cancelQuietly } from "../io/chunks.ts";
import type { FrameworkRequest, FrameworkResponse, NodeHandlerOptions } from "./node-types.ts";

type Handler = (request: Request, env?: any, context?: any) => Response | Promise<Response>;

interface Emitter {
  on(event: string, listener: (...args: any[]) => void): unknown;
  off(event: string, listener: (...args: any[]) => void): unknown;
  once(event: string, listener: (...args: any[]) => void): unknown;
}

/** A request of `node:http`, or of a framework. The public type asks for less, so that every framework's fits. */
interface Incoming extends Emitter {
  method: string;
  url: string;
  originalUrl?: string;
  protocol?: string;
  headers: Record<string, string | string[] | undefined>;
  body?: unknown;
  rawBody?: unknown;
  raw?: Incoming;
  socket?: { encrypted?: boolean };
  readableDidRead: boolean;
  readableEnded: boolean;
  destroyed: boolean;
  /** Whether all of it has arrived. */
  complete: boolean;
  /** HTTP/2's. */
  stream?: { destroy(): unknown };
  destroy(): unknown;
  read(): Uint8Array<ArrayBuffer> | null;
  resume(): unknown;
}

/** A response of `node:http`. HTTP/2's has a stream of its own. */
interface Outgoing extends Emitter {
  statusCode: number;
  destroyed: boolean;
  writableFinished: boolean;
  stream?: { destroyed: boolean };
  req?: { method?: string };
  setHeader(name: string, value: unknown): unknown;
  appendHeader(name: string, value: string): unknown;
  flushHeaders(): void;
  write(chunk: Uint8Array): boolean;
  end(): unknown;
  destroy(error?: unknown): unknown;
}

/** Fastify's reply. */
interface Reply {
  raw: Outgoing;
  hijack(): void;
  getHeaders(): Record<string, unknown>;
}

/**
 * Makes a handler for Express, Fastify, API routes of Next.js, and `node:http` itself, out of one that takes a `Request` and
 * gives a `Response`. It always answers, and its promise is never rejected.
 *
 * Bodies flow both ways as fast as they are taken, and a client that leaves aborts `request.signal`. Mount it before a body
 * parser: what a parser has read is put together again from its result; JSON is then not the same byte by byte (which no
 * webhook's signature survives), and no larger than the parser allows.
 *
 * The handler's third argument is `{ req, res }`, as the framework has them: `authenticate(request, env, { req })`.
 */
export function toNodeHandler(
  handler: (request: Request, env?: any, context?: any) => Response | Promise<Response>,
  { origin }: NodeHandlerOptions = {},
): (req: FrameworkRequest, res: FrameworkResponse) => Promise<void> {
  if (origin !== undefined && !isOrigin(origin)) callCore(() => invalidOption("origin"));
  return async (req, res) => {
    const request = req as unknown as Incoming;
    const incoming = request.raw ?? request;
    const outgoing = rawResponse(res as unknown as Outgoing | Reply);
    const client = new AbortController();
    const closed = () => outgoing.writableFinished || client.abort();
    if (outgoing.destroyed || outgoing.stream?.destroyed) closed();
    outgoing.once("close", closed);
    try {
      const { signal } = client;
      await write(await responseTo(handler, { origin, request, incoming, signal }, { req, res }), outgoing, signal);
    } catch (error) {
      // Half a response must not look like a whole one.
      outgoing.destroy(error);
    }
    drain(incoming);
  };
}

/** What is taken of a body that nobody reads: a client is told why before its connection ends, and most have sent all by then. */
const MAX_DRAINED_BYTES = 64 * 1024 * 1024;
const MAX_DRAINED_MS = 30_000;

/** Takes the rest of a body, which would be in the way of the next request; but not for ever, whoever sends it. */
function drain(incoming: Incoming): void {
  if (incoming.complete || incoming.destroyed) return void incoming.resume();
  let left = MAX_DRAINED_BYTES;
  const end = () => void (incoming.stream ?? incoming).destroy();
  const timer = setTimeout(end, MAX_DRAINED_MS);
  for (const event of ["end", "close"]) incoming.once(event, () => clearTimeout(timer));
  incoming.on("data", ({ length }: Uint8Array) => (left -= length) < 0 && end());
  incoming.resume();
}

const isOrigin = (text: string): boolean => URL.canParse(text) && new URL(text).origin === text;

/** The response of `node:http`. Fastify is told that we answer, and keeps the headers that its hooks have set. */
function rawResponse(response: Outgoing | Reply): Outgoing {
  if (!("hijack" in response) || typeof response.hijack !== "function") return response as Outgoing;
  response.hijack();
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return response.raw;
}

interface Call {
  origin: string | undefined;
  /** The framework's request. */
  request: Incoming;
  /** That of `node:http`. */
  incoming: Incoming;
  signal: AbortSignal;
}

async function responseTo(handler: Handler, call: Call, context: object): Promise<Response> {
  let request: Request;
  try {
    request = requestOf(call);
  } catch (error) {
    if (error instanceof Response) return error;
    return failure(400, "bad_request", "This request cannot be answered: its method, host, or a header is invalid.");
  }
  try {
    return await handler(request, undefined, context);
  } catch {
    return failure(500, "internal", "The handler failed. Trying again may help.");
  }
}

/**
 * Each request for as long as Node's own: the signal of one that was collected is never aborted, whoever still has it
 * (undici holds the controller of a `Request` by that `Request` alone).
 */
const KEPT = new WeakMap<Incoming, Request>();

const failure = (status: number, code: string, message: string): Response =>
  Response.json(
    { error: { code, message, requestId: crypto.randomUUID() } },
    { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } },
  );

function requestOf(call: Call): Request {
  const { method } = call.request;
  const headers = headersOf(call.request.headers);
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(call, headers);
  const init: RequestInit & { duplex: "half" } = { method, headers, body, signal: call.signal, duplex: "half" };
  const request = new Request(urlOf(call), init);
  KEPT.set(call.incoming, request);
  return request;
}

/** The URL that the server was called with. */
function urlOf({ request, incoming, origin }: Call): string {
  const { headers, protocol, url, originalUrl = url } = request;
  const host = String(headers[":authority"] ?? headers.host ?? "");
  // Anything else would not be a host in a URL.
  if (!origin && !/^[\w.:[\]-]+$/.test(host)) throw new TypeError("no host");
  const scheme = protocol ?? (incoming.socket?.encrypted ? "https" : "http");
  const base = origin ?? `${scheme}://${host}`;
  if (originalUrl.startsWith("/")) return base + originalUrl;
  // The form of a client that takes this server for a forward proxy: the host in it is not ours.
  const { pathname, search } = new URL(originalUrl, base);
  return base + pathname + search;
}

/** What middleware removed stays removed. Pseudo-headers of HTTP/2 are left out. */
function headersOf(from: Incoming["headers"]): Headers {
  const headers = new Headers();
  for (const [name, values] of Object.entries(from)) {
    if (name.startsWith(":") || values === undefined) continue;
    for (const value of [values].flat()) headers.append(name, value);
  }
  return headers;
}

/** The body: as it arrives, or as whoever has read it before keeps it. */
function bodyOf({ request, incoming }: Call, headers: Headers): BodyInit | null {
  if (!incoming.readableDidRead && !incoming.readableEnded) return streamOf(incoming);
  // Some platforms keep the raw body beside what they have parsed.
  const { body, rawBody = body } = request;
  headers.delete("content-length");
  headers.delete("content-encoding");
  if (typeof rawBody === "string" || rawBody instanceof Uint8Array) return rawBody as BodyInit;
  if (!incoming.readableDidRead) return null;
  if (body !== undefined && /json/i.test(headers.get("content-type") ?? "")) return JSON.stringify(body);
  throw failure(
    500,
    "body_consumed",
    "The body was read before it came here, and is not in `req.body`. Mount this handler before the body parser.",
  );
}

/** A body as it arrives, one chunk when one is wanted. */
const streamOf = (incoming: Incoming): ReadableStream<Uint8Array<ArrayBuffer>> =>
  new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const chunk = incoming.read();
          if (chunk) return controller.enqueue(chunk);
          if (incoming.readableEnded) return controller.close();
          if (incoming.destroyed) throw new TypeError("The client left before the end of the body.");
          await firstOf(incoming, "readable", "end", "close");
        }
      },
    },
    { highWaterMark: 0 },
  );

/** Writes a response, as fast as it is taken. */
async function write({ status, headers, body }: Response, outgoing: Outgoing, signal: AbortSignal): Promise<void> {
  const reader = body?.getReader();
  const leave = () => reader && cancelQuietly(reader);
  if (signal.aborted) return leave();
  signal.addEventListener("abort", leave);
  outgoing.statusCode = status;
  for (const [name, value] of headers) {
    if (name === "set-cookie") outgoing.appendHeader(name, value);
    else outgoing.setHeader(name, value);
  }
  if (reader) outgoing.flushHeaders();
  // A reader that was cancelled is at its end.
  if (outgoing.req?.method === "HEAD") leave();
  for (let read = await reader?.read(); reader && read && !read.done; read = await reader.read()) {
    if (!outgoing.write(read.value)) await firstOf(outgoing, "drain", "close");
  }
  outgoing.end();
}

/** Waits for the first of some events. */
const firstOf = (emitter: Emitter, ...events: string[]): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      for (const event of events) emitter.off(event, done);
      resolve();
    };
    for (const event of events) emitter.on(event, done);
  });
