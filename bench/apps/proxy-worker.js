/**
 * The proxies side by side in one worker, behind the same router: ours, the official one, and what there is without a proxy: a `fetch` that
 * passes on what came. Each lets the same endpoints through.
 */

import { createRouteHandler } from "@fal-ai/server-proxy/hono";
import { Hono } from "hono";

import { createFalProxy } from "fal-wasm/proxy";

const allowedEndpoints = ["emulator/*"];
const app = new Hono();

/** @param {string[]} patterns */
const proxyFor = (patterns) =>
  createFalProxy({
    authenticate: () => ({ id: "visitor" }),
    allowedEndpoints: patterns,
    maxBodyBytes: 64 * 1024 * 1024,
  });
const ours = proxyFor(allowedEndpoints);
app.all("/ours", (c) => ours(c.req.raw, c.env, c.executionCtx));

// A policy with many patterns, the one that matches last: it is to cost a request no more than a short one.
const manyPatterns = proxyFor([
  ...Array.from({ length: 199 }, (_, number) => `owner/app-${number}/**`),
  ...allowedEndpoints,
]);
app.all("/patterns", (c) => manyPatterns(c.req.raw, c.env, c.executionCtx));

// It reads FAL_KEY from the environment, by default, and is told who may come in.
const theirs = createRouteHandler({
  allowedEndpoints,
  isAuthenticated: async () => true,
  allowUnauthorizedRequests: false,
});
app.all("/theirs", /** @type {any} */ (theirs));

app.all("/floor", (c) => {
  const { FAL_KEY } = /** @type {any} */ (c.env);
  const headers = { authorization: `Key ${FAL_KEY}`, accept: "application/json", "content-type": "application/json" };
  const { method, body } = c.req.raw;
  return fetch(c.req.header("x-fal-target-url") ?? "", { method, headers, body });
});

app.all("/nothing", () => new Response("ok"));

export default app;
