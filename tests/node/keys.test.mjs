/** Two keys, while one replaces the other: in the client and in the proxy. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, LOCKED_KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const OLD = "revoked:long-ago";
const { fetch } = emulator;
const RUN = "https://fal.run/emulator/echo";
const statuses = async () => (await emulator.seen()).requests.map((/** @type {any} */ { status }) => status);

/** Where two keys may be. @type {any[]} */
const PLACES = [
  { credentials: [OLD, KEY] },
  { credentials: [() => OLD, async () => KEY] },
  { env: { FAL_KEY: OLD, FAL_KEY_NEXT: KEY } },
  { env: { FAL_KEY: OLD, FAL_KEY_NEXT: { get: async () => KEY } } },
];

/** Where there is no second one. @type {any[]} */
const ALONE = [
  { credentials: OLD, env: { FAL_KEY_NEXT: KEY } },
  { credentials: [OLD] },
  { env: { FAL_KEY: OLD } },
  { env: { FAL_KEY: OLD, FAL_KEY_NEXT: "" } },
];

test("when the first key is refused the second is tried, once", async () => {
  for (const place of PLACES) {
    await emulator.control({ reset: true });
    const told = /** @type {any[]} */ ([]);
    const onKeyRejected = (/** @type {any} */ rejected) => void told.push(rejected);
    const client = createFalClient({ fetch, onKeyRejected, ...place });
    assert.deepEqual((await client.run("emulator/echo", { input: { a: 1 } })).data.input, { a: 1 });
    const proxy = createFalProxy({
      authenticate: byHeader,
      allowedEndpoints: ["emulator/*"],
      fetch,
      onKeyRejected,
      ...place,
    });
    assert.deepEqual((await (await proxy(callTo(RUN, { body: '{"a":1}' }))).json()).input, { a: 1 });
    assert.deepEqual(await statuses(), [401, 200, 401, 200]);
    await until(() => told.length === 2);
    assert.deepEqual(told, [{ key: 0 }, { key: 0 }]);
    assertSilent(client);
  }
});

test("where there is no second key, or it is refused, too, that is the end", async () => {
  for (const place of ALONE) {
    await emulator.control({ reset: true });
    assert.equal(
      (await failureOf(createFalClient({ fetch, ...place }).run("emulator/echo", { input: {} }))).status,
      401,
    );
    const proxy = createFalProxy({ authenticate: byHeader, allowedEndpoints: ["emulator/*"], fetch, ...place });
    assert.deepEqual(await said(await proxy(callTo(RUN))), [502, "upstream_auth"]);
    assert.deepEqual(await statuses(), [401, 401]);
  }
  await emulator.control({ reset: true });
  const both = createFalClient({ fetch, credentials: [OLD, "also:revoked"] });
  assert.equal((await failureOf(both.run("emulator/echo", { input: {} }))).status, 401);
  assert.deepEqual(await statuses(), [401, 401]);
});

test("only a key that is refused is replaced: another answer is the answer", async () => {
  const locked = createFalClient({ fetch, credentials: [LOCKED_KEY, KEY] });
  assert.equal((await failureOf(locked.run("emulator/echo", { input: {} }))).status, 403);
  assert.deepEqual(await statuses(), [403]);
});

test("a body that has streamed away is not sent again", async () => {
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    fetch,
    credentials: [OLD, KEY],
  });
  const body = JSON.stringify({ a: "x".repeat(3 * 1024 * 1024) });
  assert.deepEqual(await said(await proxy(callTo(RUN, { body }))), [502, "upstream_auth"]);
});

test("a scope is declared or unknown, and never asked for", async () => {
  const client = createFalClient({ fetch, credentials: KEY, scope: "ADMIN" });
  await client.run("emulator/echo", { input: {} });
  assert.deepEqual(await statuses(), [200]);
  assert.throws(() => createFalClient({ credentials: KEY, scope: /** @type {any} */ (7) }), {
    code: "invalid_option",
  });
});
