/** What a person may use: asked for before a call, and settled after it. It is counted in a store of the app's. */

import {
  BODY_INCOMPLETE,
  BODY_TOO_LARGE,
  BUDGET,
  JOBS,
  KEY_PENDING,
  KEY_REUSED,
  LIMITS_UNAVAILABLE,
  MISCONFIGURED,
  PRICE_UNKNOWN,
  RATE,
} from "../proxy/refusals.ts";
import { isCounted, isJob, isPriced, outcomeOf } from "#core";
import { estimateFor } from "./prices.ts";
import { Refused } from "../proxy/refused.ts";

/** @typedef {import("../proxy/call.ts").Visit} Visit */
/** @typedef {import("../types/limits.d.ts").Settlement} Settlement */
/** @typedef {import("../types/limits.d.ts").KeptAnswer} KeptAnswer */

/**
 * What was taken for a call, and how to say what became of it.
 *
 * @typedef {object} Held
 * @property {Response} [replay] The answer that an earlier call with the same idempotency key had.
 * @property {(status: number, headers?: Headers) => void} answered
 * @property {(requestId: string, answer: Response, bytes: Uint8Array) => Promise<void>} began A job has begun.
 * @property {(error: unknown) => void} failed No answer came.
 */

/** How long a store may take. */
const STORE_TIMEOUT = 5_000;
/** How long something is waited for whose end is never told. */
const LEASE_SECONDS = 3600;
/** How long an idempotency key is remembered. */
const ONCE_MS = 24 * 3600 * 1000;
/** How much of an answer is kept for its idempotency key. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Whether nothing was sent, by the numbers of refusals. */
const UNSENT = [BODY_INCOMPLETE, BODY_TOO_LARGE, MISCONFIGURED];

// Numbers of `Outcome` (src/proxy/route_kind.rs).
const RELEASE = 1;
const FAILED = 4;
const NOTHING = 6;

/** @type {Held} */
const FREE = { answered: () => {}, began: async () => {}, failed: () => {} };

/** The store of a call. @param {Visit} visit @returns {import("../types/limits.d.ts").LimitStore | undefined} */
const storeOf = ({ options: { limits }, env }) =>
  typeof limits?.store === "function" ? limits.store(env) : limits?.store;

/** @template T @param {Promise<T>} promise @returns {Promise<T>} */
async function inTime(promise) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const late = new Promise((_, reject) => (timer = setTimeout(() => reject(new Error("late")), STORE_TIMEOUT)));
  try {
    return await Promise.race([promise, /** @type {Promise<never>} */ (late)]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The first gate: a rate limiter of the platform's, which is near and not exact. When it is out of order it is open; what
 * counts is counted behind it.
 *
 * @param {Visit} visit
 */
export async function isTooFast({ options: { limits }, env, principal }) {
  const limiter = typeof limits?.rateLimiter === "function" ? limits.rateLimiter(env) : limits?.rateLimiter;
  const outcome = await limiter?.limit({ key: principal.id }).catch(() => undefined);
  if (outcome?.success === false) throw new Refused(RATE, { retryAfterMs: 10_000 });
}

/**
 * Takes what a call needs, all of it or nothing.
 *
 * @param {Visit} visit @param {import("../proxy/body.ts").Body} [body]
 * @returns {Promise<Held>}
 */
export async function reserve(visit, body) {
  const { limits } = visit.options;
  if (!limits) return FREE;
  const { errand } = visit;
  if (!isCounted(errand)) return limits.concurrent || limits.spending ? ofJob(visit) : FREE;
  const once = isJob(errand) ? await onceOf(visit.request, body) : undefined;
  const price = limits.spending && isPriced(errand) ? await estimateFor(visit, limits.spending) : undefined;
  if (price === null) throw new Refused(PRICE_UNKNOWN);
  const { requests, spending } = limits;
  const ticket = crypto.randomUUID();
  const leaseMs = (limits.leaseSeconds ?? LEASE_SECONDS) * 1000;
  /** @type {import("../types/limits.d.ts").Reservation} */
  const wish = {
    ticket,
    leaseMs,
    requests: requests && { max: requests.max, windowMs: requests.windowSeconds * 1000 },
    jobs: limits.concurrent !== undefined && isJob(errand) ? { max: limits.concurrent } : undefined,
    spending: spending && price && { ...price, max: Math.floor(spending.max * 1e6), windowMs: windowOf(spending) },
    once,
  };
  const verdict = await inTime(Promise.resolve(storeOf(visit)?.reserve(visit.principal.id, wish))).catch(() => {
    throw new Refused(LIMITS_UNAVAILABLE);
  });
  switch (verdict?.kind) {
    case "ok":
      return ofTicket(visit, { ticket, leaseMs, once: once?.key });
    case "replay":
      return { ...FREE, replay: again(verdict.answer) };
    case "refused":
      const number = { requests: RATE, jobs: JOBS, spending: BUDGET }[verdict.limit];
      throw new Refused(number, { retryAfterMs: verdict.retryAfterMs });
    case "reused":
      throw new Refused(KEY_REUSED);
    case "pending":
      throw new Refused(KEY_PENDING, { retryAfterMs: 1_000 });
    default:
      throw new Refused(LIMITS_UNAVAILABLE);
  }
}

/** @param {{ windowSeconds?: number }} spending */
const windowOf = ({ windowSeconds = 24 * 3600 }) => windowSeconds * 1000;

/** What makes two calls the same. @param {Request} request @param {import("../proxy/body.ts").Body} [body] */
async function onceOf({ headers }, body) {
  const key = headers.get("idempotency-key");
  if (!key || !body?.bytes) return undefined;
  const target = new TextEncoder().encode(`${headers.get("x-fal-target-url")}\n`);
  const all = new Uint8Array(target.byteLength + body.bytes.byteLength);
  all.set(target);
  all.set(body.bytes, target.byteLength);
  const digest = [...new Uint8Array(await crypto.subtle.digest("SHA-256", all))];
  return { key, digest: digest.map((byte) => byte.toString(16).padStart(2, "0")).join(""), keepMs: ONCE_MS };
}

/** An answer once more. @param {KeptAnswer} answer */
const again = ({ status, contentType, body }) =>
  new Response(body, { status, headers: { "content-type": contentType, "idempotent-replayed": "true" } });

/** @param {Visit} visit @param {Settlement} settlement */
const settled = async (visit, settlement) =>
  inTime(Promise.resolve(storeOf(visit)?.settle(visit.principal.id, settlement)));

/**
 * @param {Visit} visit @param {{ ticket: string, leaseMs: number, once?: string }} taken
 * @returns {Held}
 */
function ofTicket(visit, taken) {
  let isSettled = false;
  /** @param {Partial<Settlement>} settlement @param {(end: import("../proxy/call.ts").End) => KeptAnswer | undefined} [answer] */
  const atEnd = (settlement, answer) => {
    if (isSettled) return;
    isSettled = true;
    visit.endings.push((end) => settled(visit, { ...taken, closes: true, ...settlement, answer: answer?.(end) }));
  };
  if (taken.once) visit.keep = MAX_KEPT_BYTES;
  return {
    answered(status, headers) {
      const outcome = outcomeOf(visit.errand, status, hasError(headers));
      if (outcome === RELEASE) atEnd({ free: true });
      else atEnd({ units: unitsIn(headers) }, ({ kept }) => (kept ? keepable(status, headers, kept) : undefined));
    },
    async began(became, { status, headers }, bytes) {
      isSettled = true;
      // An answer to one's own submit is worth more than a note about it: a store that fails here costs a place until
      // the lease ends.
      const answer = keepable(status, headers, bytes);
      await settled(visit, { ...taken, closes: false, became, answer }).catch(() => {});
    },
    failed(error) {
      atEnd({ free: error instanceof Refused && UNSENT.includes(error.number) });
    },
  };
}

/** A call about a job that was begun before. @param {Visit} visit @returns {Held} */
const ofJob = (visit) => ({
  ...FREE,
  answered(status, headers) {
    const outcome = outcomeOf(visit.errand, status, hasError(headers));
    const job = visit.facts.requestId;
    if (outcome === NOTHING || !job) return;
    const settlement = { job, leaseMs: 0, closes: true, free: outcome === FAILED, units: unitsIn(headers) };
    visit.endings.push(() => settled(visit, settlement));
  },
});

/** Whether fal names an error. @param {Headers} [headers] */
const hasError = (headers) => headers?.has("x-fal-error-type") ?? false;

/** What fal counts a run as. @param {Headers} [headers] */
function unitsIn(headers) {
  const text = headers?.get("x-fal-billable-units") ?? "";
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
}

/** @param {number} status @param {Headers | undefined} headers @param {Uint8Array} bytes @returns {KeptAnswer} */
const keepable = (status, headers, bytes) => ({
  status,
  contentType: headers?.get("content-type") ?? "application/json",
  body: new TextDecoder().decode(bytes),
});
