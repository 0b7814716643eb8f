/**
 * What a person may use: reserved before a call, and settled after it. It is counted in a store of the app's.
 *
 * Nothing here knows the proxy: a call is described by what limits need of it, and what comes back is a verdict.
 */

import { isCounted, isJob, isPriced, limitOutcome } from "#core";
import { LimitOutcome, RouteKind } from "../core/wire.ts";
import type { BodyEnd } from "../io/pipe.ts";
import { readAtMost } from "../io/read-at-most.ts";
import { withTimeout } from "../io/timeout.ts";
import { type PriceList, priceList } from "./prices.ts";
import type {
  KeptAnswer,
  LimitedJob,
  Limits,
  LimitStore,
  Principal,
  Reservation,
  Settlement,
  Spending,
  Verdict,
} from "./types.ts";
import { digestOf, keepable, replayed } from "./once.ts";

/** A call, as far as limits need to know it. */
export interface LimitedCall {
  readonly request: Pick<Request, "headers">;
  /** Where bindings are. */
  readonly env: unknown;
  readonly principal: Principal;
  /** The number of its kind of route (src/proxy/route_kind.rs). */
  readonly routeKind: number;
  readonly facts: { endpoint?: string | undefined; requestId?: string | undefined };
  /** The app that owns its queue. */
  readonly app?: string | undefined;
  /** How long it takes a place among the jobs, in milliseconds, when it is no job whose end can be seen. */
  placeMs?: number;
  /** So many bytes of the response are kept until its end. */
  keep: number;
  /** Called when the response has been read, or its reader has left. */
  readonly endings: ((end: BodyEnd) => unknown)[];
  /** Asks fal about a job: where it is, or for its result. Undefined when no answer came in time. */
  ask(job: LimitedJob, what: "status" | "result"): Promise<Response | undefined>;
  /** Tells the operator that something of the app's failed. */
  report(error: unknown, step: "store" | "prices" | "rateLimiter"): void;
}

/** Why limits refuse a call. */
export type LimitRefusal =
  | "tooManyRequests"
  | "tooManyJobs"
  | "budgetExhausted"
  | "priceUnknown"
  | "unavailable"
  | "misconfigured"
  | "keyReused"
  | "keyPending";

/** What limits say about a call. */
export type LimitVerdict =
  { kind: "reserved"; reserved: Reserved } | { kind: "refused"; why: LimitRefusal; retryAfterMs?: number };

/** What was reserved for a call, and how to say what became of the call. */
export interface Reserved {
  /** The answer that an earlier call with the same idempotency key had: nothing is to be sent. */
  replay?: Response;
  /** An answer has come. */
  answered(status: number, headers?: Headers): void;
  /** A job has begun. */
  began(requestId: string, answer: Response, bytes: Uint8Array): Promise<void>;
  /** No answer came. `wasSent` is false when it is certain that nothing was run. */
  failed(wasSent: boolean): void;
}

/** The limits of an app, checked and ready to be asked. */
export interface Limiter {
  /** Whether a call has to come again later, in milliseconds; undefined when it may go on. */
  isTooFast(call: LimitedCall): Promise<number | undefined>;
  /** Takes what a call needs, all of it or nothing. `body` is that of the call, when all of it is known. */
  reserve(call: LimitedCall, body?: Uint8Array): Promise<LimitVerdict>;
}

/** How long a store may take. */
const STORE_TIMEOUT_MS = 5_000;
/** How long the end of something is waited for that is never reported. */
const LEASE_SECONDS = 3600;
const DAY_MS = 24 * 3600 * 1000;
/** How long an idempotency key is remembered. */
const ONCE_MS = DAY_MS;
/** How much of an answer is kept for its idempotency key. */
const MAX_KEPT_BYTES = 64 * 1024;
/** When to come again, after the rate limiter of the platform said no. It does not say when. */
const TOO_FAST_RETRY_MS = 10_000;

/** More than fal says about where a job is. */
const MAX_STATUS_BYTES = 64 * 1024;

/** Where nothing is counted. */
const UNCOUNTED: Reserved = { answered: () => {}, began: async () => {}, failed: () => {} };

/** Compiles limits that were checked, for endpoints that are `open`; throws what does not fit those. */
export function createLimiter(limits: Limits | undefined, open: readonly string[]): Limiter {
  if (!limits) {
    return { isTooFast: async () => undefined, reserve: async () => ({ kind: "reserved", reserved: UNCOUNTED }) };
  }
  const prices = limits.spending && priceList(limits.spending, open);
  return {
    isTooFast: (call) => isTooFast(limits, call),
    reserve: (call, body) => reserve(limits, prices, call, body),
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

async function reserve(
  limits: Limits,
  prices: PriceList | undefined,
  call: LimitedCall,
  body: Uint8Array | undefined,
): Promise<LimitVerdict> {
  const { routeKind, principal } = call;
  if (!isCounted(routeKind)) {
    const isFollowed = limits.concurrent || limits.spending;
    return { kind: "reserved", reserved: isFollowed ? ofJob(limits, call) : UNCOUNTED };
  }
  const once = isJob(routeKind) ? await onceOf(call.request, body) : undefined;
  const isPaid = prices !== undefined && isPriced(routeKind);
  const asked = isPaid ? await priceOf(prices, call) : undefined;
  if (asked === FAILED_PRICE) return { kind: "refused", why: "unavailable" };
  const price = asked;
  if (isPaid && !price) return { kind: "refused", why: "priceUnknown" };
  const { requests, concurrent, spending, leaseSeconds = LEASE_SECONDS } = limits;
  const ticket = crypto.randomUUID();
  const leaseMs = call.placeMs ?? leaseSeconds * 1000;
  const wish: Reservation = {
    ticket,
    leaseMs,
    ...(requests && { requests: { max: requests.max, windowMs: requests.windowSeconds * 1000 } }),
    ...(concurrent !== undefined && (isJob(routeKind) || call.placeMs !== undefined) && { jobs: { max: concurrent } }),
    ...(spending &&
      price && { spending: { ...price, max: Math.floor(spending.max * 1e6), windowMs: windowMs(spending) } }),
    ...(once && { once }),
  };
  const store = storeOf(limits, call);
  if (!store) return { kind: "refused", why: "misconfigured" };
  const reserveOf = (more: Reservation): Promise<Verdict | undefined> =>
    inTime(() => store.reserve(principal.id, more)).catch((error: unknown) => {
      call.report(error, "store");
      return undefined;
    });
  let verdict = await reserveOf(wish);
  if (verdict?.kind === "question") {
    await Promise.all(verdict.jobs.map((job) => settleByAsking(limits, call, job)));
    verdict = await reserveOf({ ...wish, asked: true });
  }
  switch (verdict?.kind) {
    case "ok":
      return {
        kind: "reserved",
        reserved: ofTicket(limits, call, { ticket, ...(once && { once: once.key }) }),
      };
    case "replay":
      return { kind: "reserved", reserved: { ...UNCOUNTED, replay: replayed(verdict.answer) } };
    case "refused":
      return {
        kind: "refused",
        why: REFUSALS[verdict.limit],
        ...(verdict.retryAfterMs !== undefined && { retryAfterMs: verdict.retryAfterMs }),
      };
    case "reused":
      return { kind: "refused", why: "keyReused" };
    case "pending":
      return { kind: "refused", why: "keyPending", retryAfterMs: 1_000 };
    default:
      if (verdict) call.report(new TypeError("`limits.store` answered with what is no verdict."), "store");
      return { kind: "refused", why: "unavailable" };
  }
}

const REFUSALS = { requests: "tooManyRequests", jobs: "tooManyJobs", spending: "budgetExhausted" } as const;

const windowMs = ({ windowSeconds }: Spending): number => (windowSeconds === undefined ? DAY_MS : windowSeconds * 1000);

/** The store; undefined, and the operator is told, when there is none. */
function storeOf({ store }: Limits, { env, report }: LimitedCall): LimitStore | undefined {
  try {
    const found = typeof store === "function" ? store(env) : store;
    if (typeof found?.reserve === "function" && typeof found.settle === "function") return found;
    throw new TypeError(
      "`limits.store` must give a store, such as durableLimits(env.FAL_LIMITS) or redisLimits({ url }).",
    );
  } catch (error) {
    report(error, "store");
    return undefined;
  }
}

/** What a function of the app's says; rejects when it throws or takes too long. */
const inTime = async <T>(work: () => T | PromiseLike<T>, what = "store"): Promise<T> =>
  withTimeout(work(), STORE_TIMEOUT_MS, () => {
    throw new Error(`\`limits.${what}\` did not answer within ${STORE_TIMEOUT_MS / 1000} seconds.`);
  }) as Promise<T>;

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

const settled = async (limits: Limits, call: LimitedCall, settlement: Settlement): Promise<unknown> => {
  const store = storeOf(limits, call);
  return store && inTime(() => store.settle(call.principal.id, settlement));
};

/** What makes two calls the same: the key that the client sent, and a digest of all that it is to be valid for. */
async function onceOf({ headers }: Pick<Request, "headers">, body?: Uint8Array): Promise<Reservation["once"]> {
  const key = headers.get("idempotency-key");
  if (!key || !body) return undefined;
  const target = `${headers.get("x-fal-target-url")}\n`;
  return { key: await digestOf(key), digest: await digestOf(target, body), keepMs: ONCE_MS };
}

type Ticket = { ticket: string; once?: string };

/** A call for which something was reserved. */
function ofTicket(limits: Limits, call: LimitedCall, taken: Ticket): Reserved {
  let isSettled = false;
  const atEnd = (said: Said, answer?: (end: BodyEnd) => KeptAnswer | undefined) => {
    if (isSettled) return;
    isSettled = true;
    // A place whose end nobody sees is taken until its time is over.
    const isUnseen = call.placeMs !== undefined && said.outcome === "charged";
    if (isUnseen) said = { outcome: "lost" };
    call.endings.push((end) => {
      const kept = answer?.(end);
      return settled(limits, call, { ...taken, ...said, ...(kept && { answer: kept }) });
    });
  };
  if (taken.once) call.keep = MAX_KEPT_BYTES;
  return {
    answered(status, headers) {
      const said = outcomeOf(call, status, headers);
      if (said) atEnd(said, ({ kept }) => (kept ? keepable(status, headers, kept) : undefined));
    },
    async began(id, { status, headers }, bytes) {
      isSettled = true;
      // The answer to a submit is worth more to the client than a record about it: when the store fails here, a place
      // stays taken until the lease ends.
      const { app } = call;
      const became = app && id ? { became: { app, id } } : {};
      const answer = keepable(status, headers, bytes);
      await settled(limits, call, { ...taken, outcome: "began", ...became, answer }).catch((error: unknown) =>
        call.report(error, "store"),
      );
    },
    failed(wasSent) {
      const said = outcomeOf(call, 0, undefined, wasSent);
      if (said) atEnd(said);
    },
  };
}

/** A call about a job that was begun before. */
const ofJob = (limits: Limits, call: LimitedCall): Reserved => ({
  ...UNCOUNTED,
  answered(status, headers) {
    const said = outcomeOf(call, status, headers);
    const job = call.facts.requestId;
    if (said && job) call.endings.push(() => settled(limits, call, { job, ...said }));
  },
});

/** Asks fal where a job is, and what it came to when it is over; what it says is settled. */
async function settleByAsking(limits: Limits, call: LimitedCall, job: LimitedJob): Promise<void> {
  try {
    const status = await call.ask(job, "status");
    if (!status) return;
    if (status.status === 404 || status.status === 410) {
      void status.body?.cancel().catch(() => {});
      return void (await settled(limits, call, { job: job.id, outcome: "charged" }));
    }
    const body = status.ok ? await readAtMost(status.body, MAX_STATUS_BYTES) : undefined;
    if (!body || JSON.parse(new TextDecoder().decode(body)).status !== "COMPLETED") return;
    const result = limits.spending && (await call.ask(job, "result"));
    void result?.body?.cancel().catch(() => {});
    const said = result && outcomeOf({ routeKind: RouteKind.Result }, result.status, result.headers);
    await settled(limits, call, { job: job.id, ...(said ?? { outcome: "released" }) });
  } catch (error) {
    // Then the job counts as it did.
    call.report(error, "store");
  }
}

/** What an answer says became of what was reserved. */
type Said = Pick<Settlement, "outcome" | "units">;

const OUTCOMES: Partial<Record<LimitOutcome, Settlement["outcome"]>> = {
  [LimitOutcome.Charged]: "charged",
  [LimitOutcome.Free]: "free",
  [LimitOutcome.Began]: "began",
  [LimitOutcome.Released]: "released",
  [LimitOutcome.Lost]: "lost",
  [LimitOutcome.Cancelled]: "cancelled",
};

/** What an answer means for what was reserved; undefined when that is nothing. The status is 0 when none came. */
function outcomeOf(
  { routeKind }: Pick<LimitedCall, "routeKind">,
  status: number,
  headers?: Headers,
  wasSent = true,
): Said | undefined {
  const units = unitsIn(headers);
  // What fal itself answers with: a gateway on the way names nothing.
  const isNamed = headers !== undefined && (headers.has("x-fal-error-type") || headers.has("x-fal-retryable"));
  const isLater = headers?.has("retry-after") ?? false;
  const outcome = OUTCOMES[limitOutcome(routeKind, status, units ?? NaN, isNamed, isLater, wasSent) as LimitOutcome];
  return outcome && { outcome, ...(outcome === "charged" && units !== undefined && { units }) };
}

/** How many units fal bills, if it says so. */
function unitsIn(headers?: Headers): number | undefined {
  const text = headers?.get("x-fal-billable-units") ?? "";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}
