/** The middleware that comes with the client. */

import type { ProxyRuntimeGate, RequestMiddleware, RequestProxyConfig } from "./config.ts";
import { TARGET_URL } from "./headers.ts";
import { isBrowser } from "#host/host.ts";

/** Combines several middleware into one that runs them from left to right. What is not a function is skipped. */
export function withMiddleware(...middleware: (RequestMiddleware | null | undefined)[]): RequestMiddleware {
  const chain = middleware.filter((step) => typeof step === "function");
  return async (config) => {
    for (const step of chain) config = await step(config);
    return config;
  };
}

/** Whether calls from here go through a proxy. @internal */
export function isProxied(when: ProxyRuntimeGate = "browser"): boolean {
  const env = { isBrowser: isBrowser() };
  return typeof when === "function" ? when(env) === true : when === "always" || env.isBrowser;
}

/** Middleware that sends requests through a proxy. Put it last in a chain, so that the others see where a request leads. */
export function withProxy({ targetUrl, when }: RequestProxyConfig): RequestMiddleware {
  return async (config) => {
    const { url, headers } = config;
    if ((headers && TARGET_URL in headers) || !isProxied(when)) return config;
    return { ...config, url: targetUrl, headers: { ...headers, [TARGET_URL]: url } };
  };
}
