/** What goes wrong with a call of the Platform APIs: said in this package's errors, tried again where that does no harm. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { ApiError, FalError, createPlatformClient } from "fal-wasm/platform";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** @type {any[]} */
const sent = [];
beforeEach(() => void sent.splice(0));
/** @param {any} url @param {any} init */
const fetch = (url, init) => {
  sent.push({ url: String(url), headers: new Headers(init.headers) });
  return emulator.fetch(url, init);
};
const retry = { baseDelay: 1 };

/** @param {any} [config] @returns {any} */
const client = (config) => createPlatformClient({ credentials: ADMIN_KEY, fetch, retry, ...config });

test("fal's error is one of ours, with everything that fal says", async () => {
  const error = await failureOf(client().models.pricing("nobody/nothing"));
  assert.ok(error instanceof ApiError && error instanceof FalError);
  const { code, status, errorType, retryable, endpoint } = error;
  assert.deepEqual([code, status, errorType, retryable], ["not_found", 404, "not_found", false]);
  assert.equal(endpoint, "GET /models/pricing");
  assert.match(error.requestId, /^[0-9a-f-]{36}$/);
  assert.match(/** @type {any} */ (error).docsUrl, /^https:/);
  assert.match(error.message, /Endpoint nobody\/nothing not found/);
  const invalid = await failureOf(client().POST("/storage/files/sign", { params: { query: { url: "x" } }, body: {} }));
  assert.deepEqual([invalid.status, invalid.errorType], [400, "validation_error"]);
  const unknown = await failureOf(client({ credentials: "a:b" }).keys.list().pages().next());
  assert.deepEqual([unknown.status, unknown.code], [401, "unauthorized"]);
});

test("a write that knows an idempotency key is sent again with the same one, and happens once", async () => {
  const faults = [{ match: { path_contains: "/assets/collections" }, times: 2, then: { status: 503 } }];
  await emulator.control({ faults });
  const platform = client();
  await platform.POST("/assets/collections", { body: { name: "a" } });
  const keys = sent.map(({ headers }) => headers.get("idempotency-key"));
  assert.equal(keys.length, 3);
  assert.ok(keys[0] && new Set(keys).size === 1, String(keys));
  await platform.POST("/assets/collections", { body: { name: "a" }, idempotencyKey: "mine" });
  const again = await platform.POST("/assets/collections", { body: { name: "a" }, idempotencyKey: "mine" });
  assert.equal(again.response.status, 201);
  const { data } = await platform.GET("/assets/collections");
  assert.equal(data.collections.length, 2);
});

test("making a key is not tried again when it is not known whether one was made", async () => {
  await emulator.control({ faults: [{ match: { method: "POST", path_contains: "/keys" }, then: { drop: "after" } }] });
  const lost = await failureOf(client().keys.create("a"));
  assert.equal(lost.code, "connection_lost");
  assert.equal(sent.length, 1);
  await emulator.control({ faults: [{ match: { path_contains: "/keys" }, then: { status: 429 } }] });
  await client().keys.create("a");
  assert.equal(sent.length, 3);
});

test("while one key replaces the other, the second is tried where the first is refused", async () => {
  const { data } = await client({ credentials: ["a:b", ADMIN_KEY] }).GET("/account/billing");
  assert.equal(data.username, "canary");
  assert.equal(sent.length, 2);
});

test("one expansion that failed does not fail the list", async () => {
  const { data } = await client().GET("/models", { params: { query: { expand: ["openapi-3.0"], limit: 50 } } });
  const of = (/** @type {string} */ id) =>
    data.models.find((/** @type {any} */ model) => model.endpoint_id === id).openapi;
  assert.equal(of("emulator/fails").error.code, "expansion_failed");
  assert.equal(of("fal-ai/flux/dev").openapi, "3.0.4");
});

test("what cannot be sent is not", async () => {
  const platform = client();
  const cases = [
    () => platform.GET("/nothing"),
    () => platform.PUT("/models"),
    () => platform.GET("https://evil.example/models"),
    () => platform.DELETE("/keys/{key_id}"),
    () => platform.DELETE("/keys/{key_id}", { params: { path: { key_id: ".." } } }),
    () => platform.DELETE("/keys/{key_id}", { params: { path: { key_id: {} } } }),
    () =>
      platform
        .list("/keys", { params: { query: { limit: -1 } } })
        .pages()
        .next(),
    () => platform.list("/meta").pages().next(),
    () => platform.GET("/models", { params: 1 && { query: 7 } }),
  ];
  for (const call of cases) {
    const error = await failureOf(call());
    assert.equal(error.code, "invalid_option", String(call));
  }
  assert.equal(sent.length, 0);
  const circular = /** @type {any} */ ({});
  circular.self = circular;
  assert.equal((await failureOf(platform.POST("/keys", { body: circular }))).code, "invalid_input");
});

test("a name in a path stays one name", async () => {
  await failureOf(client().files.download("../../keys?x#y"));
  assert.equal(sent[0].url, "https://api.fal.ai/v1/serverless/files/file/..%2F..%2Fkeys%3Fx%23y");
});

test("a page that somebody in between put there is no answer", async () => {
  const page = async () => new Response("<html>", { headers: { "content-type": "text/html" } });
  assert.equal((await failureOf(client({ fetch: page }).meta())).code, "invalid_answer");
});

test("the key goes to fal and shows nowhere", async () => {
  const seen = [];
  const platform = createPlatformClient({
    credentials: KEY,
    scope: "API",
    fetch: async (url, init) => {
      seen.push([String(url), new Headers(init.headers).get("authorization")]);
      return new Response(null, { status: 302, headers: { location: "https://evil.example/" } });
    },
  });
  const error = await failureOf(platform.meta());
  assert.equal(error.code, "redirected");
  const redirected = await failureOf(platform.models.pricing("a/b"));
  assert.deepEqual(seen, [
    ["https://api.fal.ai/v1/meta", null],
    ["https://api.fal.ai/v1/models/pricing?endpoint_id=a%2Fb", `Key ${KEY}`],
  ]);
  for (const each of [error, redirected, platform]) assertSilent(each);
});
