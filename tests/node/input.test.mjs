/** Files inside an input. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { bytes, flow, seenOf, sha256, storedOf } from "../lib/files.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
const retry = { baseDelay: 1 };
const fal = createFalClient({ env: { FAL_KEY: KEY }, retry, fetch: emulator.fetch });

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());
const seen = () => seenOf(emulator);
const stored = (/** @type {string} */ url) => storedOf(emulator, url);

test("bytes in an input are files, too, each uploaded once", async () => {
  const [view, file] = [new Uint8Array([1, 2, 3]), new Blob(["x"])];
  const { data } = await fal.run("emulator/echo", { input: { view, file, list: [view, view.buffer, file], n: [1] } });
  const { list, n, ...urls } = data.input;
  assert.deepEqual([list[0], list[2], n], [urls.view, urls.file, [1]]);
  assert.deepEqual([(await stored(urls.view)).sha256, (await stored(list[1])).size], [sha256(view), 3]);
  assert.equal((await emulator.seen()).files.length, 3);
  const error = await failureOf(fal.run("emulator/echo", { input: { stream: flow(view), file } }));
  assert.equal(error.code, "invalid_input");
  assert.match(error.message, /stream/);
});

test("files of an input go four at a time; one that fails stops the others, and nothing is sent", async () => {
  await emulator.control({
    faults: [
      { match: { method: "PUT" }, skip: 3, then: { status: 403 } },
      { match: { method: "PUT" }, times: 99, then: { delay_ms: 600_000 } },
    ],
  });
  const files = Array.from({ length: 9 }, (_, index) => new Blob([`file ${index}`]));
  const error = await failureOf(fal.run("emulator/echo", { input: { files } }));
  assert.equal(error.status, 403);
  const lines = await seen();
  assert.equal(lines.filter((line) => line.startsWith("PUT")).length, 4, String(lines));
  assert.ok(!lines.some((line) => line.includes("echo")));
});

test("an abort of a call aborts the uploads of its files", async () => {
  await emulator.control({ faults: [{ match: { method: "PUT" }, times: 99, then: { delay_ms: 600_000 } }] });
  const controller = new AbortController();
  const files = Array.from({ length: 6 }, () => new Blob(["x"]));
  const call = failureOf(fal.subscribe("emulator/echo", { input: { files }, abortSignal: controller.signal }));
  await until(async () => (await seen()).length >= 4);
  controller.abort("bye");
  assert.deepEqual([(await call).code, (await call).cause], ["aborted", "bye"]);
  assert.ok(!(await seen()).some((line) => line.includes("echo")));
});
