/** The places where an app's own code takes part: middleware, proxies, response handlers, a `fetch` of its own. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import * as official from "@fal-ai/client";
import {
  createFalClient,
  isCompletedQueueStatus,
  isQueueStatus,
  parseEndpointId,
  withMiddleware,
  withProxy,
} from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const env = { FAL_KEY: KEY };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** A client whose requests are only written down. @param {any} [config] */
function scribe(config) {
  /** @type {{ url: string, method: string, headers: Record<string, string>, body: any }[]} */
  const sent = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ init) => {
    sent.push({ url, ...init });
    return Response.json({ request_id: "r-1", status: "COMPLETED" });
  };
  return { sent, fal: createFalClient({ env, fetch, ...config }) };
}

test("middleware sees where a request goes and what its options stand for, never the key, never the body", async () => {
  /** @type {any[]} */
  const seen = [];
  const requestMiddleware = async (/** @type {any} */ request) => {
    seen.push(structuredClone(request));
    return request;
  };
  const { sent, fal } = scribe({ requestMiddleware });
  await fal.queue.submit("a/b", { input: { secret: "prompt" }, priority: "low", headers: { "X-Own": "1" } });
  await fal.queue.cancel("a/b", { requestId: "r-1" });
  assert.deepEqual(seen, [
    { method: "POST", url: "https://queue.fal.run/a/b", headers: { "x-fal-queue-priority": "low", "x-own": "1" } },
    { method: "PUT", url: "https://queue.fal.run/a/b/requests/r-1/cancel", headers: {} },
  ]);
  assert.equal(sent[0].headers.authorization, `Key ${KEY}`);
  assert.equal(sent[0].headers["content-type"], "application/json");
  assert.equal(sent[0].body, '{"secret":"prompt"}');
});

test("middleware changes a request, in turn, and again before each try", async () => {
  let runs = 0;
  const count = async (/** @type {any} */ request) => ({
    ...request,
    headers: { ...request.headers, "x-try": String((runs += 1)), "x-list": ["a", "b"] },
  });
  const move = async (/** @type {any} */ request) => ({
    ...request,
    url: `${request.url}?try=${request.headers["x-try"]}`,
  });
  /** @type {any[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ { headers }) => {
    sent.push([url, headers["x-list"], headers.authorization]);
    return Response.json({}, { status: sent.length < 3 ? 429 : 200 });
  };
  const requestMiddleware = withMiddleware(count, null, undefined, move);
  await createFalClient({ env, fetch, requestMiddleware, retry: { baseDelay: 1 } }).run("a/b");
  assert.deepEqual(
    sent,
    [1, 2, 3].map((number) => [`https://fal.run/a/b?try=${number}`, "a,b", `Key ${KEY}`]),
  );
});

test("a request that middleware sends elsewhere gets no key", async () => {
  for (const url of [
    "https://gateway.example/run",
    "https://fal.run.evil.example/a/b",
    "https://fal.run@evil.example/a/b",
    "http://fal.run/a/b",
    "https://queue.fal.run/a/b",
    "//fal.run/a/b",
  ]) {
    const { sent, fal } = scribe({ requestMiddleware: async () => ({ url, method: "POST", headers: { "x-a": "1" } }) });
    await fal.run("a/b", { input: {} });
    assert.deepEqual([sent[0].url, sent[0].headers.authorization, sent[0].headers["x-a"]], [url, undefined, "1"]);
  }
});

test("what middleware makes of a request is refused by name when it is none", async () => {
  for (const wish of [undefined, { url: 1 }, { url: "https://fal.run/a/b", headers: { "no header": "x" } }]) {
    const requestMiddleware = /** @type {any} */ (async () => wish);
    const error = await failureOf(createFalClient({ env: { FAL_KEY: KEY }, requestMiddleware }).run("a/b"));
    assert.equal(error.code, "invalid_option");
    assert.match(error.message, /`requestMiddleware`.*gives back/);
  }
});

test("a token goes to fal, wherever middleware leads other requests", async () => {
  const asked = [];
  const fetch = async (/** @type {any} */ url) => {
    asked.push(url);
    return new Response("data: 1\n\n", { headers: { "content-type": "text/event-stream" } });
  };
  const requestMiddleware = withProxy({ targetUrl: "https://app.example/proxy", when: "always" });
  const client = createFalClient({ env: {}, fetch, requestMiddleware });
  const options = { connectionMode: /** @type {const} */ ("client"), tokenProvider: async () => "short-lived" };
  assert.equal(await (await client.stream("a/b", options)).done(), 1);
  assert.deepEqual(asked, ["https://fal.run/a/b/stream?fal_jwt_token=short-lived"]);
});

test("what middleware throws is what the call rejects with, and nothing is sent", async () => {
  const mine = new RangeError("my own");
  const { sent, fal } = scribe({
    requestMiddleware: () => {
      throw mine;
    },
  });
  assert.equal(await failureOf(fal.run("a/b")), mine);
  assert.equal(await failureOf(fal.subscribe("a/b")), mine);
  for (const nothing of [undefined, {}, { url: 7 }]) {
    const error = await failureOf(scribe({ requestMiddleware: async () => nothing }).fal.run("a/b"));
    assert.match(error.message, /`requestMiddleware` has a value it cannot have: a function that gives back/);
  }
  assert.equal(sent.length, 0);
});

test("withProxy leads where it is told to, as the official one does", async () => {
  const targetUrl = "https://app.example/api/fal/proxy";
  for (const when of [undefined, "browser", "always", () => true, () => false]) {
    const config = /** @type {any} */ ({ targetUrl, when });
    const request = { url: "https://fal.run/a/b", method: "POST", headers: { "x-a": "1" } };
    const mine = await withProxy(config)(request);
    assert.deepEqual(mine, await official.withProxy(config)(request), String(when));
    assert.deepEqual(await withProxy(config)(mine), mine, "it is not led through a second one");
  }
  const { sent, fal } = scribe({ requestMiddleware: withProxy({ targetUrl, when: "always" }) });
  await fal.run("a/b");
  assert.deepEqual(
    [sent[0].url, sent[0].headers["x-fal-target-url"], sent[0].headers.authorization],
    [targetUrl, "https://fal.run/a/b", undefined],
  );
});

test("proxyUrl may say when", async () => {
  const url = "https://app.example/api/fal/proxy";
  for (const [when, target] of /** @type {[any, string][]} */ ([
    [undefined, "https://fal.run/a/b"],
    ["browser", "https://fal.run/a/b"],
    ["always", url],
    [({ isBrowser }) => !isBrowser, url],
    [() => false, "https://fal.run/a/b"],
  ])) {
    const { sent, fal } = scribe({ proxyUrl: { url, when } });
    await fal.run("a/b");
    assert.equal(sent[0].url, target, String(when));
    assert.equal(sent[0].headers.authorization, target === url ? undefined : `Key ${KEY}`);
  }
});

test("options arrive at fal through the proxy, as far as it lets them", async () => {
  const proxy = createFalProxy({
    authenticate: () => ({ id: "x" }),
    allowedEndpoints: ["emulator/*"],
    forwardHeaders: ["x-fal-no-retry"],
    credentials: KEY,
    fetch: { fetch: emulator.fetch },
  });
  const url = "https://app.example/api/fal/proxy";
  const fetch = (/** @type {any} */ target, /** @type {any} */ init) => proxy(new Request(target, init));
  const fal = createFalClient({ fetch, proxyUrl: { url, when: "always" } });
  await emulator.control({ queue: { ahead: 3, step_ms: 60_000 } });
  const options = { input: {}, noRetry: true, storeIO: false, headers: { "x-own": "1" } };
  const full = await failureOf(fal.queue.submit("emulator/echo", { ...options, maxQueueLength: 2 }));
  assert.deepEqual([full.status, full.code], [429, "rate_limited"]);
  await fal.queue.submit("emulator/echo", { ...options, maxQueueLength: 3 });
  const { requests } = await emulator.seen();
  assert.deepEqual(requests.at(-1).fal_headers, [["x-fal-no-retry", "1"]]);
  const refused = await failureOf(fal.run("emulator/echo", { query: { a: 1 } }));
  assert.deepEqual([refused.status, refused.code], [400, "query_not_allowed"]);
  const webhook = await failureOf(fal.queue.submit("emulator/echo", { webhookUrl: "https://evil.example/" }));
  assert.equal(webhook.code, "query_not_allowed");
});

test("a response handler reads fal's own answers, and leaves those of models alone", async () => {
  /** @type {string[]} */
  const read = [];
  const responseHandler = async (/** @type {Response} */ response) => {
    read.push(new URL(response.url).pathname.replace(/[0-9a-f-]{36}/, "id"));
    return { ...(await response.json()), mine: true };
  };
  const fal = createFalClient({ env, fetch: emulator.fetch, responseHandler });
  const queued = /** @type {any} */ (await fal.queue.submit("emulator/echo", { input: { a: 1 } }));
  assert.equal(queued.mine, true);
  const { data } = await fal.subscribe("emulator/echo", { input: { a: 1 }, mode: "polling", pollInterval: 20 });
  assert.equal(data.mine, undefined);
  assert.equal((await fal.run("emulator/echo", { input: {} })).data.mine, undefined);
  assert.deepEqual(
    [...new Set(read)],
    ["/queue.fal.run/emulator/echo", "/queue.fal.run/emulator/echo/requests/id/status"],
  );
  const refused = await failureOf(fal.run("emulator/refuses", { input: {} }));
  assert.equal(refused.code, "content_policy_violation");
});

test("what a response handler throws is what the call rejects with", async () => {
  const mine = new Error("my own");
  const responseHandler = async () => {
    throw mine;
  };
  const fal = createFalClient({ env, fetch: emulator.fetch, responseHandler });
  for (const call of [
    () => fal.queue.submit("emulator/echo", { input: {} }),
    () => fal.subscribe("emulator/echo", { input: {} }),
    () => fal.queue.status("emulator/echo", { requestId: "nowhere" }),
    () => fal.storage.upload(new Blob(["x"])),
  ])
    assert.equal(await failureOf(call()), mine);
});

test("endpoint ids are read as the official client reads them, and bad ones are refused", () => {
  for (const id of [
    "fal-ai/flux",
    "fal-ai/flux/dev/image-to-image",
    "workflows/me/card",
    "comfy/me/card/x",
    "123-my-app",
  ]) {
    const { owner, alias, path, namespace } = official.parseEndpointId(id);
    assert.deepEqual(parseEndpointId(id), { owner, alias, path, namespace }, id);
  }
  for (const id of ["flux", "workflows/me", "a//b", "https://fal.run/a/b", "../x"]) {
    assert.throws(() => parseEndpointId(id), { code: "invalid_endpoint_id" }, id);
  }
});

test("statuses are known by sight", () => {
  const status = { status: "IN_QUEUE", response_url: "x" };
  for (const value of [status, { ...status, status: "COMPLETED" }, {}, null, undefined, { status: "COMPLETED" }]) {
    assert.equal(isQueueStatus(value), Boolean(official.isQueueStatus(value ?? {})));
    assert.equal(isCompletedQueueStatus(value), Boolean(official.isCompletedQueueStatus(value ?? {})));
  }
});
