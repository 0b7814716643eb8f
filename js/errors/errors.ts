/** The error classes callers see. Their messages are in messages.ts. */

import type { FalErrorCode } from "./codes.ts";
import { codeOf, errorTypeOf, forVisitors, isRetryable } from "./explain.ts";

/** What is known about a failure. @internal */
export interface ErrorFacts {
  attempts?: number | undefined;
  billable?: number | undefined;
  body?: unknown;
  /** What became of cancelling the request, when that was asked for. */
  cancelled?: "accepted" | "refused" | "unknown" | undefined;
  cause?: unknown;
  endpoint?: string | undefined;
  /** What the error header of the response says. */
  errorType?: string | undefined;
  /** Whether the request is in the queue, where it goes on. */
  isQueued?: boolean | number | undefined;
  option?: string | undefined;
  /** Which part of a file failed. */
  part?: number | undefined;
  requestId?: string | undefined;
  /** Where the request went in place of fal; empty when an answer of fal's came. */
  proxy?: string | undefined;
  retryable?: boolean | undefined;
  /** Why, as a number of the type that refused. */
  reason?: number | undefined;
  retryAfterMs?: number | undefined;
  status?: number | undefined;
  timeoutType?: string | undefined;
  /** What is wrong with the option, in words that go on after its name. */
  why?: string | undefined;
}

/** A failure found in JavaScript, by its number, before it is put into words. @internal */
export class OperationError extends Error {
  declare readonly option: string | undefined;

  constructor(
    readonly kind: number,
    facts: ErrorFacts = {},
  ) {
    super(undefined, facts);
    Object.assign(this, facts);
  }
}

/** What an error shows of the facts, under the same names. */
const SHOWN = [
  "endpoint",
  "requestId",
  "retryAfterMs",
  "errorType",
  "billable",
  "timeoutType",
  "part",
  "cancelled",
] as const;

/**
 * The base class of every error of this package. For an aborted call `name` is `AbortError`, or `TimeoutError` when its signal
 * is one of `AbortSignal.timeout`, and `cause` is the reason of the signal.
 */
export class FalError extends Error {
  /** Stable, for programs: `timeout`, `connection_lost`, `invalid_endpoint_id`, … */
  declare readonly code: FalErrorCode;
  /** Whether trying again can help. */
  declare readonly retryable: boolean;
  /** How many times the failing request was sent. */
  declare readonly attempts: number;
  /** The endpoint that was called. */
  declare readonly endpoint?: string;
  /** The id of the request at fal: set on every error after submitting. */
  declare readonly requestId?: string;
  /** How long the server asked to wait, in milliseconds. */
  declare readonly retryAfterMs?: number;
  /** Which part of a file failed, counted from 1, when a file was uploaded in parts. */
  declare readonly part?: number;
  /** What became of cancelling the request, when that was asked for. */
  declare readonly cancelled?: "accepted" | "refused" | "unknown";
  /**
   * What the answer says: parsed JSON, or its text where it should have been JSON and is not. May echo the input; it is not
   * printed or serialised.
   */
  declare readonly body?: any;

  override name = "FalError";

  /** @internal */
  constructor(code: string, message: string, facts: ErrorFacts = {}, retryable = false) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.code = code;
    this.retryable = facts.retryable ?? retryable;
    this.attempts = facts.attempts ?? 0;
    // What is not known is left out, so that it does not clutter what is printed.
    for (const name of SHOWN) if (facts[name] !== undefined) Object.assign(this, { [name]: facts[name] });
    Object.defineProperty(this, "body", { value: facts.body, configurable: true });
  }

  /** What a visitor of your app can be told: a sentence without anything technical. `message` is for you. */
  get userMessage(): string {
    return forVisitors(this.code, this.retryable);
  }
}

/** A credential is missing, malformed, or in a place where it must not be. */
export class CredentialsError extends FalError {
  override name = "CredentialsError";
}

/** What an {@link ApiError} is made of. @internal */
interface ApiErrorArgs {
  message: string;
  status: number;
  body?: any;
  requestId?: string | undefined;
  timeoutType?: string | undefined;
}

/** fal, or the proxy, answered with an error. `Body` is whatever the endpoint explains itself with. */
export class ApiError<Body = any> extends FalError {
  declare readonly status: number;
  declare readonly requestId: string;
  declare readonly timeoutType?: string;
  /** What fal calls the error: `error_type` of the body, the header, or the type of the first detail. */
  declare readonly errorType?: string;
  /** What was billed all the same, in billing units, when fal said so. */
  declare readonly billable?: number;
  declare readonly body: Body;
  override name = "ApiError";

  constructor(args: { message: string; status: number; body?: any; requestId?: string; timeoutType?: string });
  /** @internal */
  constructor(args: ApiErrorArgs, facts?: ErrorFacts);
  constructor({ message, status, body, requestId = "", timeoutType }: ApiErrorArgs, facts?: ErrorFacts) {
    const errorType = errorTypeOf(body, facts?.errorType);
    const known = { ...facts, body, requestId, errorType, timeoutType };
    const code = codeOf(status, body, errorType, timeoutType);
    super(code, message, known, isRetryable(status, timeoutType, code));
    this.status = status;
  }

  /** Whether the caller's own `startTimeout` ran out. */
  get isUserTimeout(): boolean {
    return this.status === 504 && this.timeoutType === "user";
  }
}

/** One field that was refused. */
export interface ValidationErrorInfo {
  msg: string;
  loc: (string | number)[];
  type: string;
}

/** The input was refused (422). */
export class ValidationError extends ApiError<{ detail: ValidationErrorInfo[] }> {
  override name = "ValidationError";

  /** One entry for each field that was refused. */
  get fieldErrors(): ValidationErrorInfo[] {
    const detail: unknown = this.body?.detail;
    if (typeof detail === "string") return [{ loc: ["body"], msg: detail, type: "value_error" }];
    return Array.isArray(detail) ? detail.filter((entry) => Object(entry) === entry) : [];
  }

  /** The entries of one field. */
  getFieldErrors(field: string): ValidationErrorInfo[] {
    return this.fieldErrors.filter(({ loc }) => loc?.[loc.length - 1] === field);
  }
}
