/** Where an app's compiler must take the adapter for `node:http`. */

import { createServer } from "node:http";
import { createServer as createServer2 } from "node:http2";
import { createFalProxy } from "fal-wasm/proxy";
import { toNodeHandler } from "fal-wasm/proxy/node";
import { createWebhookHandler } from "fal-wasm/webhook";
import { fastify } from "fastify";

const handler = toNodeHandler(
  createFalProxy({
    authenticate: (_request, _env, { req }) => (req.user ? { id: req.user.id } : null),
    allowedEndpoints: ["fal-ai/flux/**"],
  }),
  { origin: "https://app.example" },
);

createServer(handler);
createServer2(handler);
fastify().all("/api/fal/proxy", handler);
createServer(toNodeHandler(createWebhookHandler({ onEvent() {} })));

/** As Express and Next.js declare theirs: with more on both. */
type Handler = (
  req: import("node:http").IncomingMessage & { body: any; protocol: string },
  res: import("node:http").ServerResponse & { json(value: any): void },
  next: (error?: any) => void,
) => void;
handler satisfies Handler;

// @ts-expect-error: a handler of something else
toNodeHandler((text: string) => text);
