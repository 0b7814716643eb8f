/**
 * For `node --import`: gives every program `lockstep.mjs` in place of the core of the edge build, and that build as it is before
 * its modules become few files, where the core is a module by itself.
 */

import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node runs its hooks in a thread of their own.
if (isMainThread) register(import.meta.url);

const PUBLISHED = new URL("../../dist/edge/", import.meta.url).href;
const MODULES = new URL("../../target/modules/edge/", import.meta.url).href;
const EDGE = `${MODULES}core.js`;
const LOCKSTEP = new URL("lockstep.mjs", import.meta.url).href;
const NAMES = Object.keys(await import("../../dist/no-wasm/core.js"));
/** The core of the edge build, and over it what both builds have. */
const SOURCE = `export * from "${EDGE}?itself";
import { core } from "${LOCKSTEP}";
export const { ${NAMES.join(", ")} } = core;
`;

/** @param {string} specifier @param {object} context @param {(specifier: string, context: object) => any} next */
export async function resolve(specifier, context, next) {
  const resolved = await next(specifier, context);
  // The WebAssembly is not among the modules: it is what both have.
  if (!resolved.url.startsWith(PUBLISHED) || specifier === "#wasm") return resolved;
  return { ...resolved, url: resolved.url.replace(PUBLISHED, MODULES) };
}

/** @param {string} url @param {object} context @param {(url: string, context: object) => any} next */
export async function load(url, context, next) {
  return url === EDGE ? { format: "module", source: SOURCE, shortCircuit: true } : next(url, context);
}
