/** A trap in the core, which would be a bug of ours: it costs the one call that met it, and no other. */

import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { after, beforeEach, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { PATIENCE, failureOf, pause, until } from "../lib/expect.mjs";
import { changeInstances } from "../lib/instances.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

// As text format: (module (func (export "trap") unreachable)).
const TRAP = new Uint8Array(
  [
    [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    [0x01, 0x04, 0x01, 0x60, 0x00, 0x00],
    [0x03, 0x02, 0x01, 0x00],
    [0x07, 0x08, 0x01, 0x04, 0x74, 0x72, 0x61, 0x70, 0x00, 0x00],
    [0x0a, 0x05, 0x01, 0x03, 0x00, 0x00, 0x0b],
  ].flat(),
);
const { trap } = /** @type {any} */ (new WebAssembly.Instance(new WebAssembly.Module(TRAP)).exports);

/** The function of the core that traps, and how often it still does its work before. */
let armed = { name: "", left: 0 };
let instances = 0;
changeInstances({
  exports: (name, exported) => {
    if (name === "__wbindgen_start") instances += 1;
    return (/** @type {any[]} */ ...args) => {
      const result = exported(...args);
      if (name !== armed.name) return result;
      armed.left -= 1;
      if (armed.left >= 0) return result;
      armed.name = "";
      // The work is done and nobody learns of it, as when the core is lost at the end of it.
      return trap();
    };
  },
});
const { createFalClient } = await import("fal-wasm");
const { createFalProxy } = await import("fal-wasm/proxy");

const emulator = await startEmulator({ keys: ACCOUNTS });
beforeEach(() => emulator.control({ reset: true }));
after(() => emulator.stop());

/** Whoever follows a job waits here with the next request, so that nothing but a test's own call is handled meanwhile. */
let gate = Promise.resolve();
let isWaiting = false;
const others = createFalClient({
  env: { FAL_KEY: KEY },
  fetch: async (input, init) => {
    isWaiting = true;
    await gate;
    isWaiting = false;
    return emulator.fetch(input, init);
  },
});

/** The signals that requests were sent with. @type {AbortSignal[]} */
const sent = [];
const fal = createFalClient({
  env: { FAL_KEY: KEY },
  fetch: (input, init) => {
    sent.push(/** @type {any} */ (init).signal);
    return emulator.fetch(input, init);
  },
});

/** Follows a job that ends when the test moves the clock of the emulator. @param {"streaming" | "polling"} mode @param {AbortSignal} abortSignal */
async function follow(mode, abortSignal) {
  /** @type {string[]} */
  const statuses = [];
  const result = others.subscribe("emulator/slow", {
    input: { seconds: 3_600 },
    mode,
    pollInterval: 20,
    abortSignal,
    onQueueUpdate: ({ status }) => statuses.push(status),
  });
  result.catch(() => {});
  await until(() => statuses.length > 0);
  return { result, statuses };
}

/** What works, whatever was lost before. */
async function assertGood() {
  for (let round = 0; round < 3; round += 1) {
    assert.deepEqual((await fal.run("emulator/echo", { input: { round } })).data.input, { round });
  }
}

/** Where a call can meet a trap, and whether each request that it has sent is aborted. @type {[string, string, number, boolean[]][]} */
const MOMENTS = [
  // No state of the call is in the core yet: what is lost there is the state of the job.
  ["is opened", "open", 0, []],
  ["starts", "handle", 0, []],
  ["is answered", "answered", 0, [true]],
  // What has been read needs no abort.
  ["has read its answer", "handle", 1, [false]],
];

for (const [what, name, calls, aborted] of MOMENTS) {
  for (const mode of /** @type {const} */ (["streaming", "polling"])) {
    test(
      `a trap when a call ${what} rejects it, and a job that is followed by ${mode} comes to its end`,
      { timeout: PATIENCE },
      async (t) => {
        await emulator.control({ queue: { ahead: 0 } });
        let open = () => {};
        const leave = new AbortController();
        // A test that fails ends what it follows.
        t.after(() => (leave.abort(), open()));
        const { result, statuses } = await follow(mode, leave.signal);
        gate = new Promise((resolve) => (open = resolve));
        if (mode === "polling") await until(() => isWaiting);
        const before = instances;
        sent.length = 0;
        armed = { name, left: calls };
        const { signal } = new AbortController();
        const error = await failureOf(fal.run("emulator/echo", { input: {}, abortSignal: signal }));
        assert.deepEqual([error.code, error.retryable], ["internal", true]);
        assert.ok(error.cause instanceof WebAssembly.RuntimeError);
        assert.equal(instances, before + 1, "the core was lost");
        assert.equal(getEventListeners(signal, "abort").length, 0, "nothing waits for its signal");
        assert.deepEqual(
          sent.map((signal) => signal.aborted),
          aborted,
        );
        await assertGood();
        const count = sent.length;
        open();
        await emulator.control({ advance_ms: 3_600_000 });
        assert.ok((await result).requestId);
        assert.equal(statuses.at(-1), "COMPLETED");
        // Ten times the interval. Too short a wait can only hide a request, not make one.
        const { requests } = await emulator.seen();
        await pause(200);
        assert.equal((await emulator.seen()).requests.length, requests.length, "what was pending has stopped");
        assert.equal(sent.length, count);
        assert.equal(instances, before + 1, "it was lost once");
      },
    );
  }
}

test("a proxy that was made before the core was lost works on", async () => {
  const proxy = createFalProxy({
    authenticate: () => ({ id: "ann" }),
    allowedEndpoints: ["emulator/*"],
    credentials: KEY,
    fetch: emulator.fetch,
  });
  const ask = (/** @type {string} */ endpoint) =>
    proxy(
      new Request("https://app.example/api/fal/proxy", {
        method: "POST",
        headers: { "content-type": "application/json", "x-fal-target-url": `https://fal.run/${endpoint}` },
        body: "{}",
      }),
    );
  const answers = async () => [(await ask("emulator/echo")).status, (await ask("fal-ai/flux/dev")).status];
  const before = await answers();
  assert.deepEqual(before, [200, 403]);
  armed = { name: "handle", left: 0 };
  assert.equal((await failureOf(fal.run("emulator/echo", { input: {} }))).code, "internal");
  assert.deepEqual(await answers(), before);
});
