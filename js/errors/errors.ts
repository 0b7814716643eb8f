/** Errors as callers see them. What they say is in failures.js. */

import { codeOf, errorTypeOf, isRetryable } from "./explain.ts";

/**
 * @typedef {object} Facts
 * @property {number} [attempts]
 * @property {number} [billable]
 * @property {unknown} [body]
 * @property {number} [cancelled]
 * @property {unknown} [cause]
 * @property {string} [endpoint]
 * @property {string} [errorType] What the answer's header calls the error.
 * @property {boolean} [isQueued] Whether the request is in the queue, and goes on there.
 * @property {string} [option]
 * @property {number} [part] Which part of a file it was; 0 when it was none.
 * @property {string} [requestId]
 * @property {boolean} [retryable]
 * @property {number} [reason] Why, as the type that refused says it.
 * @property {number} [retryAfterMs]
 * @property {number} [status]
 * @property {string} [timeoutType]
 */

/** Something wrong, found by the skin itself and not yet said in a sentence. */
export class OperationError extends Error {
  /** @param {number} kind @param {unknown} [cause] @param {string} [option] @param {number} [reason] */
  constructor(kind, cause, option, reason) {
    super(undefined, { cause });
    this.kind = kind;
    this.option = option;
    this.reason = reason;
  }
}

/** What became of cancelling the request at fal, by the numbers of `Cancelled`. */
const CANCELLED = [undefined, "accepted", "refused", "unknown"];

/** What every error of this package has. */
export class FalError extends Error {
  /**
   * @param {string} code
   * @param {string} message
   * @param {Facts} [facts]
   * @param {boolean} [retryable]
   */
  constructor(code, message, facts = {}, retryable = false) {
    super(message, facts.cause === undefined ? undefined : { cause: facts.cause });
    this.name = "FalError";
    this.code = code;
    this.retryable = facts.retryable ?? retryable;
    this.attempts = facts.attempts ?? 0;
    const { endpoint, requestId, retryAfterMs, errorType, billable, timeoutType } = facts;
    const part = facts.part || undefined;
    const cancelled = CANCELLED[facts.cancelled ?? 0];
    const known = { endpoint, requestId, retryAfterMs, errorType, billable, timeoutType, part, cancelled };
    // What is not known is not there, so that it does not clutter what is printed.
    for (const [name, value] of Object.entries(known)) {
      if (value !== undefined) Object.defineProperty(this, name, { value, enumerable: true, configurable: true });
    }
  }
}

/** A credential is missing, is not one, or is where it must not be. */
export class CredentialsError extends FalError {
  /** @param {string} code @param {string} message @param {Facts} [facts] */
  constructor(code, message, facts) {
    super(code, message, facts);
    this.name = "CredentialsError";
  }
}

/** fal, or the proxy, answered with an error. */
export class ApiError extends FalError {
  #body;

  /**
   * @param {{ message: string, status: number, body?: any, requestId?: string, timeoutType?: string }} args
   * @param {Facts} [facts]
   */
  constructor({ message, status, body, requestId = "", timeoutType }, facts) {
    const errorType = errorTypeOf(body, facts?.errorType);
    const known = { ...facts, requestId, errorType, timeoutType };
    const code = codeOf(status, body, errorType, timeoutType);
    super(code, message, known, isRetryable(status, timeoutType, code));
    this.name = "ApiError";
    this.status = status;
    this.#body = body;
  }

  /** What the server explained itself with: parsed JSON, or text. May echo the input, so it is not printed. */
  get body() {
    return this.#body;
  }

  /** Whether the caller's own `startTimeout` ran out. */
  get isUserTimeout() {
    return this.status === 504 && /** @type {any} */ this.timeoutType === "user";
  }
}

/** The input was refused (422). */
export class ValidationError extends ApiError {
  /** @param {ConstructorParameters<typeof ApiError>[0]} args @param {Facts} [facts] */
  constructor(args, facts) {
    super(args, facts);
    this.name = "ValidationError";
  }

  /** One entry for each field that was refused. */
  get fieldErrors() {
    const detail = this.body?.detail;
    if (typeof detail === "string") return [{ loc: ["body"], msg: detail, type: "value_error" }];
    return Array.isArray(detail) ? detail.filter((entry) => Object(entry) === entry) : [];
  }

  /** The entries of one field. @param {string} field */
  getFieldErrors(field) {
    return this.fieldErrors.filter(({ loc }) => loc?.[loc.length - 1] === field);
  }
}
