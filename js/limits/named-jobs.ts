/** The jobs that an account names when it wants to know what became of them, and asking fal about those. */

import { reserveAt } from "./ask-store.ts";
import type { LimitedCall } from "./limited-call.ts";
import { settleByAsking } from "./settle.ts";
import type { LimitStore, LimitedJob, Limits, Reservation, Verdict } from "./types.ts";

export interface NamedJobs {
  /** What the accounts wanted to know so far. */
  readonly about: readonly ("jobs" | "spending")[];
  /** What an account says to a reservation. The jobs that it names are kept. */
  reserve(account: string, wish: Reservation): Promise<Verdict | undefined>;
  /** Asks fal about the jobs that were named last; what it says is settled. */
  settle(): Promise<unknown>;
}

export function namedJobs(limits: Limits, call: LimitedCall, store: LimitStore): NamedJobs {
  const about: ("jobs" | "spending")[] = [];
  let jobs: readonly LimitedJob[] = [];
  return {
    about,
    async reserve(account, wish) {
      const verdict = await reserveAt(call, store, account, wish);
      if (verdict?.kind === "question") {
        ({ jobs } = verdict);
        about.push(verdict.about);
      }
      return verdict;
    },
    settle: () => Promise.all(jobs.map((job) => settleByAsking(limits, call, job))),
  };
}
