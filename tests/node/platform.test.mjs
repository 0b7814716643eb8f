/** fal's Platform APIs: every operation through the client, judged by fal's document on both sides. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createPlatformClient } from "fal-wasm/platform";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY } from "../lib/keys.mjs";
import { faultsOfAnswer, faultsOfRequest, initOf, operations } from "../lib/platform.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** What was sent. @type {{ url: string, init: any, response: Response }[]} */
const sent = [];
beforeEach(() => void sent.splice(0));

/** @param {any} url @param {any} init */
const fetch = async (url, init) => {
  const response = await emulator.fetch(url, init);
  sent.push({ url: String(url), init, response: response.clone() });
  return response;
};

/** @param {any} [config] @returns {any} */
const client = (config) => createPlatformClient({ credentials: ADMIN_KEY, fetch, ...config });

/** @param {AsyncIterable<any>} list */
async function all(list) {
  const found = [];
  for await (const each of list) found.push(each);
  return found;
}

/** Things that there are, for operations about one. */
async function things() {
  const platform = client();
  const { collection } = (await platform.POST("/assets/collections", { body: { name: "a" } })).data;
  const character = { name: "a", description: "b", reference_images: ["https://v3.fal.media/files/a.png"] };
  const made = (await platform.POST("/assets/characters", { body: character })).data.character;
  const { tag } = (await platform.POST("/assets/tags", { body: { name: "a" } })).data;
  const body = { instance_type: "gpu_1x_h100_sxm5", ssh_key: "ssh-ed25519 A" };
  const { id } = (await platform.POST("/compute/instances", { body })).data;
  await platform.files.upload("data/a b.txt", "hello");
  return { collection_id: collection.id, character_id: made.id, tag_id: tag.id, id, file: "data/a b.txt" };
}

for (const all of [false, true]) {
  test(`every operation of fal's document, with ${all ? "all it allows" : "what it needs"}: request and answer are as it says`, async () => {
    for (const shape of operations) {
      await emulator.control({ reset: true });
      const known = await things();
      sent.splice(0);
      const { data } = await client()[shape.method](shape.path, initOf(shape, all, known));
      if (shape.answer.media === "text/event-stream") for await (const line of data) assert.ok(line.message);
      const [{ url, init, response }] = sent;
      assert.deepEqual(faultsOfRequest(url, init), [], `${shape.method} ${url}`);
      assert.deepEqual(await faultsOfAnswer(shape.method, url, response), [], `${shape.method} ${url}`);
      assert.equal(data === undefined, shape.answer.media === undefined, shape.id);
    }
    assert.ok(operations.length >= 82);
  });
}

test("what needs ADMIN is not sent with a key declared API; undeclared, fal decides, and its no is explained the same way", async () => {
  for (const shape of operations.filter(({ security }) => security.includes("adminApiKey"))) {
    sent.splice(0);
    const init = initOf(shape, false, {});
    const name = `${shape.method} ${shape.path}`;
    for (const scope of ["API", undefined]) {
      const platform = client({ credentials: KEY, scope });
      const error = await failureOf(platform[shape.method](shape.path, init));
      assert.equal(error.code, "scope_required", name);
      for (const part of [name, "ADMIN", "fal.ai/dashboard/keys"])
        assert.ok(error.message.includes(part), error.message);
      assert.equal(sent.length, scope ? 0 : 1, name);
      assert.equal(error.status, scope ? undefined : 403);
      assertSilent(error);
    }
  }
  await client({ scope: "ADMIN" }).GET("/keys");
});

test("a permission that newer keys lack is named, with the presets that have it", async () => {
  const body = { error: { type: "authorization_error", message: "Missing permission billing:usage:read" } };
  const refuse = async () => Response.json(body, { status: 403 });
  const error = await failureOf(client({ fetch: refuse, scope: "READONLY" }).account.billing());
  assert.equal(error.code, "scope_required");
  assert.match(error.message, /billing:usage:read \(presets BILLING, READONLY, FULL\)/);
});

test("what needs no key goes without, and what may have one has it where there is one", async () => {
  const keyless = client({ credentials: undefined, env: {} });
  await keyless.meta();
  for await (const model of keyless.models.list({ limit: 2 })) assert.ok(model.endpoint_id);
  assert.ok(sent.every(({ init }) => !new Headers(init.headers).has("authorization")));
  assert.equal((await failureOf(keyless.GET("/storage/settings"))).code, "credentials_missing");
  await client({ credentials: KEY }).models.get("fal-ai/flux/dev");
  assert.equal(new Headers(sent.at(-1)?.init.headers).get("authorization"), `Key ${KEY}`);
});

test("1,000 items in pages of 7 come once each, by cursor and by offset", async () => {
  const platform = client();
  const keys = Array.from({ length: 999 }, (_, at) => () => platform.keys.create(`key ${at}`));
  const collections = Array.from(
    { length: 1_000 },
    (_, at) => () => platform.POST("/assets/collections", { body: { name: `collection ${at}` } }),
  );
  for (const make of [...keys, ...collections]) await make();
  sent.splice(0);
  const ids = [];
  for await (const { key_id } of platform.keys.list({ limit: 7 })) ids.push(key_id);
  // One key of scope API was there before.
  assert.deepEqual([ids.length, new Set(ids).size, sent.length], [1_000, 1_000, 143]);
  sent.splice(0);
  const names = [];
  for await (const { name } of platform.list("/assets/collections", { params: { query: { limit: 7 } } }))
    names.push(name);
  assert.deepEqual(
    names,
    Array.from({ length: 1_000 }, (_, at) => `collection ${at}`),
  );
  assert.equal(sent.length, 143);
});

test("a list asks for a page when it is needed, and for none after a break or an abort", async () => {
  const platform = client();
  for (let at = 0; at < 5; at += 1) await platform.keys.create(`key ${at}`);
  sent.splice(0);
  for await (const _ of platform.keys.list({ limit: 2 })) break;
  assert.equal(sent.length, 1);
  const abort = new AbortController();
  const seen = [];
  const walk = async () => {
    for await (const page of platform.keys.list({ limit: 2 }, { signal: abort.signal }).pages()) {
      seen.push(page);
      abort.abort();
    }
  };
  const error = await failureOf(walk());
  assert.deepEqual([error.name, error.code, seen.length, sent.length], ["AbortError", "aborted", 1, 2]);
});

test("a list that turns in circles ends", async () => {
  const circle = async () => Response.json({ keys: [], next_cursor: "Mg==", has_more: true });
  const all = async () => {
    for await (const _ of client({ fetch: circle }).keys.list());
  };
  assert.equal((await failureOf(all())).code, "invalid_answer");
});

test("what was run is there: as requests, in usage, in analytics and on the bill", async () => {
  const fal = createFalClient({ credentials: KEY, fetch: emulator.fetch });
  const { requestId } = await fal.run("emulator/echo", { input: { text: "hi" } });
  await emulator.control({ queue: { run_ms: 5 } });
  const queued = await fal.subscribe("fal-ai/any-llm", { input: { prompt: "hi" } });
  const platform = client();
  const found = [];
  for await (const each of platform.requests.list({ endpoint_id: ["emulator/echo", "fal-ai/any-llm"] }))
    found.push(each);
  assert.deepEqual(found.map(({ request_id: id }) => id).sort(), [requestId, queued.requestId].sort());
  const [bucket] = await all(platform.models.usage());
  assert.deepEqual(bucket.results.map((/** @type {any} */ { endpoint_id: id }) => id).sort(), [
    "emulator/echo",
    "fal-ai/any-llm",
  ]);
  const [day] = await all(
    platform.models.analytics({ endpoint_id: "emulator/echo", expand: ["time_series", "request_count"] }),
  );
  assert.equal(day.results[0].request_count, 1);
  const [price] = await platform.models.pricing("emulator/echo");
  const { total_cost: cost } = await platform.models.estimate({
    estimate_type: "historical_api_price",
    endpoints: { "emulator/echo": { call_quantity: 3 } },
  });
  assert.ok(Math.abs(cost - 3 * price.unit_price) < 1e-9);
});

test("`fal.platform` is the same client with the same key, made when it is asked for", async () => {
  const fal = createFalClient({ credentials: ADMIN_KEY, fetch });
  assert.equal(fal.platform, fal.platform);
  assert.equal((await fal.platform.account.billing({ expand: "credits" })).credits?.currency, "USD");
});

test("there is none in a browser", async () => {
  const browser = await import("../../dist/browser/index.js");
  const fal = browser.createFalClient({ proxyUrl: "/api/fal" });
  assert.throws(() => fal.platform, { code: "server_only" });
});

test("bodies that are no JSON: CSV, Prometheus, files, events", async () => {
  const platform = client();
  assert.match(
    (await platform.GET("/account/focus", { params: { query: { source: "invoice" } } })).data,
    /^BilledCost,/,
  );
  assert.match((await platform.GET("/serverless/metrics")).data, /^# TYPE/);
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  assert.equal(await platform.files.upload("data/a.bin", bytes), true);
  assert.deepEqual(new Uint8Array(await platform.files.download("data/a.bin")), bytes);
  const lines = [];
  for await (const { message } of await platform.logs.stream({ level: "info" })) lines.push(message);
  assert.deepEqual(lines, ["line 0", "line 1", "line 2"]);
  const history = platform.logs.history({ limit: 5 }, [{ key: "app", value: "x" }]);
  for await (const line of history) assert.ok(line.message);
});

test("a stream that is refused says so, and one that is aborted ends", async () => {
  const refused = await failureOf(client({ credentials: "a:b" }).logs.stream());
  assert.deepEqual([refused.code, refused.errorType], ["unauthorized", "authorization_error"]);
  const abort = new AbortController();
  const lines = [];
  for await (const line of await client().logs.stream({}, [], { signal: abort.signal })) {
    lines.push(line);
    abort.abort();
  }
  assert.ok(lines.length < 3);
  const early = await failureOf(client().logs.stream({}, [], { signal: AbortSignal.abort() }));
  assert.deepEqual([early.name, early.code], ["AbortError", "aborted"]);
});

test("files are signed and guarded", async () => {
  const platform = client();
  const url = "https://v3.fal.media/files/a.png";
  await platform.storage.setAcl(url, { default: "forbid", rules: [{ user: "ann", decision: "allow" }] });
  assert.deepEqual(await platform.storage.acl(url), { default: "forbid", rules: [{ user: "ann", decision: "allow" }] });
  assert.match((await platform.storage.sign(url, { expiration_seconds: 60 })).signed_url, /signature=/);
});
