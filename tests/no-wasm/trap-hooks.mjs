/** Has the core that is JavaScript trap when a test wants it to: `globalThis.armed` names the function. */

import { register } from "node:module";
import { isMainThread } from "node:worker_threads";

// Node runs its hooks in a thread of their own.
if (isMainThread) register(import.meta.url);

const CORE = new URL("../../dist/no-wasm/core.js", import.meta.url).href;
const START = "const start = asmFunc;";
/** What an instance does is done, and nobody learns of it. */
const TRAPPING = `const start = () => {
  globalThis.instances = (globalThis.instances ?? 0) + 1;
  const own = asmFunc();
  const trapping = (name) => (...numbers) => {
    const result = own[name](...numbers);
    if (globalThis.armed !== name) return result;
    globalThis.armed = "";
    wasm2js_trap();
  };
  const names = Object.keys(own).filter((name) => typeof own[name] === "function");
  return { ...own, ...Object.fromEntries(names.map((name) => [name, trapping(name)])) };
};`;

/** @param {string} url @param {object} context @param {(url: string, context: object) => any} next */
export async function load(url, context, next) {
  const loaded = await next(url, context);
  if (url !== CORE) return loaded;
  const source = String(loaded.source);
  if (!source.includes(START)) throw new Error(`${CORE} does not start its core as ${START}`);
  return { ...loaded, source: source.replace(START, TRAPPING) };
}
