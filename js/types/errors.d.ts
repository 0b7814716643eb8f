/** Errors. */

/** What every error of this package has. `name` is `AbortError` for an aborted call. */
export declare class FalError extends Error {
  /** Stable, for programs: `timeout`, `connection_lost`, `invalid_endpoint_id`, … */
  readonly code: string;
  /** Whether trying again can help. */
  readonly retryable: boolean;
  /** The endpoint that was called. */
  readonly endpoint?: string;
  /** The request at fal: set on every error after submitting. */
  readonly requestId?: string;
  /** How many times the failing request was sent. */
  readonly attempts: number;
  /** How long the server asked to wait. */
  readonly retryAfterMs?: number;
  /** Which part of a file failed, counted from 1, when a file was uploaded in parts. */
  readonly part?: number;
  /** What became of cancelling the request, when that was asked for. */
  readonly cancelled?: "accepted" | "refused" | "unknown";
}

/** A credential is missing, is not one, or is where it must not be. */
export declare class CredentialsError extends FalError {}

/** fal, or the proxy, answered with an error. */
export declare class ApiError<Body = any> extends FalError {
  constructor(args: { message: string; status: number; body?: any; requestId?: string; timeoutType?: string });
  readonly status: number;
  /** What the server explained itself with: parsed JSON, or text. May echo the input; it is not printed or serialised. */
  get body(): Body;
  readonly requestId: string;
  readonly timeoutType?: string;
  /** What fal calls the error: `error_type` of the body, the header, or the type of the first detail. */
  readonly errorType?: string;
  /** What was billed all the same, in billing units, when fal said so. */
  readonly billable?: number;
  /** Whether the caller's own `startTimeout` ran out. */
  get isUserTimeout(): boolean;
}

/** One field that was refused. */
export interface ValidationErrorInfo {
  msg: string;
  loc: (string | number)[];
  type: string;
}

/** The input was refused (422). */
export declare class ValidationError extends ApiError<{ detail: ValidationErrorInfo[] }> {
  get fieldErrors(): ValidationErrorInfo[];
  getFieldErrors(field: string): ValidationErrorInfo[];
}

/** Whether an error is an answer with one of these statuses, or a failure of the network. */
export declare function isRetryableError(error: any, retryableStatusCodes: number[]): boolean;
