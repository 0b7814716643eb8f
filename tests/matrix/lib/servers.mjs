/** Servers on this machine: folders of files, and programs that serve. */

import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { PATIENCE, startServer } from "../../lib/served.mjs";

/** @type {Record<string, string>} */
const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml",
};

/** @param {import("node:http").RequestListener} listener */
export async function listen(listener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/**
 * Serves a folder as it is.
 *
 * @param {string} folder @param {Record<string, string>} [headers] For every answer.
 */
export const serveFolder = (folder, headers = {}) =>
  listen((request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://none");
    const named = join(folder, normalize(decodeURIComponent(pathname)));
    const file = existsSync(named) && statSync(named).isDirectory() ? join(named, "index.html") : named;
    if (!existsSync(file)) return void response.writeHead(404, headers).end();
    const type = TYPES[extname(file)] ?? "application/octet-stream";
    response.writeHead(200, { "content-type": type, ...headers }).end(readFileSync(file));
  });

/**
 * Starts a program that serves, and waits until its port answers.
 *
 * @param {string} program @param {string[]} args @param {{ cwd: string, env?: Record<string, string>, port: string }} options
 */
export const serveProgram = (program, args, { port, ...options }) =>
  startServer(program, args, { ...options, logs: "matrix" }, async () => {
    const url = `http://localhost:${port}`;
    const answer = await fetch(url, { signal: AbortSignal.timeout(PATIENCE) }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer && url;
  });
