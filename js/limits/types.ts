/** The public types of `fal-wasm/limits`. */

/** Who asks, as the app knows them. */
export interface Principal {
  /** Never empty. */
  id: string;
}

/** What a unit of an endpoint costs, in the currency of `Spending.max`. */
export interface Price {
  /** Per unit. */
  price: number;
  /**
   * How many units are reserved for a call: the most that a call can come to.
   *
   * @default 1
   */
  units?: number;
  /** What is counted, as a note for readers: `"images"`, `"megapixels"`. */
  unit?: string;
}

/** How much money a person may spend. */
export interface Spending {
  max: number;
  /**
   * The length of a window in seconds. Windows begin at whole multiples of it.
   *
   * @default 86400 (a day, in UTC)
   */
  windowSeconds?: number;
  /**
   * Prices by endpoint pattern; where several match, the most expensive counts. Or a function. An endpoint without a price
   * is refused.
   */
  prices:
    | Record<string, number | Price>
    | ((endpoint: string, principal: Principal) => number | Price | undefined | Promise<number | Price | undefined>);
  /** What a token for realtime connections counts as; what is spent with it is not known. Without a price, none is issued. */
  tokenPrice?: number;
}

/** What each person may use. */
export interface Limits {
  /** Where use is counted, or a function that gets the bindings. */
  store: LimitStore | ((env: any) => LimitStore);
  /** Runs, submits, streams, uploads and tokens, in a sliding window; those of the window before count as if evenly spread. */
  requests?: { max: number; windowSeconds: number };
  /** How many runs, streams and queued jobs may be in progress at once. */
  concurrent?: number;
  /** How much money may be spent. It is reserved before a call, and settled with the units that fal counts. */
  spending?: Spending;
  /**
   * How long a job counts as in progress when this proxy does not see its end, in seconds.
   *
   * @default 3600
   */
  leaseSeconds?: number;
  /** A rate limiter of the platform in front of all that, such as a Cloudflare binding. When it fails, calls pass. */
  rateLimiter?: RateLimiter | ((env: any) => RateLimiter);
}

/** A rate limiter with the interface of Cloudflare's. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** What is wanted before a call. All of it is taken, or nothing. Money is in millionths. */
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

/** The answer to a reservation. */
export type Verdict =
  | { kind: "ok" }
  | { kind: "refused"; limit: "requests" | "jobs" | "spending"; retryAfterMs: number }
  | { kind: "replay"; answer: KeptAnswer }
  /** The key was used with another digest before. */
  | { kind: "reused" }
  /** The key is known, its answer is not. */
  | { kind: "pending" };

/** An answer that is kept for its idempotency key. */
export interface KeptAnswer {
  status: number;
  contentType: string;
  body: string;
}

/** How a call ended, found by its ticket, or by the id of the job that it became. */
export interface Settlement {
  ticket?: string;
  job?: string;
  /** Whether it is over. */
  closes: boolean;
  /** The job that it became; that one is open for another `leaseMs`. */
  became?: string;
  leaseMs: number;
  /** Whether it costs nothing, and its idempotency key is forgotten. */
  free?: boolean;
  /** How many units it came to; without, it costs what was reserved. */
  units?: number;
  once?: string;
  answer?: KeptAnswer;
}

/** Where use is counted. Each method does all of its work in one atomic step. */
export interface LimitStore {
  reserve(account: string, wish: Reservation): Promise<Verdict>;
  settle(account: string, settlement: Settlement): Promise<unknown>;
}
