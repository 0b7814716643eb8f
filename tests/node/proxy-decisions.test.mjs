/** What the operator learns of each call: what it cost, with which key and by which policy, in records that cannot be changed. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, beforeEach, test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { settingsDigest } from "../../target/modules/edge/core.js";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, ADMIN_KEY, KEY } from "../lib/keys.mjs";
import { byHeader, callTo, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const sha256 = (/** @type {string} */ text) => createHash("sha256").update(text).digest("hex");
const FLUX = "fal-ai/flux/schnell";
const spending = { max: 10, prices: { "fal-ai/**": { price: 0.5, units: 4 }, "emulator/*": 1 } };

/** A proxy, and what is decided by it. @param {any} [options] */
function followed(options) {
  /** @type {any[]} */
  const decisions = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*", "fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    limits: { store: memoryLimits(), spending },
    onDecision: (/** @type {any} */ decision) => void decisions.push(decision),
    ...options,
  });
  /** The decisions, once there are so many. @param {number} count */
  const told = async (count) => {
    await until(() => decisions.length >= count);
    return decisions;
  };
  return { proxy, told, ann: visitor(proxy, "ann", { retry: { maxRetries: 0 } }) };
}

test("a run tells what was reserved, what fal bills, what it came to, and with which key", async () => {
  const { ann, told } = followed();
  await ann.run(FLUX, { input: { prompt: "a cat" } });
  const [decision] = await told(1);
  assert.deepEqual(
    [decision.endpoint, decision.reserved, decision.billableUnits, decision.cost, decision.key, decision.code],
    [FLUX, 2, 1, 0.5, sha256(KEY).slice(0, 8), "ok"],
  );
  assert.match(decision.policy, /^[0-9a-f]{16}$/);
  assert.ok(!isSeen(JSON.stringify(decision), formsOf(KEY)));
  assert.ok(!JSON.stringify(decision).includes("cat"));
});

test("a job tells it with its result; what follows it names its app", async () => {
  const { ann, told } = followed();
  const { request_id: requestId } = await ann.queue.submit(FLUX, { input: { prompt: "x" } });
  await ann.queue.subscribeToStatus(FLUX, { requestId, mode: "polling", pollInterval: 5 });
  await ann.queue.result(FLUX, { requestId });
  await failureOf(ann.queue.cancel(FLUX, { requestId }));
  await until(async () => (await told(4)).some(({ route }) => route === "cancel"));
  const decisions = await told(4);
  const of = (/** @type {string} */ route) => decisions.find((decision) => decision.route === route);
  assert.deepEqual([of("submit").endpoint, of("submit").reserved, of("submit").cost], [FLUX, 2, undefined]);
  assert.deepEqual([of("result").reserved, of("result").billableUnits, of("result").cost], [2, 1, 0.5]);
  for (const route of ["status", "result", "cancel"]) assert.equal(of(route).endpoint, "fal-ai/flux", route);
  for (const { requestId: id } of decisions) assert.equal(id, requestId);
  assert.equal(new Set(decisions.map(({ policy }) => policy)).size, 1);
});

test("what was not sent has no key and no cost, and what fal does not bill costs nothing", async () => {
  const { proxy, ann, told } = followed({ limits: { store: memoryLimits(), spending: { ...spending, max: 2 } } });
  await proxy(callTo("https://fal.run/other/app"));
  assert.equal((await failureOf(ann.run("emulator/refuses", { input: {} }))).status, 422);
  await ann.run(FLUX, { input: { prompt: "x" } });
  assert.equal((await failureOf(ann.run(FLUX, { input: { prompt: "x" } }))).code, "budget_exhausted");
  const decisions = await told(4);
  const of = (/** @type {any} */ wanted) => decisions.find(({ code, status }) => code === wanted || status === wanted);
  const [closed, refused, exhausted] = ["endpoint_not_allowed", 422, "budget_exhausted"].map(of);
  assert.deepEqual([closed.code, closed.key, closed.reserved, closed.cost], ["endpoint_not_allowed", ...Array(3)]);
  assert.deepEqual([refused.status, refused.reserved, refused.cost], [422, 1, 0]);
  assert.deepEqual(
    [exhausted.code, exhausted.key, exhausted.reserved, exhausted.cost],
    ["budget_exhausted", ...Array(3)],
  );
});

test("a decision waits for the store, and its time does not", async () => {
  const store = memoryLimits();
  /** @type {(value?: any) => void} */
  let go = () => {};
  const held = new Promise((resolve) => (go = resolve));
  const settle = async (/** @type {any[]} */ ...args) => {
    await held;
    return store.settle(.../** @type {[any, any]} */ (args));
  };
  let decision;
  const { ann } = followed({
    limits: { store: { ...store, reserve: store.reserve.bind(store), settle }, spending },
    onDecision: (/** @type {any} */ one) => void (decision = one),
  });
  await ann.run(FLUX, { input: { prompt: "x" } });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(decision, undefined);
  go();
  await until(() => decision !== undefined);
  assert.equal(/** @type {any} */ (decision).cost, 0.5);
});

test("of two keys it names the one that fal took", async () => {
  const { ann, told } = followed({ credentials: ["5ca1ab1e-0000-4000-8000-00c0ffee0009:".padEnd(69, "0"), ADMIN_KEY] });
  await ann.run("emulator/echo", { input: {} });
  assert.equal((await told(1))[0].key, sha256(ADMIN_KEY).slice(0, 8));
});

test("the hash of a policy is about what decides, and about nothing else", async () => {
  const hashOf = async (/** @type {any} */ options) => {
    const { proxy, told } = followed({ limits: undefined, ...options });
    await proxy(callTo("https://fal.run/other/app"));
    return (await told(1))[0].policy;
  };
  const inputs = { "fal-ai/**": { n: { max: 4, min: 1 }, prompt: { maxLength: 5 } } };
  const same = await hashOf({ inputs });
  for (const options of [
    { inputs: { "fal-ai/**": { prompt: { maxLength: 5 }, n: { min: 1, max: 4 } } } },
    { inputs, credentials: ADMIN_KEY },
    { inputs, secret: "s".repeat(32) },
    { inputs, onError: () => {}, audit: () => {} },
  ]) {
    assert.equal(await hashOf(options), same, Object.keys(options).join());
  }
  const limits = { store: memoryLimits(), spending };
  const others = await Promise.all(
    [
      {},
      { inputs: { "fal-ai/**": { n: { max: 5, min: 1 }, prompt: { maxLength: 5 } } } },
      { inputs, allowedEndpoints: ["emulator/*", "fal-ai/**", "a/b"] },
      { inputs, mode: "watch" },
      { inputs, uploads: false },
      { inputs, limits },
      { inputs, limits: { ...limits, concurrent: 1 } },
    ].map(hashOf),
  );
  assert.equal(new Set([same, ...others]).size, others.length + 1);
  assert.equal(await hashOf({ inputs, limits: { store: () => memoryLimits(), spending } }), others.at(-2));
});

test("SHA-256 at once is what Node says it is, at every length", () => {
  for (let length = 0; length < 300; length += 1) {
    const text = "é".repeat(length % 7) + "x".repeat(length);
    assert.equal(settingsDigest(text), sha256(text), String(length));
  }
});

/** What a record has to be hashed to. @param {any} record */
const rehashed = ({ chain, sequence, previous, hash: _, ...fields }) => {
  const sorted = Object.fromEntries(Object.entries(fields).sort(([one], [other]) => (one < other ? -1 : 1)));
  return sha256([chain, sequence, previous, JSON.stringify(sorted)].join("\n"));
};

test("records are a chain, however many calls end at once", async () => {
  /** @type {any[]} */
  const records = [];
  const audit = async (/** @type {any} */ record, /** @type {any} */ env) => {
    await new Promise((resolve) => setImmediate(resolve));
    records.push(JSON.parse(JSON.stringify(record)));
    assert.deepEqual(env, { a: 1 });
  };
  const { proxy } = followed({ audit, onDecision: undefined });
  await Promise.all(
    [...Array(40)].map(async (_, n) => {
      const target = n % 4 === 0 ? "https://fal.run/other/app" : "https://fal.run/emulator/echo";
      await (await proxy(callTo(target, { body: `{"secret-prompt":${n}}` }), { a: 1 })).arrayBuffer();
    }),
  );
  await until(() => records.length === 40);
  records.sort((one, other) => one.sequence - other.sequence);
  for (const [index, record] of records.entries()) {
    assert.deepEqual([record.sequence, record.chain], [index + 1, records[0].chain]);
    assert.equal(record.previous, records[index - 1]?.hash ?? "");
    assert.equal(record.hash, rehashed(record));
    assert.ok(Math.abs(Date.parse(record.at) - Date.now()) < 600_000);
  }
  assert.ok(!isSeen(JSON.stringify(records), formsOf(KEY)) && !JSON.stringify(records).includes("secret-prompt"));
});

test("a worker waits for the record; one that cannot be kept is told, and the visitor sees nothing of it", async () => {
  /** @type {Promise<any>[]} */
  const waited = [];
  const context = { waitUntil: (/** @type {Promise<any>} */ work) => void waited.push(work) };
  /** @type {any[]} */
  const errors = [];
  const down = new Error("the log is down");
  let kept = false;
  const audit = async () => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    kept = true;
    throw down;
  };
  const { proxy } = followed({
    audit,
    onError: (/** @type {any} */ error, /** @type {any} */ { step }) => void errors.push([error, step]),
  });
  const answer = await proxy(callTo("https://fal.run/emulator/echo"), {}, context);
  assert.equal(answer.status, 200);
  await answer.arrayBuffer();
  assert.equal(kept, false);
  while (waited.length > 0) await Promise.all(waited.splice(0));
  assert.equal(kept, true);
  assert.deepEqual(errors, [[down, "audit"]]);
});
