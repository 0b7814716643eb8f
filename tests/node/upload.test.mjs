/** Uploads: whatever a program has, whole or in parts, into fal's storage and nowhere else. */

import assert from "node:assert/strict";
import { mkdtempSync, openAsBlob, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";

import { createFalClient } from "fal-wasm";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf } from "../lib/expect.mjs";
import { MIB, bytes, flow, seenOf, sha256, storedOf } from "../lib/files.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const PART = 10 * MIB;
const emulator = await startEmulator({ keys: ACCOUNTS });
const retry = { baseDelay: 1 };
const env = { FAL_KEY: KEY };
const fal = createFalClient({ env, retry, fetch: emulator.fetch });
const { storage } = fal;

beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());
const seen = () => seenOf(emulator);
const stored = (/** @type {string} */ url) => storedOf(emulator, url);

test("everything that holds bytes arrives as those bytes, under its type", async () => {
  const text = new TextEncoder().encode("say hello now");
  const hello = text.subarray(4, 9);
  /** @type {[any, any, string][]} */
  const files = [
    [new Blob(["hello"], { type: "text/plain" }), {}, "text/plain"],
    [
      new File(["hello"], "a.txt", { type: "text/html" }),
      { contentType: "text/x-b; charset=utf-8" },
      "text/x-b; charset=utf-8",
    ],
    [new Blob(["hello"], { type: "weird" }), {}, "application/octet-stream"],
    [hello.slice().buffer, {}, "application/octet-stream"],
    [hello, { contentType: "image/png" }, "image/png"],
    [new DataView(text.buffer, 4, 5), {}, "application/octet-stream"],
    [flow(hello, 2), { size: 5 }, "application/octet-stream"],
    ["data:,hello", {}, "text/plain;charset=us-ascii"],
    ["data:text/plain;charset=utf-8,h%65llo", {}, "text/plain;charset=utf-8"],
    ["DATA:image/png;base64,aGVsbG8=", {}, "image/png"],
    ["data:;x=y;base64,aGVs%62G8%3D", {}, "text/plain;x=y"],
  ];
  for (const [file, options, type] of files) {
    const { content_type: contentType, size, sha256: hash } = await stored(await storage.upload(file, options));
    assert.deepEqual([contentType, size, hash], [type, 5, sha256(hello)], String(file));
  }
});

test("a data URI keeps every byte it stands for", async () => {
  const read = async (/** @type {any} */ uri) => (await fetch(await storage.upload(uri))).text();
  assert.equal(await read("data:,%zz%u0041 100%25 grün 🐈%"), "%zz%u0041 100% grün 🐈%");
  assert.equal(await read("data:text/plain,a,b"), "a,b");
});

test("an empty file is a file", async () => {
  for (const [file, options] of /** @type {any[]} */ ([
    [new Blob([]), {}],
    ["data:,", {}],
    [flow(new Uint8Array(0)), { size: 0 }],
  ])) {
    /** @type {any[]} */
    const told = [];
    const onProgress = (/** @type {any} */ progress) => told.push(progress);
    assert.equal((await stored(await storage.upload(file, { ...options, onProgress }))).size, 0);
    assert.deepEqual(told, [{ loaded: 0, total: 0 }]);
  }
});

test("a file keeps its name, but for what could break a header", async () => {
  /** @type {string[]} */
  const names = [];
  const client = createFalClient({
    env,
    fetch: (url, init) => {
      if (init.method === "POST") names.push(JSON.parse(init.body).file_name);
      return emulator.fetch(url, init);
    },
  });
  const awkward = 'a "cat"\r\nx-evil: 1\u0000\u0085.png';
  await client.storage.upload(new File(["x"], awkward));
  await client.storage.upload(new Blob(["x"]), { fileName: "Katze 🐈 \ud800.png" });
  await client.storage.upload(new Blob(["x"], { type: "image/png" }));
  assert.deepEqual(names.slice(0, 2), ['a "cat"__x-evil: 1__.png', "Katze 🐈 \ufffd.png"]);
  assert.match(names[2], /^\d+\.png$/);
});

test("a redirect of the place is not followed", async () => {
  const then = { status: 307, headers: { location: `${emulator.url}/v3.fal.media/elsewhere` } };
  await emulator.control({ faults: [{ match: { method: "PUT" }, then }] });
  assert.equal((await failureOf(storage.upload(new Blob(["x"])))).code, "redirected");
  assert.equal((await seen()).length, 2);
});

test("an upload that was aborted before it began sends nothing and leaves the stream alone", async () => {
  const stream = flow(bytes(5));
  const error = await failureOf(storage.upload(stream, { size: 5, abortSignal: AbortSignal.abort() }));
  assert.equal(error.code, "aborted");
  assert.deepEqual(await seen(), []);
  assert.equal((await stored(await storage.upload(stream, { size: 5 }))).size, 5);
});

test("a stream that is not what was said is an error, and stores nothing", async () => {
  const boom = new Error("the disk is gone");
  const broken = () =>
    new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(PART)),
      pull: (controller) => controller.error(boom),
    });
  const texts = () => new ReadableStream({ start: (controller) => controller.enqueue("a text") });
  for (const [stream, size, says] of /** @type {[ReadableStream, number, RegExp][]} */ ([
    [flow(bytes(5)), 6, /less than `size`/],
    [flow(bytes(5)), 4, /more than `size`/],
    [flow(bytes(PART + 5)), PART + 6, /less than `size`/],
    [flow(bytes(PART + 5)), PART + 4, /more than `size`/],
    [broken(), PART * 2, /its stream failed/],
    [texts(), 6, /not bytes/],
  ])) {
    const error = await failureOf(storage.upload(stream, { size }));
    assert.deepEqual([error.code, error.retryable, error.attempts], ["file_unreadable", false, 1], String(says));
    assert.match(error.message, says);
    if (says.source.includes("failed")) assert.deepEqual([error.cause, error.part], [boom, 2]);
  }
  assert.deepEqual((await emulator.seen()).files, []);
});

test("what is no file, and options that are none, are refused before anything is sent", async () => {
  const locked = flow(bytes(5));
  locked.getReader();
  const file = new Blob(["x"]);
  for (const [option, given, options] of /** @type {[string, any, any][]} */ ([
    ...[
      "a text",
      "https://a.example/x.png",
      "data:nothing",
      "data:;base64,!",
      null,
      undefined,
      7,
      {},
      [1],
      () => {},
    ].map((value) => ["file", value, {}]),
    ["file", new Uint8Array(new SharedArrayBuffer(5)), {}],
    ["file", locked, { size: 5 }],
    ["file", { size: 200_000 * MIB, slice() {} }, {}],
    ...[undefined, -1, 1.5, NaN, Infinity, "5"].map((size) => ["size", flow(bytes(5)), { size }]),
    ...["png", "a/b\r\nx: y", "a/ü", 7].map((contentType) => ["contentType", file, { contentType }]),
    ["fileName", file, { fileName: 7 }],
    ["onProgress", file, { onProgress: 7 }],
    ["expiresIn", file, { lifecycle: { expiresIn: "soon" } }],
  ])) {
    const error = await failureOf(storage.upload(given, options));
    assert.deepEqual([error.code, error.message.includes(`\`${option}\``)], ["invalid_option", true], error.message);
  }
  assert.deepEqual(await seen(), []);
});

test("what a progress callback throws ends the upload with it", async () => {
  const boom = new Error("my own mistake");
  const onProgress = () => {
    throw boom;
  };
  assert.equal(await failureOf(storage.upload(new Blob(["x"]), { onProgress })), boom);
  assert.equal(await failureOf(storage.upload(flow(bytes(25 * MIB)), { size: 25 * MIB, onProgress })), boom);
});

test("how long a file lives and who may read it is said for both kinds of upload, and for files of an input", async () => {
  const lifecycle = /** @type {const} */ ({ expiresIn: "1h", initialAcl: { default: "forbid" } });
  await storage.upload(new Blob(["x"]), { lifecycle });
  await storage.upload(flow(bytes(PART + 1)), { size: PART + 1, lifecycle });
  await fal.run("emulator/echo", { input: { file: new Blob(["y"]) }, storageSettings: lifecycle });
  const { requests } = await emulator.seen();
  const initiated = requests.filter((/** @type {any} */ { path }) => path.includes("/initiate"));
  const value = '{"expiration_duration_seconds":3600,"initial_acl":{"default":"forbid"}}';
  assert.equal(initiated.length, 3);
  for (const { fal_headers: headers } of initiated) {
    assert.deepEqual(Object.fromEntries(headers), {
      "x-fal-object-lifecycle": value,
      "x-fal-object-lifecycle-preference": value,
    });
  }
});

test("a file that is removed while it is uploaded is said to be gone", async () => {
  const place = join(mkdtempSync(join(tmpdir(), "fal-wasm-")), "file.bin");
  writeFileSync(place, bytes(MIB));
  const file = await openAsBlob(place);
  rmSync(place);
  const error = await failureOf(storage.upload(file));
  assert.deepEqual([error.code, error.cause?.name], ["file_unreadable", "NotReadableError"]);
  assert.match(error.message, /changed or removed/);
});

test("a place on a host of fal's own gets no key either", async () => {
  /** @type {any[]} */
  const sent = [];
  const client = createFalClient({
    env: { FAL_KEY: KEY },
    fetch: async (url, init) => {
      sent.push([new URL(url).host, new Headers(init.headers).has("authorization"), init.redirect]);
      return Response.json({ upload_url: "https://queue.fal.run/x?y=1", file_url: "https://f.example/f", etag: "e" });
    },
  });
  await client.storage.upload(new Blob(["x"]));
  await client.storage.upload(flow(bytes(PART + 1)), { size: PART + 1 });
  const place = ["queue.fal.run", false, "manual"];
  const asked = ["rest.fal.ai", true, "manual"];
  assert.deepEqual(sent, [asked, place, asked, place, place, place]);
});
