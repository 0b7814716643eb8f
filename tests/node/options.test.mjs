/** What the options of a call become on the wire, and what is refused before anything is sent. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient, fal as singleton } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const env = { FAL_KEY: KEY };
const fal = createFalClient({ env, fetch: emulator.fetch });

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** A client whose requests are only written down. @param {object} [config] */
function scribe(config) {
  /** @type {{ url: string, method: string, headers: Record<string, string> }[]} */
  const sent = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { method, headers }) => {
    sent.push({ url, method, headers });
    return Response.json({ request_id: "r-1", status: "COMPLETED" });
  };
  return { sent, fal: createFalClient({ env, fetch, ...config }) };
}

test("a path is more of the endpoint, and a query is added to its URL", async () => {
  const { sent, fal } = scribe();
  await fal.run("fal-ai/flux", { path: "//dev/image-to-image", query: { a: "b c", n: 1, list: [1], none: undefined } });
  await fal.run("fal-ai/flux", { path: "/dev", method: "get", query: { a: "1" }, input: { b: "2" } });
  await fal.queue.submit("110602490-lcm", { path: "fast", webhookUrl: "https://a.example/h", query: { a: "1" } });
  await fal.subscribe("fal-ai/flux", { path: "dev", mode: "polling", query: { a: "1" } });
  assert.deepEqual(
    sent.map(({ url }) => url),
    [
      "https://fal.run/fal-ai/flux/dev/image-to-image?a=b+c&n=1&list=%5B1%5D",
      "https://fal.run/fal-ai/flux/dev?a=1&b=2",
      "https://queue.fal.run/110602490/lcm/fast?fal_webhook=https%3A%2F%2Fa.example%2Fh&a=1",
      "https://queue.fal.run/fal-ai/flux/dev?a=1",
      "https://queue.fal.run/fal-ai/flux/requests/r-1/status?logs=0",
      "https://queue.fal.run/fal-ai/flux/requests/r-1",
    ],
  );
});

test("each option is the header that fal reads", async () => {
  const options = {
    input: {},
    hint: "lora-a",
    startTimeout: 2.5,
    noRetry: true,
    storeIO: false,
    tags: { team: "art", "cost.center": "a=b c" },
    storageSettings: { expiresIn: /** @type {const} */ ("1h"), initialAcl: { default: /** @type {const} */ ("hide") } },
  };
  await fal.run("emulator/echo", options);
  await fal.queue.submit("emulator/echo", { ...options, priority: "low" });
  const common = {
    "x-fal-no-retry": "1",
    "x-fal-object-lifecycle-preference": '{"expiration_duration_seconds":3600,"initial_acl":{"default":"hide"}}',
    "x-fal-request-start-timeout": "2.5",
    "x-fal-request-timeout": "2.5",
    "x-fal-runner-hint": "lora-a",
    "x-fal-store-io": "0",
    "x-fal-tags": "team=art,cost.center=a=b c",
  };
  const { requests } = await emulator.seen();
  assert.deepEqual(
    requests.map((/** @type {any} */ { fal_headers: headers }) => Object.fromEntries(headers)),
    [common, { ...common, "x-fal-queue-priority": "low" }],
  );
});

test("what is not asked for is not said", async () => {
  const { sent, fal } = scribe();
  await fal.run("a/b", { input: {}, noRetry: false, storeIO: true, tags: {} });
  assert.deepEqual(
    Object.keys(sent[0].headers).filter((name) => name.startsWith("x-fal-")),
    ["x-fal-store-io"],
  );
  assert.equal(sent[0].headers["x-fal-store-io"], "1");
});

test("headers of the caller's own go with every request for fal, and with no file", async () => {
  const { sent, fal } = scribe();
  const headers = new Headers({ "X-Own": "1" });
  await fal.run("a/b", { headers });
  await fal.subscribe("a/b", { headers, mode: "polling" });
  await fal.queue.status("a/b", { requestId: "r", headers });
  await fal.queue.result("a/b", { requestId: "r", headers: [["x-own", "1"]] });
  await fal.queue.cancel("a/b", { requestId: "r", headers: { "x-own": "1" } });
  assert.deepEqual(
    sent.map(({ headers }) => headers["x-own"]),
    Array(7).fill("1"),
  );
  const { url: seen } = emulator;
  /** @type {string[]} */
  const own = [];
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    own.push(`${new URL(url).host} ${init.headers["x-own"]}`);
    return emulator.fetch(url, init);
  };
  await createFalClient({ env, fetch }).run("emulator/echo", { input: { file: new Blob(["x"]) }, headers });
  assert.deepEqual(own, ["rest.fal.ai 1", `${new URL(seen).host} undefined`, "fal.run 1"]);
});

test("a queue that is too long refuses the request at once", async () => {
  await emulator.control({ queue: { ahead: 5, step_ms: 60_000 } });
  const error = await failureOf(
    createFalClient({ env, fetch: emulator.fetch, retry: { maxRetries: 0 } }).queue.submit("emulator/echo", {
      input: {},
      maxQueueLength: 2,
    }),
  );
  assert.deepEqual([error.status, error.code, error.attempts], [429, "rate_limited", 1]);
  assert.equal((await fal.queue.submit("emulator/echo", { input: {}, maxQueueLength: 5 })).status, "IN_QUEUE");
});

test("what an option cannot be is refused, by its name", async () => {
  const long = "x".repeat(257);
  const many = Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`t${index}`, "1"]));
  const heavy = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`t${index}`, "x".repeat(120)]));
  /** @type {[string, any][]} */
  const bad = [
    ...["../x", "a//b", "a?x=1", "/", "requests/1"].map((path) => ["path", { path }]),
    ["path", { path: 1 }],
    ["query", { query: "a=1" }],
    ["query", { query: [1] }],
    ["subdomain", { subdomain: "queue" }],
    ["headers", { headers: { "bad name": "1" } }],
    ["headers", { headers: { "x-fal-target-url": "https://evil.example/" } }],
    ["noRetry", { noRetry: 1 }],
    ["storeIO", { storeIO: "0" }],
    ["idempotent", { idempotent: "yes" }],
    ["timeout", { timeout: -1 }],
    ["timeout", { timeout: "1s" }],
    ["abortSignal", { abortSignal: {} }],
    ["hint", { hint: 7 }],
    ["startTimeout", { startTimeout: 1 }],
    ...[
      many,
      heavy,
      { "fal.x": "1" },
      { Upper: "1" },
      { a: long },
      { a: "b,c" },
      { a: "é" },
      { a: 1 },
      { a: "" },
      "a=b",
    ].map((tags) => ["tags", { tags }]),
  ];
  for (const [option, options] of bad) {
    for (const call of [() => fal.run("a/b", options), () => fal.subscribe("a/b", options)]) {
      const error = await failureOf(call());
      assert.deepEqual([error.code, error.retryable], ["invalid_option", false], option);
      assert.match(error.message, new RegExp(`^The option \`${option}\` .*Nothing was sent\\.$`));
    }
  }
  for (const maxQueueLength of [-1, 1.5, "3", 2 ** 32, Infinity]) {
    const error = await failureOf(fal.queue.submit("a/b", { maxQueueLength: /** @type {any} */ (maxQueueLength) }));
    assert.match(error.message, /`maxQueueLength` has a value it cannot have: a whole number/);
  }
  const tags = await failureOf(fal.run("a/b", { tags: { "fal.x": "1" } }));
  assert.match(tags.message, /at most 10, names of up to 64 characters/);
  for (const retry of [
    { maxRetries: -1 },
    { baseDelay: "soon" },
    { budget: -1 },
    { retryableStatusCodes: ["429"] },
    { enableJitter: 1 },
  ]) {
    assert.throws(() => createFalClient({ retry: /** @type {any} */ (retry) }), { code: "invalid_option" });
  }
  for (const config of [{ fetch: 1 }, { requestMiddleware: {} }, { responseHandler: "json" }, { backupHosts: 1 }]) {
    assert.throws(() => createFalClient(/** @type {any} */ (config)), { code: "invalid_option" });
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("an abort is at once for every operation, and its reason is kept", async () => {
  const reason = new Error("enough");
  const gone = AbortSignal.abort(reason);
  const calls = [
    () => fal.run("a/b", { abortSignal: gone }),
    () => fal.queue.submit("a/b", { abortSignal: gone }),
    () => fal.queue.status("a/b", { requestId: "r", abortSignal: gone }),
    () => fal.queue.result("a/b", { requestId: "r", abortSignal: gone }),
    () => fal.queue.cancel("a/b", { requestId: "r", abortSignal: gone }),
    () => fal.subscribe("a/b", { abortSignal: gone }),
    () => fal.storage.upload(new Blob(["x"]), { abortSignal: gone }),
  ];
  for (const call of calls) {
    const error = await failureOf(call());
    assert.deepEqual([error.name, error.code, error.cause], ["AbortError", "aborted", reason]);
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("what is configured later is added to what was configured before", async () => {
  const { sent } = scribe();
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    sent.push({ url, ...init });
    return Response.json({});
  };
  singleton.config({ credentials: KEY, suppressLocalCredentialsWarning: true });
  singleton.config({ fetch });
  await singleton.run("a/b");
  assert.equal(sent[0].headers.authorization, `Key ${KEY}`);
});
