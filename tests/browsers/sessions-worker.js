/** The server of the tests of sessions: the site, and a proxy per path, for the visitor that the path names. */

import { memoryLimits } from "fal-wasm/limits";
import { createFalProxy } from "fal-wasm/proxy";

const APP = "emulator/world";
const PRICE = 0.1;

/** @param {object} sessions @param {number} max */
const proxy = (sessions, max) =>
  createFalProxy({
    authenticate: (request) => ({ id: new URL(request.url).pathname.split("/")[3] ?? "" }),
    allowedEndpoints: [APP],
    secret: "s".repeat(32),
    sessions: { price: PRICE, ...sessions },
    limits: { store: memoryLimits(), spending: { max, prices: { [APP]: 1 } } },
  });

/** @type {Record<string, ReturnType<typeof proxy>>} */
const proxies = {
  // One at a time, and money for many.
  one: proxy({ max: 1, maxSeconds: 60 }, 1000),
  many: proxy({ maxSeconds: 60 }, 1000),
  // Money for one of a minute, not for what the first one has used and another one.
  poor: proxy({ maxSeconds: 60 }, 60 * PRICE),
  // Over at the third heartbeat.
  brief: proxy({ maxSeconds: 10 }, 1000),
};

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  fetch(request, env, context) {
    const [, api, name = ""] = new URL(request.url).pathname.split("/");
    return api === "api" ? proxies[name]?.(request, env, context) : env.ASSETS.fetch(request);
  },
};
