/** How the proxy says no. */

import { refusalStatus } from "#core";
import type { LimitRefusal } from "../limits/limits.ts";
import type { ProxyRefusalCode } from "../errors/codes.ts";
import { METHODS } from "./headers.ts";

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
export const AUTHENTICATION_UNAVAILABLE = 26;
export const APP_FAILED = 27;
export const INTERNAL = 28;

/** Code and sentence of each refusal. Browsers read them: they say nothing about the key or the policy. */
const REFUSALS: Record<number, readonly [code: ProxyRefusalCode, message: string]> = {
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
  9: ["misconfigured", "The proxy is not set up correctly, so nothing was run. Its operator is told what is missing."],
  10: [
    "upstream_auth",
    "fal refused the proxy's own key. This is not about your session; its operator has to look at it.",
  ],
  11: ["upstream_redirect", "fal answered with a redirect, which is not followed."],
  12: ["upstream_unreachable", "fal could not be reached, so nothing was run. Trying again may help."],
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
  25: [
    "upstream_broken",
    "fal gave no answer that can be used, or the connection broke before it did. The request may have been taken all the same.",
  ],
  26: [
    "authentication_unavailable",
    "The app could not find out who is asking, so nothing was run. Trying again may help.",
  ],
  27: ["app_failed", "The app's own code failed, so nothing was run. Its operator is told why."],
  28: ["internal", "The proxy failed. Its operator is told why."],
};

/** What else the browser is told. */
interface Details {
  /** When to come again. */
  retryAfterMs?: number | undefined;
  /** What is wrong with an input, as fal says it. */
  detail?: unknown;
}

/** What is only said when it is certain that fal got nothing, or not all of it. */
const UNSENT = [BODY_INCOMPLETE, BODY_TOO_LARGE, MISCONFIGURED, UPSTREAM_UNREACHABLE, APP_FAILED];

/** Ends a call: thrown where the call cannot go on, answered by the proxy. */
export class Refusal extends Error {
  readonly number: number;
  readonly details: Details;

  /** @param number Of `Refusal` (src/proxy/refusal.rs). */
  constructor(number: number, details: Details = {}) {
    super();
    this.number = number;
    this.details = details;
  }

  /** Its code, as browsers and `onDecision` are told. */
  get code(): ProxyRefusalCode {
    return sentenceOf(this.number)[0];
  }

  /** Whether it is certain that nothing was sent to fal. */
  get isUnsent(): boolean {
    return UNSENT.includes(this.number);
  }
}

const INTERNAL_SENTENCE: readonly [code: ProxyRefusalCode, message: string] = REFUSALS[INTERNAL] ?? ["internal", ""];

const sentenceOf = (number: number) => REFUSALS[number] ?? INTERNAL_SENTENCE;

/** What limits refuse, as a refusal of the proxy. */
export const LIMIT_REFUSALS: Record<LimitRefusal, number> = {
  tooManyRequests: RATE,
  tooManyJobs: JOBS,
  budgetExhausted: BUDGET,
  priceUnknown: PRICE_UNKNOWN,
  unavailable: LIMITS_UNAVAILABLE,
  misconfigured: MISCONFIGURED,
  keyReused: KEY_REUSED,
  keyPending: KEY_PENDING,
};

/** Whole seconds, as `Retry-After` has them. */
const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** The response to a refused call. */
export function refusalResponse({ number, details: { retryAfterMs, detail } }: Refusal, headers: Headers): Response {
  const [code, message] = sentenceOf(number);
  headers.set("content-type", "application/json");
  if (number === METHOD) headers.set("allow", `${METHODS}, OPTIONS`);
  if (retryAfterMs !== undefined) headers.set("retry-after", seconds(retryAfterMs));
  const error = { code, message, requestId: crypto.randomUUID() };
  return new Response(JSON.stringify({ error, detail }), { status: refusalStatus(number), headers });
}
