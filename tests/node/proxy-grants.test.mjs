/** Grants: a call that the app's own server allows, for one visitor, one endpoint, once, by its rules and at its price. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits, redisLimits } from "fal-wasm/limits";
import { createFalProxy, grant } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { assertSilent, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { TOKEN, startRedis } from "../lib/redis.mjs";
import { PROXY_URL, byHeader, callTo, said, visitor } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const redis = await startRedis();
beforeEach(() => emulator.control({ reset: true }));
after(() => (emulator.stop(), redis.stop()));

const RUN = "https://fal.run/emulator/echo";
const SUBMIT = "https://queue.fal.run/emulator/echo";
const SECRET = "s".repeat(32);
const ANN = { id: "ann" };
const NEWER = "https://rest.fal.ai/tokens/realtime";

/** A grant for Ann. @param {any} [options] */
const make = (options) => grant({ endpoint: "emulator/echo", principal: ANN, expires: 60, secret: SECRET, ...options });

const limits = (/** @type {any} */ more) => ({
  store: memoryLimits(),
  requests: { max: 1000, windowSeconds: 60 },
  ...more,
});

/** @param {any} [options] */
function proxyWith(options) {
  /** @type {any[]} */
  const told = [];
  /** @type {any[]} */
  const decisions = [];
  const proxy = createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/**", "workflows/emulator/**"],
    grantedEndpoints: ["emulator/echo", "workflows/emulator/postcard"],
    ownership: false,
    secret: SECRET,
    credentials: KEY,
    fetch: emulator.fetch,
    limits: limits(),
    onError: (error, { step }) => void told.push({ error, step }),
    onDecision: (decision) => void decisions.push(decision),
    ...options,
  });
  /** @param {string} target @param {string} [text] @param {any} [headers] @param {any} [init] */
  const ask = async (target, text, headers, init) => {
    const answer = await proxy(
      callTo(target, { headers: { ...(text !== undefined && { "x-fal-grant": text }), ...headers }, ...init }),
    );
    if (answer.ok) return answer.arrayBuffer().then(() => [answer.status]);
    return said(answer).catch(() => [answer.status]);
  };
  return { ask, proxy, told, decisions };
}

const sent = async () => (await emulator.seen()).requests.length;

test("what needs a grant runs with one and not without, by every way it is reached", async () => {
  const { ask, decisions } = proxyWith({ realtimeTokens: { olderContract: true } });
  const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
  for (const target of [RUN, SUBMIT, `${RUN}/stream`, `${RUN}/dev`])
    assert.deepEqual(await ask(target), [403, "grant_required"], target);
  assert.deepEqual(await ask(NEWER, undefined, {}, { body }), [403, "grant_required"]);
  const older = JSON.stringify({ allowed_apps: ["echo"] });
  assert.deepEqual(await ask("https://rest.fal.ai/tokens/", await make(), {}, { body: older }), [
    403,
    "endpoint_not_allowed",
  ]);
  assert.equal(await sent(), 0);
  const streamed = "https://fal.run/workflows/emulator/postcard/stream";
  assert.deepEqual(await ask(streamed), [403, "grant_required"]);
  for (const [target, endpoint, id] of [
    [RUN, "emulator/echo", "order-1"],
    [SUBMIT, "emulator/echo", "order-2"],
    [streamed, "workflows/emulator/postcard", "order-3"],
    [streamed, "workflows/emulator/postcard/stream", "order-4"],
  ]) {
    assert.deepEqual(
      await ask(String(target), await make({ endpoint, id }), {}, { body: `{"prompt":"hi"}` }),
      [200],
      `${target} ${endpoint}`,
    );
    await until(() => decisions.some(({ code, grant }) => code === "ok" && grant === id));
  }
  // What needs none is as it was, and following a job needs none.
  const free = proxyWith({ grantedEndpoints: ["emulator/echo/dev"] });
  assert.deepEqual(await free.ask(RUN), [200]);
});

test("a page hands it over with the client as it is, by `headers` of a call", async () => {
  const { proxy } = proxyWith();
  const { data } = await visitor(proxy, "ann").subscribe("emulator/echo", {
    input: { prompt: "hi" },
    headers: { "x-fal-grant": await make() },
  });
  assert.equal(data.input.prompt, "hi");
  const refused = visitor(proxy, "ann").run("emulator/echo", { input: {} });
  await assert.rejects(refused, (/** @type {any} */ error) => error.code === "grant_required");
  // A page of another origin may send it.
  const preflight = await proxyWith({ trustedOrigins: ["https://other.example"] }).proxy(
    new Request(PROXY_URL, { method: "OPTIONS", headers: { origin: "https://other.example" } }),
  );
  assert.match(preflight.headers.get("access-control-allow-headers") ?? "", /x-fal-grant/);
});

test("it is for its endpoint and its visitor, until it ends, and none that this app has not signed", async (t) => {
  const clock = stopClock(t);
  const { ask, decisions } = proxyWith();
  const text = await make({ id: "order-17" });
  assertSilent(text);
  assert.ok(!text.includes("ann"), "who it is for is not in it");
  for (const [target, shown, headers, code] of /** @type {[string, string, any, string][]} */ ([
    [`${RUN}/dev`, text, {}, "grant_mismatch"],
    [RUN, await make({ endpoint: "emulator/echo/dev" }), {}, "grant_mismatch"],
    [RUN, await make({ endpoint: "emulator/echo/stream" }), {}, "grant_mismatch"],
    [RUN, text, { "x-visitor": "bob" }, "grant_mismatch"],
    [RUN, "", {}, "grant_invalid"],
    [RUN, `${text}x`, {}, "grant_invalid"],
    [RUN, text.replace("order-17", "order-18"), {}, "grant_invalid"],
    [RUN, text.replace(/;\d+;/, ";999999999999;"), {}, "grant_invalid"],
    [RUN, `${text.slice(0, -43)}${"A".repeat(43)}`, {}, "grant_invalid"],
    [RUN, await make({ secret: "o".repeat(32) }), {}, "grant_invalid"],
  ]))
    assert.deepEqual(await ask(target, shown, headers), [403, code], `${target} ${shown}`);
  await until(() => decisions.length === 10);
  // Whose grant was tried is told, and no name that nobody has signed.
  assert.deepEqual(
    decisions.map(({ grant: id }) => id).filter((id) => id?.startsWith("order")),
    ["order-17", "order-17"],
  );
  clock.pass(59_000);
  assert.deepEqual(await ask(RUN, text), [200]);
  const late = await make({ id: "late", expires: 1 });
  clock.pass(1_000);
  assert.deepEqual(await ask(RUN, late), [403, "grant_expired"]);
  assert.equal(await sent(), 1);
});

test("a proxy that knows no grants says so, and one without a secret tells its operator", async () => {
  const none = proxyWith({ grantedEndpoints: undefined });
  assert.deepEqual(await none.ask(RUN, await make()), [403, "grant_invalid"]);
  const { ask, told } = proxyWith({ secret: undefined });
  assert.deepEqual(await ask(RUN, await make()), [500, "misconfigured"]);
  assert.deepEqual([told.length, told[0]?.step], [1, "secret"]);
  assert.match(told[0]?.error.message, /FAL_PROXY_SECRET/);
  const fromEnv = proxyWith({ secret: undefined, env: { FAL_PROXY_SECRET: SECRET } });
  assert.deepEqual(await fromEnv.ask(RUN, await make()), [200]);
});

test("its rules hold beside those of the proxy, and what they refuse leaves it unused", async () => {
  const { ask } = proxyWith({ inputs: { "emulator/echo": { num_images: { max: 4 } } } });
  const text = await make({ inputs: { num_images: { max: 2 }, quality: { fixed: "low" } } });
  for (const body of ['{"num_images":3}', '{"quality":"high"}', '{"num_images":"2"}'])
    assert.deepEqual((await ask(RUN, text, {}, { body }))[0], 422, body);
  assert.deepEqual(
    (await ask(RUN, await make({ inputs: { num_images: { max: 9 } } }), {}, { body: '{"num_images":5}' }))[0],
    422,
  );
  assert.deepEqual(await ask(RUN, text, {}, { body: '{"num_images":2}' }), [200]);
  const { requests } = await emulator.seen();
  assert.equal(requests.length, 1);
  const inputs = { "emulator/echo": { seed: { min: 0 } } };
  const unruled = { realtimeTokens: { unruled: true }, inputs };
  const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
  const ruled = await make({ endpoint: "emulator/echo/realtime", inputs: { num_images: { max: 1 } } });
  assert.deepEqual(await proxyWith(unruled).ask(NEWER, ruled, {}, { body }), [403, "grant_mismatch"]);
});

test("its price is what is reserved, whatever the price list says, and no budget is exceeded by it", async () => {
  const spending = { max: 10, prices: { "emulator/echo": 1 } };
  const { ask, decisions } = proxyWith({ limits: limits({ spending }), grantedEndpoints: ["emulator/**"] });
  assert.deepEqual(await ask(RUN, await make({ price: 4 })), [200]);
  assert.deepEqual(
    await ask(
      "https://fal.run/emulator/bytes",
      await make({ endpoint: "emulator/bytes", price: { price: 2, units: 1.5 } }),
    ),
    [200],
  );
  await until(() => decisions.length === 2);
  assert.deepEqual(
    decisions.map(({ reserved }) => reserved),
    [4, 3],
  );
  const dear = await make({ price: 11 });
  assert.deepEqual(await ask(RUN, dear), [429, "budget_exhausted"]);
  assert.deepEqual(await ask(RUN, await make()), [200], "without a price: that of the list");
  await until(() => decisions.length === 4);
  assert.equal(decisions[3]?.reserved, 1);
});

test("what provably did not run leaves a grant unused, and what may have run does not", async () => {
  const { ask } = proxyWith();
  const text = await make();
  const fault = (/** @type {any} */ then) => emulator.control({ faults: [{ match: {}, times: 1, then }] });
  await fault({ status: 429 });
  assert.deepEqual((await ask(RUN, text))[0], 429);
  await fault({ status: 504 });
  await until(async () => (await ask(RUN, text))[0] === 504);
  assert.deepEqual(await ask(RUN, text), [403, "grant_used"]);
});

test("the same call may come again with its idempotency key, and does not run twice", async () => {
  const { ask } = proxyWith();
  const text = await make();
  const key = { "idempotency-key": "k" };
  assert.deepEqual(await ask(RUN, text, key), [200]);
  await until(async () => (await ask(RUN, text, key))[0] === 200);
  for (const other of [{}, { "idempotency-key": "l" }, { "idempotency-key": "" }])
    assert.deepEqual(await ask(RUN, text, other), [403, "grant_used"]);
  assert.deepEqual(await ask(RUN, text, key, { body: '{"n":1}' }), [403, "grant_used"]);
  assert.deepEqual(await ask(SUBMIT, text, key), [403, "grant_used"]);
  assert.equal(await sent(), 1);
});

test("watching does not make a grant good for two calls", async () => {
  const spending = { max: 1, prices: { "emulator/**": 5 } };
  const { ask } = proxyWith({ mode: "watch", limits: limits({ spending }) });
  assert.deepEqual(await ask(RUN), [403, "grant_required"]);
  const text = await make();
  assert.deepEqual(await ask(RUN, text), [429, "budget_exhausted"]);
  const cheap = await make({ price: 0.5 });
  assert.deepEqual([await ask(RUN, cheap), await ask(RUN, cheap)], [[200], [403, "grant_used"]]);
});

for (const [name, store] of /** @type {[string, () => any][]} */ ([
  ["memory", () => memoryLimits()],
  ["Redis", () => redisLimits({ url: redis.url, token: TOKEN, prefix: `grants${Math.random()}:` })],
])) {
  test(`of fifty uses at once on two servers one passes, and a token is a use (${name})`, async () => {
    const shared = store();
    const options = { limits: limits({ store: shared }), realtimeTokens: true };
    const servers = [0, 1].map(() => proxyWith(options));
    const uses = async (/** @type {(n: number) => [string, any]} */ call, /** @type {string} */ text) => {
      const answers = await Promise.all(
        Array.from({ length: 50 }, (_, n) => servers[n % 2]?.ask(call(n)[0], text, {}, call(n)[1])),
      );
      const codes = answers.map((answer) => answer?.[1] ?? answer?.[0]);
      return [200, "grant_used"].map((code) => codes.filter((one) => one === code).length);
    };
    assert.deepEqual(await uses((n) => [n % 3 ? RUN : SUBMIT, {}], await make()), [1, 49]);
    // Two texts of one order are one grant.
    const twice = [await make({ id: "order-1", expires: 60 }), await make({ id: "order-1", expires: 61 })];
    assert.deepEqual(await servers[0]?.ask(RUN, twice[0]), [200]);
    assert.deepEqual(await servers[1]?.ask(RUN, twice[1]), [403, "grant_used"]);
    const body = JSON.stringify({ allowed_apps: ["emulator/echo/realtime"] });
    const token = await make({ endpoint: "emulator/echo/realtime" });
    assert.deepEqual(await uses(() => [NEWER, { body }], token), [1, 49]);
    const two = JSON.stringify({ allowed_apps: ["emulator/echo/realtime", "emulator/echo/stream"] });
    const other = await make({ endpoint: "emulator/echo/realtime" });
    assert.deepEqual(await servers[0]?.ask(NEWER, other, {}, { body: two }), [403, "grant_mismatch"]);
    assert.equal(await sent(), 3);
  });
}

test("a grant that cannot be is a mistake that shows where it is made", async () => {
  for (const [wrong, what] of /** @type {[any, RegExp][]} */ ([
    [{ endpoint: "echo" }, /./],
    [{ endpoint: "emulator/**" }, /./],
    [{ principal: { id: "" } }, /`principal`/],
    [{ principal: undefined }, /`principal`/],
    [{ expires: undefined }, /`expires`/],
    [{ expires: 0 }, /`expires`/],
    [{ expires: Date.now() / 1000 }, /`expires`/],
    [{ price: -1 }, /`price`/],
    [{ price: {} }, /price/],
    [{ id: "a b" }, /`id`/],
    [{ secret: "short" }, /`secret`/],
    [{ inputs: {} }, /`inputs`/],
    [{ inputs: { n: { maxx: 1 } } }, /max/],
    [{ inputs: Object.fromEntries(Array.from({ length: 200 }, (_, n) => [`field${n}`, { max: n }])) }, /`inputs`/],
    [{ endpiont: "x" }, /endpoint/],
  ])) {
    await assert.rejects(make(wrong), (/** @type {any} */ error) => {
      assert.ok(["invalid_option", "invalid_endpoint_id"].includes(error.code), JSON.stringify(wrong));
      assert.match(error.message, what);
      assertSilent(error.message);
      return true;
    });
  }
  for (const wrong of [{ grantedEndpoints: [] }, { grantedEndpoints: ["fal-ai/**"] }, { limits: undefined }])
    assert.throws(() => proxyWith(wrong), { code: "invalid_option" }, JSON.stringify(wrong));
});
