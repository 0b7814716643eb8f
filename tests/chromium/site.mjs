/** The site of the browser tests: pages, the proxy they call, the emulator behind it, and a real Chromium in front. */

import { cpSync, rmSync } from "node:fs";
import { test } from "node:test";

import { openBrowser } from "../../scripts/lib/browser.mjs";
import { startEmulator } from "../../scripts/lib/emulator.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { startWorker } from "../../scripts/lib/worker.mjs";
import { ACCOUNTS, KEY } from "../lib/keys.mjs";
import { redirectSockets } from "../lib/sockets.js";

/**
 * Opens the site in a browser. `place` is a folder of its own below `target`.
 *
 * @param {string} place @param {(site: string) => Promise<unknown>} [addTo]
 */
export async function openSite(place, addTo) {
  const site = path("target", place);
  rmSync(site, { recursive: true, force: true });
  cpSync(path("tests/chromium/site"), site, { recursive: true });
  cpSync(path("dist/browser"), `${site}/fal-wasm`, { recursive: true });
  await addTo?.(site);
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const bindings = { FAL_KEY: KEY };
  const worker = await startWorker(path("tests/chromium/worker.js"), {
    assets: site,
    emulator: emulator.url,
    bindings,
  });
  const browser = await openBrowser();
  await browser.context.addInitScript(redirectSockets, emulator.url);
  const page = await browser.context.newPage();
  return {
    emulator,
    context: browser.context,
    page,
    /** Goes to the first page. */
    enter: () => page.goto(worker.url),
    /** Runs a function in the page. @param {(argument: any) => any} work @param {any} [argument] */
    call: (work, argument) => page.evaluate(work, argument),
    /** Calls a function of a module of the site, in the page. @param {string} module @param {string} name @param {any} [argument] @returns {Promise<any>} */
    inPage: (module, name, argument) =>
      page.evaluate(
        async ([module, name, argument]) => (await import(`/${module}`))[name](argument),
        [module, name, argument],
      ),
    async close() {
      await browser.close();
      await worker.stop();
      emulator.stop();
    },
  };
}

/** Each check as a test of its own. @param {Record<string, import("../browsers/checks/index.mjs").Check>} checks @param {import("../browsers/checks/index.mjs").Site} site */
export function each(checks, site) {
  for (const [name, check] of Object.entries(checks)) test(name, () => check(site));
}
