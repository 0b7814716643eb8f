/** Uploads from a page in a real Chromium. */

import assert from "node:assert/strict";
import { rmSync, utimesSync, writeFileSync } from "node:fs";
import { after, before, beforeEach, test } from "node:test";

import { path } from "../../scripts/lib/run.mjs";
import { MIB, bytes, seenOf, storedOf } from "../lib/files.mjs";
import { openSite } from "./site.mjs";

const { emulator, enter, page, inPage, close } = await openSite("chromium-uploads");
const call = (/** @type {string} */ name) => inPage("uploads.js", name);

before(enter);
beforeEach(() => emulator.control({ reset: true }));
after(close);

test("95 MiB go in parts: the key is asked for the place, the bytes go straight there", async () => {
  const { url, sha256, loaded } = await call("large");
  assert.equal((await storedOf(emulator, url)).sha256, sha256);
  assert.deepEqual([loaded.length, loaded.at(-1)], [10, 95 * MIB]);
  const requests = (await emulator.seen()).requests.filter((/** @type {any} */ { method }) => method !== "OPTIONS");
  assert.equal(requests.length, 12);
  const [upload] = (await emulator.seen()).uploads;
  assert.ok(upload.most_at_once > 1 && upload.most_at_once <= 4, String(upload.most_at_once));
  assert.deepEqual([upload.authorization, upload.completed], [false, true]);
  for (const { host, authorization, path } of requests) assert.equal(authorization, host === "rest.fal.ai", path);
});

test("a part that fails twice is sent again, from a stream, too", async () => {
  for (const then of [{ status: 503 }, { drop: "before" }, { drop: "after" }]) {
    await emulator.control({ reset: true, faults: [{ match: { method: "PUT" }, skip: 1, times: 2, then }] });
    const { url, sha256 } = await call("stream");
    assert.equal((await storedOf(emulator, url)).sha256, sha256, JSON.stringify(then));
  }
});

test("small files of every kind arrive", async () => {
  const files = await Promise.all((await call("small")).map((/** @type {string} */ url) => storedOf(emulator, url)));
  assert.deepEqual(
    files.map(({ size, content_type: type }) => [size, type]),
    [
      [5, "text/plain"],
      [5, "application/octet-stream"],
      [5, "application/octet-stream"],
    ],
  );
});

test("files of an input are uploaded once each", async () => {
  const { a, b } = await call("ofAnInput");
  assert.equal(b[0], a);
  assert.equal((await storedOf(emulator, b[1])).size, 2);
  assert.equal((await emulator.seen()).files.length, 2);
});

test("an abort in the middle of a file stops everything", async () => {
  assert.deepEqual(await call("left"), ["AbortError", "aborted"]);
  assert.deepEqual((await emulator.seen()).files, []);
  assert.ok(!(await seenOf(emulator)).some((line) => line.includes("complete")));
});

test("a file that is changed or removed while it is uploaded is said to be so", async () => {
  const place = path("target/chromium-uploads.bin");
  writeFileSync(place, bytes(MIB));
  const input = await page.evaluateHandle(() => Object.assign(document.createElement("input"), { type: "file" }));
  await input.setInputFiles(place);
  // Once the page has read of it, it knows what the file was like.
  await page.evaluate(async (input) => input.files?.[0].slice(0, 1).text(), input);
  const upload = () => page.evaluate(async (input) => (await import("/uploads.js")).codeOf(input.files?.[0]), input);
  writeFileSync(place, bytes(MIB + 1));
  utimesSync(place, 1, 1);
  assert.equal(await upload(), "file_unreadable");
  rmSync(place);
  assert.equal(await upload(), "file_unreadable");
});

test("a part that is refused is named", async () => {
  await emulator.control({ faults: [{ match: { method: "PUT" }, skip: 2, then: { status: 403 } }] });
  const { code, status, part, message } = await call("refused");
  assert.deepEqual([code, status, part], ["forbidden", 403, "number"]);
  assert.match(message, /part \d+ of the file/);
});
