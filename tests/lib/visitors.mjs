/** Visitors of an app with a proxy, in Node: each a client of its own, whose calls go through that proxy. */

import { createFalClient } from "fal-wasm";

export const PROXY_URL = "https://app.example/api/fal/proxy";

/** A call from the app's own page. @param {string} target @param {any} [init] */
export const callTo = (target, { method = "POST", headers = {}, body = "{}", ...init } = {}) =>
  new Request(PROXY_URL, {
    method,
    headers: {
      ...(method === "POST" && { "content-type": "application/json" }),
      "x-fal-target-url": target,
      "x-visitor": "ann",
      ...headers,
    },
    body: method === "POST" ? body : undefined,
    ...(method === "POST" && { duplex: "half" }),
    ...init,
  });

/** Who `x-visitor` says. @param {Request} request */
export const byHeader = (request) => ({ id: request.headers.get("x-visitor") ?? "" });

/** The client of a visitor. @param {(request: Request, env?: any) => Promise<Response>} proxy @param {string} name @param {any} [config] */
export const visitor = (proxy, name, config) =>
  createFalClient({
    proxyUrl: { url: PROXY_URL, when: "always" },
    fetch: async (/** @type {any} */ url, /** @type {any} */ init) => {
      const request = new Request(url, init);
      request.headers.set("x-visitor", name);
      return proxy(request);
    },
    ...config,
  });

/** Status and code of a refusal. @param {Response} answer */
export const said = async (answer) => [answer.status, (await answer.json()).error?.code];
