/** Places where a key would not be kept: each refuses it. */

import assert from "node:assert/strict";

import { run } from "../../scripts/lib/run.mjs";

/** What Electron shows to a page that may use Node, beside what Node does. */
const ELECTRON = `Object.defineProperty(process.versions, "electron", { value: "38.2.0", enumerable: true });
const agent = "Mozilla/5.0 (X11; Linux x64) AppleWebKit/537.36 Chrome/140.0.0.0 Electron/38.2.0 Safari/537.36";
Object.defineProperty(globalThis, "navigator", { value: { userAgent: agent }, configurable: true });
Object.defineProperty(globalThis, Symbol.toStringTag, { value: "Window", configurable: true });
Object.assign(globalThis, { window: globalThis, self: globalThis SHOWN });
`;

/** Tries to use a key in every way; says what came of each, and what was sent. */
const TRIES = `const { createFalClient } = await import("fal-wasm");
const sent = [];
const fetch = async (url) => (sent.push(String(url)), Response.json({}));
const outcomes = {};
for (const [name, config] of Object.entries({
  credentials: { credentials: process.env.FAL_KEY },
  resolver: { credentials: () => process.env.FAL_KEY },
  env: { env: { FAL_KEY: process.env.FAL_KEY } },
  nothing: {},
})) {
  try {
    await createFalClient({ ...config, fetch }).run("emulator/echo", { input: {} });
    outcomes[name] = "taken";
  } catch (error) {
    outcomes[name] = error.code ?? String(error);
  }
}
console.log(JSON.stringify({ outcomes, sent }));
`;

/** @param {string} name @param {string} shown What else there is in the page. @returns {import("./lib/kit.mjs").Cell} */
const inElectron = (name, shown) => ({
  name,
  async run(kit) {
    const cwd = await kit.consumer("electron", { "main.js": ELECTRON.replace("SHOWN", shown) + TRIES });
    const said = await run(process.execPath, ["--no-warnings", "main.js"], { cwd, env: kit.env, quiet: true });
    const refused = "credentials_in_browser";
    assert.deepEqual(JSON.parse(said), {
      outcomes: { credentials: refused, resolver: refused, env: refused, nothing: "proxy_url_missing" },
      sent: [],
    });
  },
});

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  inElectron("Electron's globals, a page with Node", ', document: { title: "" }'),
  inElectron("Electron's globals, a worker with Node", ""),
];
