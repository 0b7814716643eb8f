/** Limits in memory, for development: every isolate counts for itself, and forgets when it ends. */

import { newAccount, recordAfter, reserve, settle } from "./ledger.ts";
import type { LimitStore } from "./types.ts";

let isTold = false;

/** Counts in memory: for development only. */
export function memoryLimits({ now = Date.now }: { now?: () => number } = {}): LimitStore {
  if (!isTold) console.warn("fal-wasm: memoryLimits() is for development. Each server process counts for itself.");
  isTold = true;
  /** @type {Map<string, import("./ledger.ts").Account>} */
  const accounts = new Map();
  /** @type {Map<string, import("./ledger.ts").Record_ & { until: number }>} */
  const records = new Map();
  const accountOf = (/** @type {string} */ id) => {
    const account = accounts.get(id) ?? newAccount();
    accounts.set(id, account);
    return account;
  };
  const nameOf = (/** @type {string} */ id, /** @type {string} */ key) => JSON.stringify([id, key]);
  return {
    async reserve(id, wish) {
      const { once } = wish;
      const at = now();
      for (const [name, { until }] of records) if (until <= at) records.delete(name);
      const record = once && records.get(nameOf(id, once.key));
      const verdict = reserve(accountOf(id), record, at, wish);
      if (once && verdict.kind === "ok") {
        records.set(nameOf(id, once.key), { digest: once.digest, until: at + once.keepMs });
      }
      return verdict;
    },
    async settle(id, settlement) {
      settle(accountOf(id), now(), settlement);
      if (settlement.once === undefined) return;
      const name = nameOf(id, settlement.once);
      const record = records.get(name);
      const after = recordAfter(record, settlement);
      if (record && after) records.set(name, { ...record, ...after });
      else records.delete(name);
    },
  };
}
