/**
 * Every await of the proxy in the hands of a seed: what the app, the store and fal are asked is answered in any order, late,
 * twice, with an error, or never, because the isolate has died.
 */

import { AsyncLocalStorage } from "node:async_hooks";

/** Dice that fall the same way for the same seed. @param {number} seed */
export function diceOf(seed) {
  let state = (seed * 2654435761) >>> 0 || 1;
  const roll = (/** @type {number} */ sides) => {
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % sides;
  };
  const chance = (/** @type {number} */ percent) => roll(100) < percent;
  return { roll, chance, pick: (/** @type {any[]} */ from) => from[roll(from.length)] };
}

/** How many operations of Web Crypto are under way: they take threads, and not turns. */
let working = 0;
for (const name of /** @type {const} */ (["digest", "importKey", "deriveBits", "sign", "verify"])) {
  const own = /** @type {any} */ (crypto.subtle[name]);
  crypto.subtle[name] = async (/** @type {any[]} */ ...args) => {
    working += 1;
    try {
      return await own.apply(crypto.subtle, args);
    } finally {
      working -= 1;
    }
  };
}

/** Until everything that can go on by itself has. */
export async function settled() {
  for (let turns = 0; turns < 2 || working > 0; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** @typedef {{ call: number, what: string, resolve: (value?: any) => void, reject: (error: Error) => void }} Gate */

/** The numbers of calls. One for all runs: whatever waits carries on the value of each that there is. */
const calls = new AsyncLocalStorage();

/** The awaits of one run. */
export function awaits() {
  /** @type {Gate[]} */
  const pending = [];
  /** @type {Set<number>} */
  const dead = new Set();
  const numberOf = () => Number(calls.getStore() ?? 0);
  return {
    pending,
    /** Begins a call; what it waits for carries its number. @param {number} call @param {() => any} work */
    begin: (call, work) => calls.run(call, work),
    /** Waits until the run lets it go on. @param {string} what @returns {Promise<any>} */
    gate: (what) =>
      new Promise((resolve, reject) => {
        const call = numberOf();
        if (!dead.has(call)) pending.push({ call, what, resolve, reject });
      }),
    call: numberOf,
    /** Ends the isolate in which a call is. @param {number} call */
    kill(call) {
      dead.add(call);
      for (let at = pending.length - 1; at >= 0; at -= 1) if (pending[at]?.call === call) pending.splice(at, 1);
    },
    isDead: (/** @type {number} */ call) => dead.has(call),
  };
}
