/** When a call is sent again, when it is not, and what it says in the end. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient, isRetryableError } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { failureOf } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const env = { FAL_KEY: KEY };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** Answers from a list, then the last one again; counts, and notes when. @param {(() => any)[]} answers */
function play(...answers) {
  /** @type {{ url: string, at: number }[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url) => {
    sent.push({ url, at: performance.now() });
    return answers[Math.min(sent.length, answers.length) - 1]();
  };
  return { sent, fetch };
}

/** @param {number} status @param {Record<string, string>} [headers] @param {any} [body] */
const answer =
  (status, headers, body = {}) =>
  () =>
    Response.json(body, { status, headers });
const ok = answer(200, {}, { request_id: "r-1", status: "COMPLETED" });
const broken = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("read"), { code: "ECONNRESET" }) });
};
const refused = () => {
  throw new TypeError("fetch failed", { cause: Object.assign(new Error("connect"), { code: "ECONNREFUSED" }) });
};

test("a picture is not bought twice, unless its buyer says that does no harm", async () => {
  for (const trouble of [answer(502), answer(503), answer(504), broken]) {
    for (const [idempotent, requests] of /** @type {const} */ ([
      [undefined, 1],
      [false, 1],
      [true, 2],
    ])) {
      const { sent, fetch } = play(trouble, ok);
      const fal = createFalClient({ env, fetch, retry: { baseDelay: 1 } });
      for (const call of [() => fal.run("a/b", { idempotent }), () => fal.queue.submit("a/b", { idempotent })]) {
        sent.length = 0;
        const outcome = await call().then(
          () => 2,
          ({ attempts }) => attempts,
        );
        assert.deepEqual([outcome, sent.length], [requests, requests]);
      }
    }
  }
});

test("one request is one request", async () => {
  for (const trouble of [answer(429), answer(503, { "retry-after": "0" }), refused]) {
    const { sent, fetch } = play(trouble);
    const fal = createFalClient({ env, fetch, retry: { maxRetries: 0 } });
    await failureOf(fal.run("a/b"));
    await failureOf(fal.queue.status("a/b", { requestId: "r" }));
    assert.equal(sent.length, 2);
  }
});

test("a server that says how long is given exactly that, in each of the three forms", async (t) => {
  const clock = stopClock(t);
  for (const [headers, wait] of /** @type {[Record<string, string>, number][]} */ ([
    [{ "retry-after-ms": "120", "retry-after": "50" }, 120],
    [{ "retry-after": "1" }, 1_000],
    [{ "retry-after": "0.2" }, 200],
    [{ "retry-after": "in two seconds" }, 2_000],
    // A header that came twice, and a server whose clock is another.
    [{ "retry-after": "1, 1" }, 1_000],
    [{ "retry-after": "Sun, 06 Nov 1994 08:49:37 GMT", date: "Sun, 06 Nov 1994 08:49:34 GMT" }, 3_000],
  ])) {
    // A date has no milliseconds, so it is a whole second now.
    clock.pass(1_000 - (Date.now() % 1_000));
    if (headers["retry-after"] === "in two seconds")
      headers["retry-after"] = new Date(Date.now() + 2_000).toUTCString();
    const { sent, fetch } = play(answer(429, headers), ok);
    const call = createFalClient({ env, fetch }).run("a/b");
    await clock.armed(wait);
    assert.equal(sent.length, 1);
    clock.pass(wait);
    await call;
    assert.equal(Math.round(sent[1].at - sent[0].at), wait, JSON.stringify(headers));
  }
});

test("a wait that is too long is told at once, instead of waiting less than asked", async (t) => {
  const clock = stopClock(t);
  const cases = /** @type {[Record<string, string>, any, number, RegExp][]} */ ([
    [{ "retry-after": "61" }, {}, 61_000, /It asks to wait 61 s\. Trying again may help\.$/],
    [{ "retry-after-ms": "5000" }, { timeout: 2_000 }, 5_000, /It asks to wait 5 s\./],
  ]);
  for (const [headers, options, retryAfterMs, message] of cases) {
    const { sent, fetch } = play(answer(429, headers));
    const error = await failureOf(createFalClient({ env, fetch }).run("a/b", options));
    assert.equal(clock.passed(), 0);
    assert.deepEqual(
      [error.code, error.retryAfterMs, error.attempts, sent.length],
      ["rate_limited", retryAfterMs, 1, 1],
    );
    assert.match(error.message, message);
  }
});

test("a deadline is for all tries together, on every operation", async (t) => {
  await emulator.control({ faults: [{ match: {}, times: 99, then: { delay_ms: 600_000 } }] });
  const clock = stopClock(t);
  const fal = createFalClient({ env, fetch: emulator.fetch });
  const timeout = 150;
  const calls = [
    () => fal.run("emulator/echo", { timeout }),
    () => fal.queue.submit("emulator/echo", { timeout }),
    () => fal.queue.status("emulator/echo", { requestId: "r", timeout }),
    () => fal.queue.result("emulator/echo", { requestId: "r", timeout }),
    () => fal.queue.cancel("emulator/echo", { requestId: "r", timeout }),
    () => fal.storage.upload(new Blob(["x"]), { timeout }),
    () => fal.subscribe("emulator/echo", { timeout, cancelOnTimeout: false }),
  ];
  for (const call of calls) {
    const before = clock.passed();
    const failure = failureOf(call());
    await clock.armed(timeout);
    clock.pass(timeout);
    const error = await failure;
    assert.deepEqual([error.code, error.retryable], ["timeout", true]);
    assert.equal(clock.passed() - before, timeout, String(call));
  }
  // A rest that would end after the deadline is not begun: what is wrong is said, not that time is over.
  const { fetch } = play(answer(503));
  const patient = createFalClient({ env, fetch, retry: { baseDelay: 60_000, maxDelay: 60_000, enableJitter: false } });
  const error = await failureOf(patient.queue.status("a/b", { requestId: "r", timeout: 1_000 }));
  assert.deepEqual([error.status, error.attempts], [503, 1]);
});

test("a rest ends at once when the caller leaves", async (t) => {
  const clock = stopClock(t);
  const { sent, fetch } = play(answer(429, { "retry-after": "30" }));
  const controller = new AbortController();
  const call = failureOf(createFalClient({ env, fetch }).run("a/b", { abortSignal: controller.signal }));
  await clock.armed(30_000);
  assert.equal(sent.length, 1);
  controller.abort();
  assert.equal((await call).code, "aborted");
  assert.equal(clock.passed(), 0);
});

test("a client that has nothing left to spend stops trying, and earns it back", async () => {
  const retry = { baseDelay: 0, budget: 30 };
  const { sent, fetch } = play(answer(503));
  const fal = createFalClient({ env, fetch, retry });
  const ask = () => fal.queue.status("a/b", { requestId: "r" });
  for (let call = 0; call < 10; call += 1) await failureOf(ask());
  assert.equal(sent.length, 12, "ten calls and the two tries there was a budget for");
  const other = createFalClient({ env, fetch, retry });
  assert.equal((await failureOf(other.queue.status("a/b", { requestId: "r" }))).attempts, 3, "each client has its own");

  let well = true;
  const changing = createFalClient({ env, retry, fetch: async () => (well ? ok() : answer(503)()) });
  const again = () => changing.queue.status("a/b", { requestId: "r" });
  well = false;
  assert.equal((await failureOf(again())).attempts, 3);
  assert.equal((await failureOf(again())).attempts, 1);
  well = true;
  for (let call = 0; call < 28; call += 1) await again();
  well = false;
  assert.equal((await failureOf(again())).attempts, 3);

  const endless = createFalClient({ env, fetch, retry: { ...retry, budget: Infinity, maxRetries: 50 } });
  assert.equal((await failureOf(endless.queue.status("a/b", { requestId: "r" }))).attempts, 51);
});

test("the network is known in every runtime's words", async () => {
  const withCode = (/** @type {string} */ code) => Object.assign(new Error("x"), { code });
  const lost = [
    new TypeError("Failed to fetch"),
    new TypeError("NetworkError when attempting to fetch resource."),
    new TypeError("Load failed"),
    new TypeError("Network request failed"),
    new TypeError("fetch failed", { cause: withCode("UND_ERR_SOCKET") }),
    new TypeError("error sending request for url (https://fal.run/): connection closed before message completed"),
    new Error("Network connection lost."),
    Object.assign(new Error("The socket connection was closed unexpectedly."), { code: "ECONNRESET" }),
    new Error("wrapped", { cause: new Error("again", { cause: withCode("EPIPE") }) }),
  ];
  const never = [
    new TypeError("fetch failed", { cause: withCode("ENOTFOUND") }),
    new TypeError("fetch failed", { cause: withCode("UND_ERR_CONNECT_TIMEOUT") }),
    Object.assign(new Error("Unable to connect. Is the computer able to access the url?"), {
      code: "ConnectionRefused",
    }),
    new TypeError(
      "error sending request for url (https://fal.run/): client error (Connect): tcp connect error: Connection refused (os error 111)",
    ),
    new TypeError(
      "error sending request for url (https://fal.run/): client error (Connect): dns error: failed to lookup",
    ),
  ];
  for (const [errors, code, requests] of /** @type {[Error[], string, number][]} */ ([
    [lost, "connection_lost", 1],
    [never, "unreachable", 2],
  ])) {
    for (const cause of errors) {
      const { sent, fetch } = play(() => Promise.reject(cause));
      const error = await failureOf(createFalClient({ env, fetch, retry: { maxRetries: 1, baseDelay: 1 } }).run("a/b"));
      assert.deepEqual([error.code, sent.length, error.cause], [code, requests, cause], cause.message);
      assert.ok(isRetryableError(error, []) && isRetryableError(cause, []), cause.message);
    }
  }
});

test("what a fetch of the caller's own throws otherwise is its own failure, not tried again, and kept", async () => {
  for (const cause of [
    new Error("my bug"),
    new TypeError("x is undefined"),
    AbortSignal.timeout(0),
    "a text",
    undefined,
  ]) {
    const thrown = cause instanceof AbortSignal ? new DOMException("too slow", "TimeoutError") : cause;
    const { sent, fetch } = play(() => Promise.reject(thrown));
    const error = await failureOf(createFalClient({ env, fetch }).queue.status("a/b", { requestId: "r" }));
    assert.deepEqual([error.code, error.retryable, error.cause, sent.length], ["fetch_failed", false, thrown, 1]);
    assert.ok(!isRetryableError(error, [429]) && !isRetryableError(thrown, [429]));
  }
});

test("a fetch of the caller's own that gives no answer is an error, not a call without an end", async () => {
  for (const answer of [undefined, {}, { status: 200, headers: {}, json: async () => ({}) }]) {
    const fetch = /** @type {any} */ (async () => answer);
    const error = await failureOf(createFalClient({ env: { FAL_KEY: KEY }, fetch }).run("a/b"));
    assert.equal(error.code, "invalid_answer");
  }
});

test("a host that cannot be reached is asked under its other name, when that is wished for", async () => {
  const reaches = (/** @type {string} */ url) => /^https:\/\/(queue\.)?falrun\.com\//.test(url);
  const run = async (/** @type {any} */ config, /** @type {(fal: any) => Promise<any>} */ call) => {
    /** @type {string[]} */
    const sent = [];
    const fetch = async (/** @type {string} */ url, /** @type {any} */ { headers }) => {
      sent.push(`${url} ${headers.authorization === `Key ${KEY}`}`);
      return reaches(url) ? ok() : refused();
    };
    const fal = createFalClient({ env, fetch, retry: { maxRetries: 0 }, ...config });
    return [
      await call(fal).then(
        () => "done",
        ({ code }) => code,
      ),
      sent,
    ];
  };
  const both = { backupHosts: true };
  assert.deepEqual(await run({}, (fal) => fal.run("a/b")), ["unreachable", ["https://fal.run/a/b true"]]);
  assert.deepEqual(await run(both, (fal) => fal.run("a/b")), [
    "done",
    ["https://fal.run/a/b true", "https://falrun.com/a/b true"],
  ]);
  assert.deepEqual(await run(both, (fal) => fal.queue.submit("a/b", { maxQueueLength: 3 })), [
    "done",
    ["https://queue.fal.run/a/b?fal_max_queue_length=3", "https://queue.falrun.com/a/b?fal_max_queue_length=3"].map(
      (url) => `${url} true`,
    ),
  ]);
  assert.deepEqual((await run(both, (fal) => fal.storage.upload(new Blob(["x"]))))[0], "unreachable");
  // A connection that broke may have reached fal: that is not asked anywhere else.
  const { sent, fetch } = play(broken);
  await failureOf(createFalClient({ env, fetch, ...both }).run("a/b"));
  assert.equal(sent.length, 1);
  // Both out of reach: the tries go on as before, each with both names.
  const none = play(refused);
  const error = await failureOf(
    createFalClient({ env, fetch: none.fetch, retry: { maxRetries: 1, baseDelay: 1 }, ...both }).run("a/b"),
  );
  assert.deepEqual([error.code, error.attempts], ["unreachable", 4]);
  assert.deepEqual(
    none.sent.map(({ url }) => new URL(url).host),
    ["fal.run", "falrun.com", "fal.run", "falrun.com"],
  );
});

test("an empty list of statuses is no status, not the usual ones", async () => {
  const retry = { baseDelay: 1, retryableStatusCodes: [] };
  const none = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch, retry });
  await emulator.control({ faults: [{ match: {}, times: 9, then: { status: 429 } }] });
  assert.equal((await failureOf(none.run("emulator/echo", { input: {} }))).attempts, 1);
});
