/**
 * A clock for this process that moves only when a test moves it, so that no test depends on how fast the machine is. The
 * emulator's counterpart is its manual clock.
 */

import { until } from "./expect.mjs";

/**
 * Stops `setTimeout`, `performance.now` and `Date.now` until the test is over.
 *
 * @param {import("node:test").TestContext} t
 */
export function stopClock(t) {
  const began = { date: Date.now(), performance: performance.now() };
  let passed = 0;
  let count = 0;
  /** @typedef {{ at: number, ms: number, ring: () => void }} Timer */
  /** @type {Map<any, Timer>} */
  const timers = new Map();

  /** @param {(...args: any[]) => void} ring @param {number} [ms] @param {any[]} args */
  const set = (ring, ms = 0, ...args) => {
    const start = () => void timers.set(handle, { at: passed + ms, ms, ring: () => ring(...args) });
    // Node's `fetch` uses these methods of a timer.
    const handle = {
      number: (count += 1),
      ref: () => handle,
      unref: () => handle,
      hasRef: () => true,
      refresh: () => (start(), handle),
    };
    start();
    return handle;
  };
  const { clearTimeout } = globalThis;
  t.mock.method(globalThis, "setTimeout", /** @type {any} */ (set));
  t.mock.method(globalThis, "clearTimeout", (/** @type {any} */ timer) => {
    if (!timers.delete(timer)) clearTimeout(timer);
  });
  t.mock.method(performance, "now", () => began.performance + passed);
  t.mock.method(Date, "now", () => began.date + passed);

  const next = () => [...timers].sort(([, one], [, other]) => one.at - other.at)[0];
  return {
    /** How far it was moved. */
    passed: () => passed,

    /** Waits until somebody has set a timer for so long. @param {number} ms */
    armed: (ms) => until(() => [...timers.values()].some((timer) => timer.ms === ms), { every: 1 }),

    /** Moves it, and lets every timer ring that is due meanwhile. @param {number} ms */
    pass(ms) {
      const end = passed + ms;
      for (let due = next(); due && due[1].at <= end; due = next()) {
        const [handle, { at, ring }] = due;
        timers.delete(handle);
        passed = Math.max(passed, at);
        ring();
      }
      passed = end;
    },
  };
}
