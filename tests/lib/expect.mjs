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

/** Waits until something is so. @param {() => Promise<boolean> | boolean} is */
export async function until(is, { every = 20, within = 5_000 } = {}) {
  for (const end = Date.now() + within; Date.now() < end;) {
    if (await is()) return;
    await new Promise((resolve) => setTimeout(resolve, every));
  }
  assert.fail(`it did not come true: ${is}`);
}
