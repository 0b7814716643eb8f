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

/** What all visitors together may use. Once it is stopped, nothing is run until `resumeRuns(store)`. */
export interface TotalLimits {
  /** Runs, submits, streams, uploads and tokens of everybody, in a sliding window. */
  requests?: { max: number; windowSeconds: number };
  /**
   * What everybody may spend, at the prices of `limits.spending`, in windows that begin at whole multiples of their length
   * (86400 seconds, a day in UTC, by default).
   */
  spending?: { max: number; windowSeconds?: number };
  /**
   * The alarm: whoever would spend more than `max` in a window stops the app, and `limits.onAnomaly` is called. What was begun
   * can still be followed and fetched.
   */
  stopAt?: { max: number; windowSeconds: number };
}

/** An alarm that stopped the app. */
export interface Anomaly {
  /** What may be spent in a window before the app stops. */
  max: number;
  windowSeconds: number;
  /** Whose call would have spent more. */
  principal: string;
  /** What it was a call to. */
  endpoint?: string | undefined;
}

/** What each person may use. */
export interface Limits {
  /** Where use is counted, or a function that gets the bindings. */
  store: LimitStore | ((env: any) => LimitStore);
  /** Runs, submits, streams, uploads and tokens, in a sliding window; those of the window before count as if evenly spread. */
  requests?: { max: number; windowSeconds: number };
  /**
   * How many runs, streams and queued jobs may be in progress at once. A queued job takes its place until fal says that it is
   * over: before anybody is refused, fal is asked about the jobs that are not known to be.
   */
  concurrent?: number;
  /**
   * How much money may be spent. It is reserved before a call, and settled with the units that fal bills, at any status. It is
   * given back only for what provably did not run, and for server errors of fal's own, which it does not bill. Where fal bills
   * more than was reserved (`units` too low), a budget can be exceeded by the sum of what was missing from the calls that were
   * in progress at once; it counts, and nothing more passes in that window.
   */
  spending?: Spending;
  /**
   * What everybody together may use, so that a thousand new accounts do not have a thousand budgets. It is one account of the
   * store's, which every call that is counted has to pass. With it comes the switch that stops everything: `stopRuns(store)`.
   */
  total?: TotalLimits;
  /**
   * Called once when `total.stopAt` has stopped the app. The error also goes to `onError`.
   */
  onAnomaly?(anomaly: Anomaly, env: any): unknown;
  /**
   * Questions about jobs that were begun: for their status, their result, or to cancel them. They cost nothing; each server
   * process counts for itself.
   *
   * @default { max: 3000, windowSeconds: 60 }
   */
  reads?: { max: number; windowSeconds: number };
  /**
   * How long a call takes its place when its end is not known and nobody can be asked about it, in seconds: the worker was
   * ended while it waited, or the answer to a submit was lost. fal is asked about jobs whose ids are known.
   *
   * @default 3600
   */
  leaseSeconds?: number;
  /**
   * A rate limiter of the platform in front of all that, such as a Cloudflare binding. When it fails, calls pass; when the
   * function gives none, or it says neither yes nor no, none does (500), and `onError` is told.
   */
  rateLimiter?: RateLimiter | ((env: any) => RateLimiter);
}

/** A rate limiter with the interface of Cloudflare's. */
export interface RateLimiter {
  limit(options: { key: string }): Promise<{ success: boolean }>;
}

/** What is wanted before a call. All of it is taken, or nothing. Money is in millionths. */
export interface Reservation {
  /** What it is called. A ticket that is open already is not taken twice. */
  ticket: string;
  /** How long it stays open when nothing is heard of it. */
  leaseMs: number;
  requests?: { max: number; windowMs: number };
  jobs?: { max: number };
  spending?: { cost: number; unit: number; max: number; windowMs: number };
  /** The same key and digest get the same answer, and nothing is taken. Keys have a bounded length. */
  once?: { key: string; digest: string; keepMs: number };
  /**
   * What fal was asked about after a `question`: about that there is no other, but an answer.
   *
   * @default nothing
   */
  asked?: readonly ("jobs" | "spending")[];
  /**
   * Whether it is only counted: no ticket stays open, and what turns out to be different is corrected.
   *
   * @default false
   */
  countedOnly?: boolean;
  /** Spending more than that in a window stops the account. */
  alarm?: { max: number; windowMs: number };
}

/** A job in fal's queue. */
export interface LimitedJob {
  /** The app that its URLs name, such as `"fal-ai/flux"`. */
  app: string;
  /** Its request id. */
  id: string;
}

/** The answer to a reservation. */
export type Verdict =
  /** `at` is when, by the clock of the account. */
  | { kind: "ok"; at: number }
  /** Nothing was taken. `retryAfterMs` is when there may be room; without, there never will be for a call like this. */
  | { kind: "refused"; limit: "requests" | "jobs" | "spending" | "stopped"; retryAfterMs?: number }
  /** Nothing was taken, and the account is stopped from now on: this call has rung the alarm. */
  | { kind: "alarm" }
  /**
   * Nothing was taken yet, because of `about` there is too little: fal is to be asked about these jobs, what it says settled, and
   * the reservation made again.
   */
  | { kind: "question"; about: "jobs" | "spending"; jobs: LimitedJob[] }
  | { kind: "replay"; answer: KeptAnswer }
  /** The key was used with another digest before. */
  | { kind: "reused" }
  /** The key is known, its answer is not. */
  | { kind: "pending" };

/** An answer that is kept for its idempotency key. */
export interface KeptAnswer {
  status: number;
  contentType: string;
  /** Its bytes in base64: an answer may be a picture. */
  body: string;
}

/** How a call ended, found by its ticket, or by the id of the job that it became. */
export interface Settlement {
  ticket?: string;
  job?: string;
  /**
   * - `"charged"`: it is over and paid for, by `units`, else as reserved;
   * - `"free"`: it is over and costs nothing, and its idempotency key is forgotten;
   * - `"began"`: it became a job, which goes on;
   * - `"released"`: the job is over, what it cost is not known yet;
   * - `"cancelled"`: the job was told to end and may run on; fal may be asked about it at once;
   * - `"lost"`: it may have begun, and nobody knows what became of it. It keeps what it holds until its lease ends.
   */
  outcome: "charged" | "free" | "began" | "released" | "cancelled" | "lost";
  /** How many units fal billed. */
  units?: number;
  /** The job that it became. */
  became?: LimitedJob;
  /** When it was taken from what the whole app may use, by the clock of that account. */
  total?: number;
  once?: string;
  answer?: KeptAnswer;
}

/** What a settlement changed, in millionths; empty when nothing was open under that name. */
export interface Settled {
  /** What was reserved, or known so far. */
  reserved?: number;
  /** What it costs. */
  cost?: number;
  /** The `total` of its settlement. */
  total?: number;
}

/** Something that was only counted turned out to be something else, or an account is stopped, or goes on. */
export interface Correction {
  /** When it was counted, by the clock of the account. */
  at?: number;
  /** What it was counted as, and what it costs, in millionths. */
  reserved?: number;
  cost?: number;
  /** Whether anything may be taken from now on. */
  stopped?: boolean;
}

/**
 * Where use is counted. Each method does all of its work in one atomic step. Time never goes back for an account: a store
 * keeps the latest time it has seen with it.
 */
export interface LimitStore {
  reserve(account: string, wish: Reservation): Promise<Verdict>;
  settle(account: string, settlement: Settlement): Promise<Settled>;
  /** Needed for `limits.total`. */
  correct?(account: string, correction: Correction): Promise<void>;
}
