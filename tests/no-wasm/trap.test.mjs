/** A trap in the core that is JavaScript, which would be a bug of ours: it costs the call that met it, and no other. */

import assert from "node:assert/strict";
import { after, beforeEach, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import "./trap-hooks.mjs";

const { createFalClient } = await import("fal-wasm/no-wasm");
const { createFalProxy } = await import("fal-wasm/proxy");

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** What the hooks read and write. @type {any} */
const core = globalThis;
const proxy = createFalProxy({
  authenticate: () => ({ id: "ann" }),
  allowedEndpoints: ["emulator/*"],
  credentials: KEY,
  fetch: emulator.fetch,
});
const fal = createFalClient({
  proxyUrl: "https://app.example/api/fal/proxy",
  fetch: async (/** @type {any} */ input, /** @type {any} */ init) => proxy(new Request(input, init)),
});

/** @param {number} round */
const echo = async (round) => (await fal.run("emulator/echo", { input: { round } })).data.input;

for (const [what, name] of [
  ["is opened", "open"],
  ["starts", "handle"],
  ["is answered", "answered"],
]) {
  test(`a trap when a call ${what} rejects it, and a job that is followed comes to its end`, async () => {
    await emulator.control({ queue: { ahead: 0 } });
    /** @type {string[]} */
    const statuses = [];
    const job = fal.subscribe("emulator/slow", {
      input: { seconds: 3_600 },
      onQueueUpdate: ({ status }) => void statuses.push(status),
    });
    await until(() => statuses.includes("IN_PROGRESS"));
    const before = core.instances;
    core.armed = name;
    const error = await failureOf(fal.run("emulator/echo", { input: {} }));
    assert.deepEqual([error.code, error.retryable], ["internal", true]);
    for (let round = 0; round < 3; round += 1) assert.deepEqual(await echo(round), { round });
    assert.equal(core.instances, before + 1, "a fresh core took over");
    await emulator.control({ advance_ms: 3_600_000 });
    assert.ok((await job).requestId);
    assert.equal(statuses.at(-1), "COMPLETED");
  });
}
