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
  "x-fal-grant",
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

/** The header of a grant, with which the app's own server allows a call. */
export const GRANT = "x-fal-grant";

/** Always the same ones, so they are asked for once. */
let [ofSuccess, ofFailure]: [string[]?, string[]?] = [];

/**
 * The headers of fal's that are passed on to the browser: all that may be. Of a response that succeeded those are not looked for
 * which only a failure has.
 */
export const namesOfReturnedHeaders = (ok = false): string[] =>
  ok ? (ofSuccess ??= returnedHeaders(true)) : (ofFailure ??= returnedHeaders(false));

/** Headers that are being written, by their names in small letters: a `Headers` takes a worker longer to make than all that is in it. */
export class HeaderList {
  readonly list: Record<string, string>;

  constructor(first: Readonly<Record<string, string>>) {
    this.list = { ...first };
  }

  set(name: string, value: string): void {
    this.list[name] = value;
  }

  /** Copies the headers of these names that are there. */
  copy(from: { get(name: string): string | null | undefined }, names: readonly string[]): void {
    for (const name of names) {
      const value = from.get(name) ?? undefined;
      if (value !== undefined) this.list[name] = value;
    }
  }
}

/** The headers of a response. With a `reader`, a trusted page, that page may read it. */
export function responseHeaders(reader: PageReader | undefined): HeaderList {
  const headers = new HeaderList(PROTECTION);
  if (reader === undefined) return headers;
  headers.set("access-control-allow-origin", reader.origin);
  if (reader.hasCookies) headers.set("access-control-allow-credentials", "true");
  headers.set("access-control-expose-headers", [...namesOfReturnedHeaders(), CAPABILITY].join(", "));
  headers.set("cross-origin-resource-policy", "cross-origin");
  return headers;
}

/** The response to a preflight. A page that is not trusted only learns that it may not ask. */
export function preflight(headers: HeaderList, allowedHeaders: readonly string[] = []): Response {
  headers.set("allow", `${METHODS}, OPTIONS`);
  if ("access-control-allow-origin" in headers.list) {
    headers.set("access-control-allow-methods", METHODS);
    headers.set("access-control-allow-headers", [...REQUEST_HEADERS, ...allowedHeaders].join(", "));
    headers.set("access-control-max-age", "600");
  }
  return new Response(null, { status: 204, headers: headers.list });
}
