/** Sessions with world models through the proxy: who may open, keep and end them, and what they cost. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { memoryLimits, resumeRuns, stopRuns } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

import { KEY } from "../lib/keys.mjs";

const APP = "my-account/my-world";
const [ICE, SESSION, BEAT, OVER] = ["ice", "session", "session/heartbeat", "session/close"].map(
  (path) => `https://wma.fal.run/${path}`,
);
const OFFER = { app_id: APP, sdp: "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\n", type: "offer" };

/** A proxy in front of a pretended bridge: what is under test is what it lets through. @param {any} [options] */
function proxied({ answer, user = { id: "ann" }, ...options } = {}) {
  /** @type {{ url: string, body: any, headers: Headers }[]} */
  const calls = [];
  /** @type {any[]} */
  const decisions = [];
  const proxy = createFalProxy({
    authenticate: (/** @type {Request} */ request) => ({ id: request.headers.get("x-user") ?? user.id }),
    allowedEndpoints: [`${APP}/**`],
    env: { FAL_KEY: KEY },
    sessions: true,
    onDecision: (/** @type {any} */ decision) => decisions.push(decision),
    fetch: async (/** @type {string} */ url, /** @type {any} */ init) => {
      calls.push({ url, body: JSON.parse(new TextDecoder().decode(init.body)), headers: new Headers(init.headers) });
      const given = answer?.(url);
      if (given) return given;
      if (url === SESSION) return Response.json({ session_id: `s-${calls.length}`, sdp: "v=0", type: "answer" });
      return Response.json(url === ICE ? { ice_servers: [{ urls: "stun:a" }] } : { alive: true });
    },
    ...options,
  });
  const ask = (
    /** @type {string | undefined} */ target,
    /** @type {unknown} */ body,
    headers = {},
    /** @type {AbortSignal | null} */ signal = null,
  ) =>
    proxy(
      new Request("https://app.example/api/fal/proxy", {
        method: "POST",
        signal,
        headers: { "content-type": "application/json", "x-fal-target-url": target ?? "", ...headers },
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    );
  return { ask, calls, decisions };
}

/** Opens a session; what shows whose it is. @param {ReturnType<typeof proxied>} at */
async function opened({ ask }, headers = {}) {
  const response = await ask(SESSION, OFFER, headers);
  assert.equal(response.status, 200);
  const { session_id } = await response.json();
  return { session_id, capability: response.headers.get("x-fal-capability") ?? "" };
}

/** @param {ReturnType<typeof proxied>} at @param {string | undefined} target @param {any} session */
const about = async ({ ask }, target, { session_id, capability }, headers = {}) => {
  const response = await ask(target, { session_id }, { "x-fal-capability": capability, ...headers });
  return [response.status, (await response.json()).error?.code];
};

test("what is sent on is built anew, with the key, and only for apps that are open", async () => {
  const at = proxied();
  assert.equal((await at.ask(ICE, { app_id: APP })).status, 200);
  await opened(at);
  assert.deepEqual(
    at.calls.map(({ url, body }) => [url, body]),
    [
      [ICE, { app_id: APP }],
      [SESSION, OFFER],
    ],
  );
  assert.ok(at.calls.every(({ headers }) => headers.get("authorization") === `Key ${KEY}`));
  const wrong = [
    [SESSION, { ...OFFER, app_id: "other/model" }, 403],
    [ICE, { app_id: "other/model" }, 403],
    [SESSION, { ...OFFER, app_id: `${APP}/../../other/model` }, 422],
    [SESSION, { ...OFFER, app_id: `${APP}?x` }, 422],
    [SESSION, { ...OFFER, more: "1" }, 422],
    [SESSION, { ...OFFER, type: "answer" }, 422],
    [SESSION, { ...OFFER, sdp: "hello" }, 422],
    [SESSION, { app_id: APP, sdp: 7, type: "offer" }, 422],
    [SESSION, `{"app_id":"other/model","app_id":"${APP}","sdp":"v=0","type":"offer"}`, 422],
    [SESSION, `{"app_\\u0069d":"other/model","app_id":"${APP}","sdp":"v=0","type":"offer"}`, 422],
    [SESSION, "[]", 422],
    [SESSION, "no JSON", 422],
    [SESSION, { ...OFFER, sdp: `v=0${"x".repeat(200_000)}` }, 413],
    [`${SESSION}?app_id=${APP}`, OFFER, 400],
    ["https://wma.fal.run/admin", OFFER, 412],
    ["https://wma.fal.run.evil.example/session", OFFER, 412],
    ["http://wma.fal.run/session", OFFER, 412],
  ];
  for (const [target, body, status] of wrong) {
    const response = await at.ask(/** @type {string} */ (target), body);
    assert.equal(response.status, status, `${target} ${JSON.stringify(body).slice(0, 80)}`);
  }
  assert.equal(at.calls.length, 2, "nothing of it reached fal");
  assert.equal((await proxied({ sessions: false }).ask(SESSION, OFFER)).status, 403);
});

test("a session is kept and ended by who opened it, for as long as it may last", async () => {
  const at = proxied({ sessions: { maxSeconds: 10 } });
  const session = await opened(at);
  assert.deepEqual(await about(at, BEAT, session), [200, undefined]);
  for (const target of [BEAT, OVER]) {
    for (const [other, headers] of [
      [session, { "x-user": "bob" }],
      [{ ...session, session_id: "s-9" }, {}],
      [{ ...session, capability: "" }, {}],
      [{ ...session, capability: session.capability.replace(APP, "my-account/my-world/x") }, {}],
    ]) {
      assert.deepEqual(await about(at, target, other, headers), [404, "request_not_found"]);
    }
  }
  assert.equal(at.calls.length, 2);
  const { now } = Date;
  try {
    Date.now = () => now() + 11_000;
    assert.deepEqual(await about(at, BEAT, session), [410, "session_over"]);
  } finally {
    Date.now = now;
  }
  assert.deepEqual(await about(at, OVER, session), [200, undefined]);
  assert.equal(at.calls.length, 2, "fal knows no such path");
  const text = JSON.stringify(at.decisions);
  assert.ok(!text.includes("v=0") && !text.includes(session.capability), "no offer in the reports");
});

test("a streamed answer goes through as it comes", async () => {
  let push = (/** @type {string} */ _text) => {};
  const stream = new ReadableStream({
    start: (controller) => void (push = (text) => controller.enqueue(new TextEncoder().encode(text))),
  });
  const answer = (/** @type {string} */ url) =>
    url === SESSION ? new Response(stream, { headers: { "content-type": "text/event-stream" } }) : undefined;
  const at = proxied({ answer });
  const asked = at.ask(SESSION, OFFER);
  push('event: answer\ndata: {"session_id":"s-1",');
  push('"sdp":"v=0","type":"answer"}\n\n');
  const response = await asked;
  const reader = response.body?.getReader();
  assert.match(response.headers.get("x-fal-capability") ?? "", /^[\w-]+\.\d+\.[\w-]{43}\.my-account/);
  await reader?.read();
  await reader?.read();
  push(": still there\n\n");
  assert.match(new TextDecoder().decode((await reader?.read())?.value), /still there/);
  await reader?.cancel();
});

test("sessions have places of their own, and are paid for before they are opened", async () => {
  let time = 1_000_000;
  const store = memoryLimits({ now: () => time });
  const limits = { store, spending: { max: 10, prices: { [`${APP}/**`]: 1 } }, total: { spending: { max: 15 } } };
  const at = proxied({ limits, sessions: { max: 1, maxSeconds: 100, price: 0.05 } });
  const first = await opened(at);
  assert.deepEqual(await about(at, BEAT, first), [200, undefined]);
  assert.equal((await at.ask(SESSION, OFFER)).status, 429, "one at a time");
  assert.deepEqual(await about(at, OVER, first), [200, undefined]);
  // 15 of 100 seconds at most were used: 0.75 of 10 are spent, and 5 fit once more.
  const second = await opened(at);
  assert.deepEqual(await about(at, OVER, second), [200, undefined]);
  await opened(at);
  // A page that is gone without a word: its place is free after a while, what it has reserved is not.
  time += 160_000;
  assert.equal((await at.ask(SESSION, OFFER)).status, 429, "6.5 and 5 are more than 10");
  // Others have budgets of their own, and the whole app has one.
  await opened(at, { "x-user": "bob" });
  const last = await at.ask(SESSION, OFFER, { "x-user": "eve" });
  assert.equal(last.status, 429, "11.5 and 5 are more than 15");
  assert.equal(at.calls.filter(({ url }) => url === SESSION).length, 4);
});

test("what fal refuses costs nothing; what it may have begun is paid for", async () => {
  let status = 422;
  const answer = (/** @type {string} */ url) => (url === SESSION && status ? Response.json({}, { status }) : undefined);
  const limits = { store: memoryLimits(), spending: { max: 10, prices: { [`${APP}/**`]: 1 } } };
  const at = proxied({ answer, limits, sessions: { max: 1, maxSeconds: 100, price: 0.06 } });
  for (let n = 0; n < 3; n += 1) assert.equal((await at.ask(SESSION, OFFER)).status, 422);
  status = 503;
  assert.equal((await at.ask(SESSION, OFFER)).status, 503);
  assert.equal((await at.ask(SESSION, OFFER)).status, 429);
});

test("rules for inputs, and options that say nothing", async () => {
  const inputs = { [APP]: { prompt: { maxLength: 10 } } };
  assert.equal((await proxied({ inputs }).ask(SESSION, OFFER)).status, 403);
  assert.equal((await proxied({ inputs, sessions: { unruled: true } }).ask(SESSION, OFFER)).status, 200);
  const spending = { max: 1, prices: { [`${APP}/**`]: 1 } };
  const limits = { store: memoryLimits(), spending };
  for (const wrong of [
    { sessions: { max: 1 } },
    { sessions: { price: 1 } },
    { sessions: { maxSecond: 1 } },
    { sessions: { max: 0 } },
    { sessions: true, limits },
  ]) {
    assert.throws(() => proxied(wrong), /sessions/);
  }
});

test("a session that was said to be over does not go on: nobody would pay for it", async () => {
  const limits = { store: memoryLimits(), spending: { max: 10, prices: { [`${APP}/**`]: 1 } } };
  const at = proxied({ limits, sessions: { maxSeconds: 100, price: 0.05 } });
  const session = await opened(at);
  assert.deepEqual(await about(at, BEAT, session), [200, undefined]);
  assert.deepEqual(await about(at, OVER, session), [200, undefined]);
  const before = at.calls.length;
  assert.deepEqual(await about(at, BEAT, session), [410, "session_over"]);
  assert.equal(at.calls.length, before);
});

test("what fal bills is paid for, whatever its status", async () => {
  const billed = { status: 422, headers: { "x-fal-billable-units": "60" } };
  const answer = (/** @type {string} */ url) => (url === SESSION ? Response.json({}, billed) : undefined);
  const limits = { store: memoryLimits(), spending: { max: 10, prices: { [`${APP}/**`]: 1 } } };
  const at = proxied({ answer, limits, sessions: { maxSeconds: 100, price: 0.06 } });
  assert.equal((await at.ask(SESSION, OFFER)).status, 422);
  assert.equal((await at.ask(SESSION, OFFER)).status, 429);
});

test("a grant is for one call, and opens no session", async () => {
  const limits = { store: memoryLimits(), requests: { max: 100, windowSeconds: 60 } };
  const at = proxied({ limits, grantedEndpoints: [`${APP}/**`], secret: "s".repeat(32) });
  for (const headers of [{}, { "x-fal-grant": "1;2;3" }]) {
    for (const [target, body] of /** @type {[string, any][]} */ ([
      [ICE, { app_id: APP }],
      [SESSION, OFFER],
    ])) {
      const response = await at.ask(target, body, headers);
      assert.deepEqual([response.status, (await response.json()).error.code], [403, "grant_mismatch"]);
    }
  }
  assert.equal(at.calls.length, 0);
});

test("a key that fal refuses is the operator's affair, and the second one is tried", async () => {
  /** @type {any[]} */
  const told = [];
  const answer = (/** @type {string} */ url) => (url === BEAT ? new Response("{}", { status: 401 }) : undefined);
  const at = proxied({
    answer,
    env: undefined,
    secret: "s".repeat(32),
    credentials: [KEY, KEY.replace(/^./, (digit) => (digit === "0" ? "1" : "0"))],
    onKeyRejected: (/** @type {any} */ { key }) => told.push(key),
    onError: (/** @type {any} */ error, /** @type {any} */ { step }) => told.push(step),
  });
  const session = await opened(at);
  assert.deepEqual(await about(at, BEAT, session), [502, "upstream_auth"]);
  assert.deepEqual(told, [0, "credentials"]);
  assert.equal(at.calls.filter(({ url }) => url === BEAT).length, 2);
});

test("the whole app's switch and alarm hold for sessions, too", async () => {
  const store = memoryLimits();
  const stopped = proxied({ limits: { store, total: { requests: { max: 100, windowSeconds: 60 } } } });
  await stopRuns(store);
  assert.equal((await stopped.ask(SESSION, OFFER)).status, 503);
  await resumeRuns(store);
  assert.equal((await stopped.ask(SESSION, OFFER)).status, 200);

  /** @type {any[]} */
  const anomalies = [];
  const limits = {
    store: memoryLimits(),
    spending: { max: 100, prices: { [`${APP}/**`]: 1 } },
    total: { stopAt: { max: 6, windowSeconds: 60 } },
    onAnomaly: (/** @type {any} */ anomaly) => anomalies.push(anomaly),
  };
  const at = proxied({ limits, sessions: { maxSeconds: 100, price: 0.05 }, onError: () => {} });
  await opened(at);
  assert.equal((await at.ask(SESSION, OFFER)).status, 503);
  assert.deepEqual([anomalies.length, anomalies[0].endpoint], [1, APP]);
});

test("a session is attested before anything is taken for it", async () => {
  const asked = /** @type {string[]} */ ([]);
  const attest = (/** @type {Request} */ { headers }, /** @type {any} */ { id }) => {
    asked.push(id);
    return headers.get("x-proof") === "good";
  };
  const at = proxied({ attest });
  assert.equal((await at.ask(ICE, { app_id: APP })).status, 200);
  assert.equal((await at.ask(SESSION, OFFER)).status, 403);
  assert.deepEqual([asked, at.calls.length], [["ann"], 1], "the offer has not reached fal");
  const session = await opened(at, { "x-proof": "good" });
  assert.deepEqual(await about(at, BEAT, session), [200, undefined]);
  assert.equal(asked.length, 2);
});

test("a session whose page left while it was opened is paid for until fal ends it, and holds no place", async () => {
  for (const [max, status, code] of /** @type {const} */ ([
    [65, 200, undefined],
    [64, 429, "budget_exhausted"],
  ])) {
    const leaving = new AbortController();
    let isCancelled = false;
    const answer = (/** @type {string} */ url) => {
      if (url !== SESSION || leaving.signal.aborted) return undefined;
      leaving.abort();
      const text = new TextEncoder().encode('data: {"session_id":"s-1","sdp":"v=0","type":"answer"}\n\n');
      const stream = { start: (/** @type {any} */ to) => to.enqueue(text), cancel: () => void (isCancelled = true) };
      return new Response(new ReadableStream(stream));
    };
    const limits = { store: memoryLimits(), spending: { max, prices: { [`${APP}/**`]: 1 } } };
    const at = proxied({ limits, sessions: { max: 1, maxSeconds: 50, price: 1 }, answer });
    const left = await at.ask(SESSION, OFFER, {}, leaving.signal);
    assert.deepEqual([left.status, (await left.json()).error.code], [499, "client_left_waiting"]);
    assert.ok(!left.headers.has("x-fal-capability"), "nothing is signed for nobody");
    assert.ok(isCancelled, "its answer is still read");
    const next = await at.ask(SESSION, OFFER);
    assert.equal(at.decisions[0].cost, 15);
    assert.deepEqual([next.status, (await next.json()).error?.code], [status, code], `of ${max}`);
  }
});

test("a session that fal has begun without a name keeps what was taken: nobody knows how long it lasts", async () => {
  const broken = new ReadableStream({ pull: (to) => to.error(new Error("the line broke")) });
  for (const body of ["{}", "", 'data: {"session_id":"s-1"', broken]) {
    /** @type {unknown[]} */
    const errors = [];
    let isFirst = true;
    const answer = (/** @type {string} */ url) => {
      if (url !== SESSION || !isFirst) return undefined;
      isFirst = false;
      return new Response(body);
    };
    const limits = { store: memoryLimits(), spending: { max: 1_000, prices: { [`${APP}/**`]: 1 } } };
    const onError = (/** @type {unknown} */ error) => errors.push(error);
    const at = proxied({ limits, sessions: { max: 1, maxSeconds: 50, price: 1 }, answer, onError });
    const lost = await at.ask(SESSION, OFFER);
    assert.deepEqual([lost.status, (await lost.json()).error.code], [502, "upstream_broken"]);
    assert.equal(errors.length, body === broken ? 1 : 0, "why is said to the operator");
    const next = await at.ask(SESSION, OFFER);
    assert.deepEqual([next.status, (await next.json()).error.code], [429, "too_many_jobs"]);
  }
});

test("a session for which jobs leave no money is refused for that, and holds no place", async () => {
  const limits = {
    store: memoryLimits(),
    spending: { max: 100, prices: { "my-account/**": 60 } },
  };
  const at = proxied({
    limits,
    sessions: { max: 1, maxSeconds: 50, price: 1 },
    answer: (/** @type {string} */ url) =>
      url.includes("queue.") ? Response.json({ request_id: "job-1" }) : undefined,
  });
  assert.equal((await at.ask(`https://queue.fal.run/${APP}`, { a: 1 })).status, 200);
  const refused = await at.ask(SESSION, OFFER);
  assert.deepEqual([refused.status, (await refused.json()).error.code], [429, "budget_exhausted"]);
  const others = await at.ask(SESSION, OFFER, { "x-user": "bob" });
  assert.equal(others.status, 200);
});

test("jobs that are over and were not fetched leave room for a session: fal is asked before it is refused", async () => {
  for (const total of [undefined, { spending: { max: 100 } }]) {
    let [isOver, asked] = [false, 0];
    const limits = {
      store: memoryLimits(),
      spending: { max: total ? 200 : 100, prices: { "my-account/**": 60 } },
      ...(total && { total }),
    };
    const at = proxied({
      limits,
      sessions: { max: 1, maxSeconds: 50, price: 1 },
      fetch: async (/** @type {string} */ url) => {
        if (url.endsWith("/session")) return Response.json({ session_id: "s-1", sdp: "v=0", type: "answer" });
        if (!url.includes("/requests/")) return Response.json({ request_id: "job-1" });
        asked += 1;
        if (url.includes("/status")) return Response.json({ status: isOver ? "COMPLETED" : "IN_PROGRESS" });
        // It came to less than was taken for it.
        return Response.json({}, { headers: { "x-fal-billable-units": "0.5" } });
      },
    });
    assert.equal((await at.ask(`https://queue.fal.run/${APP}`, { a: 1 })).status, 200);
    isOver = true;
    const session = await at.ask(SESSION, OFFER);
    assert.equal(session.status, 200, `total: ${Boolean(total)}`);
    assert.equal(asked, 2, "its status, and what it came to");
    const again = await at.ask(SESSION, OFFER);
    assert.deepEqual(
      [again.status, (await again.json()).error.code],
      [429, "too_many_jobs"],
      "of a place it holds one",
    );
  }
});
