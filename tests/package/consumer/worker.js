/** A worker that installed the package. */

import { createFalClient } from "fal-wasm";
import { createFalProxy } from "fal-wasm/proxy";

const proxy = createFalProxy({ authenticate: () => ({ id: "visitor" }), allowedEndpoints: ["fal-ai/flux/**"] });

export default {
  async fetch(request, env, context) {
    const { pathname } = new URL(request.url);
    if (pathname === "/api/fal/proxy") return proxy(request, env, context);
    if (pathname === "/run")
      return Response.json(await createFalClient({ env }).run("emulator/echo", { input: { a: 1 } }));
    return env.ASSETS.fetch(request);
  },
};
