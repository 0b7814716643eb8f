/** A page of another origin in a real Chromium: with cookies, with a token, and with what tracing tools add. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { listening } from "../lib/doors.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const browser = await openBrowser();
/** The app's page, and the browser build beside it. */
const site = createServer(async (request, response) => {
  const isPage = request.url === "/";
  const body = isPage ? "<!doctype html><title>app</title>" : readFile(path("dist/browser", `.${request.url}`));
  response.setHeader("content-type", isPage ? "text/html" : "text/javascript");
  response.end(await Promise.resolve(body).catch(() => ""));
});
const origin = `http://127.0.0.1:${await listening(site)}`;
/** @type {(request: Request) => Promise<Response>} */
let proxy;
const api = createServer(toNodeHandler((request) => proxy(request)));
const proxyUrl = `http://127.0.0.1:${await listening(api)}/api/fal/proxy`;
const page = await browser.context.newPage();
await page.goto(origin);
await browser.context.addCookies([{ name: "session", value: "ann", url: new URL(proxyUrl).origin }]);

after(async () => {
  await browser.close();
  for (const server of [site, api]) (server.closeAllConnections(), server.close());
  emulator.stop();
});
beforeEach(() => emulator.control({ reset: true }));

/** A proxy of an app that knows people by cookie and by token. @param {any} options */
const use = (options) => {
  proxy = createFalProxy({
    authenticate: ({ headers }) => {
      const id =
        /session=(\w+)/.exec(headers.get("cookie") ?? "")?.[1] ??
        /^Bearer (\w+)/.exec(headers.get("authorization") ?? "")?.[1];
      return id ? { id } : null;
    },
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    fetch: emulator.fetch,
    ...options,
  });
};

/** What a page's client says. @param {{ credentials?: string, headers?: Record<string, string> }} how */
const run = (how) =>
  page.evaluate(async ([proxyUrl, { credentials, headers }]) => {
    const { createFalClient } = await import(/** @type {any} */ ("/index.js"));
    const fal = createFalClient({
      proxyUrl,
      fetch: (/** @type {string} */ url, /** @type {any} */ init) => fetch(url, { ...init, credentials }),
      requestMiddleware: (/** @type {any} */ request) => ({ ...request, headers: { ...request.headers, ...headers } }),
    });
    return fal.subscribe("emulator/echo", { input: { prompt: "hi" } }).then(
      ({ data }) => data.input.prompt,
      (error) => error.code,
    );
  }, /** @type {[string, any]} */ ([proxyUrl, how]));

test("cookies cross with `credentials: true`, and with a plain origin only what a header says", async () => {
  use({ trustedOrigins: [{ origin, credentials: true }] });
  assert.equal(await run({ credentials: "include" }), "hi");
  use({ trustedOrigins: [origin] });
  assert.equal(await run({ credentials: "include" }), "connection_lost", "the page may not read the answer");
  assert.equal(await run({ headers: { authorization: "Bearer ann" } }), "hi");
  assert.equal(await run({}), "unauthenticated");
  use({ trustedOrigins: [{ origin: "http://127.0.0.1:1", credentials: true }] });
  assert.equal(await run({ credentials: "include" }), "connection_lost");
});

test("headers of tracing tools let a call through, the app's own when they are named", async () => {
  const headers = { authorization: "Bearer ann" };
  const tracing = {
    traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    tracestate: "a=b",
    baggage: "a=b",
    "sentry-trace": "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
    b3: "0",
    "x-b3-traceid": "0af7651916cd43dd8448eb211c80319c",
    "x-datadog-trace-id": "1",
    "x-datadog-parent-id": "1",
    "x-datadog-origin": "rum",
    "x-datadog-sampling-priority": "1",
    newrelic: "a",
  };
  use({ trustedOrigins: [origin] });
  assert.equal(await run({ headers: { ...headers, ...tracing } }), "hi");
  assert.deepEqual(
    (await emulator.seen()).requests.flatMap(({ fal_headers }) => fal_headers),
    [],
  );
  assert.equal(await run({ headers: { ...headers, "x-csrf-token": "a" } }), "connection_lost");
  use({ trustedOrigins: [origin], allowedHeaders: ["x-csrf-token"] });
  assert.equal(await run({ headers: { ...headers, ...tracing, "x-csrf-token": "a" } }), "hi");
});
