/** The worker that makes thousands of calls. */

import { many } from "./many.js";

import { createFalClient } from "fal-wasm";

export default {
  /** @param {Request} request @param {any} env */
  async fetch(request, env) {
    const [kind, count] = new URL(request.url).pathname.slice(1).split("/");
    if (kind !== "gc") return Response.json(await many(createFalClient, { env }, kind, Number(count)));
    /** @type {any} */ (globalThis).gc();
    return new Response();
  },
};
