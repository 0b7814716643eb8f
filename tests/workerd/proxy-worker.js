/** The proxy as a worker, with what an app may ask of it; the path says which. */

import { FalLimits, durableLimits } from "fal-wasm/limits";
import { createFalProxy, grant } from "fal-wasm/proxy";

export { FalLimits };

/** Limits that are told the time, and when it is time for their alarm. */
export class TimedLimits extends FalLimits {
  /** @param {Request} request */
  async fetch(request) {
    const { now, alarm, ...step } = /** @type {any} */ (await request.json());
    Date.now = () => now;
    if (alarm) return Response.json((await this.alarm()) ?? null);
    return super.fetch(new Request(request.url, { method: "POST", body: JSON.stringify(step) }));
  }
}

const GIB = 1024 * 1024 * 1024;

/** @type {any[]} */
const told = [];

/** @type {import("../../js/proxy/types.ts").ProxyOptions} */
const policy = {
  authenticate: (request) => ({ id: request.headers.get("x-visitor") ?? "" }),
  allowedEndpoints: ["emulator/*"],
};

/** @type {Record<string, any>} */
const proxies = {
  plain: createFalProxy(policy),
  watched: createFalProxy({ ...policy, onDecision: (decision) => void told.push(decision) }),
  audited: createFalProxy({
    ...policy,
    // A sink that takes its time: the worker has to wait for it.
    async audit(record) {
      await new Promise((resolve) => setTimeout(resolve, 20));
      told.push(record);
    },
  }),
  large: createFalProxy({ ...policy, maxBodyBytes: 2 * GIB }),
  "large-watched": createFalProxy({
    ...policy,
    maxBodyBytes: 2 * GIB,
    onDecision: (decision) => void told.push(decision),
  }),
  small: createFalProxy({ ...policy, maxBodyBytes: 2 * 1024 * 1024, timeouts: { run: 100 } }),
  limited: createFalProxy({
    ...policy,
    limits: {
      store: (env) => durableLimits(env.LIMITS),
      requests: { max: 100, windowSeconds: 86_400 },
      spending: { max: 1000, prices: { "emulator/*": 1 } },
    },
  }),
  patient: createFalProxy({
    ...policy,
    // Signs the visitor in when they are gone.
    async authenticate({ headers, signal }) {
      told.push("asked");
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return { id: headers.get("x-visitor") ?? "" };
    },
    onDecision: (decision) => void told.push(decision),
  }),
  one: createFalProxy({
    ...policy,
    onDecision: (decision) => void told.push(decision),
    limits: { store: (env) => durableLimits(env.LIMITS), concurrent: 1 },
  }),
  granted: createFalProxy({
    ...policy,
    allowedEndpoints: ["emulator/**"],
    grantedEndpoints: ["emulator/**"],
    realtimeTokens: true,
    secret: "s".repeat(32),
    limits: { store: (env) => durableLimits(env.LIMITS), requests: { max: 1000, windowSeconds: 60 } },
  }),
  ruled: createFalProxy({
    ...policy,
    inputs: { "emulator/*": { num_images: { max: 4 }, safe: { fixed: true } } },
  }),
};

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  async fetch(request, env, context) {
    const name = new URL(request.url).pathname.slice(1);
    if (name === "told") return Response.json(told.splice(0));
    // The app's own server.
    if (name === "grant") return new Response(await grant(/** @type {any} */ (await request.json())));
    if (name === "timed") return env.TIMED.get(env.TIMED.idFromName(request.headers.get("x-visitor"))).fetch(request);
    return proxies[name](request, env, context);
  },
};
