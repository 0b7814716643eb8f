/** `fal-wasm/store`: streams and realtime connections as state. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createFalRealtimeStore, createFalStreamStore } from "fal-wasm/store";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { socketsOf } from "../lib/socket.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const WebSocket = socketsOf(emulator.url);
const retry = { maxRetries: 0 };
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch, WebSocket, retry });
const input = { prompt: "a cat in the rain" };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

test("a stream shows its last item, or what is made of all of them", async () => {
  const store = createFalStreamStore(fal, "fal-ai/any-llm");
  /** @type {Set<string>} */
  const seen = new Set();
  store.subscribe(() => seen.add(store.getState().status));
  const [one, same] = [store.run(input), store.run({ ...input })];
  assert.equal(await one, await same);
  const { status, data, requestId, error } = await one;
  assert.deepEqual([status, error, [...seen]], ["completed", undefined, ["sending", "in_progress", "completed"]]);
  assert.ok(data.output.length > 10 && requestId);
  const requests = (await emulator.seen()).requests.filter((/** @type {any} */ { path }) => path.endsWith("/stream"));
  assert.equal(requests.length, 1);

  const counted = createFalStreamStore(fal, "fal-ai/any-llm", { reduce: (count = 0) => count + 1 });
  assert.ok(Number((await counted.run(input)).data) > 2);
});

test("a burst is shown once, and never before it is told", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {((item: any) => void)[]} */
  const listeners = [];
  /** @type {() => void} */
  let end = () => {};
  const stream = {
    requestId: "1",
    on: (/** @type {string} */ _, /** @type {any} */ listener) => listeners.push(listener),
    done: () => new Promise((done) => (end = () => done(undefined))),
  };
  const store = createFalStreamStore({ stream: /** @type {any} */ (async () => stream) }, "a/b", {
    reduce: (count = 0) => count + 1,
  });
  let times = 0;
  store.subscribe(() => void (times += 1));
  const ended = store.run({});
  await until(() => listeners.length === 1);
  const before = times;
  for (let n = 0; n < 100; n++) listeners[0]?.({});
  assert.deepEqual([times - before, store.getState().data], [0, undefined]);
  t.mock.timers.tick(16);
  assert.deepEqual([times - before, store.getState().data], [1, 100]);
  listeners[0]?.({});
  end();
  assert.equal((await ended).data, 101, "the end shows everything");
  assert.equal(times - before, 2);
  t.mock.timers.tick(1_000);
  assert.equal(times - before, 2);
});

test("a stream that is cancelled, or whose last watcher leaves, stops the model and keeps what came", async () => {
  await emulator.control({ clock: "manual" });
  for (const stop of [
    (/** @type {any} */ store) => store.cancel(),
    (/** @type {any} */ _, /** @type {() => void} */ leave) => leave(),
  ]) {
    const store = createFalStreamStore(fal, "fal-ai/any-llm", { unmount: "cancel" });
    const leave = store.subscribe(() => {});
    const ended = store.run(input);
    await until(async () => {
      await emulator.control({ advance_ms: 40 });
      return Boolean(store.getState().data);
    });
    stop(store, leave);
    const { status, data, error, isPending } = await ended;
    assert.deepEqual([status, error, isPending], ["cancelled", undefined, false]);
    assert.ok(data.output);
  }
});

test("a stream that fails says so", async () => {
  const store = createFalStreamStore(fal, "nobody/nothing");
  const { status, error } = await store.run(input);
  assert.deepEqual([status, error?.status], ["failed", 404]);
  store.reset();
  assert.equal(store.getState().error, undefined);
});

test("a realtime connection: opened by a message, its last result, closed by whoever leaves", async () => {
  /** @type {any[]} */
  const heard = [];
  const store = createFalRealtimeStore(fal, "emulator/echo", {
    throttleInterval: 0,
    unmount: "cancel",
    onResult: (result) => heard.push(result),
  });
  const leave = store.subscribe(() => {});
  assert.deepEqual([store.getState().status, WebSocket.all.length], ["idle", 0]);
  store.send({ n: 1 });
  assert.equal(store.getState().status, "connecting");
  await until(() => store.getState().data?.n === 1);
  assert.equal(store.getState().status, "open");
  store.send({ n: 2 });
  await until(() => store.getState().data?.n === 2);
  assert.equal(heard.length, 2);
  store.subscribe(() => {})();
  leave();
  await until(() => store.getState().status === "closed");
  await until(() => WebSocket.all.every(({ readyState }) => readyState === WebSocket.CLOSED));
  store.subscribe(() => {});
  store.send({ n: 3 });
  await until(() => store.getState().data?.n === 3);
  store.close();
  assert.equal(store.getState().status, "closed");
});

test("what a realtime connection cannot do is its error", async () => {
  const store = createFalRealtimeStore(fal, "emulator/echo", { throttleInterval: 0 });
  store.subscribe(() => {});
  store.send({ unknown: () => {} });
  assert.ok(store.getState().error);
  const bad = createFalRealtimeStore(
    createFalClient({ env: { FAL_KEY: "nobody:nothing" }, fetch: emulator.fetch, WebSocket, retry }),
    "emulator/echo",
  );
  bad.send({ n: 1 });
  await until(() => bad.getState().error !== undefined && bad.getState().status === "idle");
  bad.send({ n: 2 });
  assert.equal(bad.getState().status, "idle", "what is dropped at once is not on its way");
});
