/** The published `@fal-ai/server-proxy` in two of its adapters, as its README sets it up, and a page. */

import { createServer } from "node:http";

import * as onExpress from "@fal-ai/server-proxy/express";
import * as onSvelte from "@fal-ai/server-proxy/svelte";
import express from "express";

import { toNodeHandler } from "fal-wasm/proxy/node";

/** Its own list of URLs, and what it has to be told for uploads in parts and for tokens. */
const config = {
  allowedEndpoints: ["**"],
  allowUnauthorizedRequests: true,
  allowedUrlPatterns: [
    "fal.run/**",
    "queue.fal.run/**",
    "rest.fal.ai/storage/upload/initiate\\?storage_type=fal-cdn-v3",
    "rest.fal.ai/storage/upload/initiate-multipart\\?storage_type=fal-cdn-v3",
    "rest.fal.ai/tokens/",
    "rest.fal.ai/tokens/realtime",
  ],
};

const app = express();
app.get("/", (_request, response) => void response.type("html").send("<!doctype html><title>app</title>"));
app.all("/express", express.json({ limit: "10mb" }), onExpress.createHandler(config));
for (const [place, options] of /** @type {const} */ ([
  ["/svelte", config],
  ["/as-it-comes", { allowedEndpoints: ["**"] }],
])) {
  const { requestHandler } = onSvelte.createRequestHandler(options);
  app.all(
    place,
    toNodeHandler((request) => requestHandler({ request })),
  );
}
const server = createServer(app);
server.listen(0, "127.0.0.1", () => {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  console.log(`http://127.0.0.1:${port}`);
});
