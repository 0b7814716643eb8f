/** For `node --import`: says of every module that a program loads where it is, in a line that begins with "loaded ". */

import { writeSync } from "node:fs";
import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node runs its hooks in a thread of their own.
if (isMainThread) register(import.meta.url);

/** @param {string} url @param {object} context @param {(url: string, context: object) => any} next */
export function load(url, context, next) {
  writeSync(1, `loaded ${url}\n`);
  return next(url, context);
}
