/** The tools of binaryen, from its npm package: WebAssembly programs that Node runs. */

import { path, run } from "./run.mjs";

/** V8's first compiler alone: its second would work longer on most of these tools than they work on the core. */
const SOON = "--liftoff-only";

/** Runs one. @param {string} tool @param {...string} args */
export const binaryen = (tool, ...args) =>
  run(process.execPath, [SOON, path("node_modules/binaryen/bin", tool), ...args], { quiet: true });
