/** Jest, which loads CommonJS unless it is told otherwise, with its tools' own templates: no setting but an environment. */

import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";

import { emulatorPackage } from "../../scripts/lib/emulator-package.mjs";
import { path } from "../../scripts/lib/run.mjs";
import { programs } from "./lib/programs.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */

const JEST = { jest: "30.5.2", "jest-environment-jsdom": "30.5.2" };
/** jsdom with what browsers have and it has not: `fetch` and its like. */
const FIXED = { ...JEST, "jest-fixed-jsdom": "0.0.11" };

/**
 * Runs one file of tests. What `report` is called with in it is returned.
 *
 * @param {Kit} kit @param {string} environment @param {string} program @param {Record<string, string>} [packages]
 */
async function jest(kit, environment, program, packages = JEST) {
  const files = {
    "package.json": JSON.stringify({ name: "app", private: true }),
    "scenario.js": kit.scenario.replace("export async function scenario", "exports.scenario = async function"),
    "app.test.js": `/** @jest-environment ${environment} */
const report = (value) => require("node:fs").writeFileSync("report.json", JSON.stringify(value));
const { FAL_KEY, EMULATOR_URL, PROXY_URL } = process.env;
${program}`,
  };
  const cwd = await kit.consumer("jest", files, packages);
  if (program.includes("fal-wasm/testing")) {
    cpSync(await emulatorPackage(), `${cwd}/node_modules/fal-emulator`, { recursive: true });
    cpSync(path("node_modules/ws"), `${cwd}/node_modules/ws`, { recursive: true });
  }
  const env = { ...kit.env, EMULATOR_URL: kit.emulator.url, PROXY_URL: kit.proxyUrl };
  await programs(cwd, env).run(["jest/bin/jest.js", "--ci", "--no-cache"]);
  return JSON.parse(readFileSync(`${cwd}/report.json`, "utf8"));
}

const SERVER = `const { createFalClient, FalError } = require("fal-wasm");
const { scenario } = require("./scenario.js");
test("a server", async () => report(await scenario({ createFalClient, env: { FAL_KEY }, emulator: EMULATOR_URL })));
`;

/** Every subpath, and whether what they share is the same: an error of one is an error of the other. */
const SUBPATHS = `const { FalError } = require("fal-wasm");
test("all entries of a server", async () => {
  const { createFalProxy } = require("fal-wasm/proxy");
  const { toNodeHandler } = require("fal-wasm/proxy/node");
  const { createWebhookHandler, verifyWebhook } = require("fal-wasm/webhook");
  const { createPlatformClient } = require("fal-wasm/platform");
  const { memoryLimits } = require("fal-wasm/limits");
  const proxy = createFalProxy({
    authenticate: () => ({ id: "visitor" }),
    allowedEndpoints: ["emulator/*"],
    credentials: FAL_KEY,
    limits: { store: memoryLimits(), requests: { max: 1, windowSeconds: 60 } },
    fetch: (url, init) => fetch(url.replace("https://", EMULATOR_URL + "/"), init),
  });
  const run = () =>
    proxy(new Request("http://app.test/api/fal/proxy", {
      method: "POST",
      headers: { "x-fal-target-url": "https://fal.run/emulator/echo", "content-type": "application/json", origin: "http://app.test" },
      body: "{}",
    }));
  const [{ status: ran }, { status: limited }] = [await run(), await run()];
  const handler = createWebhookHandler({ onEvent() {} });
  const { status: unsigned } = await handler(new Request("http://app.test/hook", { method: "POST", body: "{}" }));
  const error = await createPlatformClient({ env: { FAL_KEY }, scope: "API" }).GET("/keys").catch((error) => error);
  report({
    ran, limited, unsigned,
    functions: [toNodeHandler, verifyWebhook].map((one) => typeof one),
    types: Object.keys(require("fal-wasm/endpoints")),
    shared: error instanceof FalError && error.code,
  });
});
`;

/** Importing takes nothing that jsdom lacks; a call is answered by the stand-in of \`fetch\` that such tests have. */
const BARE = `const { createFalClient, FalError, fal } = require("fal-wasm");
const codeOf = (work) => Promise.resolve().then(work).then(() => "taken", (error) => error instanceof FalError && error.code);
const answer = (input) => ({
  status: 200, ok: true, headers: new Headers({ "content-type": "application/json" }), text: async () => JSON.stringify({ input }),
  json: async () => ({ input }),
});
test("a component", async () => {
  const input = { prompt: "日本 \\u{1f30a}" };
  const missing = await codeOf(() => createFalClient({ proxyUrl: "/api/fal/proxy" }).run("emulator/echo", { input }));
  const fetch = jest.fn(async (url, { body }) => answer(JSON.parse(body)));
  fal.config({ proxyUrl: "/api/fal/proxy", fetch });
  const { data } = await fal.run("emulator/echo", { input });
  report({
    lacks: ["fetch", "TextEncoder", "TextDecoder"].filter((name) => globalThis[name] !== undefined),
    missing,
    same: data.input.prompt === input.prompt,
    called: fetch.mock.calls.map(([url]) => url),
    credentials: await codeOf(() => createFalClient({ credentials: FAL_KEY })),
    proxy: await codeOf(() => require("fal-wasm/proxy")).catch(String),
    said: (() => { try { require("fal-wasm/proxy"); } catch ({ message }) { return message; } })(),
  });
});
`;

const COMPONENT = `const { createFalClient } = require("fal-wasm");
const { scenario } = require("./scenario.js");
test("a component", async () => report(await scenario({ createFalClient, proxyUrl: PROXY_URL })));
`;

/** fal in memory: a minute of work takes no time, and what is ordered goes wrong. */
const IN_MEMORY = `const { createTestFal } = require("fal-wasm/testing");
test("a unit test", async () => {
  const fal = await createTestFal({ settings: { queue: { ahead: 2, run_ms: 60000 } } });
  const { data } = await fal.fal.subscribe("emulator/echo", { input: { a: 1 } });
  fal.faults({ then: { drop: "after" } });
  const { code } = await fal.fal.run("emulator/echo").catch((error) => error);
  let page = "none";
  if (typeof fetch === "function" && typeof document === "object")
    page = (await require("fal-wasm").createFalClient(fal.page).run("emulator/echo", { input: { b: 2 } })).data.input;
  fal.close();
  report({ input: data.input, code, page });
});
`;

/** Code of a server that is tested as though it were a page: it is told what to do. */
const MISPLACED = `const { createFalClient } = require("fal-wasm");
test("a server", async () => {
  try { createFalClient({ credentials: FAL_KEY }); } catch ({ code, message }) { report({ code, message }); }
});
`;

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: "Jest 30, node: a server",
    run: async (kit) => kit.judge(await jest(kit, "node", SERVER), "server"),
  },
  {
    name: "Jest 30, node: every entry, with one core and one set of errors",
    async run(kit) {
      assert.deepEqual(await jest(kit, "node", SUBPATHS), {
        ran: 200,
        limited: 429,
        unsigned: 400,
        functions: ["function", "function"],
        types: [],
        shared: "scope_required",
      });
    },
  },
  {
    name: "Jest 30, jsdom as it comes: a component",
    async run(kit) {
      const { said, ...report } = await jest(kit, "jsdom", BARE);
      assert.deepEqual(report, {
        lacks: [],
        missing: "fetch_failed",
        same: true,
        called: ["/api/fal/proxy"],
        credentials: "credentials_in_browser",
        proxy: false,
      });
      assert.match(said, /@jest-environment node/);
    },
  },
  {
    name: "Jest 30, jsdom with fetch: a component",
    run: async (kit) => kit.judge(await jest(kit, "jest-fixed-jsdom", COMPONENT, FIXED), "browser"),
  },
  ...Object.entries({ node: "none", jsdom: "none", "jest-fixed-jsdom": { b: 2 } }).map(([environment, page]) => ({
    name: `Jest 30, ${environment}: fal-wasm/testing`,
    async run(/** @type {Kit} */ kit) {
      const report = await jest(kit, environment, IN_MEMORY, environment.includes("fixed") ? FIXED : JEST);
      assert.deepEqual(report, { input: { a: 1 }, code: "connection_lost", page });
    },
  })),
  {
    name: "Jest 30, a server's code in jsdom",
    async run(kit) {
      const environment = `jsdom\n * @jest-environment-options {"customExportConditions": ["node"]}\n`;
      const { code, message } = await jest(kit, environment, MISPLACED);
      assert.equal(code, "credentials_in_browser");
      assert.match(message, /@jest-environment node/);
    },
  },
];
