/** The worker of the scenarios: it plays them itself, and is the proxy of the page that does. */

import { createFalClient } from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

import { play } from "./play.js";

const proxy = createFalProxy({
  authenticate: () => ({ id: "visitor" }),
  allowedEndpoints: ["emulator/*", "fal-ai/**"],
});

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/fal/proxy") return proxy(request, env, context);
    if (pathname === "/play") return Response.json(await play(createFalClient, { env }, await request.json()));
    return env.ASSETS.fetch(request);
  },
};
