/** Whose fault it is: visitors get a stable answer, and the operator the cause. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { durableLimits, memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { assertSilent, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { startUpstream } from "../lib/upstream.mjs";
import { byHeader, callTo, said } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";

/** @type {any} */
const base = {
  authenticate: byHeader,
  allowedEndpoints: ["emulator/*"],
  credentials: KEY,
  fetch: emulator.fetch,
};

/** What a visitor and the operator are told. @param {any} options @param {string} [target] */
async function tell(options, target = SUBMIT) {
  /** @type {{ error: any, step: string, request: Request }[]} */
  const told = [];
  const onError = (/** @type {any} */ error, /** @type {any} */ context) => void told.push({ error, ...context });
  const request = callTo(target);
  const answer = await createFalProxy({ ...base, onError, ...options })(request, {});
  await new Promise((resolve) => setImmediate(resolve));
  for (const one of told) {
    assert.equal(one.request, request);
    assertSilent(one.error);
  }
  const text = answer.ok ? await answer.arrayBuffer().then(() => "ok") : undefined;
  return { said: text ? [answer.status, text] : await said(answer), told };
}

const down = new Error("database down");
const fails = () => {
  throw down;
};
const rejects = () => Promise.reject(down);
const limited = { store: memoryLimits(), requests: { max: 1000, windowSeconds: 60 } };
const priced = { store: memoryLimits(), spending: { max: 5, prices: { "emulator/*": 0.1 } } };

test("each function of the app's that throws is told by its name, and is no false alarm about keys", async () => {
  const store = (/** @type {any} */ reserve) => ({ ...limited, store: { reserve, settle: async () => {} } });
  /** @type {[string, any, [number, string]][]} */
  const cases = [
    ["authenticate", (/** @type {any} */ authenticate) => ({ authenticate }), [503, "authentication_unavailable"]],
    ["webhookUrl", (/** @type {any} */ webhookUrl) => ({ webhookUrl }), [500, "app_failed"]],
    ["credentials", (/** @type {any} */ credentials) => ({ credentials }), [500, "misconfigured"]],
    ["secret", (/** @type {any} */ secret) => ({ secret }), [500, "misconfigured"]],
    ["store", (/** @type {any} */ reserve) => ({ limits: store(reserve) }), [503, "limits_unavailable"]],
    [
      "prices",
      (/** @type {any} */ prices) => ({ limits: { ...priced, spending: { max: 5, prices } } }),
      [503, "limits_unavailable"],
    ],
    ["rateLimiter", (/** @type {any} */ limit) => ({ limits: { ...limited, rateLimiter: { limit } } }), [200, "ok"]],
  ];
  for (const [step, optionsWith, expected] of cases) {
    for (const callback of [fails, rejects]) {
      const { said, told } = await tell(optionsWith(callback));
      assert.deepEqual(said, expected, step);
      assert.deepEqual([told[0]?.step, told.length], [step, 1]);
      assert.ok([told[0]?.error, told[0]?.error.cause].includes(down), step);
    }
  }
});

test("a store that is made from nothing is the operator's affair at once, and not just now", async () => {
  assert.throws(() => durableLimits(undefined), /FalLimits/);
  for (const store of [() => durableLimits(undefined), () => undefined, () => ({})]) {
    const { said, told } = await tell({ limits: { ...limited, store } });
    assert.deepEqual([said, told[0]?.step], [[500, "misconfigured"], "store"]);
  }
});

test("a short secret says how long it has to be", async () => {
  const { said, told } = await tell({ env: { FAL_KEY: KEY, FAL_PROXY_SECRET: "too short" } });
  assert.deepEqual([said, told[0]?.step], [[500, "misconfigured"], "secret"]);
  assert.match(told[0]?.error.message, /9 bytes.* 32/);
  assert.doesNotMatch(told[0]?.error.message, /too short/);
});

test("people whose ids would be the same once they are written are nobody", async () => {
  for (const id of ["\ud800", "\udfff", "ann\ud83d"]) {
    const { said, told } = await tell({ authenticate: () => ({ id }) });
    assert.deepEqual(said, [401, "unauthenticated"]);
    assert.match(String(told[0]?.error), /no Unicode text/);
  }
  assert.equal((await tell({ authenticate: () => ({ id: "🐈" }) })).said[0], 200);
});

test("a body that was read before it is the operator's to know, for every kind of call", async () => {
  for (const url of ["https://fal.run/emulator/echo", "https://rest.fal.ai/tokens/realtime"]) {
    const authenticate = async (/** @type {Request} */ request) => ({ id: (await request.text()) && "ann" });
    const { said, told } = await tell({ authenticate, realtimeTokens: true }, url);
    assert.deepEqual(said, [500, "app_failed"], url);
    assert.deepEqual(
      told.map(({ step }) => step),
      ["authenticate"],
    );
    assert.match(String(told[0]?.error), /request\.clone\(\)/);
  }
});

test("what authenticate returns by mistake is said, never shown, and lets nobody in", async () => {
  for (const [returned, kind] of [
    ["ann", "a string"],
    [true, "a boolean"],
    [() => {}, "a function"],
    [{}, "without an `id`"],
    [{ id: 5 }, "of the type number"],
    [{ id: "" }, "is empty"],
  ]) {
    const { said, told } = await tell({ authenticate: () => returned });
    assert.deepEqual(said, [401, "unauthenticated"]);
    assert.deepEqual([told[0]?.step, told.length], ["authenticate", 1]);
    assert.ok(told[0]?.error.message.includes(kind), told[0]?.error.message);
    assert.doesNotMatch(told[0]?.error.message, /ann\b/);
  }
  for (const nobody of [null, undefined, false]) {
    const { said, told } = await tell({ authenticate: () => nobody });
    assert.deepEqual([said, told], [[401, "unauthenticated"], []]);
  }
});

test("what any function of the app's returns by mistake lets nothing through that it was to stop, and is told", async () => {
  const { settle } = memoryLimits();
  const storeOf = (/** @type {any} */ methods) => ({ limits: { ...limited, store: { settle, ...methods } } });
  /** What takes such a function, which answers are none, and what becomes of the call. @type {[string, (answers: any) => any, any[], [number, string]][]} */
  const table = [
    [
      "authenticate",
      (authenticate) => ({ authenticate }),
      ["ann", true, 5, [], { name: "ann" }],
      [401, "unauthenticated"],
    ],
    ["attest", (attest) => ({ attest }), ["yes", 1, [], { success: true }, { once: 5 }], [403, "attestation_failed"]],
    [
      "credentials",
      (get) => ({ credentials: () => get() }),
      [undefined, 5, true, {}, { key: KEY }, ["a"]],
      [500, "misconfigured"],
    ],
    [
      "credentials",
      (get) => ({ credentials: (/** @type {any} */ _) => get() }),
      [5, true, {}, { key: KEY }],
      [500, "app_failed"],
    ],
    [
      "secret",
      (secret) => ({ secret }),
      [undefined, null, "", 5, {}, { secret: "x".repeat(32) }],
      [500, "misconfigured"],
    ],
    [
      "webhookUrl",
      (webhookUrl) => ({ webhookUrl }),
      ["", "/hook", 5, true, {}, { url: "https://a.b" }],
      [500, "app_failed"],
    ],
    [
      "prices",
      (prices) => ({ limits: { ...priced, spending: { max: 5, prices } } }),
      ["0.1", true, NaN, -1, {}, { price: "1" }, { price: 1, units: -1 }],
      [503, "limits_unavailable"],
    ],
    [
      "rateLimiter",
      (rateLimiter) => ({ limits: { ...limited, rateLimiter } }),
      [undefined, null, true, {}, { limit: 5 }, "limiter"],
      [500, "misconfigured"],
    ],
    [
      "rateLimiter",
      (limit) => ({ limits: { ...limited, rateLimiter: { limit } } }),
      [undefined, null, true, false, {}, { success: "yes" }, { succes: true }],
      [500, "misconfigured"],
    ],
    [
      "store",
      (store) => ({ limits: { ...limited, store } }),
      [undefined, null, {}, { reserve() {} }],
      [500, "misconfigured"],
    ],
    [
      "store",
      (reserve) => storeOf({ reserve }),
      [undefined, null, true, {}, { kind: "yes" }, "ok"],
      [503, "limits_unavailable"],
    ],
    // Its answer comes after the call was let through: it is told.
    [
      "store",
      (settle) => storeOf({ reserve: async () => ({ kind: "ok", at: 0 }), settle }),
      [undefined, true],
      [200, "ok"],
    ],
  ];
  for (const [step, optionsWith, answers, expected] of table) {
    for (const answer of answers) {
      const what = `${step} ${JSON.stringify(answer)}`;
      const { said, told } = await tell(optionsWith(() => answer));
      assert.deepEqual(said, expected, what);
      await until(() => told.length > 0);
      assert.deepEqual([told[0]?.step, told.length, told[0]?.error instanceof TypeError], [step, 1, true], what);
      assert.match(told[0]?.error.message, /must|gave no|no verdict|returned no key/, what);
    }
  }
  // What is told of a call and kept of it may return anything: nothing is asked of it.
  for (const answer of [undefined, null, 5, {}, Promise.resolve(7)]) {
    const sinks = {
      onDecision: () => answer,
      audit: () => answer,
      onKeyRejected: () => answer,
      onKeyLeak: () => answer,
    };
    const { said, told } = await tell(sinks);
    assert.deepEqual([said, told], [[200, "ok"], []]);
  }
});

test("a function that never answers is not waited for for ever", async (t) => {
  for (const [option, expected] of [
    ["authenticate", [503, "authentication_unavailable"]],
    ["webhookUrl", [500, "app_failed"]],
  ]) {
    await t.test(String(option), async (t) => {
      const clock = stopClock(t);
      const answer = tell({ [String(option)]: () => new Promise(() => {}) });
      await clock.armed(10_000);
      clock.pass(10_000);
      const { said, told } = await answer;
      assert.deepEqual([said, told[0]?.step], [expected, option]);
      assert.match(told[0]?.error.message, /10 seconds/);
    });
  }
});

test("a webhook that is no URL is not sent to fal", async () => {
  for (const url of ["hooks/fal", "ftp://app.example/", 5, "https://"]) {
    const { said, told } = await tell({ webhookUrl: () => url });
    assert.deepEqual([said, told[0]?.step], [[500, "app_failed"], "webhookUrl"], String(url));
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("a key that fal refuses, and a redirect, are told to who can mend them", async () => {
  const refused = await tell({ credentials: "who:knows" }, RUN);
  assert.deepEqual([refused.said, refused.told[0]?.step], [[502, "upstream_auth"], "credentials"]);
  await emulator.control({ faults: [{ match: {}, times: 1, then: { status: 307, headers: { location: "/" } } }] });
  const redirected = await tell({}, RUN);
  assert.deepEqual([redirected.said, redirected.told[0]?.step], [[502, "upstream_redirect"], "fetch"]);
});

test("fal could not be reached only when nothing connected; what may have been taken says so", async () => {
  const closed = await startUpstream(() => {});
  closed.stop();
  const refused = await tell({ fetch: () => fetch(closed.url) }, RUN);
  assert.deepEqual([refused.said, refused.told[0]?.step], [[502, "upstream_unreachable"], "fetch"]);
  for (const drop of ["before", "after"]) {
    await emulator.control({ faults: [{ match: {}, times: 1, then: { drop } }] });
    const dropped = await tell({}, RUN);
    assert.deepEqual([dropped.said, dropped.told[0]?.step], [[502, "upstream_broken"], "fetch"], drop);
  }
});

test("an error of a callback is told, too, and one of onError itself is not lost", async (t) => {
  const { said, told } = await tell({ onDecision: fails }, RUN);
  assert.deepEqual(said, [200, "ok"]);
  await until(() => told.length === 1);
  assert.deepEqual([told[0]?.step, told[0]?.error], ["onDecision", down]);
  const logged = t.mock.method(console, "error", () => {});
  const proxy = createFalProxy({ ...base, authenticate: fails, onError: rejects });
  assert.equal((await proxy(callTo(RUN))).status, 503);
  await until(() => logged.mock.callCount() === 2);
});

test("without onError it is one line in the log", async (t) => {
  const logged = t.mock.method(console, "error", () => {});
  const proxy = createFalProxy({ ...base, authenticate: fails });
  assert.deepEqual(await said(await proxy(callTo(RUN))), [503, "authentication_unavailable"]);
  assert.equal(logged.mock.callCount(), 1);
  assert.match(String(logged.mock.calls[0]?.arguments[0]), /`authenticate`/);
  assert.equal(logged.mock.calls[0]?.arguments[1], down);
});
