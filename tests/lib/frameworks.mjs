/** Servers of every kind that speak `node:http`, each with one handler of requests and responses behind it. */

import { createServer } from "node:http";
import { createServer as createServer2 } from "node:http2";

import express4 from "express";
import express5 from "express5";
import fastify from "fastify";
import { Hono } from "hono";

import { toNodeHandler } from "fal-wasm/proxy/node";

import { door, door2, listening } from "./doors.mjs";

/** Where it is mounted. */
export const PATH = "/api/fal/proxy";

/** @typedef {(request: Request, env?: any, context?: any) => Promise<Response>} Handler */
/** @typedef {{ port: number, send: (request: Request) => Promise<Response>, stop: () => void }} Served */

/** @param {any} server @param {(port: number) => (request: Request) => Promise<Response>} [way] @returns {Promise<Served>} */
async function started(server, way = door) {
  const port = await listening(server);
  const stop = () => {
    server.closeAllConnections?.();
    server.close();
  };
  return { port, send: way(port), stop };
}

/** @param {any} express @param {boolean} parsed */
const onExpress = (express, parsed) => (/** @type {Handler} */ handler, /** @type {any} */ options) => {
  const app = express();
  if (parsed) app.use(express.json({ limit: "16mb" }));
  app.all(PATH, toNodeHandler(handler, options));
  return started(createServer(app));
};

/** @param {(app: any) => void} [prepare] */
const onFastify = (prepare) => async (/** @type {Handler} */ handler, /** @type {any} */ options) => {
  const app = fastify();
  app.addHook(
    "onRequest",
    async (/** @type {any} */ _, /** @type {any} */ reply) => void reply.header("x-hook", "ran"),
  );
  app.register(async (/** @type {any} */ scope) => {
    prepare?.(scope);
    scope.all(PATH, toNodeHandler(handler, options));
  });
  await app.ready();
  const { routing } = /** @type {any} */ (app);
  return started(createServer((req, res) => routing(req, res)));
};

/** @type {Record<string, (handler: Handler, options?: { origin?: string }) => Promise<Served>>} */
export const servers = {
  "node:http": (handler, options) => started(createServer(toNodeHandler(handler, options))),
  "node:http2": (handler, options) =>
    started(createServer2(/** @type {any} */ (toNodeHandler(handler, options))), door2),
  "Express 4": onExpress(express4, false),
  "Express 4 after express.json()": onExpress(express4, true),
  "Express 5": onExpress(express5, false),
  "Express 5 after express.json()": onExpress(express5, true),
  Fastify: onFastify((scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (/** @type {any} */ _request, /** @type {any} */ _body, /** @type {any} */ done) =>
      done(null),
    );
  }),
  "Fastify with its own parsers": onFastify(),
  "Hono on node:http": (handler, options) => {
    const app = new Hono();
    app.all(PATH, (c) => handler(c.req.raw));
    return started(createServer(toNodeHandler((request) => app.fetch(request), options)));
  },
};
