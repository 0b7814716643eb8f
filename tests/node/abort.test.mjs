/** Leaving a call before its end. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { stopClock } from "../lib/clock.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });
/** A job that is not done before the test is. */
const slow = { input: { seconds: 3_600 }, pollInterval: 20 };

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** The states of the jobs at fal. */
const jobs = async () => (await emulator.seen()).jobs.map((/** @type {any} */ job) => job.status);

test("a call that was aborted before it began sends nothing", async () => {
  const error = await failureOf(fal.subscribe("emulator/slow", { ...slow, abortSignal: AbortSignal.abort() }));
  assert.deepEqual([error.name, error.code], ["AbortError", "aborted"]);
  assert.equal((await emulator.seen()).requests.length, 0);
});

test("an abort is at once, and says that the request goes on", async () => {
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const call = fal.subscribe("emulator/slow", {
    ...slow,
    abortSignal: controller.signal,
    // From inside a callback, where the core is busy.
    onQueueUpdate: ({ status }) => status === "IN_PROGRESS" && controller.abort(reason),
  });
  const error = await failureOf(call);
  assert.deepEqual([error.code, error.cause, error.cancelled], ["aborted", reason, undefined]);
  assert.match(error.message, new RegExp(`goes on at fal under the id ${error.requestId}`));
  assert.deepEqual(await jobs(), ["IN_PROGRESS"]);
});

test("an abort cancels the queued job when asked, and says so", async () => {
  const controller = new AbortController();
  const options = { ...slow, abortSignal: controller.signal, cancelOnAbort: true };
  const error = await failureOf(
    fal.subscribe("emulator/slow", { ...options, onEnqueue: () => controller.abort("bye") }),
  );
  assert.deepEqual([error.code, error.cancelled, error.cause], ["aborted", "accepted", "bye"]);
  assert.match(error.message, /It was cancelled at fal\.$/);
  assert.deepEqual(await jobs(), ["COMPLETED"]);
});

test("a timeout cancels the job unless told otherwise", async (t) => {
  const clock = stopClock(t);
  // As long as the clock stands still, the request has all the time it needs to get there.
  const late = { ...slow, timeout: 200, onEnqueue: () => clock.pass(200) };
  const error = await failureOf(fal.subscribe("emulator/slow", late));
  assert.deepEqual([error.code, error.retryable, error.cancelled], ["timeout", true, "accepted"]);
  const kept = await failureOf(fal.subscribe("emulator/slow", { ...late, cancelOnTimeout: false }));
  assert.equal(kept.cancelled, undefined);
  assert.deepEqual(await jobs(), ["COMPLETED", "IN_PROGRESS"]);
});

test("an abort during an upload sends no request after it", async () => {
  await emulator.control({ faults: [{ match: { method: "PUT" }, times: 1, then: { delay_ms: 600_000 } }] });
  const controller = new AbortController();
  const input = { image_url: new Blob(["x"], { type: "image/png" }) };
  const call = failureOf(fal.run("emulator/echo", { input, abortSignal: controller.signal }));
  await until(async () => (await emulator.seen()).requests.length >= 1);
  controller.abort();
  assert.equal((await call).code, "aborted");
  const paths = (await emulator.seen()).requests.map((/** @type {any} */ request) => request.host);
  assert.ok(!paths.includes("fal.run"), String(paths));
});

test("a call that has ended leaves no timer and no listener behind", async () => {
  const controller = new AbortController();
  const { signal } = controller;
  const call = () =>
    fal.subscribe("emulator/echo", { input: {}, timeout: 60_000, pollInterval: 10, abortSignal: signal });
  const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
  await call();
  const before = timers();
  for (let round = 0; round < 10; round += 1) await call();
  assert.ok(timers() <= before, `${timers()} timers, ${before} before`);
  assert.equal(getEventListeners(signal, "abort").length, 0);
  controller.abort();
});

test("one signal for many calls is no leak, and reaches all of them", async (t) => {
  const warned = t.mock.method(process, "emitWarning", () => {});
  await emulator.control({ latency_ms: 600_000 });
  const controller = new AbortController();
  const abortSignal = controller.signal;
  const options = { input: {}, abortSignal };
  const calls = Array.from({ length: 15 }, () => failureOf(fal.run("emulator/echo", options)));
  const streams = await Promise.all(Array.from({ length: 15 }, () => fal.stream("emulator/echo", options)));
  assert.equal(getEventListeners(abortSignal, "abort").length, 1);
  controller.abort();
  assert.deepEqual(new Set((await Promise.all(calls)).map(({ code }) => code)), new Set(["aborted"]));
  await Promise.all(streams.map((stream) => stream.done()));
  assert.equal(warned.mock.callCount(), 0);
  await until(() => getEventListeners(abortSignal, "abort").length === 0);
});

test("the time of a signal is a TimeoutError, as in `fetch`, and any other abort an AbortError with its reason", async (t) => {
  await emulator.control({ latency_ms: 600_000 });
  const run = (/** @type {AbortSignal} */ abortSignal) =>
    failureOf(fal.run("emulator/echo", { input: {}, abortSignal }));
  const signal = AbortSignal.timeout(20);
  const late = await run(signal);
  assert.deepEqual([late.name, late.code, late.cause], ["TimeoutError", "aborted", signal.reason]);
  assert.match(late.message, /^The time of its signal is over/);
  const plain = await run(AbortSignal.abort());
  assert.deepEqual(
    [plain.name, plain.cause.name, plain.cause instanceof DOMException],
    ["AbortError", "AbortError", true],
  );
});
