/** What the proxy holds within bounds: bodies, waiting, and what its app's hooks do. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, beforeEach, test } from "node:test";

import { createFalProxy } from "fal-wasm/proxy";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { assertSilent, pause, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { byHeader, callTo, said } from "../lib/visitors.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** @param {any} [policy] */
const proxyWith = (policy) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*", "fal-ai/**"],
    credentials: KEY,
    fetch: emulator.fetch,
    ...policy,
  });

const ECHO = "https://fal.run/emulator/echo";
const KIB = 1024;
const MIB = 1024 * KIB;

/** A body that comes in pieces, and how much of it was taken. @param {number} size @param {number} [piece] */
function pieces(size, piece = 64 * KIB) {
  const taken = { bytes: 0, cancelled: false };
  const body = new ReadableStream(
    {
      pull(controller) {
        const next = Math.min(piece, size - taken.bytes);
        taken.bytes += next;
        if (next > 0) controller.enqueue(new Uint8Array(next).fill(32));
        else controller.close();
      },
      cancel: () => void (taken.cancelled = true),
    },
    { highWaterMark: 0 },
  );
  return { body, taken };
}

/** A `fetch` that takes all of a body and says how long it was. */
async function swallow(/** @type {any} */ _url, /** @type {any} */ { body, signal }) {
  let bytes = 0;
  for await (const chunk of new Response(body).body ?? []) bytes += chunk.byteLength;
  signal.throwIfAborted();
  return Response.json({ bytes });
}

test("a body that is too large is refused: at once when it says so, else where it becomes too large", async () => {
  const proxy = proxyWith({ maxBodyBytes: 3 * MIB, fetch: swallow });
  const declared = pieces(1);
  const early = await proxy(callTo(ECHO, { body: declared.body, headers: { "content-length": String(4 * MIB) } }));
  assert.deepEqual(await said(early), [413, "body_too_large"]);
  assert.equal(declared.taken.bytes, 0);
  const silent = pieces(1024 * MIB);
  assert.deepEqual(await said(await proxy(callTo(ECHO, { body: silent.body }))), [413, "body_too_large"]);
  assert.ok(silent.taken.bytes <= 3 * MIB + 4 * 64 * KIB, `${silent.taken.bytes} bytes were taken`);
  const lying = await proxy(callTo(ECHO, { body: pieces(5 * MIB).body, headers: { "content-length": "5" } }));
  assert.deepEqual(await said(lying), [413, "body_too_large"]);
  const fine = await proxy(callTo(ECHO, { body: pieces(3 * MIB).body }));
  assert.deepEqual(await fine.json(), { bytes: 3 * MIB });
});

test("a gigabyte goes through in either direction, and is never all here", async () => {
  let most = 0;
  const seen = () => void (most = Math.max(most, process.memoryUsage().rss));
  const answer = async (/** @type {any} */ _url, /** @type {any} */ { body }) => {
    let bytes = 0;
    for await (const chunk of body) {
      bytes += chunk.byteLength;
      if (bytes % (16 * MIB) === 0) seen();
    }
    assert.equal(bytes, 1024 * MIB);
    return new Response(pieces(1024 * MIB, 256 * KIB).body, {
      headers: { "content-type": "application/octet-stream" },
    });
  };
  const proxy = proxyWith({ maxBodyBytes: 2048 * MIB, fetch: answer, onDecision: () => {} });
  const before = process.memoryUsage().rss;
  const { body } = await proxy(callTo(ECHO, { body: pieces(1024 * MIB, 256 * KIB).body }));
  let bytes = 0;
  for await (const chunk of /** @type {any} */ (body)) {
    bytes += chunk.byteLength;
    if (bytes % (16 * MIB) === 0) seen();
  }
  assert.equal(bytes, 1024 * MIB);
  assert.ok(most - before < 200 * MIB, `${Math.round((most - before) / MIB)} MiB more`);
});

test("a body that trickles is not waited for: small, large, and the one that names what a token is for", async (t) => {
  for (const [name, options, target, first] of /** @type {[string, any, string, number][]} */ ([
    ["that is read whole", { inputs: { "emulator/*": { n: { max: 1 } } } }, ECHO, 10],
    ["that is small", {}, ECHO, 10],
    ["that streams", { fetch: swallow }, ECHO, 2 * MIB],
    ["for a token", { realtimeTokens: true }, "https://rest.fal.ai/tokens/realtime", 10],
  ])) {
    await t.test(name, async (t) => {
      const clock = stopClock(t);
      let pulls = 0;
      let cancelled = false;
      const body = new ReadableStream(
        {
          async pull(controller) {
            pulls += 1;
            if (pulls === 1) controller.enqueue(new Uint8Array(first).fill(32));
            // A second for each byte; the time that it takes is counted, not when it was asked for.
            else setTimeout(() => controller.enqueue(new Uint8Array(1)), 1_000);
          },
          cancel: () => void (cancelled = true),
        },
        { highWaterMark: 0 },
      );
      let isOver = false;
      const answer = proxyWith(options)(callTo(target, { body })).finally(() => (isOver = true));
      const allowed = 30 + Math.floor(first / (16 * KIB));
      let seconds = 0;
      while (!isOver) {
        await pause(1);
        if (isOver) break;
        if (clock.passed() / 1_000 < pulls - 1) {
          clock.pass(1_000);
          seconds += 1;
        }
        assert.ok(seconds <= allowed + 1, "it is still waited for");
      }
      assert.deepEqual(await said(await answer), [408, "body_too_slow"]);
      assert.ok(seconds >= allowed - 1, `${seconds} seconds`);
      assert.ok(cancelled);
    });
  }
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("a body is not slow because fal takes it slowly", async (t) => {
  const clock = stopClock(t);
  const slowly = async (/** @type {any} */ _url, /** @type {any} */ { body }) => {
    let bytes = 0;
    for await (const { byteLength } of body) {
      bytes += byteLength;
      clock.pass(60_000);
    }
    return Response.json({ bytes });
  };
  const answer = await proxyWith({ fetch: slowly })(callTo(ECHO, { body: pieces(4 * MIB).body }));
  assert.deepEqual([answer.status, await answer.json()], [200, { bytes: 4 * MIB }]);
  assert.ok(clock.passed() > 600_000);
});

test("a body that breaks off reaches nobody", async () => {
  const broken = new ReadableStream({
    pull: (controller) => controller.error(new Error("the visitor is gone")),
  });
  assert.deepEqual(await said(await proxyWith()(callTo(ECHO, { body: broken }))), [400, "body_incomplete"]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("who does not begin to answer in time has not answered", async (t) => {
  const clock = stopClock(t);
  const late = async (/** @type {Promise<Response>} */ answer) => {
    await clock.armed(50);
    clock.pass(50);
    return said(await answer);
  };
  const proxy = proxyWith({ timeouts: { run: 50, result: 50 } });
  const slow = proxy(callTo("https://fal.run/emulator/slow", { body: '{"seconds":3600}' }));
  assert.deepEqual(await late(slow), [504, "upstream_timeout"]);
  const deaf = proxyWith({ timeouts: { run: 50 }, fetch: () => new Promise(() => {}) });
  assert.deepEqual(await late(deaf(callTo(ECHO))), [504, "upstream_timeout"], "nor if it never hears of it");
});

test("the time of the answer begins when the question is over: a slow visitor is not fal's fault", async (t) => {
  const clock = stopClock(t);
  let left = 30;
  const body = new ReadableStream({
    async pull(controller) {
      await pause(0);
      clock.pass(10);
      if (left-- > 0) controller.enqueue(new Uint8Array(64 * KIB));
      else controller.close();
    },
  });
  assert.equal((await proxyWith({ timeouts: { run: 200 }, fetch: swallow })(callTo(ECHO, { body }))).status, 200);
  assert.ok(clock.passed() > 200);
});

test("a visitor who leaves takes the call to fal along: before the answer, and in the middle of it", async () => {
  /** @type {AbortSignal[]} */
  const signals = [];
  const fetch = (/** @type {any} */ url, /** @type {any} */ init) => {
    signals.push(init.signal);
    return emulator.fetch(url, init);
  };
  const proxy = proxyWith({ fetch });
  const leaving = new AbortController();
  const waits = proxy(callTo("https://fal.run/emulator/slow", { signal: leaving.signal }));
  await until(() => signals.length === 1);
  leaving.abort();
  assert.deepEqual(await said(await waits), [499, "client_left_waiting"], "neither fal nor the body is to blame");

  let cancelled = false;
  const endless = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1024)),
    cancel: () => void (cancelled = true),
  });
  for (const onDecision of [undefined, () => {}]) {
    cancelled = false;
    const { body } = await proxyWith({ onDecision, fetch: async () => new Response(endless) })(callTo(ECHO));
    const reader = /** @type {ReadableStream} */ (body).getReader();
    await reader.read();
    await reader.cancel();
    await until(() => cancelled);
    if (!onDecision) break;
  }
});

test("a hook that never comes back holds up nothing", async () => {
  const never = () => new Promise(() => {});
  const proxy = proxyWith({ onKeyLeak: never, onDecision: never });
  assert.deepEqual(await said(await proxy(callTo(ECHO, { headers: { "x-a": KEY } }))), [401, "credentials_in_browser"]);
  assert.equal((await (await proxy(callTo(ECHO))).json()).input !== undefined, true);
});

test("every call is told of, without what was asked and answered", async () => {
  /** @type {any[]} */
  const told = [];
  const proxy = proxyWith({ onDecision: (/** @type {any} */ decision) => void told.push(decision) });
  const prompt = "a secret wish";
  const answer = await proxy(callTo("https://queue.fal.run/emulator/echo", { body: JSON.stringify({ prompt }) }));
  const { request_id: requestId } = await answer.json();
  await (await proxy(callTo("https://fal.run/other/app"))).text();
  await (await proxy(callTo(ECHO, { headers: { "x-visitor": "" } }))).text();
  await until(() => told.length === 3);
  // Each is told when it is over, whichever came first.
  const of = (/** @type {string} */ wanted) => {
    const { ms, bytes, ...rest } = told.find(({ code }) => code === wanted);
    return { ...rest, measured: ms >= 0 && bytes > 0 === (wanted === "ok") };
  };
  const [fine, refused, unknown] = ["ok", "endpoint_not_allowed", "unauthenticated"].map(of);
  const { policy } = fine;
  assert.match(policy, /^[0-9a-f]{16}$/);
  const common = { complete: true, measured: true, policy };
  const submit = { principal: "ann", route: "submit", endpoint: "emulator/echo", requestId, code: "ok", status: 200 };
  const key = createHash("sha256").update(KEY).digest("hex").slice(0, 8);
  assert.deepEqual(fine, { ...submit, key, ...common });
  assert.deepEqual(refused, {
    principal: "ann",
    requestId: undefined,
    code: "endpoint_not_allowed",
    status: 403,
    ...common,
  });
  assert.deepEqual(unknown, { requestId: undefined, code: "unauthenticated", status: 401, ...common });
  assert.ok(!JSON.stringify(told).includes(prompt));
  assertSilent(told);
});

test("a call that a visitor leaves is told of as such", async () => {
  /** @type {any[]} */
  const told = [];
  const proxy = proxyWith({ onDecision: (/** @type {any} */ decision) => void told.push(decision) });
  const answer = await proxy(callTo("https://fal.run/emulator/bytes", { body: JSON.stringify({ size: 4 * MIB }) }));
  const reader = /** @type {ReadableStream} */ (answer.body).getReader();
  await reader.read();
  await reader.cancel();
  await until(() => told.length === 1);
  assert.equal(told[0].complete, false);
  assert.ok(told[0].bytes < 4 * MIB);
});

test("bounds that are none are mistakes", () => {
  for (const [option, value] of /** @type {[string, any][]} */ ([
    ["maxBodyBytes", 0],
    ["maxBodyBytes", "1"],
    ["timeouts", { run: -1 }],
    ["webhookUrl", "javascript:x"],
    ["secret", "too short"],
    ["ownership", { expirationSeconds: 0 }],
    ["scope", "ADMIN"],
  ])) {
    assert.throws(() => proxyWith({ [option]: value }), {
      code: "invalid_option",
      message: new RegExp(`\`${option}\``),
    });
  }
});
