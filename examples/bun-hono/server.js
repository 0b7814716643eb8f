import { createFalProxy } from "fal-wasm/proxy";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";

const app = new Hono();
const proxy = createFalProxy({ authenticate: (_request, { user }) => user, allowedEndpoints: ["fal-ai/flux/**"] });

// Your own sign-in goes here.
app.use(basicAuth({ username: "app", password: process.env.APP_PASSWORD || crypto.randomUUID() }));
app.all("/api/fal/proxy", (c) => proxy(c.req.raw, { user: { id: "app" } }));

// Bun cuts a call after 10 seconds in which nothing was said, and models think for longer. This is the most it takes.
export default { fetch: app.fetch, idleTimeout: 255 };
