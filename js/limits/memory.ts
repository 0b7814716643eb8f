/** Limits in memory, for development: every isolate counts for itself, and forgets when it ends. */

import { KeyAfter } from "../core/wire.ts";
import { type KeyRecord, type Kept, correctIn, reserveIn, settleIn } from "./account.ts";
import type { KeptAnswer, LimitStore } from "./types.ts";

let hasWarned = false;

/** Counts in memory: for development only. */
export function memoryLimits({ now = Date.now }: { now?: () => number } = {}): LimitStore {
  if (!hasWarned) console.warn("fal-wasm: memoryLimits() is for development. Each server process counts for itself.");
  hasWarned = true;
  const accounts = new Map<string, Kept>();
  /** By account and key, the oldest first. */
  const records = new Map<string, { record: KeyRecord; answer?: KeptAnswer }>();
  const nameOf = (id: string, key: string) => JSON.stringify([id, key]);
  return {
    async reserve(id, wish) {
      const { once, ticket } = wish;
      const name = once && nameOf(id, once.key);
      const known = name === undefined ? undefined : records.get(name);
      const { kept, verdict, now: at } = reserveIn(accounts.get(id), known?.record, now(), wish);
      accounts.set(id, kept);
      for (const [old, { record }] of records) {
        if (record.until > at) break;
        records.delete(old);
      }
      if (verdict.kind === "replay")
        return known?.answer ? { kind: "replay", answer: known.answer } : { kind: "pending" };
      if (once && name !== undefined && verdict.kind === "ok") {
        records.delete(name);
        records.set(name, { record: { ticket, digest: once.digest, until: at + once.keepMs, answered: false } });
      }
      return verdict;
    },
    async settle(id, settlement) {
      const { once, answer } = settlement;
      const name = once === undefined ? undefined : nameOf(id, once);
      const known = name === undefined ? undefined : records.get(name);
      const { kept, settled, after } = settleIn(accounts.get(id), known?.record, now(), settlement);
      accounts.set(id, kept);
      if (known && name !== undefined) {
        if (after === KeyAfter.Forgotten) records.delete(name);
        if (after === KeyAfter.Answered && answer) {
          known.record.answered = true;
          known.answer = answer;
        }
      }
      return settled;
    },
    async correct(id, correction) {
      accounts.set(id, correctIn(accounts.get(id), now(), correction));
    },
  };
}
