/** For `node --import`: gives every program `lockstep.mjs` in place of the core of the edge build. */

import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node runs its hooks in a thread of their own.
if (isMainThread) register(import.meta.url);

const LOCKSTEP = new URL("lockstep.mjs", import.meta.url).href;

/** @param {string} specifier @param {{ parentURL?: string }} context @param {(specifier: string, context: object) => any} next */
export async function resolve(specifier, context, next) {
  const found = await next(specifier, context);
  return found.url.endsWith("/dist/edge/core.js") && context.parentURL !== LOCKSTEP
    ? { ...found, url: LOCKSTEP }
    : found;
}
