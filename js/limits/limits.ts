/**
 * What a person may use: reserved before a call, and settled after it. It is counted in a store of the app's.
 *
 * Nothing here knows the proxy: a call is described by what limits need of it, and what comes back is a verdict.
 */

import { isCounted, isJob, isPriced } from "#core";
import { RouteKind } from "../core/wire.ts";
import { inTime, storeOf } from "./ask-store.ts";
import type { LimitedCall, LimitVerdict, Refused } from "./limited-call.ts";
import { digestOf, replayed } from "./once.ts";
import { type Estimate, type PriceList, priceList } from "./prices.ts";
import { type ReadsCounter, countReads } from "./reads.ts";
import { MILLION, UNCOUNTED, ofJob, ofTicket } from "./settle.ts";
import { take } from "./take.ts";
import type { Limits, Reservation, Spending, TotalLimits, Verdict } from "./types.ts";

/** The limits of an app, checked and ready to be asked. */
export interface Limiter {
  /** What the rate limiter of the platform refuses; undefined when a call may go on. */
  checkRate(call: LimitedCall): Promise<Refused | undefined>;
  /** Takes what a call needs, all of it or nothing. `body` is that of the call, when all of it is known. */
  reserve(call: LimitedCall, body?: Uint8Array): Promise<LimitVerdict>;
}

/** How long the end of something is waited for that is never reported. */
const LEASE_SECONDS = 3600;
const DAY_MS = 24 * 3600 * 1000;
/** How long an idempotency key is remembered. */
const ONCE_MS = DAY_MS;
/** When to come again, after the rate limiter of the platform said no. It does not say when. */
const TOO_FAST_RETRY_MS = 10_000;

/** Compiles limits that were checked, for endpoints that are `open`; throws what does not fit those. */
export function createLimiter(limits: Limits | undefined, open: readonly string[]): Limiter {
  if (!limits) {
    return { checkRate: async () => undefined, reserve: async () => ({ kind: "reserved", reserved: UNCOUNTED }) };
  }
  const prices = limits.spending && priceList(limits.spending, open);
  const reads = countReads(limits);
  return {
    checkRate: (call) => checkRate(limits, call),
    reserve: async (call, body) =>
      isCounted(call.routeKind) ? reserve(limits, prices, call, body) : read(limits, reads, call),
  };
}

/**
 * A rate limiter of the platform is near and not exact. When it fails, calls pass: what has to be exact is counted in the
 * store. When it is none, or says neither yes nor no, it would limit nothing, and nobody would know: nothing passes.
 */
async function checkRate(
  { rateLimiter }: Limits,
  { env, principal, report }: LimitedCall,
): Promise<Refused | undefined> {
  if (!rateLimiter) return undefined;
  const misconfigured = (what: string): Refused => {
    report(new TypeError(`\`limits.rateLimiter\` ${what}`), "rateLimiter");
    return { kind: "refused", why: "misconfigured" };
  };
  try {
    const limiter = typeof rateLimiter === "function" ? rateLimiter(env) : rateLimiter;
    if (typeof limiter?.limit !== "function")
      return misconfigured("must return an object with the method limit, such as a binding of the worker's.");
    const outcome = await inTime(() => limiter.limit({ key: principal.id }), "rateLimiter");
    if (typeof outcome?.success !== "boolean")
      return misconfigured("must answer { success: true } or { success: false }.");
    return outcome.success ? undefined : { kind: "refused", why: "tooManyRequests", retryAfterMs: TOO_FAST_RETRY_MS };
  } catch (error) {
    report(error, "rateLimiter");
    return undefined;
  }
}

/** A call about a job that was begun before. */
function read(limits: Limits, reads: ReadsCounter, call: LimitedCall): LimitVerdict {
  const retryAfterMs = reads(call.principal.id);
  if (retryAfterMs !== undefined) return { kind: "refused", why: "tooManyRequests", retryAfterMs };
  const isFollowed = limits.concurrent || limits.spending;
  return { kind: "reserved", reserved: isFollowed ? ofJob(limits, call) : UNCOUNTED };
}

async function reserve(
  limits: Limits,
  prices: PriceList | undefined,
  call: LimitedCall,
  body: Uint8Array | undefined,
): Promise<LimitVerdict> {
  const { routeKind, principal, grant } = call;
  const once = grant || isJob(routeKind) ? await onceOf(call, body) : undefined;
  const isPaid = prices !== undefined && isPriced(routeKind);
  const price = grant?.price ?? (isPaid ? await priceOf(prices, call) : undefined);
  if (price === FAILED_PRICE) return { kind: "refused", why: "unavailable" };
  if (isPaid && !price) return { kind: "refused", why: "priceUnknown" };
  const { requests, concurrent, spending, total, leaseSeconds = LEASE_SECONDS } = limits;
  const ticket = crypto.randomUUID();
  const wish: Reservation = {
    ticket,
    leaseMs: call.placeMs ?? leaseSeconds * 1000,
    ...(requests && { requests: rateOf(requests) }),
    ...(concurrent !== undefined && (isJob(routeKind) || call.placeMs !== undefined) && { jobs: { max: concurrent } }),
    ...(spending && price && { spending: { ...price, ...budgetOf(spending) } }),
    ...(once && { once }),
  };
  const store = storeOf(limits, call);
  if (!store) return { kind: "refused", why: "misconfigured" };
  // What this person's jobs turn out to cost may make room.
  const hasRoom = spending !== undefined && price !== undefined && price.cost > 0;
  const all = total && ofAll(total, ticket, price);
  const tooMuch = hasRoom ? () => moreThanThereIs(spending) : undefined;
  const took = await take(limits, call, store, { own: wish, all, tooMuch });
  if (took.kind === "replay") return { kind: "reserved", reserved: { ...UNCOUNTED, replay: replayed(took.answer) } };
  if (took.kind === "no") {
    if (took.verdict?.kind === "alarm") soundAlarm(limits, call);
    return refusedBy(call, took.verdict);
  }
  if (price) call.facts.reserved = price.cost / MILLION;
  const taken = { ticket, ...(once && { once: once.key }), ...(took.at !== undefined && { total: took.at }) };
  return { kind: "reserved", reserved: ofTicket(limits, call, taken) };
}

/** A wish that nobody's account grants. */
export const moreThanThereIs = (spending: Spending): Reservation => ({
  ticket: crypto.randomUUID(),
  leaseMs: 1,
  spending: { cost: 1, unit: 0, max: 1, windowMs: budgetOf(spending).windowMs },
});

/** What a call needs of what the whole app may use. */
export const ofAll = (
  { requests, spending, stopAt }: TotalLimits,
  ticket: string,
  price: Estimate | undefined,
): Reservation => ({
  ticket,
  leaseMs: 0,
  countedOnly: true,
  ...(requests && { requests: rateOf(requests) }),
  ...(price && {
    spending: { ...price, ...(spending ? budgetOf(spending) : { max: Number.MAX_SAFE_INTEGER, windowMs: DAY_MS }) },
  }),
  ...(stopAt && { alarm: budgetOf(stopAt) }),
});

/** Tells the operator that the alarm has stopped the app: it happens once, until the app goes on. */
export function soundAlarm({ total, onAnomaly }: Limits, call: LimitedCall): void {
  const { max = 0, windowSeconds = 0 } = total?.stopAt ?? {};
  const { principal, facts, env } = call;
  const said = `More than ${max} would have been spent within ${windowSeconds} seconds.`;
  call.report(
    new Error(`\`limits.total.stopAt\`: ${said} The app is stopped until \`resumeRuns(store)\`.`),
    "onAnomaly",
  );
  if (!onAnomaly) return;
  const anomaly = { max, windowSeconds, principal: principal.id, endpoint: facts.endpoint };
  call.notify("onAnomaly", () => onAnomaly(anomaly, env));
}

/** A verdict that lets nothing through, in the words of the proxy. */
export function refusedBy(call: LimitedCall, verdict: Verdict | undefined): Refused {
  switch (verdict?.kind) {
    case "refused": {
      const { limit, retryAfterMs } = verdict;
      return { kind: "refused", why: REFUSALS[limit], ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    case "alarm":
      return { kind: "refused", why: "stopped" };
    case "reused":
      return { kind: "refused", why: call.grant ? "grantUsed" : "keyReused" };
    case "pending":
      return { kind: "refused", why: "keyPending", retryAfterMs: 1_000 };
    default:
      return { kind: "refused", why: "unavailable" };
  }
}

const REFUSALS = {
  requests: "tooManyRequests",
  jobs: "tooManyJobs",
  spending: "budgetExhausted",
  stopped: "stopped",
} as const;

export const rateOf = ({ max, windowSeconds }: { max: number; windowSeconds: number }) => ({
  max,
  windowMs: windowSeconds * 1000,
});

export const budgetOf = ({ max, windowSeconds }: { max: number; windowSeconds?: number }) => ({
  max: Math.floor(max * 1e6),
  windowMs: windowSeconds === undefined ? DAY_MS : windowSeconds * 1000,
});

/** What the app's price list says could not be had. */
const FAILED_PRICE = "failed";

const priceOf = (prices: PriceList, call: LimitedCall) =>
  inTime(
    () => prices(call.facts.endpoint, call.principal, call.routeKind === RouteKind.Stream),
    "spending.prices",
  ).catch((error: unknown) => {
    call.report(error, "prices");
    return FAILED_PRICE as typeof FAILED_PRICE;
  });

/**
 * What makes two calls the same: the key that the client sent, and a digest of all that it is to be valid for. A grant is such
 * a key, whoever made several of its id; with it only the call with the client's key may come again.
 */
async function onceOf({ request: { headers }, grant }: LimitedCall, body?: Uint8Array): Promise<Reservation["once"]> {
  const key = headers.get("idempotency-key");
  const target = `${headers.get("x-fal-target-url")}\n`;
  if (grant) {
    const digest = await digestOf(`${key || crypto.randomUUID()}\n${target}`, body);
    return { key: await digestOf(`grant\n${grant.id}`), digest, keepMs: ONCE_MS };
  }
  if (!key || !body) return undefined;
  return { key: await digestOf(key), digest: await digestOf(target, body), keepMs: ONCE_MS };
}
