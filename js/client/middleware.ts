/** Middleware: what a caller may say about a request before it is sent. */

import type { Transport } from "../host/transport.ts";
import type { RequestMiddleware } from "./config.ts";
import type { HeaderRecord } from "../driver/request.ts";
import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";
import { TARGET_URL } from "./headers.ts";
import { proxyUrl, invalidOption } from "./checks.ts";
import { attachCapability } from "./capabilities.ts";

/** A request, before anything says who asks. */
export interface PlainRequest {
  method: string;
  url: string;
  headers: HeaderRecord;
}

/** Calls the caller's own code. What it throws reaches the caller unchanged. */
export async function callersOwn<A, T>(own: (argument: A) => T | Promise<T>, argument: A): Promise<T> {
  try {
    return await own(argument);
  } catch (cause) {
    throw new OperationError(FailureKind.CallersOwn, { cause });
  }
}

/** A request as the caller's middleware wants it. */
export async function adapted(
  middleware: RequestMiddleware | undefined,
  { method, url, headers }: PlainRequest,
): Promise<PlainRequest> {
  if (!middleware) return { method, url, headers };
  const wish = await callersOwn(middleware, { method, url, headers: { ...headers } });
  if (typeof wish?.url !== "string") invalidOption("requestMiddleware");
  try {
    // A list of values is one header with commas, as `Headers` joins them.
    return {
      method: wish.method ?? method,
      url: wish.url,
      headers: { __proto__: null!, ...Object.fromEntries(new Headers(wish.headers as HeaderRecord)) },
    };
  } catch {
    return invalidOption("requestMiddleware");
  }
}

/**
 * The address of a request that goes through a proxy: the one that middleware has chosen, or the one of the
 * configuration, which is then told what the request is for.
 */
export function throughProxy(
  { proxy, capabilities }: Pick<Transport, "proxy" | "capabilities">,
  { url, headers }: Pick<PlainRequest, "url" | "headers">,
): string {
  const chosen = headers[TARGET_URL];
  attachCapability(capabilities, chosen ?? url, headers);
  if (chosen != null) return proxyUrl({ proxyUrl: url });
  if (!proxy) throw new OperationError(FailureKind.ProxyUrlMissing);
  headers[TARGET_URL] = url;
  return proxy;
}
