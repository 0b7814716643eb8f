/** What the operator learns of a call. */

import type { ProxyRefusalCode } from "../errors/codes.ts";

/** What a call is about. */
export type RouteKind =
  "run" | "stream" | "submit" | "status" | "statusStream" | "result" | "cancel" | "upload" | "token";

/** What a call of a session with a world model is about. */
export type SessionRouteKind = "sessionIce" | "session" | "sessionHeartbeat" | "sessionClose";

/** What a proxy did with a call. It contains no key, no prompt and no result. */
export interface Decision {
  /** Who asked, once that was known. */
  principal?: string;
  route?: RouteKind | SessionRouteKind;
  /** The endpoint of a run, a stream or a submit; of status, result and cancel the app that their URL names. */
  endpoint?: string;
  requestId?: string;
  /** The id of the grant that it came with, when this app has signed it. */
  grant?: string;
  /** The first 8 characters of the SHA-256, in hexadecimal, of the fal key that it was sent with; absent when it was not sent. */
  key?: string;
  /** Which policy decided: a hash of the options. What a function says and what a store holds is not in it. */
  policy: string;
  /** What was reserved for it, in the currency of `limits.spending`. */
  reserved?: number;
  /** What it came to: of a run at its end, of a job with its result. Absent while that is not known. */
  cost?: number;
  /** How many units fal bills for it, as fal's response says. */
  billableUnits?: number;
  /** With `mode: "watch"`, the codes with which it would have been refused. */
  wouldRefuse?: ProxyRefusalCode[];
  /** `"ok"`, or the code of the refusal. */
  code: "ok" | ProxyRefusalCode;
  status: number;
  /** Milliseconds from the arrival of the call to the last byte of the response. */
  ms: number;
  /** Size of the body that fal responded with. */
  bytes: number;
  /** Whether the response came to its end; false when the client left before. */
  complete: boolean;
}

/**
 * A decision as it is recorded: with its time, its place in a chain, and a hash of all that and of the record before it. A
 * record that was changed later, or is missing, shows: `npx fal-wasm audit`.
 */
export interface AuditRecord extends Decision {
  /** When the call was over, as an ISO 8601 time. */
  at: string;
  /** The name of the chain: each process has one of its own. */
  chain: string;
  /** Its place in the chain, from 1. */
  sequence: number;
  /** The hash of the record before it; empty for the first. */
  previous: string;
  /** SHA-256 in hexadecimal. */
  hash: string;
}
