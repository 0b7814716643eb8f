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

test("files are known by what they are, wherever in an input, and what would be lost is refused by its place", async () => {
  const { createFalClient } = await import("fal-wasm");
  /** @type {any[]} */
  const sent = [];
  const fetch = async (/** @type {string} */ url, /** @type {any} */ { body }) => {
    if (String(url).startsWith("https://fal.run/")) sent.push(JSON.parse(body));
    return Response.json({ upload_url: "https://f.example/put", file_url: "https://f.example/f" });
  };
  const fal = createFalClient({ credentials: "a:b", fetch });
  const file = new File(["x"], "a.txt");
  const F = "https://f.example/f";
  const foreign = Object.create({ size: 1, type: "", slice() {}, arrayBuffer() {}, [Symbol.toStringTag]: "File" });
  Object.defineProperty(foreign, "slice", { value: () => file });
  const canvas = { toBlob: (/** @type {(blob: Blob) => void} */ done) => done(file) };
  const offscreen = { convertToBlob: async () => file };
  /** @type {[any, any][]} */
  const good = [
    [{ a: Object.assign(new (class Form {})(), { file }) }, { a: { file: F } }],
    [{ a: Object.assign(Object.create(null), { file }) }, { a: { file: F } }],
    [new Map([["a", file]]), { a: F }],
    [{ a: new Set([file, 1]) }, { a: [F, 1] }],
    [
      { a: canvas, b: [offscreen, canvas] },
      { a: F, b: [F, F] },
    ],
    [{ a: URL.createObjectURL(file) }, { a: F }],
    [
      { a: { toJSON: () => ({ file }) }, b: new String("b") },
      { a: { file: F }, b: "b" },
    ],
    [
      { a: undefined, b: new Date(0), c: new URL("https://a.example/") },
      { b: "1970-01-01T00:00:00.000Z", c: "https://a.example/" },
    ],
    [{ a: foreign }, { a: F }],
  ];
  for (const [input, expected] of good) {
    // What only looks like a file of another realm cannot be sent by this one's `fetch`: it is uploaded all the same.
    await fal.run("a/b", { input });
    assert.deepEqual(sent.pop(), expected);
  }
  const loop = { a: {} };
  loop.a = loop;
  /** @type {[any, string, string][]} */
  const bad = [
    [{ a: [1, NaN] }, "input.a[1]", "NaN"],
    [{ a: Infinity }, "input.a", "Infinity"],
    [{ a: { b: 1n } }, "input.a.b", "a bigint"],
    [{ a: () => 1 }, "input.a", "a function"],
    [{ a: Symbol() }, "input.a", "a symbol"],
    [{ a: Promise.resolve(1) }, "input.a", "a Promise"],
    [{ a: new FormData() }, "input.a", "a FormData"],
    [{ a: /x/ }, "input.a", "a RegExp"],
    [{ a: new ReadableStream() }, "input.a", "a stream"],
    [loop, "input.a", "a reference to what holds it"],
  ];
  for (const [input, place, what] of bad) {
    const error = await fal.run("a/b", { input }).catch((/** @type {any} */ error) => error);
    assert.equal(error.code, "invalid_input", place);
    assert.ok(error.message.startsWith(`\`${place}\` cannot be sent: it is ${what}.`), error.message);
  }
  assert.equal(sent.length, 0);
});
