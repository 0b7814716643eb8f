/** The middleware that comes with the client. */

import { TARGET_URL } from "./headers.ts";
import { isBrowser } from "#host/host.ts";

/** @typedef {import("../types/index.d.ts").RequestMiddleware} RequestMiddleware */
/** @typedef {import("../types/index.d.ts").RequestProxyConfig} RequestProxyConfig */

/** Several middleware as one, from left to right. @param {...RequestMiddleware} middleware @returns {RequestMiddleware} */
export function withMiddleware(...middleware) {
  const chain = middleware.filter((step) => typeof step === "function");
  return async (config) => {
    for (const step of chain) config = await step(config);
    return config;
  };
}

/** Whether calls from here go through a proxy. @param {import("../types/index.d.ts").ProxyUrlConfig["when"]} when */
export function isProxied(when = "browser") {
  const env = { isBrowser: isBrowser() };
  return typeof when === "function" ? when(env) === true : when === "always" || env.isBrowser;
}

/** Middleware that leads requests through a proxy. @param {RequestProxyConfig} config @returns {RequestMiddleware} */
export function withProxy({ targetUrl, when }) {
  return async (config) => {
    const { url, headers } = config;
    if ((headers && TARGET_URL in headers) || !isProxied(when)) return config;
    return { ...config, url: targetUrl, headers: { ...headers, [TARGET_URL]: url } };
  };
}
