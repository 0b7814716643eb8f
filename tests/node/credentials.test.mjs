/** Where a key is found, when, and what is said when it is not. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { CredentialsError, createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, KEY_ID, KEY_SECRET, LOCKED_KEY, OTHER_KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** What a client sends to say who asks. @param {any} config @param {string} [endpoint] */
async function sent(config, endpoint = "emulator/echo") {
  /** @type {string | null | undefined} */
  let value;
  const fetch = async (/** @type {any} */ url, /** @type {any} */ init) => {
    value = new Headers(init.headers).get("authorization");
    return emulator.fetch(url, init);
  };
  await createFalClient({ fetch, ...config }).run(endpoint, { input: {} });
  return value;
}

const store = (/** @type {string} */ value) => ({ get: async () => value });

test("the more explicit wins: credentials, FAL_KEY, the pair, and a login token only without a key", async () => {
  const env = { FAL_KEY: OTHER_KEY, FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET };
  const pair = { FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET };
  assert.equal(await sent({ credentials: KEY, env, loginToken: "t" }), `Key ${KEY}`);
  assert.equal(await sent({ credentials: async () => KEY, env }), `Key ${KEY}`);
  assert.equal(await sent({ credentials: () => undefined, env }), `Key ${OTHER_KEY}`);
  assert.equal(await sent({ env, loginToken: "t" }), `Key ${OTHER_KEY}`);
  assert.equal(await sent({ env: pair, loginToken: "t" }), `Key ${KEY}`);
  const refused = await failureOf(sent({ env: { FAL_KEY_ID: KEY_ID }, loginToken: "t" }));
  assert.equal(refused.status, 401, "the token went out, as Bearer, and the emulator does not know it");
});

test("bindings may be handles of a secret store, with white space around the value", async () => {
  assert.equal(await sent({ env: { FAL_KEY: store(`  ${KEY}\n`) } }), `Key ${KEY}`);
  const pair = { FAL_KEY_ID: store(KEY_ID), FAL_KEY_SECRET: store(KEY_SECRET) };
  assert.equal(await sent({ env: pair }), `Key ${KEY}`);
});

test("the environment of the process is read at the time of the call", async (t) => {
  t.after(() => delete process.env.FAL_KEY);
  const client = createFalClient({ fetch: emulator.fetch });
  assert.equal((await failureOf(client.run("emulator/echo"))).code, "credentials_missing");
  process.env.FAL_KEY = KEY;
  await client.run("emulator/echo", { input: {} });
});

test("a key that was exchanged is used with the next call", async () => {
  const env = { FAL_KEY: OTHER_KEY };
  const client = createFalClient({ env, fetch: emulator.fetch });
  const { request_id: requestId } = await client.queue.submit("emulator/echo", { input: {} });
  env.FAL_KEY = KEY;
  const error = await failureOf(client.queue.status("emulator/echo", { requestId }));
  assert.equal(error.status, 404, "another account's request");
});

test("calls at the same time with different keys do not mix", async () => {
  const slowly = (/** @type {string} */ key) => ({
    FAL_KEY: { get: () => new Promise((done) => setTimeout(done, 5, key)) },
  });
  const keys = Array.from({ length: 60 }, (_, index) => (index % 2 ? KEY : OTHER_KEY));
  assert.deepEqual(
    await Promise.all(keys.map((key) => sent({ env: slowly(key) }))),
    keys.map((key) => `Key ${key}`),
  );
});

test("endpoints marked as public are called without a credential, and no others", async () => {
  const publicEndpoints = ["emulator/public"];
  assert.equal(await sent({ env: { FAL_KEY: KEY }, publicEndpoints }, "emulator/public"), null);
  assert.equal(await sent({ env: {}, publicEndpoints }, "emulator/public"), null);
  assert.equal(await sent({ env: { FAL_KEY: KEY }, publicEndpoints }), `Key ${KEY}`);
});

test("no key, and what is no key, are said before anything is sent, without an echo", async () => {
  const cases = [
    ["credentials_missing", {}, /Set the binding or environment variable FAL_KEY/],
    ["credentials_missing", { FAL_KEY: "  " }, /No fal key was found/],
    ["credentials_missing", { FAL_KEY_ID: KEY_ID }, /One half .*FAL_KEY_SECRET is missing/],
    ["credentials_missing", { FAL_KEY_SECRET: KEY_SECRET, FAL_KEY_ID: " " }, /One half .*FAL_KEY_ID is missing/],
    ["credentials_malformed", { FAL_KEY: KEY_ID }, /What was found as the fal key does not have the form of one/],
    ["credentials_malformed", { FAL_KEY: KEY_SECRET }, /has no colon/],
    ["credentials_malformed", { FAL_KEY: `Key ${KEY}` }, /white space inside/],
    ["credentials_malformed", { FAL_KEY: `"${KEY}"` }, /quotation mark/],
    ["credentials_malformed", { FAL_KEY: `${KEY}:x` }, /more than one colon/],
    ["credentials_malformed", { FAL_KEY: `${KEY_ID}:` }, /nothing after its colon/],
    ["credentials_malformed", { FAL_KEY_ID: KEY, FAL_KEY_SECRET: KEY_SECRET }, /two halves/],
  ];
  for (const [code, env, message] of /** @type {[string, any, RegExp][]} */ (cases)) {
    const error = await failureOf(createFalClient({ env, fetch: emulator.fetch }).run("emulator/echo"));
    assert.ok(error instanceof CredentialsError);
    assert.equal(error.code, code);
    assert.match(error.message, message);
    assertSilent(error, code);
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("a store that fails is said, with its reason", async () => {
  const cause = new Error("the store is down");
  const env = { FAL_KEY: { get: () => Promise.reject(cause) } };
  const error = await failureOf(createFalClient({ env, fetch: emulator.fetch }).run("emulator/echo"));
  assert.deepEqual([error.code, error.cause], ["credentials_missing", cause]);
});

test("a refused key and a locked account are told apart", async () => {
  const run = (/** @type {string} */ key) => failureOf(sent({ env: { FAL_KEY: key } }));
  const [unknown, locked] = [await run("who:knows"), await run(LOCKED_KEY)];
  assert.deepEqual([unknown.status, unknown.code], [401, "unauthorized"]);
  assert.deepEqual([locked.status, locked.code], [403, "balance_exhausted"]);
  assert.match(locked.message, /Exhausted balance/);
});
