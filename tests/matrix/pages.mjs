/** Pages without a bundler, and what a page's content security policy has to allow. */

import assert from "node:assert/strict";

import { MAIN, page } from "./lib/app.mjs";

/** Where the package's files are, for a page that names them itself. */
const ENTRY = "node_modules/fal-wasm/dist/browser/index.js";

const importMap = (/** @type {string} */ url) =>
  `<script type="importmap">${JSON.stringify({ imports: { "fal-wasm": url } })}</script>`;

/** @param {string} from What the program names as the package. */
const mainOf = (from) => MAIN.replace('"fal-wasm"', JSON.stringify(from));

/** @param {import("./lib/kit.mjs").Kit} kit @param {Record<string, string>} files @param {Record<string, string>} [headers] */
async function visit(kit, files, headers) {
  const folder = await kit.consumer("page", { "scenario.js": kit.scenario, "index.html": page(), ...files });
  const { url, stop } = await kit.serveFolder(folder, headers);
  await kit.visit(url).finally(stop);
}

/** All that is needed from a policy: programs of the page's own, and WebAssembly. @param {string} script @param {string} proxyUrl @param {string} emulator */
const policy = (script, proxyUrl, emulator) => ({
  "content-security-policy": `default-src 'self'; script-src ${script}; connect-src ${new URL(proxyUrl).origin} ${emulator}; img-src data:`,
});

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "no bundler, import map",
    run: (kit) => visit(kit, { "main.js": MAIN, "index.html": page(undefined, importMap(`./${ENTRY}`)) }),
  },
  {
    name: "no bundler, by path",
    run: (kit) => visit(kit, { "main.js": mainOf(`./${ENTRY}`) }),
  },
  {
    name: "no bundler, one URL of a CDN",
    async run(kit) {
      // Another origin, with the package below its name and version, as CDNs of npm have it.
      const files = await kit.serveFolder(await kit.consumer("cdn"), { "access-control-allow-origin": "*" });
      await visit(kit, { "main.js": mainOf(`${files.url}/${ENTRY}`) }).finally(files.stop);
    },
  },
  {
    name: "script-src 'self' 'wasm-unsafe-eval'",
    run: (kit) =>
      visit(
        kit,
        { "main.js": mainOf(`./${ENTRY}`) },
        policy("'self' 'wasm-unsafe-eval'", kit.proxyUrl, kit.emulator.url),
      ),
  },
  {
    name: "script-src 'self': the error says what is missing",
    async run(kit) {
      const files = { "main.js": mainOf(`./${ENTRY}`) };
      const error = await visit(kit, files, policy("'self'", kit.proxyUrl, kit.emulator.url)).catch((error) => error);
      assert.ok(error instanceof Error, "WebAssembly ran without being allowed");
      assert.match(error.message.split("\n")[0], /fal-wasm .*'wasm-unsafe-eval'/);
    },
  },
];
