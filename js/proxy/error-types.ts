/** What `onError` of a proxy is told. */

/**
 * Where a proxy failed: the name of the option whose function failed, or of what was being done.
 *
 * - `"credentials"`: there is no usable fal key, or fal refused it.
 * - `"secret"`: `secret` or `FAL_PROXY_SECRET` cannot be read, or is too short.
 * - `"store"`, `"prices"`, `"rateLimiter"`: those of `limits`.
 * - `"onAnomaly"`: `limits.total.stopAt` has stopped the app, or the callback of that name failed.
 * - `"fetch"`: the request to fal failed, or fal answered with a redirect.
 * - `"internal"`: a mistake of this package's. Please report it.
 */
export type ProxyStep =
  | "attest"
  | "audit"
  | "authenticate"
  | "credentials"
  | "fetch"
  | "internal"
  | "onAnomaly"
  | "onDecision"
  | "onError"
  | "onKeyLeak"
  | "onKeyRejected"
  | "prices"
  | "rateLimiter"
  | "secret"
  | "store"
  | "webhookUrl";

/** At what an error happened. */
export interface ErrorContext {
  step: ProxyStep;
  /** The call. Its body may have been read. Its headers hold what says who the visitor is: do not log them. */
  request: Request;
}
