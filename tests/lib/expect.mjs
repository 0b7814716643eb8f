/** Small helpers that several tests share. */

import assert from "node:assert/strict";
import { inspect } from "node:util";

import { formsOf, isSeen } from "../../scripts/lib/sightings.mjs";
import { KEY } from "./keys.mjs";

/** The error of a call that must fail. @param {Promise<any>} promise @returns {Promise<any>} */
export const failureOf = (promise) =>
  promise.then(
    (value) => assert.fail(`it did not fail: ${inspect(value)}`),
    (error) => error,
  );

/** Nothing of a value shows the canary key, however it is printed. @param {any} value @param {string} [what] */
export function assertSilent(value, what = "it") {
  const deep = inspect(value, { depth: 12, showHidden: true, getters: true });
  const texts = [deep, String(value), String(value?.stack), JSON.stringify(value) ?? ""];
  assert.ok(!isSeen(texts.join("\n"), formsOf(KEY)), `${what} shows the key`);
}

/** The longest that a test waits for something to happen, in milliseconds. Only what is broken takes that long. */
export const PATIENCE = 60_000;

// As they are before a test stops its clock.
const { setTimeout } = globalThis;
const now = performance.now.bind(performance);

/** A rest of real time. @param {number} ms */
export const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** Waits until something is so, and returns at once then. @param {() => Promise<boolean> | boolean} is */
export async function until(is, { every = 20, within = PATIENCE } = {}) {
  for (const end = now() + within; now() < end;) {
    if (await is()) return;
    await pause(every);
  }
  assert.fail(`it did not come true: ${is}`);
}
