/** The public types of `fal-wasm/limits`. */

import type { Principal } from "../proxy/types.ts";

/** What a unit of an endpoint costs, in whatever `Spending.max` is in. */
export interface Price {
  /** Per unit. */
  price: number;
  /** How many units a call is reserved for: the most a call can come to. Default 1. */
  units?: number;
  /** What is counted, for those who read it: `"images"`, `"megapixels"`. */
  unit?: string;
}

/** How much money a person may spend. */
export interface Spending {
  max: number;
  /** Of this many seconds, beginning at whole multiples of them. Default a day (UTC). */
  windowSeconds?: number;
  /**
   * Prices by endpoint pattern; of several that fit the most expensive counts. Or a function. An endpoint without a price
   * is refused.
   */
  prices:
    | Record<string, number | Price>
    | ((endpoint: string, principal: Principal) => number | Price | undefined | Promise<number | Price | undefined>);
  /** What a token for realtime connections counts as; how much is drawn with it is not known. Without, there are none. */
  tokenPrice?: number;
}

/** What each person may use. */
export interface Limits {
  /** Where it is counted, or a function that gets the bindings. */
  store: LimitStore | ((env: any) => LimitStore);
  /** Runs, submits, streams, uploads and tokens, in a window that moves along; those of the one before count as if they had come evenly. */
  requests?: { max: number; windowSeconds: number };
  /** How many runs, streams and jobs in the queue may be under way at once. */
  concurrent?: number;
  /** How much money may be spent. Reserved before a call, settled with what fal counts. */
  spending?: Spending;
  /** How long a job counts as under way whose end this proxy does not see. Default an hour. */
  leaseSeconds?: number;
  /** A rate limiter of the platform's in front of all that, such as a binding of Cloudflare's. When it fails it is open. */
  rateLimiter?: RateLimiter | ((env: any) => RateLimiter);
}

export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** What is wished before a call. All of it is taken, or nothing. Money is in millionths. */
export interface Reservation {
  ticket: string;
  /** How long it stays open without being settled. */
  leaseMs: number;
  requests?: { max: number; windowMs: number };
  jobs?: { max: number };
  spending?: { cost: number; unit: number; max: number; windowMs: number };
  /** The same key and digest get the same answer, and nothing is taken. */
  once?: { key: string; digest: string; keepMs: number };
}

export type Verdict =
  | { kind: "ok" }
  | { kind: "refused"; limit: "requests" | "jobs" | "spending"; retryAfterMs: number }
  | { kind: "replay"; answer: KeptAnswer }
  /** The key came with another digest before. */
  | { kind: "reused" }
  /** The key is known, its answer is not. */
  | { kind: "pending" };

export interface KeptAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** What became of it: by its ticket, or by the id of the job that it became. */
export interface Settlement {
  ticket?: string;
  job?: string;
  /** Whether it is over. */
  closes: boolean;
  /** The job that it became; waited for anew, for `leaseMs`. */
  became?: string;
  leaseMs: number;
  /** Whether it costs nothing, and its idempotency key is forgotten. */
  free?: boolean;
  /** How many units it came to; without, it costs what was reserved. */
  units?: number;
  once?: string;
  answer?: KeptAnswer;
}

/** Where limits are counted. Each of both does all of its work in one step that nothing comes between. */
export interface LimitStore {
  reserve(account: string, wish: Reservation): Promise<Verdict>;
  settle(account: string, settlement: Settlement): Promise<unknown>;
}
