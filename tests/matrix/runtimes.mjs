/** Runtimes of servers, with a key. */

import assert from "node:assert/strict";

import { edgeModule } from "../../scripts/lib/edge.mjs";
import { run } from "../../scripts/lib/run.mjs";
import { NEWEST_DATE, startWorker } from "../../scripts/lib/worker.mjs";
import { PROGRAM, WORKER } from "./lib/app.mjs";
import { programs, theRuntimes } from "./lib/programs.mjs";

/** @typedef {import("./lib/kit.mjs").Kit} Kit */
/** @typedef {import("./lib/kit.mjs").Cell} Cell */

const NODE = `node-${process.platform}-${process.arch}`;
/** The oldest that the package is for, and the ones that are maintained. */
const NODES = ["20.19.0", "22.23.3", "24.21.0"];
const WRANGLER = { wrangler: "4.164.0" };

/** @param {Kit} kit @param {string} output */
function judge(kit, output) {
  const last = output.trim().split("\n").at(-1) ?? "";
  assert.match(last, /^\{/, output);
  kit.judge(JSON.parse(last), "server");
}

/** @param {Kit} kit */
const environment = (kit) => ({ ...kit.env, EMULATOR_URL: kit.emulator.url });

/** @param {string} version @returns {Cell[]} */
const onNode = (version) =>
  [
    { way: "import", program: PROGRAM, file: "main.mjs" },
    {
      way: "require",
      program: PROGRAM.replace(/import (.*) from (".*");/g, "const $1 = require($2);"),
      file: "main.cjs",
    },
  ].map(({ way, program, file }) => ({
    name: `Node ${version}, ${way}`,
    async run(kit) {
      const files = { [file]: program, "scenario.js": kit.scenario };
      const cwd = await kit.consumer("node", files, { [NODE]: version });
      const node = `${cwd}/node_modules/${NODE}/bin/${process.platform === "win32" ? "node.exe" : "node"}`;
      judge(kit, await run(node, ["--no-warnings", file], { cwd, env: environment(kit), quiet: true }));
    },
  }));

/** @param {string} name @param {"deno" | "bun"} runtime @param {string[]} args @param {string} program @returns {Cell} */
const onRuntime = (name, runtime, args, program) => ({
  name,
  async run(kit) {
    const cwd = await kit.consumer(runtime, { "main.js": program, "scenario.js": kit.scenario });
    const bin = await theRuntimes();
    judge(kit, await run(bin[runtime], [...args, "main.js"], { cwd, env: environment(kit), quiet: true }));
  },
});

const DENO = ["run", "--quiet", "--no-lock", "--no-remote", "--allow-net=127.0.0.1", "--allow-env", "--allow-read"];

/** @param {string} date @returns {Cell} */
const onWorkerd = (date) => ({
  name: `workerd by miniflare, ${date}`,
  async run(kit) {
    const folder = await kit.consumer("miniflare", { "worker.js": WORKER, "scenario.js": kit.scenario });
    const bindings = environment(kit);
    const worker = await startWorker(`${folder}/worker.js`, { emulator: kit.emulator.url, bindings, date });
    try {
      judge(kit, await (await worker.fetch("/")).text());
    } finally {
      await worker.stop();
    }
  },
});

/** @type {Cell[]} */
export default [
  ...NODES.flatMap(onNode),
  onRuntime("Deno, node_modules", "deno", [...DENO, "--node-modules-dir=manual"], PROGRAM),
  onRuntime(
    "Deno, npm: specifier",
    "deno",
    [...DENO, "--node-modules-dir=manual"],
    PROGRAM.replace('"fal-wasm"', '"npm:fal-wasm"'),
  ),
  onRuntime("Bun", "bun", ["run"], PROGRAM),
  ...["2021-11-03", "2024-09-23", "2025-09-01", NEWEST_DATE].map(onWorkerd),
  {
    name: "workerd by wrangler dev",
    async run(kit) {
      const config = { name: "app", main: "worker.js", compatibility_date: "2026-11-01" };
      const secrets = Object.entries(environment(kit)).map((pair) => pair.join("="));
      const files = {
        "worker.js": WORKER,
        "scenario.js": kit.scenario,
        "wrangler.jsonc": JSON.stringify(config),
        ".dev.vars": secrets.join("\n"),
      };
      const cwd = await kit.consumer("wrangler", files, WRANGLER);
      const { url, stop } = await programs(cwd).serve((port) => [
        "wrangler/bin/wrangler.js",
        ...["dev", "--ip", "127.0.0.1", "--port", port],
      ]);
      try {
        judge(kit, await (await fetch(url)).text());
      } finally {
        stop();
      }
    },
  },
  {
    name: "edge-light, Vercel's edge runtime",
    async run(kit) {
      const program = `import { createFalClient } from "fal-wasm";
import { scenario } from "./scenario.js";
export const report = async (emulator) =>
  JSON.stringify(await scenario({ createFalClient, env: { FAL_KEY: process.env.FAL_KEY }, emulator }));
`;
      const folder = await kit.consumer("edge", { "main.js": program, "scenario.js": kit.scenario });
      const { exported } = await edgeModule(`${folder}/main.js`, { env: kit.env });
      judge(kit, await exported.report(kit.emulator.url));
    },
  },
];
