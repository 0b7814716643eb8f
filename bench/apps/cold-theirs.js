/** An app whose worker is the official proxy, in the adapter that is for workers. */

import { createRouteHandler } from "@fal-ai/server-proxy/hono";
import { Hono } from "hono";

const app = new Hono();
const proxy = createRouteHandler({
  allowedEndpoints: ["emulator/*"],
  isAuthenticated: async () => true,
  allowUnauthorizedRequests: false,
});
app.all("/api/fal/proxy", /** @type {any} */ (proxy));

export default app;
