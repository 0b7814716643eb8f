/** Runtimes of servers. */

import { run } from "../../scripts/lib/run.mjs";
import { PROGRAM } from "./lib/app.mjs";

/** @param {string} output */
const reportOf = (output) => JSON.parse(output.trim().split("\n").at(-1) ?? "");

/** @type {import("./lib/kit.mjs").Cell[]} */
export default [
  {
    name: `Node ${process.versions.node}, import`,
    async run(kit) {
      const cwd = await kit.consumer("node", { "main.js": PROGRAM, "scenario.js": kit.scenario });
      const env = { ...kit.env, EMULATOR: kit.emulator.url };
      kit.judge(reportOf(await run(process.execPath, ["main.js"], { cwd, env, quiet: true })), "server");
    },
  },
];
