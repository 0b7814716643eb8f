/** The headers of every response of the proxy, and its response to preflights. */

import { returnedHeaders } from "#core";
import type { PageReader } from "./policy.ts";

/** For every response: it is private, must not be stored, and nothing in it runs on the origin of the app. */
const PROTECTION = {
  "cache-control": "private, no-store, no-transform",
  "content-security-policy": "sandbox; default-src 'none'",
  "cross-origin-resource-policy": "same-origin",
  vary: "origin, cookie, authorization, x-fal-target-url",
  "x-content-type-options": "nosniff",
};

/** What the proxy answers to, beside preflights. */
export const METHODS = "GET, POST, PUT";

/** What a trusted page may send: what the client sends, and what the app may need to authenticate. */
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
  // What tools that trace requests add to every one: all of a page's calls would fail by it.
  "b3",
  "baggage",
  "newrelic",
  "sentry-trace",
  "traceparent",
  "tracestate",
  "uber-trace-id",
  "x-amzn-trace-id",
  "x-b3-flags",
  "x-b3-parentspanid",
  "x-b3-sampled",
  "x-b3-spanid",
  "x-b3-traceid",
  "x-cloud-trace-context",
  "x-datadog-origin",
  "x-datadog-parent-id",
  "x-datadog-sampling-priority",
  "x-datadog-tags",
  "x-datadog-trace-id",
];

/** The header of a capability, which shows who submitted a request: sent with the response to a submit, expected with every question. */
export const CAPABILITY = "x-fal-capability";

/** Always the same ones, so they are asked for once. */
let returned: string[] | undefined;

/** The headers of fal's that are passed on to the browser. */
export const namesOfReturnedHeaders = (): string[] => (returned ??= returnedHeaders());

/** Copies the headers of these names that are there. */
export function copyHeaders(from: Headers, to: Headers, names: readonly string[]): void {
  for (const name of names) {
    const value = from.get(name);
    if (value !== null) to.set(name, value);
  }
}

/** The headers of a response. With a `reader`, a trusted page, that page may read it. */
export function responseHeaders(reader: PageReader | undefined): Headers {
  const headers = new Headers(PROTECTION);
  if (reader === undefined) return headers;
  headers.set("access-control-allow-origin", reader.origin);
  if (reader.hasCookies) headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", [...namesOfReturnedHeaders(), CAPABILITY].join(", "));
  headers.set("cross-origin-resource-policy", "cross-origin");
  return headers;
}

/** The response to a preflight. A page that is not trusted only learns that it may not ask. */
export function preflight(headers: Headers, allowedHeaders: readonly string[] = []): Response {
  headers.set("allow", `${METHODS}, OPTIONS`);
  if (headers.has("access-control-allow-origin")) {
    headers.set("access-control-allow-methods", METHODS);
    headers.set("access-control-allow-headers", [...REQUEST_HEADERS, ...allowedHeaders].join(", "));
    headers.set("access-control-max-age", "600");
  }
  return new Response(null, { status: 204, headers });
}
