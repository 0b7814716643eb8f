/**
 * The account of one person: how many requests, which jobs, how much money. Pure: the state, the time and the reservation go
 * in, the verdict comes out, and the state has been changed. Whoever keeps the state has to make sure that two calls never
 * do this at once.
 *
 * Money is counted in millionths of the currency that prices are in, so that sums stay whole numbers. `redis.ts` has the same
 * rules in the language of Redis; one table of tests checks both.
 */

import type { KeptAnswer, Reservation, Settlement, Verdict } from "./types.ts";

/** Something in progress. */
export interface Entry {
  /** What it costs, in all and per unit. */
  cost: number;
  unit: number;
  /** The spending window it was taken from. */
  window: number;
  /** Until when its end is waited for. */
  until: number;
  /** The job that it became. */
  job?: string | undefined;
}

export interface Account {
  /** Requests of a window, and of the one before. */
  requests: { window: number; count: number; before: number };
  /** What was spent in a window. */
  spent: { window: number; sum: number };
  /** What is in progress, by ticket. */
  open: Record<string, Entry>;
  /** Until when any of these counts. */
  until: number;
}

/** What is known of an idempotency key. */
export interface KeyRecord {
  digest: string;
  answer?: KeptAnswer | undefined;
}

/** More than anybody has in progress at once, and what still fits where accounts are kept. */
const MAX_OPEN = 1000;

/** How long to wait for a place among the jobs: one of them may end at any time. */
const JOB_WAIT_MS = 5_000;

export const newAccount = (): Account => ({
  requests: { window: 0, count: 0, before: 0 },
  spent: { window: 0, sum: 0 },
  open: {},
  until: 0,
});

/** The window that a moment is in, and the time until the next one. */
const windowAt = (now: number, ms: number) => ({ window: Math.floor(now / ms), left: ms - (now % ms) });

/**
 * Requests in a sliding window: those of this window, and of the one before as many as if they had been evenly spread, so that
 * nobody has twice as many by waiting for the end of one. `wait` is how long it is full.
 */
function rateAt(requests: Account["requests"], now: number, { max, windowMs }: { max: number; windowMs: number }) {
  const { window, left } = windowAt(now, windowMs);
  const age = window - requests.window;
  const count = age === 0 ? requests.count : 0;
  const before = age === 0 ? requests.before : age === 1 ? requests.count : 0;
  const isFull = count + (before * left) / windowMs >= max;
  const wait = count >= max ? left + windowMs * (1 - max / count) : left - (windowMs * (max - count)) / before;
  return { window, count, before, wait: isFull ? Math.floor(wait) + 1 : 0, until: now + left + windowMs };
}

/** Takes all of a reservation, or nothing. */
export function reserve(
  account: Account,
  record: KeyRecord | undefined,
  now: number,
  { ticket, leaseMs, requests, jobs, spending, once }: Reservation,
): Verdict {
  for (const [id, { until }] of Object.entries(account.open)) if (until <= now) delete account.open[id];
  if (once && record) {
    if (record.digest !== once.digest) return { kind: "reused" };
    return record.answer ? { kind: "replay", answer: record.answer } : { kind: "pending" };
  }
  const rate = requests && rateAt(account.requests, now, requests);
  if (rate && rate.wait > 0) return { kind: "refused", limit: "requests", retryAfterMs: rate.wait };
  const isKept = jobs !== undefined || spending !== undefined;
  if (isKept && Object.keys(account.open).length >= Math.min(jobs?.max ?? MAX_OPEN, MAX_OPEN)) {
    return { kind: "refused", limit: "jobs", retryAfterMs: JOB_WAIT_MS };
  }
  const budget = spending && { ...windowAt(now, spending.windowMs), ...spending };
  const sum = budget?.window === account.spent.window ? account.spent.sum : 0;
  if (budget && sum + budget.cost > budget.max) {
    return { kind: "refused", limit: "spending", retryAfterMs: budget.left };
  }
  if (rate) account.requests = { window: rate.window, count: rate.count + 1, before: rate.before };
  account.until = Math.max(account.until, rate?.until ?? 0, now + (budget?.left ?? 0));
  if (budget) account.spent = { window: budget.window, sum: sum + budget.cost };
  if (isKept) {
    const { cost = 0, unit = 0, window = 0 } = budget ?? {};
    account.open[ticket] = { cost, unit, window, until: now + leaseMs };
  }
  return { kind: "ok" };
}

/** Records how something ended. What is not free costs the units that fal counts, else what was reserved. */
export function settle(account: Account, now: number, settlement: Settlement): void {
  const { ticket, job, closes, became, leaseMs, free, units } = settlement;
  const id = ticket ?? Object.keys(account.open).find((id) => account.open[id]?.job === job) ?? "";
  const entry = account.open[id];
  if (!entry) return;
  const cost = free ? 0 : units === undefined ? entry.cost : Math.ceil(units * entry.unit);
  if (entry.window === account.spent.window) account.spent.sum = Math.max(0, account.spent.sum + cost - entry.cost);
  entry.cost = cost;
  if (closes) delete account.open[id];
  else Object.assign(entry, { until: now + leaseMs, job: became });
}

/** What is known of an idempotency key after a settlement: the answer, once there is one; nothing, when nothing was run. */
export const recordAfter = <Kept extends KeyRecord>(
  record: Kept | undefined,
  { free, answer }: Settlement,
): Kept | undefined => (free ? undefined : record && { ...record, answer });

/** Whether nothing of an account counts any more: nothing is open, and its windows are past. */
export const isIdle = ({ open, until }: Account, now: number): boolean =>
  [{ until }, ...Object.values(open)].every(({ until }) => until <= now);
