/** Stores of webhooks that fail: nothing counts as handled that was not, and nothing is handled by two. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createMemoryReplayStore, createWebhookHandler } from "fal-wasm/webhook";

import { makeKey, posted, publish, signed } from "../lib/webhooks.mjs";

const key = await makeKey();
const { fetch } = publish(key);

/**
 * The memory store, of which the call with this number fails: before it did anything, or after.
 *
 * @param {number} failing @param {boolean} acts @param {boolean} looks Whether it can look without marking.
 */
function failingStore(failing, acts, looks) {
  const memory = createMemoryReplayStore();
  let calls = 0;
  const failsAt =
    (/** @type {any} */ work) =>
    async (/** @type {any[]} */ ...args) => {
      calls += 1;
      if (calls !== failing) return work(...args);
      if (acts) await work(...args);
      throw new Error("the store is down");
    };
  const store = { seen: failsAt(memory.seen), forget: failsAt(memory.forget), has: failsAt(memory.has) };
  return { store: looks ? store : { seen: store.seen, forget: store.forget }, calls: () => calls };
}

for (const looks of [true, false]) {
  test(`a store that ${looks ? "looks" : "can only mark"} fails at any call: handled once, and not lost`, async (t) => {
    t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
    for (const acts of [false, true]) {
      for (let failing = 1; ; failing += 1) {
        const { store, calls } = failingStore(failing, acts, looks);
        let handled = 0;
        /** @type {any[]} */
        const told = [];
        const handler = createWebhookHandler({
          fetch,
          replayStore: store,
          onEvent: () => void (handled += 1),
          onError: (error) => void told.push(error),
        });
        const one = `${looks} ${acts} ${failing}`.replaceAll(" ", "-");
        const deliver = async () => (await handler(posted(await signed(key, { id: one })))).status;
        const first = await deliver();
        const isOver = calls() < failing;
        if (first === 200) assert.equal(handled, 1, "it counts as handled, and was not");
        if (first === 500) assert.equal(told[0].code, "webhook_not_handled");
        // fal delivers again, a little later and much later.
        for (const seconds of [11, 121, 121]) {
          t.mock.timers.setTime(Date.now() + seconds * 1000);
          await deliver();
        }
        assert.equal(handled, 1, `call ${failing}`);
        if (isOver) break;
      }
    }
  });
}

test("a store that says neither yes nor no would have all of them handled again: none is, and the app is told", async () => {
  const memory = createMemoryReplayStore();
  for (const [place, answer] of [undefined, null, 0, "OK", {}].entries()) {
    for (const method of ["seen", "has"]) {
      /** @type {any[]} */
      const told = [];
      let handled = 0;
      const handler = createWebhookHandler({
        fetch,
        replayStore: /** @type {any} */ ({ ...memory, [method]: async () => answer }),
        onEvent: () => void (handled += 1),
        onError: (error) => void told.push(error),
      });
      const { status } = await handler(posted(await signed(key, { id: `odd-${method}-${place}` })));
      assert.deepEqual([status, handled, told[0]?.code], [500, 0, "webhook_not_handled"], `${method} ${answer}`);
      assert.match(told[0]?.cause.message, /true or false/);
    }
  }
});

test("one that was handled and cannot be remembered is fal's no more, and the app is told", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  const memory = createMemoryReplayStore();
  let isDown = false;
  const seen = async (/** @type {string} */ id, /** @type {number} */ ttl) => {
    if (isDown) throw new Error("the store is down");
    return memory.seen(id, ttl);
  };
  /** @type {any[]} */
  const told = [];
  let handled = 0;
  const handler = createWebhookHandler({
    fetch,
    replayStore: { ...memory, seen },
    onEvent() {
      handled += 1;
      isDown = true;
    },
    onError: (error) => void told.push(error),
  });
  const one = await signed(key);
  assert.equal((await handler(posted(one))).status, 200);
  assert.match(told[0].message, /the store is down/);
  isDown = false;
  // A delivery that was under way meanwhile is put off.
  assert.equal((await handler(posted(one))).status, 503);
  assert.equal(handled, 1);
});

test("a worker that sleeps between taking the webhook and looking does not hand it over beside another", async (t) => {
  t.mock.timers.enable({ apis: ["Date"], now: Date.now() });
  let now = 0;
  t.mock.method(performance, "now", () => now);
  const replayStore = createMemoryReplayStore();
  let handled = 0;
  /** @type {() => void} */
  let wake = () => {};
  const asleep = new Promise((resolve) => (wake = () => resolve(undefined)));
  /** @type {() => void} */
  let sleeps = () => {};
  const sleeping = new Promise((resolve) => (sleeps = () => resolve(undefined)));
  const onEvent = () => void (handled += 1);
  const sleepy = {
    ...replayStore,
    async seen(/** @type {string} */ id, /** @type {number} */ ttl) {
      const was = await replayStore.seen(id, ttl);
      sleeps();
      await asleep;
      return was;
    },
  };
  /** @type {Promise<any>[]} */
  const works = [];
  const context = { waitUntil: (/** @type {Promise<any>} */ work) => void works.push(work) };
  const id = "asleep";
  const first = createWebhookHandler({ fetch, replayStore: sleepy, onEvent })(
    posted(await signed(key, { id })),
    {},
    context,
  );
  await sleeping;
  now += 125_000;
  t.mock.timers.setTime(Date.now() + 125_000);
  const second = createWebhookHandler({ fetch, replayStore, onEvent });
  assert.equal((await second(posted(await signed(key, { id })))).status, 200);
  wake();
  await Promise.all([first, ...works]);
  assert.equal(handled, 1);
});
