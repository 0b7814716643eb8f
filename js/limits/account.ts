/**
 * The account of one person, as bytes that are kept somewhere. What is decided about it the core decides (src/limits); whoever
 * keeps the bytes makes sure that two calls never do this at once. `redis.ts` says the same in the language of Redis; one
 * table of stories and random schedules hold both to it.
 */

import { LimitAccount } from "#core";
import { callCore } from "../core/call-core.ts";
import { KeyAfter, Limit, LimitOutcome, LimitVerdict, LIMIT_WISH_FIELDS } from "../core/wire.ts";
import type { Correction, LimitedJob, Reservation, Settled, Settlement, Verdict } from "./types.ts";

/** What is known of an idempotency key. */
export interface KeyRecord {
  /** The ticket of the call that has it. */
  ticket: string;
  /** What it is used with. */
  digest: string;
  until: number;
  /** Whether there is an answer to it. */
  answered: boolean;
}

/** An account: nothing is a new one. */
export type Kept = Uint8Array | undefined;

type WithoutAnswer = Exclude<Verdict, { kind: "replay" }> | { kind: "replay" };

const LIMITS = ["requests", "jobs", "spending", "stopped"] as const;
/** The outcomes of a settlement, by their names. */
export const OUTCOMES = {
  charged: LimitOutcome.Charged,
  free: LimitOutcome.Free,
  began: LimitOutcome.Began,
  released: LimitOutcome.Released,
  lost: LimitOutcome.Lost,
  cancelled: LimitOutcome.Cancelled,
};
const WISH = LIMIT_WISH_FIELDS[0].split(" ");

/** Reads an account, does something with it, and writes it again. */
function within<T>(kept: Kept, work: (account: LimitAccount) => T): T & { kept: Uint8Array } {
  return callCore(() => {
    const account = LimitAccount.read(kept ?? new Uint8Array());
    if (!account) throw new Error("What is kept of an account of limits cannot be read.");
    try {
      return { ...work(account), kept: account.write() };
    } finally {
      account.free();
    }
  });
}

/** Takes all of a reservation, or nothing. `now` is the account's own: it never goes back. */
export function reserveIn(
  kept: Kept,
  record: KeyRecord | undefined,
  at: number,
  wish: Reservation,
): { kept: Uint8Array; verdict: WithoutAnswer; now: number } {
  const { ticket, leaseMs, requests, jobs, spending, once, asked = [], countedOnly = false, alarm } = wish;
  const numbers: Record<string, number | boolean | undefined> = {
    leaseMs,
    requestsMax: requests?.max,
    requestsWindowMs: requests?.windowMs,
    jobsMax: jobs?.max,
    cost: spending?.cost,
    unit: spending?.unit,
    spendingMax: spending?.max,
    spendingWindowMs: spending?.windowMs,
    keepMs: once?.keepMs,
    askedJobs: asked.includes("jobs"),
    askedSpending: asked.includes("spending"),
    countedOnly,
    alarmMax: alarm?.max,
    alarmWindowMs: alarm?.windowMs,
    recordUntil: record?.until,
    recordAnswered: record?.answered ?? false,
  };
  const words = Float64Array.from(WISH, (name) => Number(numbers[name] ?? -1));
  return within(kept, (account) => {
    const verdict = account.reserve(at, ticket, words, once?.digest, record?.digest);
    const now = account.now();
    return { verdict: verdictOf(account, verdict, now), now };
  });
}

function verdictOf(account: LimitAccount, verdict: LimitVerdict | undefined, at: number): WithoutAnswer {
  switch (verdict) {
    case LimitVerdict.Ok:
      return { kind: "ok", at };
    case LimitVerdict.Refused: {
      const retryAfterMs = account.retryAfter();
      const limit = LIMITS[account.limit() ?? 0] ?? "requests";
      return { kind: "refused", limit, ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    case LimitVerdict.Question: {
      const texts = account.jobs();
      const jobs: LimitedJob[] = [];
      for (let n = 0; n < texts.length; n += 2) jobs.push({ app: texts[n] ?? "", id: texts[n + 1] ?? "" });
      return { kind: "question", about: account.limit() === Limit.Spending ? "spending" : "jobs", jobs };
    }
    case LimitVerdict.Alarm:
      return { kind: "alarm" };
    case LimitVerdict.Replay:
      return { kind: "replay" };
    case LimitVerdict.Pending:
      return { kind: "pending" };
    case LimitVerdict.Reused:
      return { kind: "reused" };
    default:
      throw new Error("A reservation has to be made of numbers that are not negative.");
  }
}

/** Records what became of something, and what becomes of its idempotency key. */
export function settleIn(
  kept: Kept,
  record: KeyRecord | undefined,
  at: number,
  { ticket, job, outcome, units, became, total: counted, answer }: Settlement,
): { kept: Uint8Array; settled: Settled; after: KeyAfter } {
  return within(kept, (account) => {
    const number = OUTCOMES[outcome];
    if (ticket === undefined) account.settleJob(at, job ?? "", number, units ?? NaN);
    else {
      const size = record && answer ? answer.body.length : 0;
      const { app = "", id = "" } = became ?? {};
      account.settle(at, ticket, number, units ?? NaN, app, id, counted ?? -1, record?.ticket, size);
    }
    const [reserved, cost, total] = account.costs();
    const isFound = reserved !== undefined && cost !== undefined;
    const settled = isFound ? { reserved, cost, ...(total !== undefined && { total }) } : {};
    return { settled, after: account.after() as KeyAfter };
  });
}

/** Corrects what was only counted; stops the account, or lets it go on. */
export function correctIn(kept: Kept, now: number, { at, reserved = 0, cost = 0, stopped }: Correction): Uint8Array {
  return within(kept, (account) => {
    if (at === undefined) account.correct(now, 0, 0, 0);
    else account.correct(now, at, reserved, cost);
    if (stopped !== undefined) account.setStopped(stopped);
    return {};
  }).kept;
}

/** Whether nothing of an account counts any more. */
export const isIdle = (kept: Kept, at: number): boolean =>
  within(kept, (account) => ({ idle: account.isIdle(at) })).idle;
