/** What browsers may put into inputs, and where results go. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, callTo, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** @type {any} */
const inputs = {
  "emulator/*": { num_images: { max: 4, min: 1 }, prompt: { maxLength: 10 } },
  "emulator/echo": {
    enable_safety_checker: { fixed: true },
    image_size: { oneOf: ["square", "square_hd"] },
    loras: { absent: true },
  },
};

/** @param {any} [policy] */
const proxyWith = (policy) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*", "fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    inputs,
    ...policy,
  });

const HOSTS = ["https://fal.run/emulator/echo", "https://queue.fal.run/emulator/echo"];

test("an input that the app does not allow is refused as fal refuses inputs, and runs nothing", async () => {
  const fal = visitor(proxyWith(), "ann");
  const error = await failureOf(fal.run("emulator/echo", { input: { num_images: 9 } }));
  assert.deepEqual([error.name, error.code, error.status], ["ValidationError", "input_not_allowed", 422]);
  assert.deepEqual(error.fieldErrors, [
    { loc: ["body", "num_images"], msg: "Input should be a number less than or equal to 4", type: "less_than_equal" },
  ]);
  const [refused, ...rest] = await Promise.all(
    HOSTS.flatMap((url) =>
      ['{"num_images":9}', '{"num_images":1,"num_images":9}', '{"num\\u005fimages":9}', "[]", "", '{"loras":[]}'].map(
        async (body) => (await proxyWith()(callTo(url, { body }))).status,
      ),
    ),
  );
  assert.deepEqual([...new Set([refused, ...rest])], [422]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("an input within the rules arrives with what the app fixes, and as nothing else than what was judged", async () => {
  const proxy = proxyWith();
  const body = '{ "seed": 7, "num_images": 9, "prompt": "sea", "num\\u005fimages": 4 }';
  const sent = /** @type {string[]} */ ([]);
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    sent.push(new TextDecoder().decode(init.body));
    return emulator.fetch(url, init);
  };
  await proxyWith({ fetch })(callTo(HOSTS[0], { body }));
  assert.equal(sent[0], '{"enable_safety_checker":true,"seed":7,"num_images":4,"prompt":"sea"}');
  const { input } = await (await proxy(callTo(HOSTS[0], { body: "{}" }))).json();
  assert.deepEqual(input, { enable_safety_checker: true });
});

test("where there are no rules for an endpoint its body is not looked at", async () => {
  const body = '{"num_images":9,"num_images":10}';
  const answer = await proxyWith()(callTo("https://fal.run/fal-ai/flux/schnell", { body }));
  assert.equal((await answer.json()).error?.code, undefined);
});

test("rules that are none are mistakes", () => {
  for (const wrong of [
    { "**": {}, x: 1 },
    { "emulator/*": { a: { maximum: 1 } } },
    { "emulator/*": { a: { max: "1" } } },
    { "emulator/*": { a: { oneOf: [] } } },
    { "emulator/*": { a: { oneOf: [{}] } } },
    { "emulator/*": { "a.b": { fixed: 1 } } },
    { "emulator/*": { "": { max: 1 } } },
    { emulator: { a: { max: 1 } } },
    [],
  ]) {
    assert.throws(
      () => proxyWith({ inputs: wrong }),
      { code: "invalid_option", message: /`inputs`/ },
      JSON.stringify(wrong),
    );
  }
});

test("where a result is posted to only the server says", async () => {
  const urls = /** @type {string[]} */ ([]);
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    urls.push(url);
    return emulator.fetch(url, init);
  };
  const webhookUrl = (/** @type {any} */ { id }) => `https://app.example/hooks?user=${id}`;
  const fixed = proxyWith({ fetch, webhookUrl });
  await fixed(callTo(HOSTS[1]));
  await fixed(callTo(`${HOSTS[1]}?fal_max_queue_length=5`));
  await fixed(callTo(HOSTS[0]));
  const hook = "fal_webhook=https%3A%2F%2Fapp.example%2Fhooks%3Fuser%3Dann";
  assert.deepEqual(urls, [`${HOSTS[1]}?${hook}`, `${HOSTS[1]}?${hook}&fal_max_queue_length=5`, HOSTS[0]]);
  const own = await fixed(callTo(`${HOSTS[1]}?fal_webhook=https%3A%2F%2Fevil.example`));
  assert.deepEqual([own.status, (await own.json()).error.code], [400, "query_not_allowed"]);
});
