/** Middleware: what a caller may say about a request before it is sent. */

import { CALLERS_OWN, PROXY_URL_MISSING } from "../core/codes.ts";
import { OperationError } from "../errors/errors.ts";
import { TARGET_URL } from "./headers.ts";
import { proxyUrl, invalidOption } from "./options.ts";
import { attachCapability } from "./capabilities.ts";

/** @typedef {import("../types/index.d.ts").RequestMiddleware} RequestMiddleware */

/**
 * Calls code of the caller's own. What it throws is theirs, and reaches them as it is.
 *
 * @template A, T
 * @param {(argument: A) => T | Promise<T>} own
 * @param {A} argument
 */
export async function callersOwn(own, argument) {
  try {
    return await own(argument);
  } catch (cause) {
    throw new OperationError(CALLERS_OWN, cause);
  }
}

/**
 * A request as the caller's middleware wants it.
 *
 * @param {RequestMiddleware | undefined} middleware
 * @param {{ method: string, url: string, headers: Headers }} request
 */
export async function adapted(middleware, { method, url, headers }) {
  if (!middleware) return { method, url, headers };
  const wish = await callersOwn(middleware, { method, url, headers: Object.fromEntries(headers) });
  if (typeof wish?.url !== "string") invalidOption("requestMiddleware");
  try {
    // A list of values is one header with commas, as `Headers` joins them.
    return { method: wish.method ?? method, url: wish.url, headers: new Headers(/** @type {any} */ wish.headers) };
  } catch {
    return invalidOption("requestMiddleware");
  }
}

/**
 * Where a request goes that takes the way through a proxy: the one that middleware has chosen, or the one of the
 * configuration, which then is told what the request is for.
 *
 * @param {import("#host/host.ts").Transport} transport
 * @param {{ url: string, headers: Headers }} request
 */
export function throughProxy({ proxy, capabilities }, { url, headers }) {
  const chosen = headers.get(TARGET_URL);
  attachCapability(capabilities, chosen ?? url, headers);
  if (chosen !== null) return proxyUrl({ proxyUrl: url });
  if (!proxy) throw new OperationError(PROXY_URL_MISSING);
  headers.set(TARGET_URL, url);
  return proxy;
}
