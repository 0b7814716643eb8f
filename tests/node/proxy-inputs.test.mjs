/** What browsers may put into inputs, and where results go. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, beforeEach, test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said, visitor } from "../lib/visitors.mjs";

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

test("every vector becomes what it becomes in the crate's proxy", async () => {
  const { inputs, endpoint, cases } = JSON.parse(readFileSync(path("tests/data/input-vectors.json"), "utf8"));
  let sent = /** @type {string | undefined} */ (undefined);
  const fetch = async (/** @type {any} */ _url, /** @type {any} */ init) => {
    sent = new TextDecoder().decode(init.body);
    return Response.json({});
  };
  const proxy = proxyWith({ fetch, inputs });
  for (const { body, ...expected } of cases) {
    sent = undefined;
    const answer = await proxy(callTo(`https://fal.run/${endpoint}`, { body }));
    const { detail = [] } = await answer.json();
    assert.equal(answer.status, expected.sent ? 200 : 422, body);
    assert.equal(sent, expected.sent, body);
    if (expected.detail) assert.deepEqual(detail, [expected.detail], body);
    if (expected.invalid) assert.equal(detail[0].type, "json_invalid", body);
  }
});

test("numbers are sent as they were written, or refused", async () => {
  const sent = /** @type {string[]} */ ([]);
  const fetch = async (/** @type {any} */ _url, /** @type {any} */ init) => {
    sent.push(new TextDecoder().decode(init.body));
    return Response.json({});
  };
  const proxy = proxyWith({ fetch });
  const fixed = '{"enable_safety_checker":true,';
  const numbers = ["12345678901234567890", "1.0", "-0", "0.10", "1E5", "1e-400", "0.1e-7", "-12345678901234567890.5"];
  for (const number of numbers) {
    const body = `{"seed":${number},"deep":[{"n":${number}}]}`;
    assert.equal((await proxy(callTo(HOSTS[0], { body }))).status, 200, number);
    assert.equal(sent.pop(), fixed + body.slice(1));
  }
  const refused = ["1e400", "-1e400", "01", "1.", ".5", "+1", "NaN", "Infinity", "0x1", "1_0", "١"];
  for (const number of refused) {
    const answer = await proxy(callTo(HOSTS[0], { body: `{"seed":${number}}` }));
    assert.deepEqual(await said(answer), [422, "input_not_allowed"], number);
  }
  // A number that is not the one JavaScript would judge keeps no rule; another spelling of one that is does.
  const rule = { "emulator/echo": { n: { max: 2 ** 53 }, k: { fixed: 100 } } };
  const judged = proxyWith({ fetch, inputs: rule });
  for (const n of ["9007199254740993", "12345678901234567890", "1e400", '"1"', "9007199254740992.1"]) {
    assert.equal((await judged(callTo(HOSTS[0], { body: `{"n":${n}}` }))).status, 422, n);
  }
  for (const spelling of ["100", "100.0", "1e2", "1000e-1"]) {
    assert.equal((await judged(callTo(HOSTS[0], { body: `{"n":1.0,"k":${spelling}}` }))).status, 200, spelling);
    assert.equal(sent.pop(), `{"k":${spelling},"n":1.0}`);
  }
});

test("an object with too many fields is the visitor's fault, at whatever depth", async () => {
  const many = `{${Array.from({ length: 1025 }, (_, field) => `"${field}":1`).join()}}`;
  /** @type {any[]} */
  const faults = [];
  const rules = { "emulator/echo": { "options.deep.n": { max: 1 } } };
  const proxy = proxyWith({ inputs: rules, onError: (/** @type {any} */ error) => faults.push(error) });
  for (const body of [many, `{"options":${many}}`, `{"options":{"deep":${many}}}`]) {
    const answer = await proxy(callTo(HOSTS[0], { body }));
    const { detail } = await answer.json();
    const msg = "The body has an object with more than 1024 fields";
    assert.deepEqual([answer.status, detail], [422, [{ loc: ["body"], msg, type: "json_invalid" }]]);
  }
  assert.deepEqual(faults, []);
});

test("what is no JSON is refused whatever it is, and never taken for a fault of the key", async () => {
  const deep = (/** @type {number} */ levels) => `{"a":${"[".repeat(levels)}${"]".repeat(levels)}}`;
  const refused = [
    deep(64),
    deep(5_000),
    deep(400_000),
    '{"a":1,}',
    "{'a':1}",
    '{"a" 1}',
    '{"a":"\\x"}',
    '{"a":"',
    "{} {}",
  ];
  for (const body of [
    ...refused,
    '{"a":tru}',
    '{"a":"\u0001"}',
    "\ufeff\ufeff{}",
    '{"a":[1 2]}',
    "{1:2}",
    '{"a":}',
    "nul",
  ]) {
    const answer = await proxyWith()(callTo(HOSTS[0], { body }));
    assert.deepEqual(await said(answer), [422, "input_not_allowed"], body.slice(0, 40));
  }
  assert.equal((await proxyWith()(callTo(HOSTS[0], { body: deep(63) }))).status, 200);
  const charset = { "content-type": "application/json; charset=utf-7" };
  const other = await proxyWith()(callTo(HOSTS[0], { body: "{}", headers: charset }));
  assert.deepEqual(await said(other), [415, "content_type_not_allowed"]);
});

test("a rule holds for every way to its endpoint, and for what is below", async () => {
  const urls = ["fal.run", "queue.fal.run"].flatMap((host) =>
    ["", "/stream", "/realtime", "/dev", "/dev/stream"].map((path) => `https://${host}/fal-ai/llm${path}`),
  );
  const policy = (/** @type {string} */ pattern) => ({
    allowedEndpoints: ["fal-ai/llm/**"],
    inputs: { [pattern]: { n: { max: 1 } } },
    fetch: async () => Response.json({ request_id: "1" }),
  });
  const statuses = (/** @type {string} */ pattern, /** @type {string[]} */ targets, /** @type {number} */ n) =>
    Promise.all(
      targets.map(async (url) => (await proxyWith(policy(pattern))(callTo(url, { body: `{"n":${n}}` }))).status),
    );
  for (const pattern of ["fal-ai/llm", "fal-ai/llm/**", "*/**"]) {
    assert.deepEqual(new Set(await statuses(pattern, urls, 999)), new Set([422]), pattern);
    assert.deepEqual(new Set(await statuses(pattern, urls, 1)), new Set([200]), pattern);
  }
  const streams = urls.filter((url) => url.endsWith("llm/stream"));
  assert.deepEqual(await statuses("fal-ai/llm/stream", streams, 999), [422, 422]);
  const old = ["https://fal.run/123-llm", "https://queue.fal.run/123-llm"];
  for (const url of old) {
    const proxy = proxyWith({ ...policy("123/llm"), allowedEndpoints: ["123/llm"] });
    assert.deepEqual(await said(await proxy(callTo(url, { body: '{"n":999}' }))), [412, "target_invalid"]);
  }
});

test("a body with rules has a bound of its own, and so has one with an idempotency key", async () => {
  const body = JSON.stringify({ text: "x".repeat(1024 * 1024) });
  const fetch = async () => Response.json({});
  assert.deepEqual(await said(await proxyWith({ fetch })(callTo(HOSTS[0], { body }))), [413, "body_too_large"]);
  assert.equal((await proxyWith({ fetch, maxInputBytes: 2 ** 21 })(callTo(HOSTS[0], { body }))).status, 200);
  const free = "https://fal.run/fal-ai/flux";
  assert.equal((await proxyWith({ fetch })(callTo(free, { body }))).status, 200);
  const limits = { store: memoryLimits(), concurrent: 1 };
  const once = callTo(free, { body, headers: { "idempotency-key": "1" } });
  assert.deepEqual(await said(await proxyWith({ fetch, limits })(once)), [413, "body_too_large"]);
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
