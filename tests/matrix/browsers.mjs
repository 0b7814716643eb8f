/** Browsers, each a real one, and every place in them where a program may run. */

import assert from "node:assert/strict";
import { cpSync, readFileSync, readdirSync } from "node:fs";

import { build } from "esbuild";

import { path } from "../../scripts/lib/run.mjs";
import { withBrowser } from "./lib/browsers.mjs";
import { browsers } from "../lib/browsers/index.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */
/** @typedef {import("../lib/browsers/index.mjs").Browser} Browser */

const SOURCES = path("tests/matrix/browsers");
const MODULES = ["main", "dedicated", "shared", "service"];

/** Bundles the page and its workers; a frame's script is a classic one, because modules are not for who has no origin. @param {Kit} kit */
async function bundled(kit) {
  const files = readdirSync(SOURCES).map((name) => [name, readFileSync(`${SOURCES}/${name}`, "utf8")]);
  const folder = await kit.consumer("browsers", {
    ...Object.fromEntries(files),
    "scenario.js": kit.scenario,
    "sockets.js": readFileSync(path("tests/lib/sockets.js"), "utf8"),
  });
  /** @type {import("esbuild").BuildOptions} */
  const options = { absWorkingDir: folder, bundle: true, minify: true, outdir: "out", logLevel: "silent" };
  await build({ ...options, entryPoints: MODULES.map((name) => `${name}.js`), format: "esm", splitting: true });
  await build({ ...options, entryPoints: ["frame.js"], format: "iife" });
  for (const name of ["index.html", "frame.html"]) cpSync(`${folder}/${name}`, `${folder}/out/${name}`);
  return `${folder}/out`;
}

/** Once for all cells. @type {Promise<string> | undefined} */
let bundling;

/**
 * Has a place of a page do its work; returns what it tells.
 *
 * @param {Kit} kit @param {Browser} browser @param {string} place
 * @param {{ policy?: string, endpoint?: string }} [options] The content security policy of everything that is served.
 */
async function toldBy(kit, browser, place, { policy, endpoint } = {}) {
  const folder = await (bundling ??= bundled(kit));
  const { url, stop } = await kit.serveFolder(folder, policy ? { "content-security-policy": policy } : {});
  try {
    await browser.goto(url);
    const settings = { proxyUrl: kit.proxyUrl, emulator: kit.emulator.url, endpoint };
    return await browser.call(
      ([place, settings]) => /** @type {any} */ (globalThis).places[place](settings),
      [place, settings],
    );
  } finally {
    stop();
  }
}

/** @param {string} place @param {string} [policy] */
const works =
  (place, policy) =>
  /** @param {Kit} kit @param {Browser} browser */
  async (kit, browser) => {
    const { report, realtime, error } = await toldBy(kit, browser, place, { policy });
    assert.equal(error, undefined);
    kit.judge(report, "browser");
    assert.deepEqual(realtime, { a: 1 });
  };

/** @type {[string, (kit: Kit, browser: Browser) => Promise<unknown>][]} */
const PLACES = [
  ["page", works("page")],
  ["dedicated worker", works("dedicated")],
  ["shared worker", works("shared")],
  ["service worker", works("service")],
  ["sandboxed iframe with its origin", works("frame")],
  [
    // Its origin is "null", which is everybody's, so no proxy trusts it.
    "sandboxed iframe without an origin is refused",
    async (kit, browser) => {
      const endpoint = "fal-ai/from/nowhere";
      const { code, message } = await toldBy(kit, browser, "frameOfNobody", { endpoint });
      assert.equal(code, "connection_lost", message);
      const { requests } = await kit.emulator.seen();
      assert.ok(!requests.some((/** @type {any} */ request) => request.path.includes(endpoint)));
    },
  ],
  ["page with script-src 'self' 'wasm-unsafe-eval'", works("page", "script-src 'self' 'wasm-unsafe-eval'")],
  ["worker with script-src 'self' 'wasm-unsafe-eval'", works("dedicated", "script-src 'self' 'wasm-unsafe-eval'")],
  [
    "page with script-src 'self': the error says what is missing",
    async (kit, browser) => {
      const { code, message } = await toldBy(kit, browser, "page", {
        policy: "script-src 'self'",
        endpoint: "emulator/echo",
      });
      assert.equal(code, "webassembly_missing");
      assert.match(message, /'wasm-unsafe-eval'/);
    },
  ],
];

/** @type {import("./lib/kit.mjs").Cell[]} */
export default Object.keys(browsers).flatMap((name) =>
  PLACES.map(([place, check]) => ({
    name: `${name}, ${place}`,
    run: (kit) => withBrowser(kit, name, (browser) => check(kit, browser)),
  })),
);
