/** Short-lived tokens through the proxy: only where they are allowed, for no more than that, and for as long as it says. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent, pause } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** What the proxy sent to fal. @type {{ url: string, body: any }[]} */
const sent = [];
beforeEach(() => void sent.splice(0));

/** @param {any} [policy] */
const proxyWith = (policy) =>
  createFalProxy({
    authenticate: () => ({ id: "somebody" }),
    allowedEndpoints: ["emulator/echo/**", "fal-ai/any-llm/realtime"],
    realtimeTokens: { expirationSeconds: 30, olderContract: true },
    credentials: KEY,
    fetch: (url, init) => {
      sent.push({ url, body: JSON.parse(new TextDecoder().decode(init.body)) });
      return emulator.fetch(url, init);
    },
    ...policy,
  });

const NEWER = "https://rest.fal.ai/tokens/realtime";
const OLDER = "https://rest.fal.ai/tokens/";

/** @param {string} target @param {any} body */
const ask = (target, body) =>
  new Request("https://app.example/api/fal/proxy", {
    method: "POST",
    headers: { "content-type": "application/json", "x-fal-target-url": target },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });

test("a token is for the endpoint that was asked for, and for the time that the policy says", async () => {
  const body = { allowed_apps: ["emulator/echo/realtime"], duration: 86_400, token_expiration: 86_400, admin: true };
  const answer = await proxyWith()(ask(NEWER, body));
  const { token } = await answer.json();
  assert.equal(typeof token, "string");
  assert.deepEqual(sent, [{ url: NEWER, body: { allowed_apps: ["emulator/echo/realtime"], duration: 30 } }]);
  assert.equal(answer.headers.get("cache-control"), "private, no-store, no-transform");
  assertSilent([token, ...answer.headers].join(" "));
});

test("the official client's way of asking works where all of the app is open, and is answered as it expects", async () => {
  const answer = await proxyWith()(ask(OLDER, { allowed_apps: ["echo"], token_expiration: 120 }));
  assert.equal(typeof (await answer.json()), "string");
  assert.deepEqual(sent, [{ url: OLDER, body: { allowed_apps: ["echo"], token_expiration: 30 } }]);
});

test("where fal does not know the newer contract the older one is asked, for apps that are open as a whole", async () => {
  const faults = [{ match: { path_contains: "/tokens/realtime" }, times: 9, then: { status: 404 } }];
  await emulator.control({ faults });
  const whole = await proxyWith()(ask(NEWER, { allowed_apps: ["emulator/echo/realtime"] }));
  assert.equal(typeof (await whole.json()).token, "string");
  assert.equal(sent.at(-1)?.url, OLDER);
  const part = await proxyWith()(ask(NEWER, { allowed_apps: ["fal-ai/any-llm/realtime"] }));
  assert.equal(part.status, 502);
  assert.equal(sent.length, 3);
});

test("nothing else is given, and fal is not asked", async () => {
  const cases = [
    [NEWER, { allowed_apps: ["fal-ai/veo3/realtime"] }],
    [NEWER, { allowed_apps: ["emulator/echo/realtime", "fal-ai/veo3/realtime"] }],
    [NEWER, { allowed_apps: ["echo"] }],
    [NEWER, { allowed_apps: ["emulator/echo"] }],
    [NEWER, { allowed_apps: ["emulator/echo/dev"] }],
    [NEWER, { allowed_apps: ["*"] }],
    [NEWER, { allowed_apps: [] }],
    [NEWER, { allowed_apps: [["emulator/echo/realtime"]] }],
    [NEWER, { allowed_apps: "emulator/echo/realtime" }],
    [NEWER, { allowed_apps: Array(17).fill("emulator/echo/realtime") }],
    [NEWER, {}],
    [NEWER, "null"],
    [NEWER, "no JSON"],
    [NEWER, `{"allowed_apps":["emulator/echo/realtime"],"padding":"${"x".repeat(5000)}"}`],
    [OLDER, { allowed_apps: ["any-llm"] }],
    [OLDER, { allowed_apps: ["*"] }],
    [OLDER, { allowed_apps: ["emulator/echo"] }],
  ];
  for (const [target, body] of /** @type {[string, any][]} */ (cases)) {
    const answer = await proxyWith()(ask(target, body));
    assert.deepEqual(
      [answer.status, (await answer.json()).error.code],
      [403, "endpoint_not_allowed"],
      JSON.stringify(body),
    );
  }
  const closed = await proxyWith({ realtimeTokens: undefined })(
    ask(NEWER, { allowed_apps: ["emulator/echo/realtime"] }),
  );
  assert.equal(closed.status, 403);
  assert.deepEqual(sent, []);
});

test("the older contract is used only where the app allows it, asked for or not", async () => {
  await emulator.control({
    faults: [{ match: { path_contains: "/tokens/realtime" }, times: 9, then: { status: 404 } }],
  });
  for (const realtimeTokens of [true, { expirationSeconds: 30 }, { olderContract: false }]) {
    const proxy = proxyWith({ realtimeTokens });
    assert.equal((await proxy(ask(OLDER, { allowed_apps: ["echo"] }))).status, 403);
    assert.equal((await proxy(ask(NEWER, { allowed_apps: ["emulator/echo/realtime"] }))).status, 502);
  }
  assert.deepEqual([...new Set(sent.map(({ url }) => url))], [NEWER]);
});

test("a token goes round no rule for inputs, unless the app says so", async () => {
  for (const pattern of ["emulator/echo", "emulator/**", "*/**", "emulator/*"]) {
    const inputs = { [pattern]: { num_images: { max: 1 } } };
    const questions = /** @type {[string, string][]} */ ([
      [NEWER, "emulator/echo/realtime"],
      [NEWER, "emulator/echo/stream"],
      [OLDER, "echo"],
    ]);
    for (const [target, name] of questions) {
      const question = () => ask(target, { allowed_apps: [name] });
      assert.equal((await proxyWith({ inputs })(question())).status, 403, `${pattern} ${name}`);
      const realtimeTokens = { olderContract: true, unruled: true };
      assert.equal((await proxyWith({ inputs, realtimeTokens })(question())).status, 200, `${pattern} ${name}`);
    }
  }
});

test("a token takes a place until it expires, and is paid for when it may have been issued", async () => {
  let now = 1_000_000;
  const limits = {
    store: memoryLimits({ now: () => now }),
    concurrent: 1,
    spending: { max: 3, tokenPrice: 1, prices: { "emulator/**": 1 } },
  };
  const proxy = proxyWith({ limits });
  const token = async () => {
    const answer = await proxy(ask(NEWER, { allowed_apps: ["emulator/echo/realtime"] }));
    const { error } = await answer.json();
    // What becomes of a call is counted after its answer.
    await pause(0);
    return error?.code ?? answer.status;
  };
  const codes = await Promise.all(Array.from({ length: 20 }, token));
  assert.deepEqual([codes.filter((code) => code === 200).length, sent.length], [1, 1]);
  now += 29_000;
  assert.equal(await token(), "too_many_jobs", "a connection can still be opened with it");
  now += 2_000;
  const faults = [
    { match: { path_contains: "/tokens/realtime" }, times: 1, then: { status: 422 } },
    { match: { path_contains: "/tokens/realtime" }, times: 1, then: { status: 504 } },
  ];
  await emulator.control({ faults });
  assert.equal(await token(), "upstream_broken");
  assert.equal(await token(), "upstream_broken", "the one before gave its place and its money back");
  now += 31_000;
  assert.equal(await token(), 200);
  now += 31_000;
  assert.equal(await token(), "budget_exhausted", "what was answered with 504 may have been issued");
});

test("a policy that cannot be is a mistake that shows at once", () => {
  for (const expirationSeconds of [-1, 0.5, 1e9, "x"]) {
    assert.throws(() => proxyWith({ realtimeTokens: { expirationSeconds } }), { code: "invalid_option" });
  }
});
