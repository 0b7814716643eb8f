/** A worker that starts from nothing: from `new Miniflare` with a bundle that lies ready to the first answer through its proxy. */

import { startEmulator } from "../scripts/lib/emulator.mjs";
import { path } from "../scripts/lib/run.mjs";
import { bundle, startWorker } from "../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../tests/lib/keys.mjs";
import { INPUT } from "./lib/clients.mjs";
import { rowOf } from "./lib/rows.mjs";
import { alternate } from "./lib/stats.mjs";

const HEADERS = { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json" };

/** @param {{ quick: boolean }} options */
export async function bench({ quick }) {
  const emulator = await startEmulator({ keys: ACCOUNTS });
  await emulator.control({ queue: { run_ms: 0 } });
  const setup = { emulator: emulator.url, bindings: { FAL_KEY: KEY }, flags: ["nodejs_compat"] };
  /** @param {string} side */
  const cold = async (side) => {
    const entry = path("bench/apps", `cold-${side}.js`);
    const modules = await bundle(entry);
    return async () => {
      const began = performance.now();
      const worker = await startWorker(entry, { ...setup, modules });
      const init = { method: "POST", headers: HEADERS, body: JSON.stringify(INPUT) };
      const answer = await worker.fetch("/api/fal/proxy", init);
      await answer.text();
      const ms = performance.now() - began;
      if (!answer.ok) throw new Error(`${side} answered ${answer.status}.`);
      await worker.stop();
      return ms;
    };
  };
  try {
    const sides = { ours: await cold("ours"), theirs: await cold("theirs"), floor: await cold("floor") };
    const samples = await alternate(sides, { rounds: quick ? 1 : 20, warm: quick ? 0 : 1 });
    return [rowOf("8. cold start of a worker to the first answer", "ms", samples, { most: 1 })];
  } finally {
    emulator.stop();
  }
}
