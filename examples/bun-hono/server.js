import { createFalProxy } from "fal-wasm/proxy";
import { Hono } from "hono";
import { basicAuth } from "hono/basic-auth";

const app = new Hono();
const proxy = createFalProxy({ authenticate: (_request, { user }) => user, allowedEndpoints: ["fal-ai/flux/**"] });

// Your own sign-in goes here.
app.use(basicAuth({ username: "app", password: process.env.APP_PASSWORD || crypto.randomUUID() }));
app.all("/api/fal/proxy", (c) => proxy(c.req.raw, { user: { id: "app" } }));

export default app;
