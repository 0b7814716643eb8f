/** What limits and the proxy say to each other. Nothing of limits knows the proxy: this is all they need of a call. */

import type { BodyEnd } from "../io/pipe.ts";
import type { Estimate } from "./prices.ts";
import type { LimitedJob, Principal } from "./types.ts";

/** A call, as far as limits need to know it. */
export interface LimitedCall {
  readonly request: Pick<Request, "headers">;
  /** Where bindings are. */
  readonly env: unknown;
  readonly principal: Principal;
  /** Its kind of route. */
  readonly routeKind: number;
  readonly facts: {
    endpoint?: string | undefined;
    requestId?: string | undefined;
    /** What was reserved, and what it came to. */
    reserved?: number;
    cost?: number;
  };
  /** The app that owns its queue. */
  readonly app?: string | undefined;
  /** How long it takes a place among the jobs, in milliseconds, when it is no job whose end can be seen. */
  placeMs?: number;
  /** What the app's own server allowed it by: good for one call, at this price if there is one. */
  grant?: { id: string; price?: Estimate };
  /** So many bytes of the response are kept until its end. */
  keep: number;
  /** Called when the response has been read, or its reader has left. */
  readonly endings: ((end: BodyEnd) => unknown)[];
  /** Asks fal about a job: where it is, or for its result. Undefined when no answer came in time. */
  ask(job: LimitedJob, what: "status" | "result"): Promise<Response | undefined>;
  /** Tells the operator that something of the app's failed, or that it was stopped. */
  report(error: unknown, step: "store" | "prices" | "rateLimiter" | "onAnomaly"): void;
  /** Calls a callback of the app's, for which nobody waits. */
  notify(step: "onAnomaly", work: () => unknown): void;
}

/** Why limits refuse a call. */
export type LimitRefusal =
  | "tooManyRequests"
  | "tooManyJobs"
  | "budgetExhausted"
  | "stopped"
  | "priceUnknown"
  | "unavailable"
  | "misconfigured"
  | "keyReused"
  | "keyPending"
  | "grantUsed";

/** A refused call, and when to come again. */
export interface Refused {
  kind: "refused";
  why: LimitRefusal;
  retryAfterMs?: number;
}

/** What limits say about a call. */
export type LimitVerdict = { kind: "reserved"; reserved: Reserved } | Refused;

/** What was reserved for a call, and how to say what became of the call. */
export interface Reserved {
  /** The answer that an earlier call with the same idempotency key had: nothing is to be sent. */
  replay?: Response;
  /** What becomes of it, the number of a `LimitOutcome`, once the response has been read; and fal's answer, when there was one. */
  ends(outcome: number, answer?: Response): void;
  /** A job has begun. */
  began(requestId: string, answer: Response, bytes: Uint8Array): Promise<void>;
  /** It ends with what fal said to the proxy itself. `wasSent` is false when it is certain that nothing was run. */
  failed(wasSent: boolean): void;
}
