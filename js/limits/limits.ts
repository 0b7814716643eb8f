/**
 * What a person may use: reserved before a call, and settled after it. It is counted in a store of the app's.
 *
 * Nothing here knows the proxy: a call is described by what limits need of it, and what comes back is a verdict.
 */

import { isCounted, isJob, isPriced } from "#core";
import { RouteKind } from "../core/wire.ts";
import { TOTAL, asked as ask, inTime, storeOf } from "./ask-store.ts";
import type { LimitedCall, LimitVerdict, Refused } from "./limited-call.ts";
import { digestOf, replayed } from "./once.ts";
import { type Estimate, type PriceList, priceList } from "./prices.ts";
import { type ReadsCounter, countReads } from "./reads.ts";
import { MILLION, type Ticket, UNCOUNTED, ofJob, ofTicket, settleByAsking } from "./settle.ts";
import type { Limits, Reservation, TotalLimits, Verdict } from "./types.ts";

/** The limits of an app, checked and ready to be asked. */
export interface Limiter {
  /** Whether a call has to come again later, in milliseconds; undefined when it may go on. */
  isTooFast(call: LimitedCall): Promise<number | undefined>;
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
    return { isTooFast: async () => undefined, reserve: async () => ({ kind: "reserved", reserved: UNCOUNTED }) };
  }
  const prices = limits.spending && priceList(limits.spending, open);
  const reads = countReads(limits);
  return {
    isTooFast: (call) => isTooFast(limits, call),
    reserve: async (call, body) =>
      isCounted(call.routeKind) ? reserve(limits, prices, call, body) : read(limits, reads, call),
  };
}

/**
 * A rate limiter of the platform is near and not exact. When it fails, calls pass: what has to be exact is counted in the
 * store.
 */
async function isTooFast(
  { rateLimiter }: Limits,
  { env, principal, report }: LimitedCall,
): Promise<number | undefined> {
  try {
    const limiter = typeof rateLimiter === "function" ? rateLimiter(env) : rateLimiter;
    const outcome = await limiter?.limit({ key: principal.id });
    return outcome?.success === false ? TOO_FAST_RETRY_MS : undefined;
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
  const { routeKind, principal } = call;
  const once = isJob(routeKind) ? await onceOf(call.request, body) : undefined;
  const isPaid = prices !== undefined && isPriced(routeKind);
  const price = isPaid ? await priceOf(prices, call) : undefined;
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
  const take = (more: Reservation) => ask(call, () => store.reserve(principal.id, more));
  let verdict = await take(wish);
  if (verdict?.kind === "question") {
    await Promise.all(verdict.jobs.map((job) => settleByAsking(limits, call, job)));
    verdict = await take({ ...wish, asked: true });
  }
  if (verdict?.kind === "replay") {
    return { kind: "reserved", reserved: { ...UNCOUNTED, replay: replayed(verdict.answer) } };
  }
  if (verdict?.kind !== "ok") return refusedBy(call, verdict);
  const taken = { ticket, ...(once && { once: once.key }) };
  const took = (what: Ticket): LimitVerdict => {
    if (price) call.facts.reserved = price.cost / MILLION;
    return { kind: "reserved", reserved: ofTicket(limits, call, what) };
  };
  if (!total) return took(taken);
  const all = await ask(call, () => store.reserve(TOTAL, ofAll(total, ticket, price)));
  if (all?.kind === "ok") return took({ ...taken, total: all.at });
  // Nothing is sent. When the store fails here, it stays taken until its lease ends.
  await ask(call, () => store.settle(principal.id, { ...taken, outcome: "free" }));
  if (all?.kind === "alarm") soundAlarm(limits, call);
  return refusedBy(call, all);
}

/** What a call needs of what the whole app may use. */
const ofAll = (
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
function soundAlarm({ total, onAnomaly }: Limits, call: LimitedCall): void {
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
function refusedBy(call: LimitedCall, verdict: Verdict | undefined): Refused {
  switch (verdict?.kind) {
    case "refused": {
      const { limit, retryAfterMs } = verdict;
      return { kind: "refused", why: REFUSALS[limit], ...(retryAfterMs !== undefined && { retryAfterMs }) };
    }
    case "alarm":
      return { kind: "refused", why: "stopped" };
    case "reused":
      return { kind: "refused", why: "keyReused" };
    case "pending":
      return { kind: "refused", why: "keyPending", retryAfterMs: 1_000 };
    default:
      if (verdict) call.report(new TypeError("`limits.store` answered with what is no verdict."), "store");
      return { kind: "refused", why: "unavailable" };
  }
}

const REFUSALS = {
  requests: "tooManyRequests",
  jobs: "tooManyJobs",
  spending: "budgetExhausted",
  stopped: "stopped",
} as const;

const rateOf = ({ max, windowSeconds }: { max: number; windowSeconds: number }) => ({
  max,
  windowMs: windowSeconds * 1000,
});

const budgetOf = ({ max, windowSeconds }: { max: number; windowSeconds?: number }) => ({
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

/** What makes two calls the same: the key that the client sent, and a digest of all that it is to be valid for. */
async function onceOf({ headers }: Pick<Request, "headers">, body?: Uint8Array): Promise<Reservation["once"]> {
  const key = headers.get("idempotency-key");
  if (!key || !body) return undefined;
  const target = `${headers.get("x-fal-target-url")}\n`;
  return { key: await digestOf(key), digest: await digestOf(target, body), keepMs: ONCE_MS };
}
