/** The benchmarks there are, and how one is run. */

import { path, run } from "../../scripts/lib/run.mjs";

/** In the order of their numbers; each is a file of `bench/`. */
export const BENCHMARKS = [
  "import",
  "run",
  "wakeup",
  "sse",
  "upload",
  "msgpack",
  "proxy",
  "coldstart",
  "growth",
  "rust",
];

/** Those that compile for minutes before they measure. The tests leave them out. */
export const COMPILED = ["rust"];

/**
 * Runs one of them, in a process of its own, so that none is disturbed by what another has left.
 *
 * @param {string} name
 * @param {{ quick: boolean }} options `quick` measures once and little: it shows that the benchmark works, and nothing else.
 * @returns {Promise<import("./rows.mjs").Row[]>}
 */
export async function measured(name, { quick }) {
  const args = ["--expose-gc", "--no-warnings", path("bench/lib/one.mjs"), name, ...(quick ? ["quick"] : [])];
  return JSON.parse(await run(process.execPath, args));
}
