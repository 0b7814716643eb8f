/** Programs that come from `@fal-ai/client`: what it takes is taken, and what neither of the two would use is refused. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createFalClient as createOfficial } from "@fal-ai/client";
import { createFalClient } from "fal-wasm";

import { failureOf } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

const STATUS = { request_id: "r-1", status: "COMPLETED", response_url: "u", logs: [] };

/**
 * What a client sends for the same call.
 *
 * @param {any} create @param {(fal: any) => Promise<any>} call
 */
async function sent(create, call) {
  /** @type {string[]} */
  const urls = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ { method, headers }) => {
    const { "x-fal-queue-priority": priority = "", "x-fal-request-timeout": seconds = "" } = headers;
    urls.push([method.toUpperCase(), String(url).replace(/\/$/, ""), priority, seconds].join(" "));
    return Response.json(STATUS, { headers: { "x-fal-request-id": "r-1" } });
  };
  await call(create({ credentials: KEY, fetch }));
  return urls;
}

/** Calls that the official client takes. @type {Record<string, (fal: any) => Promise<any>>} */
const TAKEN = {
  "a timeout of 0 is none": (fal) => fal.subscribe("a/b", { mode: "polling", input: {}, timeout: 0 }),
  "a timeout of null": (fal) => fal.subscribe("a/b", { mode: "polling", input: {}, timeout: null }),
  "a timeout that is a text": (fal) => fal.subscribe("a/b", { mode: "polling", input: {}, timeout: "60000" }),
  "a priority of null": (fal) => fal.queue.submit("a/b", { input: {}, priority: null }),
  "headers of null": (fal) => fal.queue.submit("a/b", { input: {}, headers: null }),
  "storage settings of null": (fal) => fal.run("a/b", { input: {}, storageSettings: null }),
  "a poll interval that is a text": (fal) =>
    fal.subscribe("a/b", { mode: "polling", input: {}, pollInterval: "500", onQueueUpdate: null }),
  "a slash at the end of an id": (fal) => fal.run("a/b/c/", { input: {} }),
  "a slash at the end of a queued id": (fal) => fal.subscribe("a/b/", { mode: "polling", input: {} }),
  "an option that is undefined": (fal) => fal.run("a/b", { input: {}, logs: undefined, whatever: undefined }),
  "a start timeout": (fal) => fal.run("a/b", { input: {}, startTimeout: 2.5 }),
};

for (const [name, call] of Object.entries(TAKEN)) {
  test(`${name}: the same requests`, async () => {
    assert.deepEqual(await sent(createFalClient, call), await sent(createOfficial, call));
  });
}

test("a timeout of Infinity is none", async () => {
  assert.equal((await sent(createFalClient, (fal) => fal.queue.submit("a/b", { timeout: Infinity }))).length, 1);
});

/** A client that must send nothing. */
const silent = createFalClient({
  credentials: KEY,
  fetch: async (/** @type {any} */ url) => assert.fail(`it was sent: ${url}`),
});

test("an option that would do nothing is refused, with the name that was meant", async () => {
  /** @type {[call: (fal: any) => Promise<any>, said: RegExp][]} */
  const cases = [
    [(fal) => fal.run("a/b", { inputs: {} }), /^The option `inputs` is not known; did you mean `input`\?/],
    [(fal) => fal.run("a/b", { onQueueUpdate: () => {} }), /^The option `onQueueUpdate` is not for this call/],
    [(fal) => fal.run("a/b", { priority: "low" }), /^The option `priority` is not for this call/],
    [(fal) => fal.subscribe("a/b", { webhookURL: "https://a.example" }), /did you mean `webhookUrl`\?/],
    [(fal) => fal.queue.submit("a/b", { logs: true }), /`logs` is not for this call/],
    [(fal) => fal.queue.result("a/b", { requestId: "r", logs: true }), /`logs` is not for this call/],
    [
      (fal) => fal.queue.subscribeToStatus("a/b", { requestId: "r", priority: "low" }),
      /`priority` is not for this call/,
    ],
    [
      (fal) => fal.queue.handle("a/b", "r").subscribeToStatus({ startTimeout: 5 }),
      /`startTimeout` is not for this call/,
    ],
    [
      (fal) => fal.queue.subscribeToStatus("a/b", { requestId: "r", onEnqueue() {} }),
      /`onEnqueue` is not for this call/,
    ],
    [(fal) => fal.queue.status("a/b", { requestID: "r" }), /did you mean `requestId`\?/],
    [(fal) => fal.stream("a/b", { querryParams: {} }), /did you mean `queryParams`\?/],
    [(fal) => fal.storage.upload(new Blob(["x"]), { lifeCycle: {} }), /did you mean `lifecycle`\?/],
    [(fal) => fal.run("a/b", { storageSettings: { expires_in: "1h" } }), /did you mean `expiresIn`\?/],
    [(fal) => fal.run("a/b", { [KEY]: 1 }), /^The option `…`/],
    [(fal) => fal.subscribe("a/b", { mode: "streaming", connectionMode: "client" }), /`connectionMode` .*"server"/],
    [(fal) => fal.queue.streamStatus("a/b", { requestId: "r", connectionMode: "client" }), /`connectionMode`/],
    [(fal) => fal.stream("a/b", { autoUpload: false }), /`autoUpload` .*always uploaded/],
    [async (fal) => fal.realtime.connect("a/b", { onResults() {} }), /did you mean `onResult`\?/],
    [async () => createFalClient(/** @type {any} */ ({ proxyURL: "/x" })), /did you mean `proxyUrl`\?/],
    [async () => createFalClient(/** @type {any} */ ({ retry: { maxRetry: 1 } })), /did you mean `maxRetries`\?/],
    [async () => createFalClient(/** @type {any} */ ({ proxyUrl: { url: "/x", when: "never" } })), /`when` .*"always"/],
    [(fal) => fal.run("a/b", { timeout: "1s" }), /a value it cannot have: milliseconds/],
    [(fal) => fal.run("a/b", { noRetry: 1 }), /a value it cannot have: true or false/],
    [(fal) => fal.subscribe("a/b", { mode: "fast" }), /a value it cannot have: "\w+" or "\w+"/],
    [(fal) => fal.subscribe("a/b", { onEnqueue: 1 }), /a value it cannot have: a function/],
  ];
  for (const [call, said] of cases) {
    const error = await failureOf(call(silent));
    assert.deepEqual([error.code, error.retryable], ["invalid_option", false], error.message);
    assert.match(error.message, said);
    assert.ok(!error.message.includes(KEY));
  }
});

test("a stream goes where `url` leads, as officially, and to no host but fal's", async () => {
  for (const url of ["https://fal.run/c/d/stream?x=1", "https://fal.run/c/d/own"]) {
    const call = async (/** @type {any} */ fal) => (await fal.stream("a/b", { input: {}, url })).done();
    assert.deepEqual(await sent(createFalClient, call), await sent(createOfficial, call));
  }
  const below = await sent(createFalClient, async (fal) => (await fal.stream("a/b", { path: "c" })).done());
  assert.deepEqual(below, ["POST https://fal.run/a/b/c/stream  "]);
  for (const url of [
    "https://evilfal.run/a/b",
    "https://fal.run.evil.example/a/b",
    "http://fal.run/a/b",
    "https://fal.run:8443/a/b",
    "https://x@fal.run/a/b",
    "https://queue.fal.run/a/b/requests/r",
    "https://fal.run/a",
    "a/b",
  ]) {
    const error = await failureOf(silent.stream("a/b", { url }));
    assert.match(error.message, /^The option `url` has a value it cannot have: https:\/\/fal\.run\//, url);
  }
});

test("a server reaches its proxy by http, and an empty URL of one is said to be empty", async () => {
  const proxyUrl = { url: "http://api:3000/fal", when: /** @type {const} */ ("always") };
  const asked = await sent(
    (/** @type {any} */ config) => createFalClient({ ...config, proxyUrl }),
    (fal) => fal.run("a/b", { input: {} }),
  );
  assert.deepEqual(asked, ["POST http://api:3000/fal  "]);
  for (const url of ["http://fal.run/x", "ftp://api/fal"])
    assert.throws(() => createFalClient({ proxyUrl: url }), { code: "proxy_url_invalid" }, url);
  assert.throws(() => createFalClient({ proxyUrl: "" }), /It is empty; perhaps a variable was not set/);
});
