/** `fal-wasm/store`: what a user interface shows of a call, and that showing it twice does not buy it twice. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";
import { createFalStore } from "fal-wasm/store";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

/** @typedef {import("fal-wasm/store").StoreOptions} StoreOptions */

const emulator = await startEmulator({ keys: ACCOUNTS });
const config = { env: { FAL_KEY: KEY }, fetch: emulator.fetch, retry: { maxRetries: 0 } };
const MODEL = "fal-ai/flux/dev";
const input = { prompt: "a cat in the rain", image_size: { width: 64, height: 64 } };

beforeEach(async () => {
  await emulator.control({ reset: true });
  await emulator.control({ clock: "manual", queue: { ahead: 2, step_ms: 1_000, run_ms: 4_000 } });
});
after(() => emulator.stop());

/** As a page has it, or another one after a reload. @param {StoreOptions} [options] @param {object} [own] */
const open = (options, own) => createFalStore(createFalClient({ ...config, ...own }), MODEL, options);

/** A tab's storage. */
function tab() {
  /** @type {Map<string, string>} */
  const items = new Map();
  return {
    items,
    getItem: (/** @type {string} */ key) => items.get(key) ?? null,
    setItem: (/** @type {string} */ key, /** @type {string} */ value) => void items.set(key, value),
    removeItem: (/** @type {string} */ key) => void items.delete(key),
  };
}

const jobs = async () => (await emulator.seen()).jobs;
const later = (/** @type {number} */ seconds) => emulator.control({ advance_ms: seconds * 1_000 });
/** @param {ReturnType<typeof open>} store @param {string} status @param {number} [position] */
const is = (store, status, position) =>
  until(() => store.getState().status === status && (position === undefined || store.getState().position === position));
const watch = (/** @type {ReturnType<typeof open>} */ store) => store.subscribe(() => {});
/** Lets everything happen that waits for nothing. */
const settled = () => new Promise((done) => setImmediate(done));

test("what is shown of a call, from before it begins to its end", async () => {
  const store = open();
  const seen = [store.getState()];
  store.subscribe(() => seen.push(store.getState()));
  assert.deepEqual([store.getState().status, store.getServerState()], ["idle", store.getState()]);
  const ended = store.run(input);
  assert.equal(store.getState().status, "sending");
  assert.equal(store.getState(), store.getState(), "the same until something changes");
  await is(store, "in_queue", 2);
  const { requestId, isPending } = store.getState();
  assert.deepEqual([requestId, isPending], [(await jobs())[0].request_id, true]);
  await later(1);
  await is(store, "in_queue", 1);
  await later(3);
  await is(store, "in_progress");
  await until(() => store.getState().progress === 0.5);
  assert.match(store.getState().logs.at(-1)?.message ?? "", /50%/);
  assert.equal(store.getState().position, undefined);
  await later(2);
  const last = await ended;
  assert.deepEqual(
    [last.status, last.isPending, last.progress, last.error],
    ["completed", false, undefined, undefined],
  );
  assert.equal(last.data.images.length, 1);
  assert.equal(last, store.getState());
  assert.equal(store.getServerState().status, "idle");
  const order = ["idle", "sending", "in_queue", "in_progress", "completed"];
  assert.deepEqual([...new Set(seen.map(({ status }) => status))], order);
});

test("the same input is the same call; another one takes its place and cancels it at fal", async () => {
  const store = open();
  const file = new Blob(["a"]);
  const [one, other] = [store.run({ ...input, file }), store.run({ ...structuredClone(input), file })];
  await is(store, "in_queue");
  const again = store.run({ ...input, file });
  assert.equal((await jobs()).length, 1);
  const next = store.run({ ...input, file: new Blob(["a"]) });
  for (const ended of [one, other, again]) {
    const { status, cancelled } = await ended;
    assert.deepEqual([status, cancelled], ["cancelled", "accepted"]);
  }
  assert.equal(store.getState().isPending, true);
  await is(store, "in_queue");
  await later(6);
  assert.equal((await next).status, "completed");
  assert.deepEqual(
    (await jobs()).map((/** @type {any} */ { error_type: type }) => type),
    ["client_cancelled", null],
  );
});

test("what begins and is taken back at once is never sent, as when React runs an effect twice", async () => {
  const store = open();
  const [first] = [store.run(input), store.cancel()];
  const second = store.run(input);
  assert.equal((await first).status, "cancelled");
  await is(store, "in_queue");
  await later(6);
  assert.equal((await second).status, "completed");
  assert.equal((await jobs()).length, 1);
  assert.equal((await emulator.seen()).requests.filter((/** @type {any} */ { method }) => method === "POST").length, 1);
});

test("a cancel counts at once, and says what fal made of it", async () => {
  const store = open();
  void store.run(input);
  await is(store, "in_queue");
  const cancelled = store.cancel();
  assert.deepEqual([store.getState().status, store.getState().isPending], ["cancelled", false]);
  const last = await cancelled;
  assert.deepEqual([last.status, last.cancelled, last.error], ["cancelled", "accepted", undefined]);
  assert.equal((await jobs())[0].error_type, "client_cancelled");
  store.reset();
  assert.equal(store.getState(), store.getState());
  assert.deepEqual({ ...store.getState() }, { ...store.getServerState() });
});

test("whoever leaves takes the call along, or not; leaving and coming back is not leaving", async () => {
  const store = open({ unmount: "cancel" });
  void store.run(input);
  watch(store)();
  const leave = watch(store);
  await is(store, "in_queue");
  const leaveToo = watch(store);
  leave();
  leave();
  await settled();
  assert.equal(store.getState().status, "in_queue", "somebody watches");
  leaveToo();
  await until(async () => (await jobs())[0].error_type === "client_cancelled");
  assert.equal(store.getState().status, "cancelled");

  const kept = open();
  void kept.run(input);
  await is(kept, "in_queue");
  watch(kept)();
  await settled();
  assert.equal(kept.getState().status, "in_queue");
  kept.reset();
});

test("after a reload the call goes on, and is not bought again", async () => {
  const storage = tab();
  const before = open({ resume: "cat", storage, unmount: "cancel" });
  watch(before);
  void before.run(input);
  await is(before, "in_queue");
  await until(() => storage.items.size === 1);
  const [[key, saved] = []] = storage.items;
  assert.equal(key, "fal-wasm:fal-ai/flux/dev:cat");
  assert.ok(!/cat in the rain/.test(String(saved)), "no prompt is kept");

  // Another page: nothing of the first one is in its memory. React mounts it twice.
  const after = open({ resume: "cat", storage, unmount: "cancel" });
  assert.equal(after.getState().status, "idle", "as the server rendered it");
  watch(after)();
  watch(after);
  await is(after, "in_queue", 2);
  await later(6);
  await is(after, "completed");
  assert.equal(after.getState().data.images.length, 1);
  assert.equal((await jobs()).length, 1);
  await until(() => storage.items.size === 0);

  const anew = open({ resume: "cat", storage });
  watch(anew);
  assert.equal((await anew.resume()).status, "idle");
});

test("a result that nobody saw can be found again; one name is one call of one endpoint", async () => {
  const storage = tab();
  const store = open({ resume: true, storage });
  const ended = store.run(input);
  await is(store, "in_queue");
  await later(6);
  assert.equal((await ended).status, "completed");
  assert.deepEqual([...storage.items.keys()], ["fal-wasm:fal-ai/flux/dev"]);
  const elsewhere = createFalStore(createFalClient(config), "fal-ai/flux/schnell", { resume: true, storage });
  assert.equal((await elsewhere.resume()).status, "idle");
  const after = open({ resume: true, storage });
  watch(after);
  await is(after, "completed");
});

test("storage may take its time, hold nonsense, or refuse: calls go on", async () => {
  const slow = tab();
  const storage = {
    getItem: async (/** @type {string} */ key) => slow.getItem(key),
    setItem: async (/** @type {string} */ key, /** @type {string} */ value) => slow.setItem(key, value),
    removeItem: async (/** @type {string} */ key) => slow.removeItem(key),
  };
  void open({ resume: true, storage }).run(input);
  await until(() => slow.items.size === 1);
  const resumed = open({ resume: true, storage });
  watch(resumed);
  await is(resumed, "in_queue");
  resumed.reset();
  await until(() => slow.items.size === 0);

  const refuses = () => {
    throw new Error("SecurityError");
  };
  for (const storage of [
    { getItem: refuses, setItem: refuses, removeItem: refuses },
    { ...tab(), getItem: () => "{" },
    { ...tab(), getItem: () => "null" },
    undefined,
  ]) {
    const store = open({ resume: true, ...(storage && { storage }) });
    watch(store);
    assert.equal((await store.resume()).status, "idle");
    const ended = store.run({ ...input, seed: 1 });
    await is(store, "in_queue");
    await later(6);
    assert.equal((await ended).status, "completed");
  }
});

test("a failure is shown, and a request that was only lost sight of is found again", async () => {
  const storage = tab();
  let isDown = false;
  /** @type {typeof fetch} */
  const flaky = async (url, init) => {
    if (isDown) throw new TypeError("fetch failed");
    return emulator.fetch(url, init);
  };
  const store = open({ resume: true, storage, mode: "polling", pollInterval: 20 }, { fetch: flaky });
  watch(store);
  const ended = store.run(input);
  await is(store, "in_queue");
  await until(() => storage.items.size === 1);
  isDown = true;
  const { status, error, requestId } = await ended;
  assert.deepEqual([status, error?.code, error?.requestId], ["failed", "connection_lost", requestId]);
  isDown = false;
  const resumed = store.resume();
  await is(store, "in_queue");
  assert.equal(store.getState().error, undefined);
  await later(6);
  assert.equal((await resumed).status, "completed");
  assert.equal((await jobs()).length, 1);

  const asked = store.run({ ...input, num_images: "many" });
  await is(store, "in_queue");
  await later(6);
  const refused = await asked;
  assert.deepEqual([refused.status, refused.error?.status, refused.data], ["failed", 422, undefined]);
  const wrong = await store.run(input, /** @type {any} */ ({ priorty: "low" }));
  assert.match(wrong.error?.message ?? "", /priorty.*priority/s);
});

test("options of a call, its callbacks, and what counts as progress", async () => {
  /** @type {string[]} */
  const told = [];
  const store = open({
    progress: ({ status }) => (status === "IN_PROGRESS" ? 0.25 : undefined),
    logs: false,
    onEnqueue: () => void told.push("enqueued"),
    onQueueUpdate: ({ status }) => void (told.at(-1) === status || told.push(status)),
  });
  const ended = store.run(input, { priority: "low" });
  await is(store, "in_queue");
  assert.equal(store.getState().progress, undefined);
  await later(3);
  await is(store, "in_progress");
  assert.deepEqual([store.getState().progress, store.getState().logs], [0.25, []]);
  await later(4);
  await ended;
  assert.deepEqual(told, ["enqueued", "IN_QUEUE", "IN_PROGRESS", "COMPLETED"]);
  const headers = Object.fromEntries((await emulator.seen()).requests[0].fal_headers);
  assert.equal(headers["x-fal-queue-priority"], "low");
});
