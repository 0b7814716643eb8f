/** What an app says about its proxy is read when the proxy is made: a call must not pay for a long policy. */

import assert from "node:assert/strict";
import { after, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { changeInstances } from "../lib/instances.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";

/** Objects that were made in the core, by the names of their constructors. @type {Record<string, number>} */
const made = {};
changeInstances({
  exports: (name, exported) =>
    /^(proxypolicy|patterntable)_new$/.test(name)
      ? (/** @type {any[]} */ ...args) => {
          made[name] = (made[name] ?? 0) + 1;
          return exported(...args);
        }
      : exported,
});
const { createFalProxy } = await import("fal-wasm/proxy");
const { memoryLimits } = await import("fal-wasm/limits");

const emulator = await startEmulator({ keys: ACCOUNTS });
after(() => emulator.stop());

test("policy, input rules and prices are parsed when a proxy is made, and never again", async () => {
  const patterns = ["emulator/*", ...Array.from({ length: 50 }, (_, number) => `other/app-${number}/**`)];
  const proxy = createFalProxy({
    authenticate: () => ({ id: "ann" }),
    allowedEndpoints: patterns,
    inputs: Object.fromEntries(patterns.map((pattern) => [pattern, { steps: { max: 50 } }])),
    limits: { store: memoryLimits(), spending: { max: 5, prices: { "emulator/*": 0.001 } } },
    credentials: KEY,
    fetch: emulator.fetch,
  });
  assert.deepEqual(made, { proxypolicy_new: 1, patterntable_new: 2 });
  const headers = { "content-type": "application/json", "x-fal-target-url": "https://fal.run/emulator/echo" };
  for (const [steps, status] of [[1], [51, 422], [2]]) {
    const body = JSON.stringify({ steps });
    const answer = await proxy(new Request("https://app.example/api/fal/proxy", { method: "POST", headers, body }));
    assert.equal(answer.status, status ?? 200, await answer.text());
  }
  assert.deepEqual(made, { proxypolicy_new: 1, patterntable_new: 2 });
});
