/**
 * A core that is two: JavaScript decides, WebAssembly is asked the same, and where they differ the call fails. Only the
 * edge build's own functions stay as they are.
 */

import assert from "node:assert/strict";
import { appendFileSync } from "node:fs";

import * as wasm from "../../dist/browser/core.js";
import * as js from "../../dist/no-wasm/core.js";

/** As in js/core/memory.ts. */
const NUMBERS_BYTES = 8 * 1_024;

/** What JavaScript and a core share: where it is, and how long. @param {typeof js} core */
function shared(core) {
  const [numbers, state, bytes] = core.places();
  return [new Uint8Array(core.memory(), numbers, NUMBERS_BYTES), new Uint8Array(core.memory(), state, bytes)];
}

let calls = 0;
const { LOCKSTEP_LOG } = process.env;
if (LOCKSTEP_LOG) process.on("exit", () => appendFileSync(LOCKSTEP_LOG, `${calls}\n`));

/** What a core makes of a call. @param {Function} work @param {any[]} args */
function outcome(work, args) {
  try {
    return { result: work(...args) };
  } catch (error) {
    return { error };
  }
}

/** The same call of both, from the same memory, to the same memory. @param {string} name @param {[js: Function, wasm: Function]} functions */
const both =
  (name, [mine, its]) =>
  (/** @type {any[]} */ ...args) => {
    calls += 1;
    const there = shared(wasm);
    shared(js).forEach((bytes, index) => there[index].set(bytes));
    const [here, said] = [outcome(mine, args), outcome(its, args)];
    const where = `${name}(${args})`;
    assert.equal("error" in here, "error" in said, `${where}: one of the two trapped`);
    if ("error" in here) throw here.error;
    assert.ok(Object.is(here.result, said.result), `${where}: ${here.result}, and by WebAssembly ${said.result}`);
    const [numbers, state] = shared(js).map((bytes, index) => Buffer.compare(bytes, shared(wasm)[index]));
    assert.deepEqual({ numbers, state }, { numbers: 0, state: 0 }, where);
    return here.result;
  };

/** What is JavaScript's alone: where things are, and what is made of an error. */
const ALONE = /^(memory|isTrap|places)$/;

function __wbg_reset_state() {
  js.__wbg_reset_state();
  wasm.__wbg_reset_state();
}

/** Every function of the core. @type {Record<string, Function>} */
export const core = {
  ...Object.fromEntries(
    Object.entries(js).map(([name, work]) => [
      name,
      ALONE.test(name) ? work : both(name, [work, wasm[/** @type {keyof typeof wasm} */ (name)]]),
    ]),
  ),
  __wbg_reset_state,
};
