/** The places where a page's own code takes part in a call. */

import { createFalClient, isRetryableError, withMiddleware, withProxy } from "./fal-wasm/index.js";

const proxyUrl = "/api/fal/proxy";

/** Calls with a `fetch` that only writes down. @param {any} config @param {(fal: any) => Promise<any>} call */
async function written(config, call) {
  const sent = [];
  const fetch = async (url, { headers }) => {
    sent.push([url, headers["x-fal-target-url"] ?? "", headers["x-own"] ?? ""]);
    return Response.json({});
  };
  const code = await call(createFalClient({ ...config, fetch })).then(
    () => "done",
    (error) => error.code ?? error.message,
  );
  return { code, sent };
}

/** What middleware can and cannot do here. */
export async function middleware() {
  // Put together, so that it is not in the source of a function.
  const key = `${crypto.randomUUID()}:${"0123456789abcdef".repeat(2)}`;
  const elsewhere = async (request) => ({ ...request, url: "https://evil.example/x", headers: { "x-own": "1" } });
  const keyed = async (request) => ({ ...request, headers: { authorization: `Key ${key}` } });
  const inUrl = async (request) => ({ ...request, url: `${request.url}?k=${key}` });
  const toFal = async (request) => ({ ...request, url: "https://fal.run/a/b", headers: { "x-fal-target-url": "x" } });
  const throws = async () => {
    throw new Error("my own");
  };
  const run = (fal) => fal.run("a/b", { input: {} });
  return {
    elsewhere: await written({ proxyUrl, requestMiddleware: elsewhere }, run),
    keyed: await written({ proxyUrl, requestMiddleware: keyed }, run),
    inUrl: await written({ proxyUrl, requestMiddleware: inUrl }, run),
    toFal: await written({ proxyUrl, requestMiddleware: toFal }, run),
    throws: await written({ proxyUrl, requestMiddleware: throws }, run),
    noProxy: await written({ requestMiddleware: async (request) => request }, run),
    proxied: await written({ requestMiddleware: withMiddleware(withProxy({ targetUrl: "/other" })) }, run),
  };
}

/** A proxy by middleware, really called; and options that it knows. */
export async function throughTheProxy() {
  const fal = createFalClient({ requestMiddleware: withProxy({ targetUrl: proxyUrl }), retry: { maxRetries: 0 } });
  const { data } = await fal.run("emulator/echo", { input: { a: 1 }, headers: { "x-own": "1" }, tags: { a: "b" } });
  const full = await fal.queue.submit("emulator/echo", { input: {}, maxQueueLength: 1 }).catch((error) => error);
  const queued = await fal.queue.submit("emulator/echo", { input: {}, maxQueueLength: 5 });
  return { input: data.input, full: [full.status, full.code], queued: queued.status };
}

/** What a page is told when nobody answers, and how often it was tried. */
export async function nobodyThere() {
  const fal = createFalClient({ proxyUrl: "http://127.0.0.1:9/", retry: { baseDelay: 1, maxRetries: 2 } });
  const unsafe = await fal.run("a/b").catch((error) => error);
  const safe = await fal.queue.status("a/b", { requestId: "r" }).catch((error) => error);
  const harmless = await fal.run("a/b", { idempotent: true }).catch((error) => error);
  return [unsafe, safe, harmless].map((error) => [error.code, error.attempts, isRetryableError(error, [])]);
}
