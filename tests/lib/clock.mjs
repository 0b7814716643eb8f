/**
 * A clock for this process that moves only when a test moves it, so that no test depends on how fast the machine is. The
 * emulator's counterpart is its manual clock.
 */

import { until } from "./expect.mjs";

/**
 * Puts another function in the place of one until the test is over. The test's own mocks keep all that they were called with.
 *
 * @param {import("node:test").TestContext} t @param {any} object @param {string} name @param {(...args: any[]) => unknown} value
 */
function replace(t, object, name, value) {
  const own = Object.getOwnPropertyDescriptor(object, name);
  Object.defineProperty(object, name, { value, configurable: true, writable: true });
  t.after(() => (own ? Object.defineProperty(object, name, own) : Reflect.deleteProperty(object, name)));
}

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
  replace(t, globalThis, "setTimeout", set);
  replace(t, globalThis, "clearTimeout", (/** @type {any} */ timer) => {
    if (!timers.delete(timer)) clearTimeout(timer);
  });
  replace(t, performance, "now", () => began.performance + passed);
  replace(t, Date, "now", () => began.date + passed);

  const next = () => [...timers].sort(([, one], [, other]) => one.at - other.at)[0];
  return {
    /** How far it was moved. */
    passed: () => passed,

    /** Waits until somebody has set a timer for so long. @param {number} ms */
    armed: (ms) => until(() => [...timers.values()].some((timer) => timer.ms === ms), { every: 1 }),

    /** Lets the timers ring that were set for so long, and moves nothing. @param {number} ms */
    ring(ms) {
      for (const [handle, timer] of timers) if (timer.ms === ms && timers.delete(handle)) timer.ring();
    },

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

/**
 * Moves the emulator's clock, which stands still, from one state of a job to the next: by so much whenever a state is seen
 * for the first time. Whoever follows the job sees every state then, however slowly.
 *
 * @param {{ control(wish: object): Promise<void> }} emulator
 * @param {{ IN_QUEUE?: number, IN_PROGRESS?: number }} durations In milliseconds; for each place in the queue.
 */
export function moveOn(emulator, durations) {
  /** @type {Set<string>} */
  const seen = new Set();
  return (/** @type {{ status: string, queue_position?: number }} */ { status, queue_position: position }) => {
    const state = `${status} ${position ?? ""}`;
    if (seen.has(state)) return;
    seen.add(state);
    const ms = /** @type {Record<string, number>} */ (durations)[status];
    if (ms) void emulator.control({ advance_ms: ms });
  };
}

/**
 * Reads what the emulator's `fal-ai/any-llm` says while its clock stands still: no word is said before the one before it has
 * arrived. Returns the times of that clock at which something arrived.
 *
 * @param {{ control(wish: object): Promise<void> }} emulator @param {ReadableStream} body
 */
export async function arrivalsOf(emulator, body) {
  const [firstWord, word] = [250, 40];
  const reader = body.getReader();
  const arrivals = [];
  let at = 0;
  for (let step = firstWord; ; step = word) {
    await emulator.control({ advance_ms: step });
    at += step;
    if ((await reader.read()).done) return arrivals;
    arrivals.push(at);
  }
}
