/** The key stays a JavaScript string: it is never written into the memory of the core. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { ACCOUNTS, KEY, KEY_ID, KEY_SECRET } from "../lib/keys.mjs";

/** The memories of the instances that are made from here on. @type {WebAssembly.Memory[]} */
const memories = [];
const { Instance } = WebAssembly;
WebAssembly.Instance = /** @type {any} */ (
  class extends Instance {
    /** @param {[WebAssembly.Module, WebAssembly.Imports]} args */
    constructor(...args) {
      super(...args);
      memories.push(/** @type {any} */ (this.exports.memory));
    }
  }
);
const { createFalClient } = await import("fal-wasm");
const { createFalProxy } = await import("fal-wasm/proxy");

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

/** Whether a text is in the core's memory, in either of the encodings it could have come in. @param {string} text */
const isInMemory = (text) =>
  memories.some((memory) =>
    [Buffer.from(text), Buffer.from(text, "utf16le")].some((bytes) => Buffer.from(memory.buffer).includes(bytes)),
  );

test("no copy of the key is in the core's memory, after it was used in every way", async () => {
  for (const env of [{ FAL_KEY: KEY }, { FAL_KEY_ID: KEY_ID, FAL_KEY_SECRET: KEY_SECRET }, { FAL_KEY: `${KEY}:no` }]) {
    const fal = createFalClient({ env, fetch: emulator.fetch });
    for (let round = 0; round < 10; round += 1) await fal.run("emulator/echo", { input: { round } }).catch(() => {});
    await fal.subscribe("emulator/echo", { input: {}, pollInterval: 5 }).catch(() => {});
  }
  const marker = "a-marker-that-must-be-found";
  const allowedEndpoints = ["emulator/*", `${marker}/*`];
  const policy = { authenticate: () => ({ id: "x" }), allowedEndpoints, fetch: emulator.fetch };
  const headers = { "content-type": "application/json", "x-fal-target-url": "https://fal.run/emulator/echo" };
  for (const extra of [{}, { "x-leak": KEY }]) {
    const request = new Request("https://app.example/p", {
      method: "POST",
      headers: { ...headers, ...extra },
      body: "{}",
    });
    await createFalProxy({ ...policy, credentials: KEY })(request);
  }
  assert.ok(memories.length > 0 && isInMemory(marker), "the search finds what is there");
  for (const text of [KEY, KEY_ID, KEY_SECRET]) assert.ok(!isInMemory(text));
});
