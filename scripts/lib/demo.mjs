/** The demo: a page, the worker that serves it and holds the key, and behind it the emulator or fal itself. */

import { randomBytes, randomUUID } from "node:crypto";
import { cpSync, rmSync } from "node:fs";

import { startEmulator } from "./emulator.mjs";
import { path } from "./run.mjs";
import { startWorker } from "./worker.mjs";

const STORAGE_OF_FAL = "https://fal.media https://*.fal.media https://storage.googleapis.com";

/** As busy as to show a queue, not as busy as to be tiresome. */
const QUEUE = { ahead: 2, step_ms: 500, concurrency: 2 };

/**
 * Starts everything. With a key in the environment the demo talks to fal; the build must be there.
 *
 * @param {number} port
 * @param {{ key?: string }} [options] A key for the emulator; by default one is made up.
 */
export async function startDemo(port, { key = `${randomUUID()}:${randomBytes(16).toString("hex")}` } = {}) {
  const own = process.env.FAL_KEY;
  const keys = JSON.stringify([{ key, scope: "API", account: "demo" }]);
  const emulator = own ? undefined : await startEmulator({ keys });
  await emulator?.control({ queue: QUEUE });
  const assets = path("target/demo");
  rmSync(assets, { recursive: true, force: true });
  cpSync(path("examples/demo/page"), assets, { recursive: true });
  cpSync(path("dist/browser"), `${assets}/fal-wasm`, { recursive: true });
  cpSync(path("dist/shared"), `${assets}/fal-wasm/shared`, { recursive: true });
  // The page shows it.
  cpSync(path("examples/demo/proxy.js"), `${assets}/calls/proxy.js`);
  const worker = await startWorker(path("examples/demo/worker.js"), {
    assets,
    port,
    live: Boolean(own),
    emulator: emulator?.url,
    bindings: {
      FAL_KEY: own ?? key,
      BACKEND: own ? "fal" : "emulator",
      STORAGE: emulator?.url ?? STORAGE_OF_FAL,
      SOCKETS: emulator?.url.replace("http", "ws") ?? "wss://fal.run",
    },
  });
  return {
    key: own ?? key,
    url: worker.url,
    /** What stands in for fal, unless it is fal itself. */
    emulator,
    backend: own ? "fal.ai" : "the emulator",
    async stop() {
      await worker.stop();
      emulator?.stop();
    },
  };
}
