/** Visitors who bring a fal key of their own: whose account pays, who is told what, and the cookie that a key lives in. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy, forgetKey, openKey, sealKey } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { assertSilent, failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY, LOCKED_KEY, OTHER_KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";
const SECRET = "s".repeat(32);

/** A proxy, with what it sent with which key, and what the operator is told. @param {any} options */
function proxyWith(options) {
  /** @type {string[]} */
  const keys = [];
  /** @type {{ error: any, step: string }[]} */
  const told = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    // What must never take the place of a visitor's own.
    env: { FAL_KEY: KEY, FAL_KEY_NEXT: KEY, FAL_KEY_ID: "id", FAL_KEY_SECRET: "secret" },
    onError: (error, { step }) => void told.push({ error, step }),
    fetch: (/** @type {any} */ url, /** @type {any} */ init) => {
      keys.push(new Headers(init.headers).get("authorization") ?? "");
      return emulator.fetch(url, init);
    },
    ...options,
  });
  return { proxy, keys, told };
}

test("each visitor's calls are paid with the visitor's own key, asked for once per call with who asks", async () => {
  /** @type {any[]} */
  const asked = [];
  const { proxy, keys } = proxyWith({
    credentials: async (/** @type {Request} */ request, /** @type {any} */ { id }, /** @type {any} */ env) => {
      asked.push([request.headers.get("x-visitor"), id, env.FAL_KEY]);
      return id === "ann" ? KEY : OTHER_KEY;
    },
  });
  for (const [name, key] of [
    ["ann", KEY],
    ["bob", OTHER_KEY],
  ]) {
    const calls = keys.length;
    const { data } = await visitor(proxy, String(name)).subscribe("emulator/echo", { input: { prompt: "hi" } });
    assert.equal(data.input.prompt, "hi");
    assert.ok(keys.length > calls);
    assert.deepEqual([...new Set(keys.slice(calls))], [`Key ${key}`]);
  }
  assert.equal(asked.length, keys.length, "once for each call");
  assert.deepEqual(asked[0], ["ann", "ann", KEY]);
});

test("who has no key is told so, nothing is counted or sent, and no other key takes its place", async () => {
  for (const nothing of [undefined, null, "", "  "]) {
    const limits = { store: { reserve: () => assert.fail("counted"), settle: async () => {} }, concurrent: 1 };
    for (const credentials of [
      (/** @type {Request} */ _request) => nothing,
      async (/** @type {Request} */ _request, /** @type {any} */ _principal) => nothing,
    ]) {
      const { proxy, keys, told } = proxyWith({ credentials, limits });
      for (const target of [RUN, SUBMIT, "https://rest.fal.ai/storage/upload/initiate?storage_type=fal-cdn-v3"]) {
        assert.deepEqual(await said(await proxy(callTo(target))), [403, "key_required"]);
      }
      assert.deepEqual([keys, told], [[], []]);
    }
    // A function of the app's own that gives nothing is the operator's affair; it falls back to nothing, either.
    for (const credentials of [() => nothing, { get: async () => nothing }, [() => nothing, () => KEY]]) {
      const { proxy, keys, told } = proxyWith({ credentials });
      assert.deepEqual(await said(await proxy(callTo(RUN))), [500, "misconfigured"]);
      assert.deepEqual([keys, told.map(({ step }) => step)], [[], ["credentials"]]);
    }
  }
});

test("a key that fal refuses, and one that is none, are told to the visitor whose key it is, and to nobody else", async () => {
  for (const [key, sent] of /** @type {[string, number][]} */ ([
    ["8c5dbd43-03f5-4ef1-9c5c-000000000000:00000000000000000000000000000000", 1],
    [LOCKED_KEY, 1],
    ["what I typed", 0],
  ])) {
    const store = memoryLimits();
    const { proxy, keys, told } = proxyWith({
      credentials: (/** @type {Request} */ _request) => key,
      allowedEndpoints: ["emulator/**"],
      realtimeTokens: true,
      limits: { store, requests: { max: 100, windowSeconds: 60 }, concurrent: 1 },
    });
    for (const target of [RUN, SUBMIT, "https://rest.fal.ai/tokens/realtime"]) {
      const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
      assert.deepEqual(await said(await proxy(callTo(target, { body }))), [403, "key_refused"], target);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.deepEqual([keys.length, told], [3 * sent, []]);
  }
});

test("a function that fails, or reads the body, is the app's mistake", async () => {
  const down = new Error("database down");
  const fails = proxyWith({ credentials: (/** @type {Request} */ _request) => Promise.reject(down) });
  assert.deepEqual(await said(await fails.proxy(callTo(RUN))), [500, "app_failed"]);
  assert.deepEqual(fails.told, [{ error: down, step: "credentials" }]);
  const reads = proxyWith({ credentials: async (/** @type {Request} */ request) => (await request.text()) && KEY });
  assert.deepEqual(await said(await reads.proxy(callTo(RUN))), [500, "app_failed"]);
  assert.match(reads.told[0]?.error.message, /`credentials`.*request\.clone\(\)/);
});

test("with a visitor's own key nobody is told of leaks as if they were the app's", async () => {
  /** @type {any[]} */
  const leaks = [];
  const { proxy } = proxyWith({
    credentials: (/** @type {Request} */ _request) => assert.fail("nobody is known yet"),
    onKeyLeak: (/** @type {any} */ _request, /** @type {any} */ leak) => void leaks.push(leak),
  });
  assert.deepEqual(await said(await proxy(callTo(RUN, { headers: { "x-a": KEY } }))), [401, "credentials_in_browser"]);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(leaks[0]?.ours, undefined);
});

const ann = { id: "ann" };

/** A request with a cookie, as a browser sends it. @param {string} setCookie @param {string} [before] */
const withCookie = (setCookie, before = "") =>
  new Request("https://app.example/", { headers: { cookie: `${before}${setCookie.split(";")[0]}; last=1` } });

test("a sealed key is opened for its visitor, and is nowhere to be read", async () => {
  const cookie = await sealKey(` ${KEY} `, { principal: ann, secret: SECRET });
  assert.match(cookie, /^__Host-fal-key=[\w.-]+; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Strict$/);
  assertSilent(cookie);
  assert.ok(
    !atob(/** @type {string} */ (cookie.split(/[.;]/)[2]).replaceAll("-", "+").replaceAll("_", "/")).includes(KEY),
  );
  assert.equal(await openKey(withCookie(cookie, "a=b; "), { principal: ann, secret: SECRET }), KEY);
  assert.notEqual(cookie, await sealKey(KEY, { principal: ann, secret: SECRET }), "another nonce each time");
  const { proxy, keys } = proxyWith({
    credentials: (/** @type {Request} */ request, /** @type {any} */ principal) =>
      openKey(request, { principal, secret: SECRET }),
  });
  const headers = { cookie: String(cookie.split(";")[0]) };
  assert.equal((await proxy(callTo(RUN, { headers }))).status, 200);
  assert.deepEqual(keys, [`Key ${KEY}`]);
  assert.deepEqual(await said(await proxy(callTo(RUN, { headers: { ...headers, "x-visitor": "bob" } }))), [
    403,
    "key_required",
  ]);
  assert.match(forgetKey(), /^__Host-fal-key=; Path=\/; Max-Age=0; HttpOnly; Secure; SameSite=Strict$/);
});

test("no changed byte, other visitor, other secret or later day opens a sealed key", async (t) => {
  const clock = stopClock(t);
  const next = "n".repeat(32);
  const cookie = await sealKey(KEY, { principal: ann, secret: SECRET, maxAgeSeconds: 60 });
  const open = (/** @type {any} */ more = {}, given = cookie) =>
    openKey(withCookie(given), { principal: ann, secret: SECRET, ...more });
  assert.equal(await open(), KEY);
  assert.equal(await open({ secret: [next, SECRET] }), KEY, "while one replaces the other");
  for (const more of [
    { principal: { id: "bob" } },
    { principal: { id: "ann " } },
    { secret: next },
    { secret: [next] },
  ])
    assert.equal(await open(more), undefined);
  const [value = ""] = cookie.split(";");
  const start = value.indexOf("=") + 1;
  for (let index = start; index < value.length; index += 1) {
    for (const char of "A1._-") {
      const changed = `${value.slice(0, index)}${char}${value.slice(index + 1)}`;
      if (changed === value) continue;
      // The last character has bits that stand for nothing.
      const isSame = index === value.length - 1;
      assert.ok([undefined, ...(isSame ? [KEY] : [])].includes(await open({}, changed)), `${index}: ${char}`);
    }
  }
  for (const value of ["", "1..", "1.9999999999.", "1.9999999999.A", `1.9999999999.${"A".repeat(20)}`, "%00", KEY])
    assert.equal(await open({}, `__Host-fal-key=${value}`), undefined, value);
  assert.equal(await openKey(new Request("https://app.example/"), { principal: ann, secret: SECRET }), undefined);
  clock.pass(60_000);
  assert.equal(await open(), undefined, "it has expired, whatever the browser says");
});

test("what is wrong with a seal is said without the key or the secret", async () => {
  for (const [key, options, says] of /** @type {[any, any, RegExp][]} */ ([
    ["no key", { principal: ann, secret: SECRET }, /key/i],
    [undefined, { principal: ann, secret: SECRET }, /key/i],
    [KEY, { principal: ann, secret: "too short" }, /`secret` takes a text of at least 32 bytes/],
    [KEY, { principal: ann, secret: [] }, /`secret`/],
    [KEY, { principal: { id: "" }, secret: SECRET }, /`principal`/],
    [KEY, { principal: ann }, /`secret` is missing/],
    [KEY, { principal: ann, secret: SECRET, maxAge: 5 }, /did you mean `maxAgeSeconds`/],
    [KEY, { principal: ann, secret: SECRET, maxAgeSeconds: 5 }, /`maxAgeSeconds` takes/],
    [KEY, { principal: ann, secret: SECRET, sameSite: "strict" }, /"Strict"/],
    [KEY, undefined, /options/],
  ])) {
    const error = await failureOf(sealKey(key, options));
    assert.match(error.message, says);
    assertSilent(error);
    assert.doesNotMatch(error.message, /too short|no key\b.*no key/);
  }
});
