/** Asking a proxy that runs somewhere else, and says what it sent (tests/adapters/recorded.js). */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

import { path } from "../../scripts/lib/run.mjs";
import { door } from "./doors.mjs";
import { until } from "./expect.mjs";
import { decideAll } from "./vectors.mjs";

const suite = JSON.parse(readFileSync(path("tests/data/proxy-vectors.json"), "utf8"));

/** What it sent, and who left, since it was asked the last time. @param {string} place */
const told = async (place) => (await fetch(`${place}?told`)).json();

/** Puts every vector to it. Returns those that were decided otherwise. @param {string} url @param {string} path */
export async function vectorsAt(url, path) {
  const send = door(Number(new URL(url).port), path);
  /** What is recorded there is recorded here again. @param {any} recorder */
  const through = (recorder) => async (/** @type {Request} */ request) => {
    const answer = await send(request);
    const { sent, leaks } = await told(url + path);
    for (const [url, init] of sent) await recorder.fetch(url, init);
    for (let count = 0; count < leaks; count += 1) recorder.onKeyLeak(request);
    return answer;
  };
  return decideAll(/** @type {any} */ ((/** @type {any} */ recorder) => recorder), suite, through);
}

/** Events flow from it, and whoever leaves ends them. @param {string} place */
export async function assertEventsFlow(place) {
  const { body } = await fetch(`${place}?events`);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (body).getReader();
  assert.match(new TextDecoder().decode((await reader.read()).value), /^data: 1\n/);
  await reader.cancel();
  await until(async () => (await told(place)).left === 1);
}
