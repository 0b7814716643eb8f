/** What visitors may use: how often, how much at once, and how much money. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits, redisLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { compare, tell } from "../lib/ledgers.mjs";
import { TOKEN, startRedis } from "../lib/redis.mjs";
import { byHeader, callTo, said, visitor } from "../lib/visitors.mjs";

console.warn = () => {};
const emulator = await startEmulator({ keys: ACCOUNTS });
const redis = await startRedis();
beforeEach(() => emulator.control({ reset: true }));
beforeEach(() => redis.clear());
after(() => emulator.stop());
after(() => redis.stop());

/** The middle of an hour and of a day: no window of time ends while a test runs. */
const now = () => 12.5 * 3600_000;

/** @param {any} limits @param {any} [policy] */
const proxyWith = (limits, policy) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*", "emulator/echo/realtime", "fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    limits: { store: memoryLimits({ now }), ...limits },
    ...policy,
  });

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";
const prices = { "emulator/*": 1, "emulator/echo": { price: 2, units: 2 } };

/** An answer of fal's. @param {any} [headers] @param {number} [status] */
const fal =
  (headers, status = 200) =>
  async () =>
    new Response('{"request_id":"r1"}', { status, headers: { "content-type": "application/json", ...headers } });

/** @param {any} proxy @param {string} [target] @param {any} [headers] */
const call = async (proxy, target = RUN, headers = {}) => {
  const answer = await proxy(callTo(target, { headers }));
  const text = await answer.text();
  // What is settled is settled behind the answer.
  await new Promise((resolve) => setImmediate(resolve));
  return [answer.status, JSON.parse(text).error?.code ?? "ok", answer.headers.get("retry-after")];
};

test("the store in memory keeps accounts", (t) => tell(t, (now) => memoryLimits({ now })));

test("Redis keeps accounts, in scripts that say the same", async (t) => {
  let story = 0;
  await tell(t, (now) => redisLimits({ url: redis.url, token: TOKEN, prefix: `test${(story += 1)}:`, now }));
});

test("Redis says what the core says, whatever comes and whatever the clocks show", async () => {
  for (let seed = 1; seed <= 60; seed += 1) {
    await compare(
      (now) => memoryLimits({ now }),
      (now) => redisLimits({ url: redis.url, token: TOKEN, prefix: `same${seed}:`, now }),
      seed,
    );
  }
});

test("Redis counts by its own clock, so that servers whose clocks differ share a window", async (t) => {
  const store = redisLimits({ url: redis.url, token: TOKEN });
  const wish = { ticket: "1", leaseMs: 1000, requests: { max: 1, windowMs: 30 * 24 * 3600_000 } };
  assert.equal((await store.reserve("ann", wish)).kind, "ok");
  t.mock.method(Date, "now", () => 0);
  assert.equal((await store.reserve("ann", { ...wish, ticket: "2" })).kind, "refused");
});

test("Redis is exact: of a thousand at once a hundred pass", async () => {
  const store = redisLimits({ url: redis.url, token: TOKEN, now });
  const wishes = [...Array(1000)].map((_, n) =>
    store.reserve("ann", { ticket: String(n), leaseMs: 1000, requests: { max: 100, windowMs: 24 * 3600_000 } }),
  );
  const verdicts = await Promise.all(wishes);
  assert.equal(verdicts.filter(({ kind }) => kind === "ok").length, 100);
});

test("who asks too often is told when to come back", async () => {
  const proxy = proxyWith({ requests: { max: 2, windowSeconds: 3600 } });
  assert.deepEqual(
    [await call(proxy), await call(proxy, SUBMIT)].map(([status]) => status),
    [200, 200],
  );
  const [status, code, after] = await call(proxy);
  assert.deepEqual([status, code], [429, "rate_limited"]);
  assert.ok(Number(after) > 0 && Number(after) <= 3600, String(after));
  assert.equal((await call(proxy, RUN, { "x-visitor": "bob" }))[0], 200);
  assert.equal((await emulator.seen()).requests.length, 3);
});

test("asking about one's requests is not counted", async () => {
  const ann = visitor(proxyWith({ requests: { max: 1, windowSeconds: 3600 }, concurrent: 1 }), "ann");
  const { data } = await ann.subscribe("emulator/echo", { input: { a: 1 }, mode: "polling", pollInterval: 10 });
  assert.deepEqual(data.input, { a: 1 });
});

test("a place is free again when its job is done, refused, left, or cancelled", async () => {
  await emulator.control({ queue: { run_ms: 50 } });
  const proxy = proxyWith({ concurrent: 1 });
  const ann = visitor(proxy, "ann", { retry: { maxRetries: 0 } });
  for (let n = 0; n < 3; n += 1) await ann.subscribe("emulator/echo", { input: {}, mode: "polling", pollInterval: 10 });
  for (let n = 0; n < 3; n += 1) await ann.run("emulator/echo", { input: {} });
  for (let n = 0; n < 3; n += 1)
    assert.equal((await failureOf(ann.run("emulator/refuses", { input: {} }))).status, 422);
  const failed = await failureOf(ann.subscribe("emulator/refuses", { input: {}, mode: "polling", pollInterval: 10 }));
  assert.equal(failed.status, 422);
  await emulator.control({ queue: { run_ms: 3_600_000 } });
  const { request_id: requestId } = await ann.queue.submit("emulator/slow", { input: { seconds: 3_600 } });
  assert.equal((await failureOf(ann.run("emulator/echo", { input: {} }))).code, "too_many_jobs");
  await ann.queue.cancel("emulator/slow", { requestId });
  await emulator.control({ queue: { run_ms: 50 } });
  await ann.run("emulator/echo", { input: {} });
  const answer = await proxy(callTo("https://fal.run/fal-ai/any-llm/stream", { body: '{"prompt":"Why?"}' }));
  assert.equal((await call(proxy))[1], "too_many_jobs");
  await answer.body?.cancel();
  await until(async () => (await call(proxy))[0] === 200);
});

test("a budget is never exceeded, however many ask at once", async () => {
  const proxy = proxyWith({ spending: { max: 40, prices } });
  const answers = await Promise.all([...Array(50)].map((_, n) => call(proxy, n % 2 ? RUN : SUBMIT)));
  assert.equal(answers.filter(([status]) => status === 200).length, 10, "4 each");
  assert.deepEqual([...new Set(answers.map(([, code]) => code))].sort(), ["budget_exhausted", "ok"]);
  assert.equal((await emulator.seen()).requests.length, 10);
});

test("what was used counts, and what fal does not bill is given back", async () => {
  const rounds = async (/** @type {any} */ fetch, max = 8) => {
    const proxy = proxyWith({ spending: { max, prices } }, { fetch });
    let passed = 0;
    while (passed < 20 && (await call(proxy))[1] !== "budget_exhausted") passed += 1;
    return passed;
  };
  assert.equal(await rounds(fal()), 2, "as estimated: 2 units of 2");
  assert.equal(await rounds(fal({ "x-fal-billable-units": "1" })), 3, "2 each, and 4 to begin with");
  assert.equal(await rounds(fal({ "x-fal-billable-units": "0.5" })), 5);
  assert.equal(await rounds(fal({ "x-fal-billable-units": "3" })), 1, "more than was thought");
  assert.equal(await rounds(fal({ "x-fal-billable-units": "-9" })), 2, "no number");
  // Only what provably did not run, and errors that fal names as its own, which it does not bill.
  assert.equal(await rounds(fal({}, 429)), 20);
  assert.equal(await rounds(fal({ "x-fal-billable-units": "0" }, 422)), 20);
  assert.equal(await rounds(fal({ "x-fal-error-type": "runner_disconnected" }, 503)), 20);
  assert.equal(await rounds(fal({ "retry-after": "1" }, 503)), 20);
  assert.equal(await rounds(fal({ "x-fal-retryable": "true" }, 500)), 20);
  for (const status of [422, 500, 502, 503, 504]) assert.equal(await rounds(fal({}, status)), 2, String(status));
  for (const status of [422, 429, 500]) {
    assert.equal(await rounds(fal({ "x-fal-billable-units": "3" }, status)), 1, `${status} that is billed`);
  }
  assert.equal(await rounds(fal({}, 401)), 20);
  assert.equal(await rounds(() => Promise.reject(new Error("reset"))), 2, "nobody knows: it counts");
  assert.equal(await rounds(() => new Promise(() => {}), 0.5), 0);
});

test("a job is settled when its result is fetched", async () => {
  // It is not done before it is told to be.
  await emulator.control({ queue: { run_ms: 3_600_000 } });
  const proxy = proxyWith({ spending: { max: 4, prices: { "emulator/*": { price: 1, units: 4 } } } });
  const ann = visitor(proxy, "ann", { retry: { maxRetries: 0 } });
  const { request_id: requestId } = await ann.queue.submit("emulator/echo", { input: {} });
  assert.equal((await failureOf(ann.run("emulator/echo", { input: {} }))).code, "budget_exhausted");
  await emulator.control({ advance_ms: 4_000_000 });
  const then = {
    status: 200,
    headers: { "x-fal-billable-units": "0", "content-type": "application/json" },
    body: "{}",
  };
  await emulator.control({ queue: { run_ms: 1 }, faults: [{ match: { path_ends: requestId }, times: 1, then }] });
  await ann.queue.result("emulator/echo", { requestId });
  await until(async () => (await call(proxy))[0] === 200);
});

test("with a budget, what has no price is not run", async () => {
  const some = proxyWith({ spending: { max: 40, prices: { "emulator/echo": 1 } } }, { realtimeTokens: true });
  assert.deepEqual((await call(some, "https://fal.run/emulator/slow")).slice(0, 2), [403, "price_unknown"]);
  const asked = /** @type {any[]} */ ([]);
  const table = async (/** @type {string} */ endpoint, /** @type {any} */ { id }) => {
    asked.push([endpoint, id]);
    return endpoint === "emulator/echo" ? 41 : undefined;
  };
  const own = proxyWith({ spending: { max: 40, prices: table } });
  assert.deepEqual((await call(own)).slice(0, 2), [429, "budget_exhausted"]);
  assert.deepEqual((await call(own, "https://fal.run/emulator/slow")).slice(0, 2), [403, "price_unknown"]);
  assert.deepEqual(asked, [
    ["emulator/echo", "ann"],
    ["emulator/slow", "ann"],
  ]);
  const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
  const token = (/** @type {any} */ proxy) => proxy(callTo("https://rest.fal.ai/tokens/realtime", { body }));
  assert.deepEqual(await said(await token(some)), [403, "price_unknown"], "a token opens a connection that costs");
  const sold = proxyWith({ spending: { max: 1, tokenPrice: 1, prices } }, { realtimeTokens: true });
  assert.equal((await token(sold)).status, 200);
  assert.deepEqual(await said(await token(sold)), [429, "budget_exhausted"]);
});

test("without the store nothing runs; without the first gate everything does", async () => {
  const broken = { reserve: () => Promise.reject(new Error("down")), settle: () => Promise.reject(new Error("down")) };
  assert.deepEqual(await call(proxyWith({ store: broken, concurrent: 1 })), [503, "limits_unavailable", null]);
  const wrong = proxyWith({ store: () => redisLimits({ url: redis.url, token: "wrong" }), concurrent: 1 });
  assert.deepEqual((await call(wrong)).slice(0, 2), [503, "limits_unavailable"]);
  assert.equal((await emulator.seen()).requests.length, 0);
  const forgetful = { reserve: async () => ({ kind: "ok", at: 0 }), settle: () => Promise.reject(new Error("down")) };
  assert.equal((await call(proxyWith({ store: forgetful, concurrent: 1 }), SUBMIT))[0], 200);
  const limiter = (/** @type {any} */ limit) => proxyWith({ rateLimiter: { limit } });
  assert.equal((await call(limiter(() => Promise.reject(new Error("down")))))[0], 200);
  /** @type {any[]} */
  const keys = [];
  const closed = limiter(async (/** @type {any} */ { key }) => (keys.push(key), { success: false }));
  assert.deepEqual(await call(closed), [429, "rate_limited", "10"]);
  assert.deepEqual(keys, ["ann"]);
});

test("the same idempotency key is the same request", async () => {
  for (const target of [SUBMIT, RUN]) {
    const proxy = proxyWith({ spending: { max: 4, prices } });
    const send = async (body = '{"a":1}', key = "k", name = "ann") => {
      const answer = await proxy(callTo(target, { body, headers: { "idempotency-key": key, "x-visitor": name } }));
      const text = await answer.text();
      await new Promise((resolve) => setImmediate(resolve));
      return { status: answer.status, text, headers: answer.headers };
    };
    // What is submitted is not done before its status is asked for.
    await emulator.control({ reset: true, ...(target === SUBMIT && { clock: "manual" }) });
    const first = await send();
    let second = await send();
    // What it became is written down when the visitor has his answer already.
    while (second.text.includes("idempotency_key_pending")) second = await send();
    assert.deepEqual([first.status, second.status, second.text], [200, 200, first.text], target);
    assert.equal(second.headers.get("idempotent-replayed"), "true");
    assert.equal((await emulator.seen()).requests.length, 1);
    if (target === SUBMIT) {
      const { request_id: id } = JSON.parse(second.text);
      const headers = { "x-fal-capability": second.headers.get("x-fal-capability") };
      const status = await proxy(callTo(`${SUBMIT}/requests/${id}/status`, { method: "GET", headers }));
      assert.equal(status.status, 202, "and it is one's own");
    }
    const other = await send('{"a":2}');
    assert.deepEqual([other.status, JSON.parse(other.text).error.code], [409, "idempotency_key_reused"]);
    assert.equal((await send('{"a":1}', "l")).status, 429, "another key is another request");
    assert.equal((await send('{"a":1}', "k", "bob")).status, 200, "and so is another visitor's");
  }
});

test("of a request whose end is not known no second one is made with its key", async () => {
  const proxy = proxyWith({ spending: { max: 100, prices } });
  const headers = { "idempotency-key": "k" };
  await emulator.control({ faults: [{ match: {}, times: 1, then: { drop: "after" } }] });
  assert.deepEqual((await call(proxy, SUBMIT, headers)).slice(0, 2), [502, "upstream_broken"]);
  assert.deepEqual((await call(proxy, SUBMIT, headers)).slice(0, 2), [409, "idempotency_key_pending"]);
  assert.equal((await emulator.seen()).requests.length, 1);
  await emulator.control({
    faults: [{ match: {}, times: 1, then: { status: 503, headers: { "retry-after": "0" }, body: "{}" } }],
  });
  const fresh = { "idempotency-key": "l" };
  assert.equal((await call(proxy, SUBMIT, fresh))[0], 503);
  assert.equal((await call(proxy, SUBMIT, fresh))[0], 200, "what was refused may be tried again");
});

test("everybody may come in only where there is a budget", async () => {
  const authenticate = "anonymous-public";
  for (const limits of [undefined, { store: memoryLimits(), requests: { max: 1, windowSeconds: 60 } }]) {
    assert.throws(() => proxyWith(undefined, { authenticate, limits }), {
      code: "invalid_option",
      message: /authenticate/,
    });
  }
  const proxy = proxyWith({ spending: { max: 4, prices } }, { authenticate });
  assert.equal((await call(proxy, RUN, { "x-visitor": "" }))[0], 200);
  assert.equal((await call(proxy, RUN, { "x-visitor": "" }))[1], "budget_exhausted");
});

test("limits that say nothing, or money without prices, are mistakes", () => {
  for (const limits of [
    { store: undefined },
    { store: {} },
    { concurrent: 0 },
    { requests: { max: 1, windowSeconds: -1 } },
    { spending: { max: 1 } },
    { spending: { max: "1", prices } },
    { spending: { max: 1, prices: { "emulator/*": -1 } } },
    { spending: { max: 1, prices: { "emulator/*": { units: 2 } } } },
    { spending: { max: 1, prices, tokenPrice: NaN } },
  ]) {
    assert.throws(() => proxyWith(limits), { code: "invalid_option", message: /`limits`/ }, JSON.stringify(limits));
  }
  assert.throws(() => proxyWith({ spending: { max: 1, prices: { "**": 1 } } }), { code: "invalid_option" });
});
