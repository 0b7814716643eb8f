/** A file as a text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { createFalClient, encode } from "fal-wasm";

import { failureOf } from "../lib/expect.mjs";
import { KEY } from "../lib/keys.mjs";

test("every kind of file is written as its bytes, under its type", async () => {
  const bytes = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256);
  for (const file of [bytes, bytes.buffer, new DataView(bytes.buffer), new Blob([bytes])]) {
    const text = await encode(file);
    assert.match(text, /^data:application\/octet-stream;base64,/);
    assert.deepEqual(new Uint8Array(await (await fetch(text)).arrayBuffer()), bytes);
  }
  assert.equal(await encode(new Blob(["日本"], { type: "text/plain" })), "data:text/plain;base64,5pel5pys");
  assert.equal(
    await encode(new Blob(["a"], { type: "text/plain" }), "text/html; charset=utf-8"),
    "data:text/html;charset=utf-8;base64,YQ==",
  );
  assert.equal(await encode(bytes.subarray(1, 3), "image/png"), "data:image/png;base64,Bw4=");
  assert.equal(await encode(new Uint8Array()), "data:application/octet-stream;base64,");
});

test("an input with one is sent as it is, and an upload takes it back", async () => {
  /** @type {any[]} */
  const sent = [];
  const fetch = async (/** @type {any} */ url, /** @type {any} */ { body }) => {
    sent.push(body);
    return Response.json({ upload_url: "https://v3.fal.media/up", file_url: "https://v3.fal.media/file" });
  };
  const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch });
  const text = await encode(new Blob(["a"], { type: "text/plain" }));
  await fal.run("a/b", { input: { image_url: text } });
  assert.equal(sent[0], JSON.stringify({ image_url: text }));
  await fal.storage.upload(text);
  assert.equal(await sent[2].text(), "a");
});

test("what is no file, and a type that is none, are refused by name", async () => {
  for (const file of ["a/path.png", null, undefined, 7, {}, new URL("https://a.example")])
    assert.match((await failureOf(encode(/** @type {any} */ (file)))).message, /^The option `file`/);
  for (const type of ["text", "text/plain,x", "a/b\nc"])
    assert.match((await failureOf(encode(new Uint8Array(), type))).message, /^The option `contentType`/);
});
