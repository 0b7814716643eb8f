/** The server of the browser tests: the site, and the proxy it calls. */

import { createFalProxy } from "fal-wasm/proxy";

const proxy = createFalProxy({
  authenticate: () => ({ id: "visitor" }),
  allowedEndpoints: ["emulator/*", "fal-ai/**"],
});

export default {
  /** @param {Request} request @param {any} env @param {any} context */
  fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/fal/proxy") return proxy(request, env, context);
    return env.ASSETS.fetch(request);
  },
};
