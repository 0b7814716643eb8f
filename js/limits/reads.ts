/**
 * Questions about jobs: they cost nothing, so each server process counts for itself, and nobody waits for a store. By the
 * same rule as requests (src/limits).
 */

import { forgetOldest } from "../io/forget-oldest.ts";
import { type Kept, reserveIn } from "./account.ts";
import type { Limits } from "./types.ts";

/** More than the client asks in its shortest intervals about many jobs at once. */
const GENEROUS = { max: 3_000, windowSeconds: 60 };
/** How many people are remembered: those who asked last. */
const MAX_PEOPLE = 10_000;

/** When to come again, in milliseconds; undefined when this question may be asked. */
export type ReadsCounter = (person: string) => number | undefined;

export function countReads({ reads = GENEROUS }: Limits, now: () => number = Date.now): ReadsCounter {
  const people = new Map<string, Kept>();
  const wish = { ticket: "", leaseMs: 0, requests: { max: reads.max, windowMs: reads.windowSeconds * 1000 } };
  return (person) => {
    const { kept, verdict } = reserveIn(people.get(person), undefined, now(), wish);
    people.delete(person);
    people.set(person, kept);
    forgetOldest(people, MAX_PEOPLE);
    return verdict.kind === "refused" ? verdict.retryAfterMs : undefined;
  };
}
