/**
 * Watching a client's requests from outside: around its `fetch`, so that a client that nobody watches has no part of it.
 */

import type { Config } from "../client/config.ts";
import { refuseUnknown } from "../client/nearest-name.ts";
import { type Description, describe, named } from "./describe.ts";
import type { ObserveOptions, ObservedRequest, ObservedResponse } from "./types.ts";

/** What may be sent again: where no answer came, and after these. */
const MAY_PASS = new Set([408, 409, 429, 500, 502, 503, 504]);
/** How many failures are remembered, to tell what is sent again. */
const MAX_FAILURES = 100;

type Fetch = (url: any, init?: any) => Promise<Response>;

/** Does one request, with what is known of it. Both are given to whoever watches in ways of their own. */
export type Around = (
  request: ObservedRequest,
  failed: ObservedResponse | undefined,
  init: { headers: Record<string, string> },
  send: (headers: Record<string, string>) => Promise<Response>,
) => Promise<Response>;

const fetchOf = (given: Config["fetch"]): Fetch => {
  if (typeof given === "function") return given;
  // Looked up at each call: a page may replace it.
  return given ? (url, init) => given.fetch(url, init) : (url, init) => fetch(url, init);
};

/** A configuration whose requests go through `around`. */
export function around(config: Config, around: Around): { config: Config; ended(response: ObservedResponse): void } {
  const real = fetchOf(config.fetch);
  let number = 0;
  /** What failed last, by what was sent. */
  const failures = new Map<string, ObservedResponse>();
  const keyOf = ({ method, host, endpoint, requestId, operation }: Description, body: unknown) =>
    [
      method,
      host,
      operation,
      endpoint,
      requestId,
      typeof body === "string" ? body.length + body.slice(-1000) : "",
    ].join(" ");
  /** What each request was sent with. */
  const keys = new Map<number, string>();

  const watching: Fetch = (url, init = {}) => {
    const description = describe(String(url), init.method, init.headers);
    const key = keyOf(description, init.body);
    const failed = failures.get(key);
    failures.delete(key);
    const request = { ...description, number: (number += 1), attempt: (failed?.attempt ?? 0) + 1 };
    keys.set(request.number, key);
    return around(request, failed, init, (headers) => real(url, { ...init, headers }));
  };
  return {
    config: { ...config, fetch: watching },
    ended(response) {
      const key = keys.get(response.number) ?? "";
      keys.delete(response.number);
      if (response.status === undefined ? response.error === "AbortError" : !MAY_PASS.has(response.status)) return;
      if (failures.size >= MAX_FAILURES) failures.delete(failures.keys().next().value ?? "");
      failures.set(key, response);
    },
  };
}

/** Times a request, and says what became of it. */
export async function timed(
  request: ObservedRequest,
  send: () => Promise<Response>,
  tell: (response: ObservedResponse) => void,
): Promise<Response> {
  const began = performance.now();
  const end = (status?: number, error?: string, answeredId?: string | null) =>
    tell({ ...request, status, error, answeredId: answeredId || undefined, ms: performance.now() - began });
  try {
    const response = await send();
    end(response.status, undefined, response.headers?.get?.("x-fal-request-id"));
    return response;
  } catch (error) {
    end(undefined, (error as Error | undefined)?.name ?? "Error");
    throw error;
  }
}

/** Calls what is the app's own. What it throws is not the call's fault. */
function quietly(work: () => void): void {
  try {
    work();
  } catch (error) {
    console.error(error);
  }
}

/**
 * A configuration whose requests are told: to hooks, and as lines for people.
 *
 * ```ts
 * const fal = createFalClient(observe({ proxyUrl: "/api/fal/proxy" }, { debug: true }));
 * // fal #3 status fal-ai/flux 9d1c… → 200, 42 ms
 * ```
 */
export function observe(config: Config, options: ObserveOptions): Config {
  refuseUnknown("observe", options, ["onRequest", "onResponse", "onRetry", "debug"]);
  const { onRequest, onResponse, onRetry, debug } = options;
  const say = typeof debug === "function" ? debug : debug ? (line: string) => console.debug(line) : undefined;
  const watched = around(config, (request, failed, { headers }, send) => {
    const name = `fal #${request.number} ${named(request)}`;
    quietly(() => {
      if (failed) onRetry?.(request, failed);
      if (failed) say?.(`${name}: again, attempt ${request.attempt} after ${failed.status ?? failed.error}`);
      onRequest?.(request);
    });
    return timed(
      request,
      () => send(headers),
      (response) => {
        watched.ended(response);
        const { status, error, ms, answeredId } = response;
        const id = answeredId && answeredId !== request.requestId ? `, request ${answeredId}` : "";
        quietly(() => {
          onResponse?.(response);
          say?.(`${name} → ${status ?? error}, ${Math.round(ms)} ms${id}`);
        });
      },
    );
  });
  return watched.config;
}
