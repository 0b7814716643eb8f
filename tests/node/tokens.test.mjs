/** Short-lived tokens through the proxy: only where they are allowed, for no more than that, and for as long as it says. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { assertSilent } from "../lib/expect.mjs";
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
    realtimeTokens: { expirationSeconds: 30 },
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

test("a policy that cannot be is a mistake that shows at once", () => {
  for (const expirationSeconds of [-1, 0.5, 1e9, "x"]) {
    assert.throws(() => proxyWith({ realtimeTokens: { expirationSeconds } }), { code: "invalid_option" });
  }
});
