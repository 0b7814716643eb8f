/** What a request is, by what is known outside of a client: its method, its URL and its headers. */

import type { ObservedOperation, ObservedRequest } from "./types.ts";

const TARGET_URL = "x-fal-target-url";

/** What a place below `/requests/<id>` asks for. */
const ABOUT: Record<string, ObservedOperation> = {
  "": "result",
  "/status": "status",
  "/status/stream": "status_stream",
  "/cancel": "cancel",
};

const QUEUED = /^\/(.+)\/requests\/([\w-]+)(\/.*)?$/;

export type Description = Omit<ObservedRequest, "number" | "attempt">;

function operationOf(host: string, path: string): Pick<Description, "operation" | "endpoint" | "requestId"> {
  const nothing = { endpoint: undefined, requestId: undefined };
  if (/^queue\.fal(run\.com|\.run)$/.test(host)) {
    const [, endpoint, requestId, rest = ""] = QUEUED.exec(path) ?? [];
    if (endpoint) return { operation: ABOUT[rest] ?? "other", endpoint, requestId };
    return { ...nothing, operation: "submit", endpoint: path.slice(1) };
  }
  if (/^fal(run\.com|\.run)$/.test(host))
    return { ...nothing, operation: path.endsWith("/stream") ? "stream" : "run", endpoint: path.slice(1) };
  if (/^rest\./.test(host)) return { ...nothing, operation: path.startsWith("/tokens") ? "token" : "upload" };
  if (host === "api.fal.ai") return { ...nothing, operation: "platform" };
  return { ...nothing, operation: "upload" };
}

/** `url` and `headers` as they are given to `fetch`. Queries may hold tokens and inputs, and are left out. */
export function describe(url: string, method = "GET", headers: Record<string, string> = {}): Description {
  const target = headers[TARGET_URL];
  try {
    const { host, pathname } = new URL(target ?? url, "http://localhost");
    return { method, host, isProxied: target !== undefined, ...operationOf(host, pathname) };
  } catch {
    const nothing = { endpoint: undefined, requestId: undefined };
    return { method, host: "", isProxied: target !== undefined, operation: "other", ...nothing };
  }
}

/** What a request is about, for people: an operation, an endpoint, a request. */
export const named = ({ operation, endpoint, requestId, host }: Description): string =>
  [operation.replace("_", " "), endpoint ?? host, requestId].filter(Boolean).join(" ");
