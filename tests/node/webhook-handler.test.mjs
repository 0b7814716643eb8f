/** Handling webhooks: each is handed over once, none is lost, and fal is answered in time. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createMemoryReplayStore, createWebhookHandler, verifyWebhook } from "fal-wasm/webhook";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { stopClock } from "../lib/clock.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { makeKey, posted, publish, seconds, signed } from "../lib/webhooks.mjs";

const key = await makeKey();
const { fetch } = publish(key);
const emulator = await startEmulator({ keys: ACCOUNTS });
// A webhook that is not answered in time comes again by itself, unless the clock stands still.
beforeEach(() => emulator.control({ reset: true, clock: "manual" }));
after(() => emulator.stop());

/** How long the handler rests while another webhook asks for fal's keys. */
const LOOK_AGAIN = 20;

/** Status and code of an answer. @param {Response} answer */
const said = async (answer) => [
  answer.status,
  answer.status === 200 ? await answer.text() : (await answer.json()).error.code,
];

/** A promise, and how to settle it. */
function later() {
  let resolve = (/** @type {any} */ _) => {};
  let reject = (/** @type {any} */ _) => {};
  const promise = new Promise((...functions) => ([resolve, reject] = functions));
  return { promise, resolve, reject };
}

test("a webhook is handed over, with the bindings and the context, and again it is not", async () => {
  /** @type {any[]} */
  const calls = [];
  const handler = createWebhookHandler({ fetch, onEvent: (...call) => void calls.push(call) });
  const [one, two] = [await signed(key), await signed(key)];
  const [env, context] = [{ a: 1 }, { waitUntil() {} }];
  assert.deepEqual(await said(await handler(posted(one), env, context)), [200, ""]);
  assert.deepEqual(await said(await handler(posted(one), env, context)), [200, ""]);
  assert.deepEqual(await said(await handler(posted(two))), [200, ""]);
  assert.equal(calls.length, 2);
  assert.equal(calls[0][0].status, "OK");
  assert.equal(calls[0][0].duplicate, undefined);
  assert.deepEqual([calls[0][1], calls[0][2]], [env, context]);
});

test("every refusal has its status, is told to the app, and repeats nothing", async () => {
  const secret = "5ecre7";
  const one = await signed(key, {
    id: secret,
    body: JSON.stringify({ request_id: secret, status: "OK", payload: secret }),
  });
  const old = await signed(key, { time: seconds() - 400 });
  const down = async () => new Response(secret, { status: 500 });
  const post = (/** @type {any} */ parts, /** @type {any} */ init = {}) => posted({ ...one, ...parts }, init);
  /** @type {[Request, any, number, string][]} */
  const table = [
    [new Request("https://app.example/hook"), {}, 405, "method_not_allowed"],
    [post({}, { method: "PUT" }), {}, 405, "method_not_allowed"],
    [post({ headers: {} }), {}, 400, "webhook_header_missing"],
    [post({ headers: { ...one.headers, "x-fal-webhook-timestamp": "now" } }), {}, 400, "webhook_header_invalid"],
    [posted(old), {}, 401, "webhook_too_old"],
    [post({ body: Buffer.from(secret) }), {}, 401, "webhook_signature_invalid"],
    [post({}), { maxBodyBytes: 5 }, 413, "webhook_too_large"],
    [posted(await signed(key, { body: secret })), {}, 400, "webhook_payload_invalid"],
    [post({}), { fetch: down }, 503, "webhook_keys_unavailable"],
    [posted(await signed(key)), { onEvent: () => Promise.reject(new Error(secret)) }, 500, "webhook_not_handled"],
    [
      posted(await signed(key)),
      { replayStore: { seen: () => Promise.reject(new Error(secret)), forget() {} } },
      500,
      "webhook_not_handled",
    ],
  ];
  for (const [request, options, status, code] of table) {
    /** @type {any[]} */
    const told = [];
    let events = 0;
    const onError = (/** @type {any} */ error) => void told.push(error);
    const answer = await createWebhookHandler({ fetch, onEvent: () => void (events += 1), onError, ...options })(
      request,
    );
    const text = await answer.clone().text();
    assert.deepEqual(await said(answer), [status, code]);
    assert.ok(!text.includes(secret) && !JSON.stringify([...answer.headers]).includes(secret), text);
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(answer.headers.get("allow"), status === 405 ? "POST" : null);
    assert.equal(answer.headers.has("retry-after"), status === 503);
    assert.equal(told.length, 1, code);
    assert.equal(events, 0);
  }
});

test("a webhook whose handling failed is handed over again", async () => {
  let calls = 0;
  const handler = createWebhookHandler({
    fetch,
    onEvent() {
      calls += 1;
      if (calls < 3) throw new Error("database down");
    },
    onError() {
      throw new Error("the log is down, too");
    },
  });
  const one = await signed(key);
  const answers = [];
  for (let round = 0; round < 4; round += 1) answers.push((await handler(posted(one))).status);
  assert.deepEqual([answers, calls], [[500, 500, 200, 200], 3]);
});

test("while one is handled the same one is put off, and neither is lost", async () => {
  for (const succeeds of [true, false]) {
    const handling = later();
    let calls = 0;
    const handler = createWebhookHandler({ fetch, onEvent: () => ((calls += 1) === 1 ? handling.promise : undefined) });
    const one = await signed(key);
    const first = handler(posted(one));
    await until(() => calls === 1);
    assert.deepEqual(await said(await handler(posted(one))), [503, "webhook_busy"]);
    if (succeeds) handling.resolve(undefined);
    else handling.reject(new Error("database down"));
    assert.equal((await first).status, succeeds ? 200 : 500);
    assert.equal((await handler(posted(one))).status, 200);
    assert.equal(calls, succeeds ? 1 : 2);
  }
});

test("fal is answered in time, and the work goes on", async (t) => {
  const clock = stopClock(t);
  const handling = later();
  /** @type {Promise<any>[]} */
  const waited = [];
  let calls = 0;
  const onEvent = () => ((calls += 1), handling.promise);
  /** @type {string[]} */
  const told = [];
  const onError = (/** @type {any} */ { code }) => void told.push(code);
  const handler = createWebhookHandler({ fetch, onEvent, onError, answerWithin: 30 });
  const one = await signed(key);
  const answer = handler(posted(one), {}, { waitUntil: (/** @type {any} */ work) => void waited.push(work) });
  await until(() => calls === 1);
  clock.pass(30);
  assert.deepEqual(await said(await answer), [503, "webhook_late"]);
  assert.deepEqual(told, ["webhook_late"]);
  handling.resolve(undefined);
  await Promise.all(waited);
  assert.equal(waited.length, 1);
  assert.equal((await handler(posted(one))).status, 200);
  assert.equal(calls, 1);
});

test("a body that does not come to its end is not waited for", async (t) => {
  const clock = stopClock(t);
  const handler = createWebhookHandler({ fetch, onEvent() {}, answerWithin: 30 });
  const one = await signed(key);
  const stalled = new ReadableStream({ pull: () => new Promise(() => {}) });
  const request = posted(one, /** @type {any} */ ({ body: stalled, duplex: "half" }));
  const answer = handler(request);
  await clock.armed(30);
  clock.pass(30);
  assert.deepEqual(await said(await answer), [503, "webhook_late"]);
});

test("two instances that share a store hand over once between them", async () => {
  const replayStore = createMemoryReplayStore();
  let calls = 0;
  const handling = later();
  const onEvent = () => ((calls += 1), handling.promise);
  const instances = [1, 2].map(() => createWebhookHandler({ fetch, replayStore, onEvent }));
  const one = await signed(key);
  const answers = instances.map((handler) => handler(posted(one)));
  assert.equal((await Promise.race(answers)).status, 503);
  handling.resolve(undefined);
  assert.deepEqual((await Promise.all(answers)).map(({ status }) => status).sort(), [200, 503]);
  for (const handler of instances) assert.equal((await handler(posted(one))).status, 200);
  assert.equal(calls, 1);
});

test("however deliveries meet, fail and are cut off: in the end it was handed over, and succeeded once", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const pause = () => new Promise((resolve) => setImmediate(resolve));
  for (let life = 0; life < 150; life += 1) {
    const memory = createMemoryReplayStore();
    // A store that is elsewhere: its answers come in any order.
    const far =
      (/** @type {any} */ work) =>
      async (/** @type {any[]} */ ...args) => {
        while (Math.random() < 0.4) await pause();
        const answer = await work(...args);
        while (Math.random() < 0.4) await pause();
        return answer;
      };
    const replayStore = { seen: far(memory.seen), forget: far(memory.forget) };
    let successes = 0;
    let calm = false;
    const onEvent = async (/** @type {any} */ _, /** @type {any} */ env) => {
      while (Math.random() < 0.4) await pause();
      const luck = calm ? 1 : Math.random();
      if (luck < 0.3) throw new Error("database down");
      if (luck < 0.5) await new Promise(env.cutOff);
      successes += 1;
    };
    // Who is told that it is late does not matter here: what counts is what becomes of the work.
    const instances = [1, 2, 3].map(() => createWebhookHandler({ fetch, replayStore, onEvent, answerWithin: 20 }));
    /** One delivery, to its end or until it is cut off; whether it was taken. @param {any} handler */
    const deliverTo = async (handler) => {
      const request = posted(await signed(key, { id: "one" }));
      /** @type {any} */
      const answer = await new Promise((resolve) => {
        handler(
          request,
          { cutOff: () => resolve(undefined) },
          { waitUntil: (/** @type {any} */ work) => work.then(resolve) },
        );
      });
      return answer?.status === 200;
    };
    /** Several at once; whether one of them was taken. @param {number} count */
    const deliver = async (count) => (await Promise.all(instances.slice(0, count).map(deliverTo))).includes(true);
    for (let round = 0; round < 3; round += 1) {
      const taken = await deliver(1 + Math.floor(Math.random() * 3));
      assert.ok(successes <= 1 && (!taken || successes === 1), `${taken} ${successes}`);
      t.mock.timers.setTime(Date.now() + Math.floor(Math.random() * 150_000));
    }
    calm = true;
    t.mock.timers.setTime(Date.now() + 121_000);
    assert.ok(await deliver(1));
    assert.equal(successes, 1);
  }
});

test("the memory store marks once, forgets in time, and does not grow", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const store = createMemoryReplayStore();
  assert.deepEqual(await Promise.all([store.seen("a", 10), store.seen("a", 10)]), [false, true]);
  await store.forget("a");
  assert.equal(await store.seen("a", 10), false);
  t.mock.timers.setTime(Date.now() + 10_000);
  assert.equal(await store.seen("a", 10), false);
  for (let index = 0; index < 10_000; index += 1) await store.seen(`id ${index}`, 10);
  assert.deepEqual([await store.seen("id 9999", 10), await store.seen("a", 10)], [true, false]);
});

test("what is wrong with the options shows at once", () => {
  const onEvent = () => {};
  for (const options of [
    undefined,
    {},
    { onEvent: 7 },
    { onEvent, onError: 7 },
    { onEvent, answerWithin: 15_000 },
    { onEvent, maxBodyBytes: -1 },
  ]) {
    assert.throws(() => createWebhookHandler(/** @type {any} */ (options)), { code: "invalid_option" });
  }
});

/** A server with a handler on it, as an app would put it there. @param {import("node:test").TestContext} t @param {any} options */
async function serve(t, options) {
  const handler = createWebhookHandler({ fetch: emulator.fetch, ...options });
  /** @type {any[]} */
  const heads = [];
  const server = createServer(async (request, response) => {
    heads.push(request.headers);
    const init = {
      method: request.method,
      headers: /** @type {any} */ (request.headers),
      body: request,
      duplex: "half",
    };
    const answer = await handler(new Request("https://app.example/hook", /** @type {any} */ (init)));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/hook?a=b`, heads };
}

const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });

/** The webhooks as the emulator tells of them, once they are in this state. @param {string} state */
async function delivered(state) {
  /** @type {any[]} */
  let deliveries = [];
  await until(async () => {
    ({ deliveries } = await emulator.seen());
    return deliveries.length > 0 && deliveries.every((delivery) => delivery.state === state);
  });
  return deliveries;
}

test("what the emulator signs arrives: results, failures, results that are no JSON, cancelled requests", async (t) => {
  const clock = stopClock(t);
  /** @type {any[]} */
  const events = [];
  const { url: webhookUrl, heads } = await serve(t, { onEvent: (/** @type {any} */ event) => void events.push(event) });
  await emulator.control({ queue: { run_ms: 1 }, webhooks: { repeat: 1 } });
  const submit = (/** @type {string} */ id, /** @type {any} */ input) => fal.queue.submit(id, { input, webhookUrl });
  const echo = await submit("emulator/echo", { a: 17, b: "a café" });
  const refused = await submit("emulator/refuses", { prompt: "x" });
  const bytes = await submit("emulator/bytes", {});
  await emulator.control({ advance_ms: 1, queue: { run_ms: 60_000 } });
  const slow = await submit("emulator/echo", {});
  await fal.queue.cancel("emulator/echo", { requestId: slow.request_id });
  await until(() => {
    // One of them asks for the keys, and the others look again and again whether they are there.
    clock.ring(LOOK_AGAIN);
    return events.length === 4;
  });
  // Each is delivered a second time.
  await emulator.control({ advance_ms: 11_000 });
  const webhooks = await delivered("delivered");
  assert.deepEqual(
    webhooks.map(({ tries }) => tries.map((/** @type {any} */ { outcome }) => outcome.status)),
    Array(4).fill([200, 200]),
  );
  assert.equal(events.length, 4);
  assert.equal(heads.length, 8);
  const of = ({ request_id: id }) => events.find(({ request_id }) => request_id === id);
  assert.deepEqual(
    [of(echo).status, of(echo).payload.input, of(echo).userId],
    ["OK", { a: 17, b: "a café" }, "canary"],
  );
  assert.deepEqual([of(refused).status, of(refused).error], ["ERROR", "Invalid status code: 422"]);
  assert.equal(of(refused).payload.detail[0].type, "content_policy_violation");
  assert.deepEqual([of(bytes).status, of(bytes).payload], ["OK", null]);
  assert.match(of(bytes).payload_error, /not JSON serializable/);
  assert.equal(of(slow).error, "Invalid status code: 499");
  assert.ok(
    !isSeen(JSON.stringify([events, heads, webhooks]), formsOf(KEY)),
    "nothing of a key goes out with a webhook",
  );
});

test("a handler that fails gets it again, later and later, and in the end once", async (t) => {
  stopClock(t);
  let calls = 0;
  const onEvent = () => {
    if ((calls += 1) < 3) throw new Error("database down");
  };
  const { url: webhookUrl } = await serve(t, { onEvent });
  await emulator.control({ queue: { run_ms: 1 } });
  await fal.queue.submit("emulator/echo", { input: {}, webhookUrl });
  await emulator.control({ advance_ms: 1 });
  for (let round = 1; round < 3; round += 1) {
    await until(() => calls === round);
    const [{ next_ms: next, state }] = await delivered("waiting");
    assert.equal(state, "waiting");
    await emulator.control({ advance_ms: next - (await emulator.seen()).now_ms + 1 });
  }
  const [{ tries }] = await delivered("delivered");
  assert.deepEqual(
    tries.map((/** @type {any} */ { outcome }) => outcome.status),
    [500, 500, 200],
  );
  assert.equal(calls, 3);
});

test("fal's keys change, and who asks for them anew takes what they sign", async (t) => {
  stopClock(t);
  for (const number of [1, 7]) {
    /** @type {any[]} */
    const events = [];
    const anew = (/** @type {any[]} */ ...args) => emulator.fetch(args[0], args[1]);
    const onEvent = (/** @type {any} */ event) => void events.push(event);
    const { url: webhookUrl } = await serve(t, { onEvent, fetch: anew });
    await emulator.control({ queue: { run_ms: 1 }, webhooks: { key: number } });
    await fal.queue.submit("emulator/echo", { input: { number }, webhookUrl });
    await emulator.control({ advance_ms: 1 });
    await until(() => events.length === 1);
  }
});

test("a webhook with a time that is off is not taken from the wire either", async (t) => {
  stopClock(t);
  let refused = "";
  const { url: webhookUrl } = await serve(t, {
    onEvent() {},
    onError: (/** @type {any} */ error) => void (refused = error.code),
  });
  for (const [skew_seconds, code] of [
    [-400, "webhook_too_old"],
    [400, "webhook_too_new"],
  ]) {
    await emulator.control({ reset: true, clock: "manual", queue: { run_ms: 1 }, webhooks: { skew_seconds } });
    await fal.queue.submit("emulator/echo", { input: {}, webhookUrl });
    await emulator.control({ advance_ms: 1 });
    await until(() => refused === code);
  }
});

test("verifyWebhook takes a request of Node's as express.raw leaves it", async (t) => {
  /** @type {Promise<any>[]} */
  const verified = [];
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const parts = { headers: request.headers, body: Buffer.concat(chunks) };
    verified.push(verifyWebhook(parts, { fetch: emulator.fetch }));
    response.end();
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  t.after(() => server.close());
  await emulator.control({ queue: { run_ms: 1 } });
  const webhookUrl = `http://127.0.0.1:${/** @type {any} */ (server.address()).port}/`;
  const { request_id: id } = await fal.queue.submit("emulator/echo", { input: { a: 1 }, webhookUrl });
  await emulator.control({ advance_ms: 1 });
  await until(() => verified.length === 1);
  const { request_id, duplicate, payload } = await verified[0];
  assert.deepEqual([request_id, duplicate, payload.input], [id, false, { a: 1 }]);
});
