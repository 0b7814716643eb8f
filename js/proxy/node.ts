/**
 * A handler of requests and responses for servers that speak `node:http`, and for the frameworks on top of it.
 *
 * Nothing of Node is imported: everything is done with the two objects that are given.
 */

import { callCore } from "../core/call-core.ts";
import { invalidOption } from "../client/options.ts";

import type { FrameworkRequest, FrameworkResponse, NodeHandlerOptions } from "./node-types.ts";

/** @typedef {(request: Request, env?: any, context?: any) => Response | Promise<Response>} Handler */

/**
 * Turns a handler that takes a `Request` and returns a `Response` into one for Express, Fastify, API routes of Next.js,
 * and `node:http` itself. It always answers, and its promise never rejects.
 *
 * Bodies are streamed both ways with backpressure, and a visitor who leaves aborts `request.signal`. Mount it before any
 * body parser: a parsed body has to be serialised again, so its JSON is no longer the same to the byte (and a webhook's
 * signature no longer matches), and it is no larger than the parser allows.
 *
 * The handler's third argument is `{ req, res }`, as the framework has them: `authenticate(request, env, { req })`.
 */
export function toNodeHandler(
  handler: (request: Request, env?: any, context?: any) => Response | Promise<Response>,
  { origin }: NodeHandlerOptions = {},
): (req: FrameworkRequest, res: FrameworkResponse) => Promise<void> {
  if (origin !== undefined && !isOrigin(origin)) callCore(() => invalidOption("origin"));
  return async (req: any, res: any) => {
    const visit = new AbortController();
    const incoming = req.raw ?? req;
    const outgoing = taken(res);
    const closed = () => outgoing.writableFinished || visit.abort();
    if (outgoing.destroyed || outgoing.stream?.destroyed) closed();
    outgoing.once("close", closed);
    try {
      await write(await answered(handler, origin, req, res, incoming, visit.signal), outgoing, visit.signal);
    } catch (error) {
      // Half an answer must not look like a whole one.
      outgoing.destroy(error);
    }
    // What nobody wanted of the body would be in the way of the next request.
    incoming.resume();
  };
}

/** @param {string} text */
const isOrigin = (text) => URL.canParse(text) && new URL(text).origin === text;

/** The response of `node:http`. Fastify is told that it will be answered, and has what its hooks set there. @param {any} res */
function taken(res) {
  if (typeof res.hijack !== "function") return res;
  res.hijack();
  for (const [name, value] of Object.entries(res.getHeaders())) {
    if (value !== undefined) res.raw.setHeader(name, value);
  }
  return res.raw;
}

/** @param {Handler} handler @param {string | undefined} origin @param {any} req @param {any} res @param {any} incoming @param {AbortSignal} signal */
async function answered(handler, origin, req, res, incoming, signal) {
  let request;
  try {
    request = requestOf(req, incoming, origin, signal);
  } catch (error) {
    if (error instanceof Response) return error;
    return problem(
      400,
      "bad_request",
      "This is not a request that can be answered: its method, host, or a header is not.",
    );
  }
  try {
    return await handler(request, undefined, { req, res });
  } catch {
    return problem(500, "internal", "The handler failed. Trying again may help.");
  }
}

/** @param {number} status @param {string} code @param {string} message */
const problem = (status, code, message) =>
  Response.json(
    { error: { code, message, requestId: crypto.randomUUID() } },
    { status, headers: { "cache-control": "no-store", "x-content-type-options": "nosniff" } },
  );

/** @param {any} req @param {any} incoming @param {string | undefined} origin @param {AbortSignal} signal */
function requestOf(req, incoming, origin, signal) {
  const { method } = req;
  const headers = headersOf(req.headers);
  const body = method === "GET" || method === "HEAD" ? null : bodyOf(req, incoming, headers);
  /** @type {RequestInit & { duplex: "half" }} */
  const init = { method, headers, body, signal, duplex: "half" };
  return new Request(urlOf(req, incoming, origin), init);
}

/** Under which URL the server was called. @param {any} req @param {any} incoming @param {string | undefined} origin */
function urlOf({ headers, protocol, url, originalUrl = url }, incoming, origin) {
  const host = headers[":authority"] ?? headers.host ?? "";
  // Anything else would be something else than a host, in a URL.
  if (!origin && !/^[\w.:[\]-]+$/.test(host)) throw new TypeError("no host");
  const scheme = protocol ?? (incoming.socket?.encrypted ? "https" : "http");
  const base = origin ?? `${scheme}://${host}`;
  if (originalUrl.startsWith("/")) return base + originalUrl;
  // As a client writes it that takes this server for a forward proxy: the host in it is not where we are.
  const { pathname, search } = new URL(originalUrl, base);
  return base + pathname + search;
}

/** What middleware took away stays away. HTTP/2 has names of its own among them. @param {Record<string, any>} from */
function headersOf(from) {
  const headers = new Headers();
  for (const [name, values] of Object.entries(from)) {
    if (name.startsWith(":") || values === undefined) continue;
    for (const value of [values].flat()) headers.append(name, value);
  }
  return headers;
}

/** The body: as it comes, or as whoever has read it before keeps it. @param {any} req @param {any} incoming @param {Headers} headers */
function bodyOf(req, incoming, headers) {
  if (!incoming.readableDidRead && !incoming.readableEnded) return flowing(incoming);
  // The second is what some platforms keep beside what they have parsed.
  const { body, rawBody = body } = req;
  headers.delete("content-length");
  headers.delete("content-encoding");
  if (typeof rawBody === "string" || rawBody instanceof Uint8Array) return /** @type {BodyInit} */ (rawBody);
  if (!incoming.readableDidRead) return null;
  if (body !== undefined && /json/i.test(headers.get("content-type") ?? "")) return JSON.stringify(body);
  throw problem(
    500,
    "body_consumed",
    "The body was read before it came here, and is not in `req.body`. Mount this handler before the body parser.",
  );
}

/** A body as it comes, one piece when one is wanted. @param {any} incoming @returns {ReadableStream<Uint8Array>} */
const flowing = (incoming) =>
  new ReadableStream(
    {
      async pull(controller) {
        for (;;) {
          const chunk = incoming.read();
          if (chunk) return controller.enqueue(chunk);
          if (incoming.readableEnded) return controller.close();
          if (incoming.destroyed) throw new TypeError("The visitor left before the end of the body.");
          await first(incoming, "readable", "end", "close");
        }
      },
    },
    { highWaterMark: 0 },
  );

/** Writes an answer, as fast as it is taken. @param {Response} response @param {any} outgoing @param {AbortSignal} signal */
async function write({ status, headers, body }, outgoing, signal) {
  const reader = body?.getReader();
  const leave = () => void reader?.cancel().catch(() => {});
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
  for (let part; reader && !(part = await reader.read()).done;) {
    if (!outgoing.write(part.value)) await first(outgoing, "drain", "close");
  }
  outgoing.end();
}

/** Waits for the first of some events. @param {any} emitter @param {...string} events @returns {Promise<void>} */
const first = (emitter, ...events) =>
  new Promise((resolve) => {
    const done = () => {
      for (const event of events) emitter.off(event, done);
      resolve();
    };
    for (const event of events) emitter.on(event, done);
  });
