/** A key that comes from a browser: whose it is, and how often the operator is told. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { stopClock } from "../lib/clock.mjs";
import { assertSilent, pause, until } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said } from "../lib/visitors.mjs";

const RUN = "https://fal.run/emulator/echo";
const sha = (/** @type {string} */ key) => createHash("sha256").update(key).digest("hex").slice(0, 8);

/** A key that nobody has. @param {number} n */
const madeUp = (n) => `${String(n).padStart(8, "0")}-0000-4000-8000-000000000000:${"0".repeat(32)}`;

/** @param {any} [options] */
function told(options) {
  /** @type {any[]} */
  const leaks = [];
  /** @type {any[]} */
  const errors = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    onKeyLeak: (request, leak) => void leaks.push({ request, ...leak }),
    onError: (error, { step }) => void errors.push({ error, step }),
    fetch: async () => assert.fail("nothing is sent"),
    ...options,
  });
  /** Sends a key. @param {any} headers @param {string} [url] */
  const leak = async (headers, url) => {
    const request = callTo(RUN, { headers });
    const answer = await proxy(url ? new Request(url, request) : request);
    assert.deepEqual(await said(answer), [401, "credentials_in_browser"]);
    await pause(0);
    return request;
  };
  return { leak, leaks, errors };
}

test("a leak says whether the key is one of the proxy's own, wherever it was, and shows its fingerprint only", async () => {
  const other = madeUp(1);
  for (const [headers, key, ours, options] of /** @type {[any, string, boolean | undefined, any][]} */ ([
    [{ authorization: `Key ${KEY}` }, KEY, true, {}],
    [{ "x-a": `some ${KEY} text` }, KEY, true, {}],
    [{ "x-a": encodeURIComponent(KEY) }, KEY, true, {}],
    [{ "x-a": `${other} ${KEY}` }, KEY, true, {}],
    [{ "x-a": KEY }, KEY, true, { credentials: [other, KEY] }],
    [{ "x-a": KEY }, KEY, true, { credentials: undefined, env: { FAL_KEY: other, FAL_KEY_NEXT: KEY } }],
    [{ authorization: `Key ${other}` }, other, false, {}],
    [{ authorization: "key id:secret" }, "id:secret", true, { credentials: "id:secret" }],
    [{ authorization: "Key some:body" }, "some:body", false, {}],
    [{ "x-a": KEY }, KEY, undefined, { credentials: () => Promise.reject(new Error("store down")) }],
  ])) {
    const { leak, leaks, errors } = told(options);
    const request = await leak(headers);
    await until(() => leaks.length === 1);
    const [{ request: given, ...rest }] = leaks;
    assert.deepEqual([given, rest], [request, { ours, fingerprint: sha(key), unreported: 0 }]);
    assert.deepEqual(errors, []);
  }
  const { leak, leaks } = told();
  await leak({}, `https://app.example/api/fal/proxy?key=${encodeURIComponent(KEY)}`);
  await until(() => leaks.length === 1);
  assert.equal(leaks[0].ours, true);
});

test("made-up keys ring once, the own one rings all the same, and what rang for none is counted", async (t) => {
  const clock = stopClock(t);
  const { leak, leaks } = told();
  // Timers stand still here; whose key it is, is found out behind the answer.
  const arrived = async (/** @type {number} */ count) => {
    for (let turn = 0; turn < 100_000 && leaks.length < count; turn += 1) await new Promise(setImmediate);
  };
  for (let n = 0; n < 50; n += 1) await leak({ "x-a": madeUp(n) });
  await arrived(1);
  assert.equal(leaks.length, 1, "fifty made-up keys");
  clock.pass(1_000);
  await leak({ "x-a": KEY });
  await arrived(2);
  assert.deepEqual(
    leaks.map(({ ours, unreported }) => [ours, unreported]),
    [
      [false, 0],
      [true, 49],
    ],
  );
  for (let n = 0; n < 50; n += 1) await leak({ "x-a": KEY });
  assert.equal(leaks.length, 2);
  clock.pass(60_000);
  await leak({ "x-a": KEY });
  await arrived(3);
  assert.deepEqual([leaks.length, leaks[2].unreported], [3, 50]);
});

test("a flood of keys does not ask a secret store for the own one each time", async (t) => {
  const clock = stopClock(t);
  let asked = 0;
  const { leak } = told({ credentials: async () => ((asked += 1), KEY) });
  for (let n = 0; n < 500; n += 1) await leak({ "x-a": madeUp(n) });
  assert.ok(asked <= 20, `${asked} times`);
  clock.pass(10_000);
  for (let n = 0; n < 500; n += 1) await leak({ "x-a": madeUp(n) });
  assert.ok(asked <= 30, `${asked} times`);
});

test("without onKeyLeak the own key is told to onError, and others are nobody's affair", async () => {
  const { leak, errors } = told({ onKeyLeak: undefined });
  await leak({ "x-a": madeUp(1) });
  assert.deepEqual(errors, []);
  await leak({ "x-a": KEY });
  await until(() => errors.length === 1);
  assert.equal(errors[0].step, "onKeyLeak");
  assert.match(errors[0].error.message, new RegExp(`${sha(KEY)}.*Revoke it`));
  assertSilent(errors);
});
