/** Proof of page and person before what costs money: asked for each time, and good for one call. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits, redisLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { TOKEN, startRedis } from "../lib/redis.mjs";
import { byHeader, callTo, said } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const redis = await startRedis();
beforeEach(() => emulator.control({ reset: true }));
after(() => (emulator.stop(), redis.stop()));

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";
const USED = [403, "attestation_failed"];

/** @param {any} options */
function proxyWith(options) {
  /** @type {{ error: any, step: string }[]} */
  const told = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/**"],
    ownership: false,
    realtimeTokens: true,
    credentials: KEY,
    fetch: emulator.fetch,
    onError: (error, { step }) => void told.push({ error, step }),
    ...options,
  });
  /** @param {string} target @param {any} [headers] @param {any} [init] */
  const ask = async (target, headers, init) => {
    const answer = await proxy(callTo(target, { headers, ...init }));
    return answer.ok ? answer.arrayBuffer().then(() => [answer.status]) : said(answer);
  };
  return { ask, proxy, told };
}

/** The proof that a page sends along. @param {Request} request */
const proof = ({ headers }) => {
  const once = headers.get("x-proof");
  return once ? { once } : null;
};

const limits = (/** @type {any} */ store = memoryLimits()) => ({ store, requests: { max: 1000, windowSeconds: 60 } });
const sent = async () => (await emulator.seen()).requests.length;

test("everything that costs money is asked for, and nothing else, with who asks", async () => {
  /** @type {any[]} */
  const asked = [];
  const { ask, proxy } = proxyWith({
    attest: (/** @type {Request} */ request, /** @type {any} */ { id }, /** @type {any} */ env) =>
      void asked.push([request.headers.get("x-fal-target-url"), id, env.NAME]),
    env: { NAME: "env" },
  });
  const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
  for (const target of [RUN, SUBMIT, `${RUN}/stream`, "https://rest.fal.ai/tokens/realtime"]) {
    assert.deepEqual(await ask(target, {}, { body }), USED, target);
    assert.deepEqual(asked.pop(), [target, "ann", "env"]);
  }
  assert.equal(await sent(), 0);
  const job = `${SUBMIT}/requests/764cabcf-b745-4b3e-ae38-1200304cf45b`;
  for (const [target, method] of [
    [`${job}/status`, "GET"],
    [job, "GET"],
    [`${job}/cancel`, "PUT"],
    ["https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3", "POST"],
  ])
    await proxy(callTo(String(target), { method: String(method) }));
  assert.deepEqual([asked, await sent()], [[], 4]);
});

test("what the app says counts: true goes on, and whatever is no answer is a no that the operator is told of", async () => {
  for (const yes of [true, Promise.resolve(true)])
    assert.deepEqual(await proxyWith({ attest: () => yes }).ask(RUN), [200]);
  for (const no of [false, null, undefined, ""]) {
    const { ask, told } = proxyWith({ attest: () => no });
    assert.deepEqual([await ask(RUN), told], [USED, []]);
  }
  for (const odd of ["yes", 1, {}, { once: "" }, { once: 5 }, { once: "a", rememberSeconds: 0 }, { success: true }]) {
    const { ask, told } = proxyWith({ attest: () => odd, limits: limits() });
    assert.deepEqual(await ask(RUN), USED);
    assert.deepEqual([told[0]?.step, told.length], ["attest", 1]);
    assert.match(told[0]?.error.message, /must return true/);
  }
  const down = new Error("down");
  for (const fails of [() => Promise.reject(down), () => assert.fail(down)]) {
    const { ask, told } = proxyWith({ attest: fails });
    assert.deepEqual([await ask(RUN), told], [[503, "authentication_unavailable"], [{ error: down, step: "attest" }]]);
  }
});

for (const [name, store] of /** @type {[string, () => any][]} */ ([
  ["memory", () => memoryLimits()],
  ["Redis", () => redisLimits({ url: redis.url, token: TOKEN, prefix: `attest${Math.random()}:` })],
])) {
  test(`a proof is good for one call, on two servers at once, whoever has it (${name})`, async () => {
    const shared = store();
    const servers = [0, 1].map(() => proxyWith({ attest: proof, limits: limits(shared) }));
    const ask = (/** @type {number} */ n, /** @type {any} */ headers) =>
      /** @type {any} */ (servers[n % 2]).ask(n % 3 ? RUN : SUBMIT, headers);
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => ask(n, { "x-proof": "one", "x-visitor": n % 4 ? "ann" : "bob" })),
    );
    assert.equal(answers.filter(([status]) => status === 200).length, 1);
    assert.equal(answers.filter(([, code]) => code === "attestation_failed").length, 19);
    assert.equal(await sent(), 1);
    assert.deepEqual(await ask(1, { "x-proof": "two" }), [200]);
    assert.deepEqual(await ask(1, {}), USED);
  });

  test(`the same call may be tried again with its proof, and does not run twice (${name})`, async () => {
    const { ask } = proxyWith({ attest: proof, limits: limits(store()) });
    const headers = { "x-proof": "one", "idempotency-key": "k" };
    assert.deepEqual(await ask(RUN, headers), [200]);
    // Its answer is kept when it has been read.
    await until(async () => (await ask(RUN, headers))[0] === 200);
    assert.equal(await sent(), 1);
    for (const other of [{ "idempotency-key": "another" }, { "x-visitor": "bob" }, { "idempotency-key": "" }])
      assert.deepEqual(await ask(RUN, { ...headers, ...other }), USED, JSON.stringify(other));
    assert.deepEqual(await ask(SUBMIT, headers), USED);
    assert.equal(await sent(), 1);
  });
}

test("without the store nobody knows whether a proof was used, and nothing runs", async () => {
  const down = new Error("down");
  const fails = { reserve: () => Promise.reject(down), settle: async () => ({}) };
  const { ask, told } = proxyWith({ attest: proof, limits: limits(fails) });
  assert.deepEqual(await ask(RUN, { "x-proof": "one" }), [503, "limits_unavailable"]);
  assert.deepEqual(told, [{ error: down, step: "store" }]);
  const none = proxyWith({ attest: proof });
  assert.deepEqual(await none.ask(RUN, { "x-proof": "one" }), [500, "misconfigured"]);
  assert.match(none.told[0]?.error.message, /`limits.store`/);
  assert.equal(await sent(), 0);
});
