/** The core is lost to a trap, which would be a bug of ours: callers are told, and the next call works. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { createFalClient } from "fal-wasm";

import * as core from "../../dist/edge/core.js";
import { TASK_ANSWERED } from "../../dist/edge/core/codes.js";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { failureOf, until } from "../lib/expect.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

test("a trap rejects whatever was pending, and the next call works", async (t) => {
  const fal = createFalClient({ env: { FAL_KEY: KEY }, fetch: emulator.fetch });
  const bystander = failureOf(fal.subscribe("emulator/slow", { input: { seconds: 3_600 }, pollInterval: 20 }));
  // It follows its job, and nothing of it is still on its way.
  await until(async () => (await emulator.seen()).requests.length === 2);
  // A handle that points nowhere: the core reads outside of its memory, and traps for real.
  const { tell: real } = core.Task.prototype;
  const told = t.mock.method(core.Task.prototype, "tell", function (/** @type {any[]} */ ...args) {
    const isAnswer = args[2] === TASK_ANSWERED;
    return Reflect.apply(real, isAnswer ? Object.assign(Object.create(this), { __wbg_ptr: 0x7fff_fff0 }) : this, args);
  });
  const errors = [await failureOf(fal.run("emulator/echo", { input: {} })), await bystander];
  told.mock.restore();
  for (const error of errors) {
    assert.deepEqual([error.code, error.retryable], ["internal", true]);
    assert.ok(error.cause instanceof WebAssembly.RuntimeError);
  }
  for (let round = 0; round < 3; round += 1) {
    assert.deepEqual((await fal.run("emulator/echo", { input: { round } })).data.input, { round });
  }
  const sent = (await emulator.seen()).requests.length;
  // Ten times its interval. Too short a wait can only hide a request, not make one.
  await new Promise((resolve) => setTimeout(resolve, 200));
  assert.equal((await emulator.seen()).requests.length, sent, "what was pending has stopped");
});
