/** What the proxy says itself: refusals, preflights, and the headers of every answer. */

import { refusalStatus, returnedHeaders } from "#core";

/** @typedef {import("./refused.ts").Refused} Refused */

/** About every answer: private, not to be stored, and nothing in it runs on the app's origin. */
const PROTECTION = {
  "cache-control": "private, no-store, no-transform",
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  vary: "origin, cookie, authorization, x-fal-target-url",
  "x-content-type-options": "nosniff",
};

const METHODS = "GET, POST, PUT";

/** What a trusted page may send: what the client sends, and what the app may need to know who asks. */
const REQUEST_HEADERS = [
  "accept",
  "authorization",
  "content-type",
  "idempotency-key",
  "x-fal-capability",
  "x-fal-no-retry",
  "x-fal-object-lifecycle",
  "x-fal-object-lifecycle-preference",
  "x-fal-queue-priority",
  "x-fal-request-start-timeout",
  "x-fal-request-timeout",
  "x-fal-runner-hint",
  "x-fal-store-io",
  "x-fal-tags",
  "x-fal-target-url",
].join(", ");

/** What shows that a request is one's own: given out with the answer to a submit, and asked for about everything after. */
export const CAPABILITY = "x-fal-capability";

/** The headers of an answer; a trusted page of another origin may read it. @param {string | undefined} reader */
export function answerHeaders(reader) {
  const headers = new Headers(PROTECTION);
  if (reader === undefined) return headers;
  headers.set("access-control-allow-origin", reader);
  headers.set("access-control-expose-headers", [...returnedHeaders(), CAPABILITY].join(", "));
  headers.set("cross-origin-resource-policy", "cross-origin");
  return headers;
}

/** The answer to a preflight. A page that is not trusted learns only that it may not ask. @param {Headers} headers */
export function preflight(headers) {
  headers.set("allow", `${METHODS}, OPTIONS`);
  if (headers.has("access-control-allow-origin")) {
    headers.set("access-control-allow-methods", METHODS);
    headers.set("access-control-allow-headers", REQUEST_HEADERS);
    headers.set("access-control-max-age", "600");
  }
  return new Response(null, { status: 204, headers });
}

// Numbers of `Refusal` (src/proxy/refusal.rs).
const METHOD = 0;
export const KEY_LEAKED = 2;
export const UNAUTHENTICATED = 3;
export const ENDPOINT = 7;
export const MISCONFIGURED = 9;
export const UPSTREAM_AUTH = 10;
export const UPSTREAM_UNREACHABLE = 12;
export const REQUEST_UNKNOWN = 13;
export const BODY_TOO_LARGE = 14;
export const BODY_INCOMPLETE = 15;
export const UPSTREAM_TIMEOUT = 16;
export const INPUT = 17;
export const RATE = 18;
export const JOBS = 19;
export const BUDGET = 20;
export const PRICE_UNKNOWN = 21;
export const LIMITS_UNAVAILABLE = 22;
export const KEY_REUSED = 23;
export const KEY_PENDING = 24;
export const UPSTREAM_BROKEN = 25;

/**
 * Code and sentence of each refusal. The visitor's browser reads them: nothing is told about the key or the policy.
 *
 * @type {Record<number, [code: string, message: string]>}
 */
const REFUSALS = {
  0: [
    "method_not_allowed",
    "This method is not allowed. Run, submit and upload are POST, status and result GET, cancel PUT.",
  ],
  1: [
    "cross_origin",
    "Calls from pages of other origins are refused, but for those named in the proxy's `trustedOrigins`.",
  ],
  2: [
    "credentials_in_browser",
    "A fal key was sent from a browser. It was not used. Remove it from the page and treat it as leaked: revoke it and " +
      "make a new one in the fal dashboard.",
  ],
  3: ["unauthenticated", "The app does not know who is asking. Sign in first."],
  4: ["target_missing", "The header x-fal-target-url is missing. Call this URL through a fal client with `proxyUrl`."],
  5: ["target_invalid", "The header x-fal-target-url is not a URL of fal's that this proxy knows."],
  6: ["query_not_allowed", "The target has a query parameter that is not passed on. A webhook is set on the server."],
  7: [
    "endpoint_not_allowed",
    "This endpoint is not open. The proxy's `allowedEndpoints` names those that are; `realtimeTokens` allows tokens for them.",
  ],
  8: ["content_type_not_allowed", "The body has to be JSON, and declared as application/json."],
  9: ["misconfigured", "The proxy has no usable fal key. Its operator has to set FAL_KEY."],
  10: [
    "upstream_auth",
    "fal refused the proxy's own key. This is not about your session; its operator has to look at it.",
  ],
  11: ["upstream_redirect", "fal answered with a redirect, which is not followed."],
  12: ["upstream_unreachable", "fal could not be reached. Trying again may help."],
  13: ["request_not_found", "There is no such request, or it was submitted by somebody else."],
  14: ["body_too_large", "The body is larger than this proxy takes. Upload files first, and send their URLs."],
  15: ["body_incomplete", "The body broke off before its end. Nothing was run."],
  16: [
    "upstream_timeout",
    "fal did not begin to answer in time. A run may have been executed all the same; the queue is for what takes long.",
  ],
  17: ["input_not_allowed", "The input has a value that this app does not allow; `detail` says which."],
  18: ["rate_limited", "Too many requests. Try again later."],
  19: ["too_many_jobs", "Too many requests are under way at once. Try again when one of them is done."],
  20: ["budget_exhausted", "The budget for now is used up. Try again later."],
  21: [
    "price_unknown",
    "There is a budget, and no price for this endpoint. The proxy's `prices` names those that have one.",
  ],
  22: ["limits_unavailable", "The limits cannot be looked up just now, so nothing was run. Trying again may help."],
  23: [
    "idempotency_key_reused",
    "This idempotency key was sent before, with something else. Take a new one for a new request.",
  ],
  24: [
    "idempotency_key_pending",
    "The request with this idempotency key is under way, or its end is not known. It was not run again.",
  ],
  25: ["upstream_broken", "fal's answer broke off. The request may have been taken all the same."],
};

/** Whole seconds, as `Retry-After` has them. @param {number} ms */
const seconds = (ms) => String(Math.max(1, Math.ceil(ms / 1000)));

/** The answer that says no. @param {Refused} refused @param {Headers} headers */
export function refusal({ number, more: { retryAfterMs, detail } }, headers) {
  const [code, message] = REFUSALS[number] ?? REFUSALS[MISCONFIGURED];
  headers.set("content-type", "application/json");
  if (number === METHOD) headers.set("allow", `${METHODS}, OPTIONS`);
  if (retryAfterMs !== undefined) headers.set("retry-after", seconds(retryAfterMs));
  const error = { code, message, requestId: crypto.randomUUID() };
  return new Response(JSON.stringify({ error, detail }), { status: refusalStatus(number), headers });
}

/** What a refusal is called. @param {number} number */
export const codeOf = (number) => (REFUSALS[number] ?? REFUSALS[MISCONFIGURED])[0];
