/** Uploads from a page. */

import assert from "node:assert/strict";

import { MIB, seenOf, storedOf } from "../../lib/files.mjs";

/** @type {Record<string, import("./index.mjs").Check>} */
export const uploads = {
  "95 MiB go in parts: the key is asked for the place, the bytes go straight there": async ({ emulator, inPage }) => {
    const { url, sha256, loaded } = await inPage("uploads.js", "large");
    assert.equal((await storedOf(emulator, url)).sha256, sha256);
    assert.deepEqual([loaded.length, loaded.at(-1)], [10, 95 * MIB]);
    const requests = (await emulator.seen()).requests.filter((/** @type {any} */ { method }) => method !== "OPTIONS");
    assert.equal(requests.length, 12);
    const [upload] = (await emulator.seen()).uploads;
    assert.ok(upload.most_at_once > 1 && upload.most_at_once <= 4, String(upload.most_at_once));
    assert.deepEqual([upload.authorization, upload.completed], [false, true]);
    for (const { host, authorization, path } of requests) assert.equal(authorization, host === "rest.fal.ai", path);
  },

  "a part that fails twice is sent again, from a stream, too": async ({ emulator, inPage }) => {
    for (const then of [{ status: 503 }, { drop: "before" }, { drop: "after" }]) {
      await emulator.control({ reset: true, faults: [{ match: { method: "PUT" }, skip: 1, times: 2, then }] });
      const { url, sha256 } = await inPage("uploads.js", "stream");
      assert.equal((await storedOf(emulator, url)).sha256, sha256, JSON.stringify(then));
    }
  },

  "small files of every kind arrive": async ({ emulator, inPage }) => {
    const files = await Promise.all(
      (await inPage("uploads.js", "small")).map((/** @type {string} */ url) => storedOf(emulator, url)),
    );
    assert.deepEqual(
      files.map(({ size, content_type: type }) => [size, type]),
      [
        [5, "text/plain"],
        [5, "application/octet-stream"],
        [5, "application/octet-stream"],
      ],
    );
  },

  "files of an input are uploaded once each": async ({ emulator, inPage }) => {
    const { a, b } = await inPage("uploads.js", "ofAnInput");
    assert.equal(b[0], a);
    assert.equal((await storedOf(emulator, b[1])).size, 2);
    assert.equal((await emulator.seen()).files.length, 2);
  },

  "an abort in the middle of a file stops everything": async ({ emulator, inPage }) => {
    assert.deepEqual(await inPage("uploads.js", "left"), ["AbortError", "aborted"]);
    assert.deepEqual((await emulator.seen()).files, []);
    assert.ok(!(await seenOf(emulator)).some((line) => line.includes("complete")));
  },

  "a canvas, a list of files, a file of a frame and a blob: URL are uploaded, wherever in an input": async ({
    emulator,
    inPage,
  }) => {
    const { input, image } = await inPage("uploads.js", "inInput");
    const { canvas, offscreen, foreign, list, url } = input;
    const stored = await Promise.all(
      [canvas, offscreen, foreign, ...list, url].map((/** @type {string} */ url) => storedOf(emulator, url)),
    );
    const kinds = stored.slice(0, 2).map(({ content_type: type }) => type);
    assert.deepEqual(kinds, ["image/png", "image/png"]);
    assert.deepEqual(
      stored.slice(2).map(({ size }) => size),
      [5, 5, 6, 5],
    );
    assert.equal(image[0], "invalid_input");
    assert.match(image[1], /^`input\.deep\[0\]` cannot be sent: it is a HTMLImageElement\./);
  },

  "a part that is refused is named": async ({ emulator, inPage }) => {
    await emulator.control({ faults: [{ match: { method: "PUT" }, skip: 2, then: { status: 403 } }] });
    const { code, status, part, message } = await inPage("uploads.js", "refused");
    assert.deepEqual([code, status, part], ["forbidden", 403, "number"]);
    assert.match(message, /part \d+ of the file/);
  },
};
