/** What cells are given: the package as it is published, fal's stand-in, a proxy in front of it, and a browser. */

import { pathToFileURL } from "node:url";

import { openBrowser } from "../../../scripts/lib/browser.mjs";
import { startEmulator } from "../../../scripts/lib/emulator.mjs";
import { ACCOUNTS, KEY } from "../../lib/keys.mjs";
import { openConsumers, scenario } from "./consumer.mjs";
import { judge } from "./judge.mjs";
import { listen, serveFolder, serveProgram } from "./servers.mjs";

/** @typedef {Awaited<ReturnType<typeof openKit>>} Kit */
/** @typedef {{ name: string, run(kit: Kit): Promise<unknown> }} Cell Throwing is failing; throwing `Skipped` is not. */

const PATH = "/api/fal/proxy";

/** Where a page runs, its origin: any on this machine, because each cell has a port of its own. */
const HERE = /^http:\/\/(127\.0\.0\.1|localhost)(:\d+)?$/;

/**
 * A proxy on a port of its own, from the package as it was packed. An app names the origins that it trusts beforehand;
 * here there is one such app for each origin that calls.
 *
 * @param {string} installed @param {Awaited<ReturnType<typeof startEmulator>>} emulator
 */
async function startProxy(installed, emulator) {
  const load = (/** @type {string} */ file) => import(pathToFileURL(`${installed}/dist/edge/${file}`).href);
  const [{ createFalProxy }, { toNodeHandler }] = await Promise.all([load("proxy.js"), load("node.js")]);
  /** @type {Map<string, any>} */
  const handlers = new Map();
  const { url, stop } = await listen((request, response) => {
    const { origin = "" } = request.headers;
    const trustedOrigins = HERE.test(origin) ? [origin] : [];
    const handler =
      handlers.get(origin) ??
      toNodeHandler(
        createFalProxy({
          authenticate: () => ({ id: "visitor" }),
          allowedEndpoints: ["emulator/*", "emulator/echo/realtime", "fal-ai/**"],
          realtimeTokens: true,
          trustedOrigins,
          credentials: KEY,
          fetch: emulator.fetch,
        }),
      );
    handlers.set(origin, handler);
    handler(request, response);
  });
  return { url: url + PATH, stop };
}

/** Sets everything up, once for all cells. */
export async function openKit() {
  const { close, ...consumers } = await openConsumers();
  const emulator = await startEmulator({ keys: ACCOUNTS });
  const proxy = await startProxy(consumers.installed, emulator);
  /** @type {ReturnType<typeof openBrowser> | undefined} */
  let opening;
  const browser = () => (opening ??= openBrowser());
  /** @type {Map<string, Promise<{ stop(): unknown }>>} */
  const shared = new Map();

  return {
    ...consumers,
    emulator,
    proxyUrl: proxy.url,
    scenario,
    judge,
    serveFolder,
    serveProgram,
    /** The key that the emulator knows, for servers: `{ FAL_KEY }`. */
    env: { FAL_KEY: KEY },
    /** Chromium, the same for all cells. */
    browser,

    /**
     * What several cells have together, made when the first of them wants it, and stopped after the last.
     *
     * @template {{ stop(): unknown }} T
     * @param {string} name @param {() => Promise<T>} make
     * @returns {Promise<T>}
     */
    shared(name, make) {
      const made = shared.get(name) ?? make();
      shared.set(name, made);
      return /** @type {Promise<T>} */ (made);
    },

    /**
     * Opens a page that runs the scenario with the proxy named in its query (`proxy`), and leaves the report as JSON in
     * `document.body.dataset.report`. Fails with whatever went wrong in the page, and where the report is not good.
     *
     * @param {string} url
     * @param {{ context: import("playwright-core").BrowserContext }} [opened] Another browser that playwright drives.
     */
    async visit(url, opened) {
      const { context } = opened ?? (await browser());
      const page = await context.newPage();
      try {
        /** @type {string[]} */
        const said = [];
        page.on("console", (message) => said.push(message.text()));
        const broken = new Promise((_, failed) => {
          page.on("pageerror", (error) => failed(new Error(`${error.message}\n${said.join("\n")}`, { cause: error })));
        });
        broken.catch(() => {});
        await page.goto(`${url}?proxy=${encodeURIComponent(proxy.url)}`);
        const reported = page.locator("body[data-report]").waitFor({ state: "attached", timeout: 30_000 });
        await Promise.race([reported, broken]).catch((error) => {
          throw new Error(`${error.message}\n${said.join("\n")}`);
        });
        const report = JSON.parse((await page.locator("body").getAttribute("data-report")) ?? "{}");
        judge(report, "browser");
        return page.content();
      } finally {
        await page.close();
      }
    },

    async close() {
      await (await opening)?.close();
      for (const made of shared.values())
        await made.then(
          ({ stop }) => stop(),
          () => {},
        );
      proxy.stop();
      emulator.stop();
      close();
    },
  };
}
