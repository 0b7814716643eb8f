/** What the proxy says itself: refusals, preflights, and the headers of every answer. */

import { refusalStatus, returnedHeaders } from "./core.js";

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

/** The headers of an answer; a trusted page of another origin may read it. @param {string | undefined} reader */
export function answerHeaders(reader) {
  const headers = new Headers(PROTECTION);
  if (reader === undefined) return headers;
  headers.set("access-control-allow-origin", reader);
  headers.set("access-control-expose-headers", returnedHeaders().join(", "));
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
};

/** The answer that says no. @param {number} number @param {Headers} headers */
export function refuse(number, headers) {
  const [code, message] = REFUSALS[number] ?? REFUSALS[MISCONFIGURED];
  headers.set("content-type", "application/json");
  if (number === METHOD) headers.set("allow", `${METHODS}, OPTIONS`);
  const body = { error: { code, message, requestId: crypto.randomUUID() } };
  return new Response(JSON.stringify(body), { status: refusalStatus(number), headers });
}
