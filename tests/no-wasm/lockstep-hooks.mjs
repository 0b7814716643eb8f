/** For `node --import`: gives every program `lockstep.mjs` in place of the core of the edge build. */

import { readFileSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node runs its hooks in a thread of their own.
if (isMainThread) register(import.meta.url);

const EDGE = new URL("../../dist/edge/core.js", import.meta.url).href;
const LOCKSTEP = new URL("lockstep.mjs", import.meta.url).href;
const NAMES = readFileSync(new URL("../../dist/no-wasm/core.js", import.meta.url), "utf8").matchAll(
  /^export const (\w+) =/gm,
);
/** The core of the edge build, and over it what both builds have. */
const SOURCE = `export * from "${EDGE}?itself";
import { core } from "${LOCKSTEP}";
export const { ${[...NAMES].map(([, name]) => name)} } = core;
`;

/** @param {string} url @param {object} context @param {(url: string, context: object) => any} next */
export async function load(url, context, next) {
  return url === EDGE ? { format: "module", source: SOURCE, shortCircuit: true } : next(url, context);
}
