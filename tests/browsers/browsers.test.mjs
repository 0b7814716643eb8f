/** What holds in Chromium holds in Firefox and WebKitGTK: the same checks on the same site. */

import { cpSync, rmSync } from "node:fs";
import { after, before, beforeEach, describe, test } from "node:test";

import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { UserError, path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { browsers } from "../lib/browsers/index.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { checks } from "./checks/index.mjs";
import { addEdge } from "./checks/refusals.mjs";

const folder = path("target/browsers-site");
rmSync(folder, { recursive: true, force: true });
cpSync(path("tests/chromium/site"), folder, { recursive: true });
cpSync(path("tests/lib/sockets.js"), `${folder}/sockets.js`);
cpSync(path("dist/browser"), `${folder}/fal-wasm`, { recursive: true });
await addEdge(folder);

const emulator = await startEmulator({ keys: ACCOUNTS });
const setup = { assets: folder, emulator: emulator.url, bindings: { FAL_KEY: KEY } };
const worker = await startWorker(path("tests/chromium/worker.js"), setup);
beforeEach(() => emulator.control({ reset: true }));
after(async () => {
  await worker.stop();
  emulator.stop();
});

for (const name of ["Firefox", "WebKitGTK"]) {
  const browser = await browsers[name]().catch((error) => {
    if (error instanceof UserError) return error;
    throw error;
  });
  if (browser instanceof UserError) {
    test(name, { skip: browser.message }, () => {});
    continue;
  }
  const { call } = browser;
  /** @type {import("./checks/index.mjs").Site["inPage"]} */
  const inPage = (module, name, argument) =>
    call(async ([module, name, argument]) => (await import(`/${module}`))[name](argument), [module, name, argument]);
  describe(name, () => {
    before(async () => {
      await browser.goto(worker.url);
      await inPage("sockets.js", "redirectSockets", emulator.url);
    });
    after(browser.close);
    for (const [name, check] of Object.entries(checks)) test(name, () => check({ emulator, call, inPage }));
  });
}
