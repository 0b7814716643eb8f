/**
 * What every store of limits has to do, as a story: steps, one after the other, and what each must answer. It is told to
 * each of them.
 */

import assert from "node:assert/strict";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A moment at the beginning of an hour, far from now: nothing is due by the clock on the wall. */
const BEGIN = 1_200_000 * HOUR;

/** @param {string} ticket @param {any} [more] */
const wish = (ticket, more) => ({ ticket, leaseMs: HOUR, ...more });
const money = (/** @type {number} */ cost, max = 100) => ({ spending: { cost, unit: 10, max, windowMs: HOUR } });
const once = (/** @type {string} */ key, digest = "d") => ({ once: { key, digest, keepMs: 24 * HOUR } });
const OK = { kind: "ok" };
const refused = (/** @type {string} */ limit, /** @type {number} */ retryAfterMs) => ({
  kind: "refused",
  limit,
  retryAfterMs,
});

/** @typedef {{ reserve(account: string, wish: any): Promise<any>, settle(account: string, settlement: any): Promise<any> }} Store */

/** What a store that can be told the time is held against. @type {Record<string, (store: Store, at: (ms: number) => void) => Promise<void>>} */
export const stories = {
  async "requests are counted in a window that moves along"(store, at) {
    const requests = { requests: { max: 4, windowMs: HOUR } };
    const asks = async (/** @type {number} */ minutes, /** @type {any[]} */ ...verdicts) => {
      at(minutes * MINUTE);
      for (const verdict of verdicts) assert.deepEqual(await store.reserve("ann", wish("1", requests)), verdict);
    };
    await asks(0, OK);
    await asks(59, OK, OK, OK, refused("requests", MINUTE + 1));
    assert.deepEqual(await store.reserve("bob", wish("1", requests)), OK);
    await asks(60, refused("requests", 1));
    await asks(61, OK, refused("requests", 14 * MINUTE + 1));
    await asks(75, refused("requests", 1));
    await asks(76, OK, refused("requests", 14 * MINUTE + 1));
    await asks(119, OK, OK, refused("requests", MINUTE + 1));
    await asks(241, OK, OK, OK, OK, refused("requests", 59 * MINUTE + 1));
  },

  async "places are taken and given back, also by time"(store, at) {
    const jobs = { jobs: { max: 2 } };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", jobs)), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", jobs)), OK);
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), refused("jobs", 5000));
    await store.settle("ann", { ticket: "1", closes: false, became: "job", leaseMs: HOUR });
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), refused("jobs", 5000));
    await store.settle("ann", { job: "another", closes: true, leaseMs: 0 });
    await store.settle("bob", { job: "job", closes: true, leaseMs: 0 });
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), refused("jobs", 5000));
    await store.settle("ann", { job: "job", closes: true, leaseMs: 0 });
    assert.deepEqual(await store.reserve("ann", wish("3", jobs)), OK);
    at(HOUR);
    assert.deepEqual(await store.reserve("ann", wish("4", jobs)), OK);
  },

  async "money is reserved, and settled with what was used"(store, at) {
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", money(60))), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", money(50))), refused("spending", HOUR));
    await store.settle("ann", { ticket: "1", closes: true, leaseMs: 0, units: 2.5 });
    assert.deepEqual(await store.reserve("ann", wish("2", money(75))), OK, "25 were used");
    assert.deepEqual(await store.reserve("ann", wish("3", money(1))), refused("spending", HOUR));
    await store.settle("ann", { ticket: "2", closes: true, leaseMs: 0, free: true });
    assert.deepEqual(await store.reserve("ann", wish("3", money(75))), OK, "it was given back");
    await store.settle("ann", { ticket: "3", closes: true, leaseMs: 0 });
    await store.settle("ann", { ticket: "3", closes: true, leaseMs: 0, free: true });
    assert.deepEqual(await store.reserve("ann", wish("4", money(1))), refused("spending", HOUR), "only once");
  },

  async "what a job cost is known later, and counts where it was taken"(store, at) {
    at(HOUR - 1);
    assert.deepEqual(await store.reserve("ann", wish("1", money(100))), OK);
    await store.settle("ann", { ticket: "1", closes: false, became: "job", leaseMs: HOUR });
    at(HOUR);
    assert.deepEqual(await store.reserve("ann", wish("2", money(100))), OK, "another hour");
    await store.settle("ann", { job: "job", closes: true, leaseMs: 0, units: 1 });
    assert.deepEqual(await store.reserve("ann", wish("3", money(1))), refused("spending", HOUR));
  },

  async "all is taken, or nothing"(store, at) {
    const all = { requests: { max: 10, windowMs: HOUR }, jobs: { max: 1 }, ...money(60) };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    for (let n = 0; n < 20; n += 1) {
      assert.deepEqual(await store.reserve("ann", wish("x", all)), refused("jobs", 5000));
    }
    await store.settle("ann", { ticket: "1", closes: true, leaseMs: 0, free: true });
    assert.deepEqual(await store.reserve("ann", wish("2", all)), OK);
  },

  async "the same key gets the same answer, and takes nothing"(store, at) {
    const all = { requests: { max: 3, windowMs: 48 * HOUR }, ...once("k") };
    const answer = { status: 200, contentType: "application/json", body: '{"é":[]}' };
    at(0);
    assert.deepEqual(await store.reserve("ann", wish("1", all)), OK);
    assert.deepEqual(await store.reserve("ann", wish("2", all)), { kind: "pending" });
    await store.settle("ann", { ticket: "1", closes: false, became: "job", leaseMs: HOUR, once: "k", answer });
    for (let n = 0; n < 9; n += 1) {
      assert.deepEqual(await store.reserve("ann", wish("2", all)), { kind: "replay", answer });
    }
    assert.deepEqual(await store.reserve("ann", wish("3", { ...all, ...once("k", "e") })), { kind: "reused" });
    assert.deepEqual(await store.reserve("bob", wish("4", all)), OK, "another's key is another key");
    assert.deepEqual(await store.reserve("ann", wish("5", { ...all, ...once("l") })), OK);
    await store.settle("ann", { ticket: "5", closes: true, leaseMs: 0, free: true, once: "l" });
    assert.deepEqual(await store.reserve("ann", wish("6", { ...all, ...once("l") })), OK, "nothing was run with it");
  },
};

/** Runs every story against stores that share a clock. @param {import("node:test").TestContext} t @param {(now: () => number) => Store} make */
export async function tell(t, make) {
  for (const [name, story] of Object.entries(stories)) {
    let now = BEGIN;
    await t.test(name, () =>
      story(
        make(() => now),
        (ms) => void (now = BEGIN + ms),
      ),
    );
  }
}
