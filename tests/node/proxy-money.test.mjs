/** Ways to spend the owner's money that a budget has to see, and places that have to come back. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { memoryLimits, redisLimits, resumeRuns, stopRuns } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";
import { createWebhookHandler } from "fal-wasm/webhook";

import { KEY } from "../lib/keys.mjs";
import { TOKEN, startRedis } from "../lib/redis.mjs";
import { byHeader, callTo } from "../lib/visitors.mjs";
import { makeKey, posted, publish, signed } from "../lib/webhooks.mjs";

console.warn = () => {};
const redis = await startRedis();
beforeEach(() => redis.clear());
after(() => redis.stop());

const SUBMIT = "https://queue.fal.run/emulator/echo";
const RUN = "https://fal.run/emulator/echo";
const json = (/** @type {any} */ body, init = {}) => Response.json(body, init);

/** A clock that is moved by hand, in the middle of a day. */
function clock() {
  let ms = 4_320_000_000_000 + 12.5 * 3600_000;
  return { now: () => ms, pass: (/** @type {number} */ more) => void (ms += more) };
}

/** fal's queue, whose jobs are over when the test says so. */
function queue({ units = "1" } = {}) {
  /** @type {Map<string, boolean>} */
  const jobs = new Map();
  const seen = { submits: 0, statuses: 0, results: 0, cancels: 0 };
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { method = "GET" } = {}) => {
    const [, id = "", last] = /\/requests\/([^/?]+)(\/\w+)?/.exec(url) ?? [];
    if (method === "POST") {
      const request_id = `job-${(seen.submits += 1)}`;
      jobs.set(request_id, false);
      return json({ request_id });
    }
    if (method === "PUT") return ((seen.cancels += 1), json({ status: "CANCELLATION_REQUESTED" }, { status: 202 }));
    if (last) {
      seen.statuses += 1;
      return json({ status: jobs.get(id) ? "COMPLETED" : "IN_PROGRESS" }, { status: jobs.get(id) ? 200 : 202 });
    }
    seen.results += 1;
    return jobs.get(id)
      ? json({ images: [] }, { headers: { "x-fal-billable-units": units } })
      : json({ detail: "Request is still in progress" }, { status: 400 });
  };
  return { fetch, seen, end: () => [...jobs.keys()].forEach((id) => jobs.set(id, true)) };
}

/** @param {any} limits @param {any} [more] */
const proxyWith = (limits, more) =>
  createFalProxy({
    authenticate: byHeader,
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    ownership: false,
    limits,
    onError: () => {},
    ...more,
  });

/** @param {any} proxy @param {string} [target] @param {any} [init] */
async function call(proxy, target = RUN, init = {}) {
  /** @type {Promise<unknown>[]} */
  const work = [];
  const answer = await proxy(callTo(target, init), {}, { waitUntil: (/** @type {any} */ one) => work.push(one) });
  const bytes = new Uint8Array(await answer.arrayBuffer());
  // What is settled is settled behind the answer.
  await Promise.all(work);
  const text = new TextDecoder().decode(bytes);
  const code = answer.ok ? "ok" : (JSON.parse(text).error?.code ?? answer.status);
  return { code, status: answer.status, bytes, headers: answer.headers };
}
const codeOf = async (/** @type {any} */ proxy, target = SUBMIT, init = {}) => (await call(proxy, target, init)).code;

test("a submit that a gateway answered for keeps its money, and its idempotency key", async () => {
  for (const status of [500, 502, 503, 504, 408]) {
    let sent = 0;
    const fetch = async () => ((sent += 1), json({ detail: "bad gateway" }, { status }));
    const proxy = proxyWith(
      { store: memoryLimits(clock()), spending: { max: 1, prices: { "emulator/*": 1 } } },
      { fetch },
    );
    const headers = { "idempotency-key": "k" };
    // After a 408 a browser may send it again by itself.
    assert.equal((await call(proxy, SUBMIT, { headers })).status, status === 408 ? 504 : status);
    for (let n = 0; n < 5; n += 1) {
      assert.equal(await codeOf(proxy, SUBMIT, { headers }), "idempotency_key_pending", String(status));
    }
    assert.equal(await codeOf(proxy, SUBMIT), "budget_exhausted", "nor is the money there for another");
    assert.equal(sent, 1);
  }
});

test("jobs that nobody fetches give their place and their money back when they are over", async () => {
  const time = clock();
  const fal = queue();
  const spending = { max: 1, prices: { "emulator/*": { price: 0.025, units: 4 } } };
  const proxy = proxyWith({ store: memoryLimits(time), concurrent: 2, spending }, { fetch: fal.fetch });
  assert.deepEqual([await codeOf(proxy), await codeOf(proxy)], ["ok", "ok"]);
  time.pass(4_000_000);
  const refused = await call(proxy, SUBMIT);
  assert.equal(refused.code, "too_many_jobs", "fal says that they go on, past every lease");
  assert.equal(refused.headers.get("retry-after"), "60");
  const asked = fal.seen.statuses;
  for (let n = 0; n < 9; n += 1) await call(proxy, SUBMIT);
  assert.equal(fal.seen.statuses, asked, "and it is not asked again at once");
  fal.end();
  time.pass(5_000);
  let passed = 2;
  for (; passed < 99 && (await codeOf(proxy)) === "ok"; passed += 1) {
    fal.end();
    time.pass(5_000);
  }
  assert.equal(passed, 37, "40 pictures of 0.025, less what has to be reserved for the last one");
});

test("a webhook gives the place of its job back, and no other", async () => {
  const key = await makeKey();
  const time = clock();
  const store = memoryLimits(time);
  const fal = queue();
  const proxy = proxyWith({ store, concurrent: 1 }, { fetch: fal.fetch });
  /** @type {any[]} */
  const errors = [];
  /** @param {string} id @param {string} person @param {any} [more] */
  const deliver = async (id, person, more) => {
    const handler = createWebhookHandler({
      fetch: publish(key).fetch,
      limits: {
        store: () => store,
        account: (_event, request) => new URL(request.url).searchParams.get("for") ?? undefined,
        ...more,
      },
      onEvent: () => {},
      onError: (error) => void errors.push(error),
    });
    const { headers, body } = await signed(key, {
      body: JSON.stringify({ request_id: id, status: "OK", payload: {} }),
    });
    const answer = await handler(
      new Request(`https://app.example/hook?for=${person}`, { method: "POST", headers, body }),
    );
    assert.equal(answer.status, 200);
  };
  assert.equal(await codeOf(proxy), "ok");
  await deliver("job-1", "bob");
  await deliver("job-9", "ann");
  assert.equal(await codeOf(proxy), "too_many_jobs");
  const asked = fal.seen.statuses;
  await deliver("job-1", "ann");
  assert.equal(await codeOf(proxy), "ok");
  assert.equal(fal.seen.statuses, asked, "fal need not be asked");
  assert.deepEqual(errors, []);
  await deliver("job-2", "ann", { account: () => 7 });
  await deliver("job-2", "ann", { store: () => ({ reserve() {}, settle: () => Promise.reject(new Error("down")) }) });
  assert.deepEqual(
    errors.map(({ message }) => message.slice(0, 16)),
    ["`limits.account`", "down"],
    "the operator is told, and the webhook is delivered all the same",
  );
});

test("who leaves before anything is sent has nothing sent and pays nothing; a job goes on without them", async () => {
  const { fetch, seen } = queue();
  for (const step of /** @type {const} */ (["authenticate", "credentials"])) {
    let leaving = new AbortController();
    const leave = () => leaving.abort();
    const proxy = proxyWith(
      { store: memoryLimits(), spending: { max: 2, prices: { "emulator/*": 1 } } },
      {
        fetch,
        ...(step === "authenticate" && { authenticate: async () => (leave(), { id: "ann" }) }),
        ...(step === "credentials" && { credentials: async () => (leave(), KEY) }),
      },
    );
    const { submits } = seen;
    for (let n = 0; n < 5; n += 1) {
      leaving = new AbortController();
      assert.equal((await call(proxy, RUN, { signal: leaving.signal })).code, "client_left");
    }
    assert.equal(seen.submits, submits, `${step}: nothing was sent`);
    for (const code of ["ok", "ok", "budget_exhausted"]) {
      leaving = new AbortController();
      assert.equal((await call(proxy, SUBMIT, { signal: leaving.signal })).code, code, step);
    }
  }
});

test("what the app was asked for somebody who left is nobody's mistake; what else it throws is its own", async () => {
  const { fetch } = queue();
  for (const step of /** @type {const} */ (["authenticate", "attest", "webhookUrl"])) {
    for (const [thrown, told] of /** @type {const} */ ([
      ["AbortError", 0],
      ["TypeError", 1],
    ])) {
      const leaving = new AbortController();
      /** @type {unknown[]} */
      const errors = [];
      const leaves = async () => {
        leaving.abort();
        throw Object.assign(new Error("ended"), { name: thrown });
      };
      const onError = (/** @type {unknown} */ error) => errors.push(error);
      const proxy = proxyWith({ store: memoryLimits(), concurrent: 1 }, { fetch, onError, [step]: leaves });
      assert.equal((await call(proxy, SUBMIT, { signal: leaving.signal })).code, "client_left", `${step} ${thrown}`);
      assert.equal(errors.length, told, `${step} ${thrown}`);
    }
  }
});

test("a job that is cancelled keeps its place until fal says that it is over", async () => {
  const time = clock();
  const fal = queue();
  const proxy = proxyWith({ store: memoryLimits(time), concurrent: 1 }, { fetch: fal.fetch });
  assert.equal(await codeOf(proxy), "ok");
  for (let n = 0; n < 20; n += 1) {
    assert.equal((await call(proxy, `${SUBMIT}/requests/job-1/cancel`, { method: "PUT" })).status, 202);
    assert.equal(await codeOf(proxy), "too_many_jobs");
  }
  assert.equal(fal.seen.submits, 1);
  await call(proxy, `${SUBMIT}/requests/job-1/cancel`, { method: "PUT" });
  fal.end();
  assert.equal(await codeOf(proxy), "ok", "after a cancel it is asked at once");
});

test("a picture is replayed for its idempotency key byte for byte", async () => {
  const picture = Uint8Array.from({ length: 60_000 }, (_, n) => (n * 7) % 256);
  for (const store of [memoryLimits(clock()), redisLimits({ url: redis.url, token: TOKEN, now: clock().now })]) {
    let sent = 0;
    const fetch = async () => ((sent += 1), new Response(picture, { headers: { "content-type": "image/jpeg" } }));
    const proxy = proxyWith({ store, requests: { max: 99, windowSeconds: 60 } }, { fetch });
    const init = { headers: { "idempotency-key": "k" } };
    const first = await call(proxy, RUN, init);
    let second = await call(proxy, RUN, init);
    while (second.code === "idempotency_key_pending") second = await call(proxy, RUN, init);
    for (const answer of [first, second]) assert.deepEqual(answer.bytes, picture);
    assert.equal(second.headers.get("content-type"), "image/jpeg");
    assert.equal(sent, 1);
  }
});

for (const [name, make] of /** @type {[string, () => any][]} */ ([
  ["memory", () => memoryLimits(clock())],
  ["Redis", () => redisLimits({ url: redis.url, token: TOKEN, now: clock().now })],
])) {
  const spending = { max: 10, prices: { "emulator/*": 1 } };
  const each = (/** @type {number} */ n) => ({ headers: { "x-visitor": `visitor ${n}` } });
  const answers =
    (headers = {}) =>
    async () =>
      json({}, { headers });

  test(`many accounts have one budget, and one rate: ${name}`, async () => {
    for (const [total, code] of /** @type {[any, string][]} */ ([
      [{ spending: { max: 25 } }, "budget_exhausted"],
      [{ requests: { max: 25, windowSeconds: 3600 } }, "rate_limited"],
    ])) {
      await redis.clear();
      const proxy = proxyWith({ store: make(), spending, total }, { fetch: answers() });
      const said = await Promise.all([...Array(60)].map((_, n) => codeOf(proxy, RUN, each(n))));
      assert.equal(said.filter((one) => one === "ok").length, 25);
      assert.deepEqual([...new Set(said)].sort(), [code, "ok"].sort());
    }
  });

  test(`what the whole app may spend is settled, and a refusal there costs its visitor nothing: ${name}`, async () => {
    const store = make();
    const total = { spending: { max: 3 } };
    const proxy = proxyWith({ store, spending, total }, { fetch: answers({ "x-fal-billable-units": "0.5" }) });
    for (let n = 0; n < 5; n += 1) assert.equal(await codeOf(proxy, RUN, each(n)), "ok", "half of what was thought");
    assert.equal(await codeOf(proxy, RUN, each(9)), "budget_exhausted");
    const alone = proxyWith({ store, spending: { ...spending, max: 1 } }, { fetch: answers() });
    assert.equal(await codeOf(alone, RUN, each(9)), "ok", "all of their own budget is there");
  });

  test(`whom the budget of the whole app refuses, fal is asked about their jobs: ${name}`, async () => {
    await redis.clear();
    const fal = queue({ units: "0.25" });
    const limits = { store: make(), spending, total: { spending: { max: 3 } } };
    const proxy = proxyWith(limits, { fetch: fal.fetch });
    for (let n = 0; n < 3; n += 1) assert.equal(await codeOf(proxy, SUBMIT, each(1)), "ok");
    assert.equal(await codeOf(proxy, RUN, each(2)), "budget_exhausted", "who has none");
    assert.equal(fal.seen.statuses, 0);
    fal.end();
    assert.equal(await codeOf(proxy, SUBMIT, each(1)), "ok", "three jobs came to less than one");
    assert.deepEqual([fal.seen.statuses, fal.seen.results], [3, 3]);
    // Others have what it gave back, too, and nobody is asked about for ever.
    assert.equal(await codeOf(proxy, SUBMIT, each(2)), "ok");
    for (let n = 0; n < 9; n += 1) assert.equal(await codeOf(proxy, SUBMIT, each(1)), "budget_exhausted");
    assert.ok(fal.seen.statuses <= 4, String(fal.seen.statuses));
  });

  test(`the switch stops everybody, and what was begun goes on: ${name}`, async () => {
    const fal = queue();
    const store = make();
    const limits = { store, spending, total: { requests: { max: 999, windowSeconds: 60 } } };
    const servers = [0, 1].map(() => proxyWith(limits, { fetch: fal.fetch }));
    assert.equal(await codeOf(servers[0]), "ok");
    await stopRuns(store);
    for (const server of servers) {
      const refused = await call(server, SUBMIT, each(1));
      assert.deepEqual([refused.status, refused.code], [503, "app_stopped"]);
    }
    fal.end();
    assert.equal(await codeOf(servers[1], `${SUBMIT}/requests/job-1`, { method: "GET" }), "ok");
    await resumeRuns(store);
    assert.equal(await codeOf(servers[1]), "ok");
    assert.equal(fal.seen.submits, 2);
  });

  test(`an anomaly stops the app, and the operator is told once: ${name}`, async () => {
    /** @type {any[]} */
    const told = [];
    /** @type {any[]} */
    const errors = [];
    const store = make();
    const limits = {
      store,
      spending,
      total: { stopAt: { max: 7, windowSeconds: 300 } },
      onAnomaly: (/** @type {any} */ anomaly) => void told.push(anomaly),
    };
    const onError = (/** @type {any} */ error, /** @type {any} */ { step }) => void errors.push([step, error.message]);
    const proxy = proxyWith(limits, { fetch: answers(), onError });
    const said = [];
    for (let n = 0; n < 12; n += 1) said.push(await codeOf(proxy, RUN, each(n)));
    assert.deepEqual(said, [...Array(7).fill("ok"), ...Array(5).fill("app_stopped")]);
    assert.deepEqual(told, [{ max: 7, windowSeconds: 300, principal: "visitor 7", endpoint: "emulator/echo" }]);
    assert.equal(errors.length, 1);
    assert.match(errors[0].join(": "), /^onAnomaly: .*stopAt.*resumeRuns/);
    await resumeRuns(store);
    assert.equal(await codeOf(proxy, RUN, each(1)), "app_stopped", "the window is as full as it was");
  });
}

test("an alarm or a budget for the whole app needs what it is made of", () => {
  const store = memoryLimits(clock());
  const spending = { max: 10, prices: { "emulator/*": 1 } };
  const { reserve, settle } = store;
  for (const limits of [
    { store, total: {} },
    { store, total: { spending: { max: 1 } } },
    { store, total: { stopAt: { max: 1, windowSeconds: 1 } } },
    { store, spending, total: { stopAt: { max: 1 } } },
    { store, spending, onAnomaly: () => {} },
    { store: { reserve, settle }, total: { requests: { max: 1, windowSeconds: 1 } } },
  ]) {
    assert.throws(() => proxyWith(limits), { code: "invalid_option", message: /`limits`/ });
  }
});

test("questions have a rate of their own, which is generous, and many who ask at once are told the same", async () => {
  const fal = queue();
  const store = memoryLimits(clock());
  const requests = { max: 1, windowSeconds: 3600 };
  const url = `${SUBMIT}/requests/job-1/status`;
  const ask = (/** @type {any} */ proxy) => call(proxy, url, { method: "GET" });
  const few = proxyWith({ store, requests, reads: { max: 3, windowSeconds: 3600 } }, { fetch: fal.fetch });
  assert.equal(await codeOf(few), "ok");
  const said = [];
  for (let n = 0; n < 5; n += 1) said.push((await ask(few)).status);
  assert.deepEqual(said, [202, 202, 202, 429, 429]);
  assert.equal(fal.seen.statuses, 1, "of three at once fal was asked one");
  const many = proxyWith({ store, requests }, { fetch: fal.fetch });
  let passed = 0;
  while (passed < 4000 && (await ask(many)).status === 202) passed += 1;
  assert.ok(passed >= 2_900 && passed < 4_000, String(passed));
  assert.ok(fal.seen.statuses < 600, `${passed} questions: fal was asked ${fal.seen.statuses} times`);
  fal.end();
  await call(few, `${SUBMIT}/requests/job-1/cancel`, { method: "PUT", headers: { "x-visitor": "bob" } });
  const then = await call(few, url, { method: "GET", headers: { "x-visitor": "bob" } });
  assert.equal(then.status, 200, "who has changed something is not told what was before");
});
