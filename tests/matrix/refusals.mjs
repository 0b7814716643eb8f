/** Places where a key would not be kept, and one that cannot run the package: each refuses, and says why. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";

import { run } from "../../scripts/lib/run.mjs";
import { programs } from "./lib/programs.mjs";
import { Skipped } from "./lib/skipped.mjs";

const METRO = { metro: "0.87.1", "@react-native/metro-config": "0.88.1", "@babel/core": "7.29.13" };
/** The engine of React Native. */
const HERMES = { "hermes-engine-cli": "0.12.0" };
const SYSTEM = /** @type {Record<string, string>} */ ({ linux: "linux64", darwin: "osx", win32: "win64" })[
  process.platform
];

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
  {
    name: "React Native: Metro, and Hermes says why not",
    async run(kit) {
      if (!SYSTEM) throw new Skipped(`there is no Hermes for ${process.platform}`);
      const config = `const { getDefaultConfig, mergeConfig } = require("@react-native/metro-config");
// React Native itself would be run first.
const serializer = { getModulesRunBeforeMainModule: () => [] };
module.exports = mergeConfig(getDefaultConfig(__dirname), { serializer });
`;
      const files = {
        "package.json": "{}",
        "metro.config.js": config,
        "main.js": 'import { createFalClient } from "fal-wasm";\ncreateFalClient({ proxyUrl: "/api/fal/proxy" });\n',
      };
      const cwd = await kit.consumer("react-native", files, METRO);
      const hermes = await kit.consumer("hermes", {}, HERMES);
      const engine = `${hermes}/node_modules/hermes-engine-cli/${SYSTEM}-bin/hermes`;
      if (!existsSync(engine) && !existsSync(`${engine}.exe`)) throw new Skipped(`there is no ${engine}`);
      const options = ["--platform", "ios", "--dev", "false", "--out", "out.js"];
      await programs(cwd).run(["metro/src/cli.js", "build", "main.js", ...options]);
      const error = await run(engine, ["out.js"], { cwd, quiet: true }).catch((error) => error);
      assert.match(error.message, /fal-wasm needs WebAssembly, which React Native's engine does not have/);
    },
  },
];
