/** How the proxy says no. */

import { refusalIsUnsent, refusalStatus } from "#core";
import { callCore } from "../core/call-core.ts";
import { ProxyRefusal } from "../core/wire.ts";
import type { LimitRefusal } from "../limits/limited-call.ts";
import type { ProxyRefusalCode } from "../errors/codes.ts";
import { type HeaderList, METHODS } from "./headers.ts";

const METHOD = ProxyRefusal.Method;
export const KEY_LEAKED = ProxyRefusal.KeyLeaked;
export const UNAUTHENTICATED = ProxyRefusal.Unauthenticated;
export const ENDPOINT = ProxyRefusal.Endpoint;
export const MISCONFIGURED = ProxyRefusal.Misconfigured;
export const UPSTREAM_AUTH = ProxyRefusal.UpstreamAuth;
export const UPSTREAM_UNREACHABLE = ProxyRefusal.UpstreamUnreachable;
export const REQUEST_UNKNOWN = ProxyRefusal.RequestUnknown;
export const BODY_TOO_LARGE = ProxyRefusal.BodyTooLarge;
export const BODY_INCOMPLETE = ProxyRefusal.BodyIncomplete;
export const UPSTREAM_TIMEOUT = ProxyRefusal.UpstreamTimeout;
export const INPUT = ProxyRefusal.Input;
export const RATE = ProxyRefusal.Rate;
export const JOBS = ProxyRefusal.Jobs;
export const BUDGET = ProxyRefusal.Budget;
export const PRICE_UNKNOWN = ProxyRefusal.PriceUnknown;
export const LIMITS_UNAVAILABLE = ProxyRefusal.LimitsUnavailable;
export const KEY_REUSED = ProxyRefusal.KeyReused;
export const KEY_PENDING = ProxyRefusal.KeyPending;
export const UPSTREAM_BROKEN = ProxyRefusal.UpstreamBroken;
export const AUTHENTICATION_UNAVAILABLE = ProxyRefusal.AuthenticationUnavailable;
export const APP_FAILED = ProxyRefusal.AppFailed;
export const CLIENT_LEFT = ProxyRefusal.ClientLeft;
export const CLIENT_LEFT_WAITING = ProxyRefusal.ClientLeftWaiting;
export const BODY_TOO_SLOW = ProxyRefusal.BodyTooSlow;
export const ATTESTATION = ProxyRefusal.Attestation;
export const GRANT_REQUIRED = ProxyRefusal.GrantRequired;
export const GRANT_INVALID = ProxyRefusal.GrantInvalid;
export const GRANT_MISMATCH = ProxyRefusal.GrantMismatch;
export const KEY_REQUIRED = ProxyRefusal.KeyRequired;
export const KEY_REFUSED = ProxyRefusal.KeyRefused;
export const INTERNAL = ProxyRefusal.Internal;
export const SESSION_OVER = ProxyRefusal.SessionOver;
const GRANT_USED = ProxyRefusal.GrantUsed;
const STOPPED = ProxyRefusal.Stopped;

/** Code and sentence of each refusal. Browsers read them: they say nothing about the key or the policy. */
const REFUSALS: Record<ProxyRefusal, readonly [code: ProxyRefusalCode, message: string]> = {
  [ProxyRefusal.Method]: [
    "method_not_allowed",
    "This method is not allowed. Run, submit and upload are POST, status and result GET, cancel PUT.",
  ],
  [ProxyRefusal.CrossOrigin]: [
    "cross_origin",
    "Calls from pages of other origins are refused, but for those named in the proxy's `trustedOrigins`.",
  ],
  [ProxyRefusal.KeyLeaked]: [
    "credentials_in_browser",
    "A fal key was sent from a browser. It was not used. Remove it from the page and treat it as leaked: revoke it and " +
      "make a new one in the fal dashboard.",
  ],
  [ProxyRefusal.Unauthenticated]: ["unauthenticated", "The app does not know who is asking. Sign in first."],
  [ProxyRefusal.TargetMissing]: [
    "target_missing",
    "The header x-fal-target-url is missing. Call this URL through a fal client with `proxyUrl`.",
  ],
  [ProxyRefusal.TargetInvalid]: [
    "target_invalid",
    "The header x-fal-target-url is not a URL of fal's that this proxy knows.",
  ],
  [ProxyRefusal.Query]: [
    "query_not_allowed",
    "The target has a query parameter that is not passed on. A webhook is set on the server.",
  ],
  [ProxyRefusal.Endpoint]: [
    "endpoint_not_allowed",
    "This endpoint is not open. The proxy's `allowedEndpoints` names those that are; `realtimeTokens` allows tokens for them, `sessions` sessions.",
  ],
  [ProxyRefusal.ContentType]: [
    "content_type_not_allowed",
    "The body has to be JSON, and declared as application/json.",
  ],
  [ProxyRefusal.Misconfigured]: [
    "misconfigured",
    "The proxy is not set up correctly, so nothing was run. Its operator is told what is missing.",
  ],
  [ProxyRefusal.UpstreamAuth]: [
    "upstream_auth",
    "fal refused the proxy's own key. This is not about your session; its operator has to look at it.",
  ],
  [ProxyRefusal.UpstreamRedirect]: ["upstream_redirect", "fal answered with a redirect, which is not followed."],
  [ProxyRefusal.UpstreamUnreachable]: [
    "upstream_unreachable",
    "fal could not be reached, so nothing was run. Trying again may help.",
  ],
  [ProxyRefusal.RequestUnknown]: [
    "request_not_found",
    "There is no such request, or it was submitted by somebody else.",
  ],
  [ProxyRefusal.BodyTooLarge]: [
    "body_too_large",
    "The body is larger than this proxy takes. Upload files first, and send their URLs.",
  ],
  [ProxyRefusal.BodyIncomplete]: ["body_incomplete", "The body broke off before its end. Nothing was run."],
  [ProxyRefusal.BodyTooSlow]: ["body_too_slow", "The body came too slowly. Nothing was run. Trying again may help."],
  [ProxyRefusal.ClientLeft]: ["client_left", "The client left before anything was sent to fal. Nothing was run."],
  [ProxyRefusal.ClientLeftWaiting]: [
    "client_left_waiting",
    "The client left before fal answered. What was sent may have been run all the same.",
  ],
  [ProxyRefusal.UpstreamTimeout]: [
    "upstream_timeout",
    "fal did not begin to answer in time. A run may have been executed all the same; the queue is for what takes long.",
  ],
  [ProxyRefusal.Input]: [
    "input_not_allowed",
    "The input has a value that this app does not allow; `detail` says which.",
  ],
  [ProxyRefusal.Rate]: ["rate_limited", "Too many requests. Try again later."],
  [ProxyRefusal.Jobs]: [
    "too_many_jobs",
    "Too many requests are under way at once. Try again when one of them is done.",
  ],
  [ProxyRefusal.Budget]: ["budget_exhausted", "The budget for now is used up. Try again later."],
  [ProxyRefusal.PriceUnknown]: [
    "price_unknown",
    "There is a budget, and no price for this endpoint. The proxy's `prices` names those that have one.",
  ],
  [ProxyRefusal.LimitsUnavailable]: [
    "limits_unavailable",
    "The limits cannot be looked up just now, so nothing was run. Trying again may help.",
  ],
  [ProxyRefusal.KeyReused]: [
    "idempotency_key_reused",
    "This idempotency key was sent before, with something else. Take a new one for a new request.",
  ],
  [ProxyRefusal.KeyPending]: [
    "idempotency_key_pending",
    "The request with this idempotency key is under way, or its end is not known. It was not run again.",
  ],
  [ProxyRefusal.UpstreamBroken]: [
    "upstream_broken",
    "fal gave no answer that can be used, or the connection broke before it did. The request may have been taken all the same.",
  ],
  [ProxyRefusal.AuthenticationUnavailable]: [
    "authentication_unavailable",
    "The app could not find out who is asking, so nothing was run. Trying again may help.",
  ],
  [ProxyRefusal.AppFailed]: ["app_failed", "The app's own code failed, so nothing was run. Its operator is told why."],
  [ProxyRefusal.Stopped]: ["app_stopped", "The app's operator has stopped it for now, so nothing was run."],
  [ProxyRefusal.Attestation]: [
    "attestation_failed",
    "The app could not make sure that this call comes from its own page, or its proof was used before. Nothing was run. Get a new proof, or load the page again.",
  ],
  [ProxyRefusal.GrantRequired]: [
    "grant_required",
    "This endpoint is called with a grant of the app's own server, and none came along (x-fal-grant). Nothing was run. Get one from the app.",
  ],
  [ProxyRefusal.GrantInvalid]: [
    "grant_invalid",
    "What came along as a grant (x-fal-grant) is none that this app has signed. Nothing was run. Get another one from the app.",
  ],
  [ProxyRefusal.GrantMismatch]: [
    "grant_mismatch",
    "This grant is for another endpoint, another visitor or another kind of call. Nothing was run, and it was not used.",
  ],
  [ProxyRefusal.GrantExpired]: [
    "grant_expired",
    "This grant has expired. Nothing was run. Get another one from the app.",
  ],
  [ProxyRefusal.SessionOver]: [
    "session_over",
    "The session may not go on: it has lasted as long as it may, or its place was taken. Open another.",
  ],
  [ProxyRefusal.GrantUsed]: [
    "grant_used",
    "This grant was used before, and is good for one call. Nothing was run again. Get another one from the app.",
  ],
  [ProxyRefusal.KeyRequired]: [
    "key_required",
    "This app calls fal with a key of your own, and has none for you. Nothing was run. Give it one in its settings.",
  ],
  [ProxyRefusal.KeyRefused]: [
    "key_refused",
    "fal refused your own key, or your account at fal cannot pay. Nothing was run. Look at it in the fal dashboard, and give the app another one.",
  ],
  [ProxyRefusal.Internal]: ["internal", "The proxy failed. Its operator is told why."],
};

/** What else the browser is told. */
interface Details {
  /** When to come again. */
  retryAfterMs?: number | undefined;
  /** What is wrong with an input, as fal says it. */
  detail?: unknown;
}

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

  /** Whether it is certain that fal was not sent a whole request. */
  get isUnsent(): boolean {
    return callCore(() => refusalIsUnsent(this.number));
  }
}

const sentenceOf = (number: number) => REFUSALS[number as ProxyRefusal] ?? REFUSALS[INTERNAL];

/** What limits refuse, as a refusal of the proxy. */
export const LIMIT_REFUSALS: Record<LimitRefusal, number> = {
  tooManyRequests: RATE,
  tooManyJobs: JOBS,
  budgetExhausted: BUDGET,
  stopped: STOPPED,
  priceUnknown: PRICE_UNKNOWN,
  unavailable: LIMITS_UNAVAILABLE,
  misconfigured: MISCONFIGURED,
  keyReused: KEY_REUSED,
  keyPending: KEY_PENDING,
  grantUsed: GRANT_USED,
};

/** Whole seconds, as `Retry-After` has them. */
const seconds = (ms: number): string => String(Math.max(1, Math.ceil(ms / 1000)));

/** The response to a refused call. */
export function refusalResponse({ number, details: { retryAfterMs, detail } }: Refusal, headers: HeaderList): Response {
  const [code, message] = sentenceOf(number);
  headers.set("content-type", "application/json");
  if (number === METHOD) headers.set("allow", `${METHODS}, OPTIONS`);
  if (retryAfterMs !== undefined) headers.set("retry-after", seconds(retryAfterMs));
  const error = { code, message, requestId: crypto.randomUUID() };
  return new Response(JSON.stringify({ error, detail }), { status: refusalStatus(number), headers: headers.list });
}
