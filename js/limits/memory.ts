/** Limits in memory, for development: every isolate counts for itself, and forgets when it ends. */

import type { Account, KeyRecord } from "./ledger.ts";
import { newAccount, recordAfter, reserve, settle } from "./ledger.ts";
import type { LimitStore } from "./types.ts";

let hasWarned = false;

/** Counts in memory: for development only. */
export function memoryLimits({ now = Date.now }: { now?: () => number } = {}): LimitStore {
  if (!hasWarned) console.warn("fal-wasm: memoryLimits() is for development. Each server process counts for itself.");
  hasWarned = true;
  const accounts = new Map<string, Account>();
  const records = new Map<string, KeyRecord & { until: number }>();
  const accountOf = (id: string) => {
    const account = accounts.get(id) ?? newAccount();
    accounts.set(id, account);
    return account;
  };
  const nameOf = (id: string, key: string) => JSON.stringify([id, key]);
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
      const after = recordAfter(records.get(name), settlement);
      if (after) records.set(name, after);
      else records.delete(name);
    },
  };
}
