/** Servers on this machine: folders of files, and programs that serve. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join, normalize } from "node:path";

import { log } from "../../../scripts/lib/run.mjs";

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

/** Without colours, and without anything of this machine's that is for other programs. */
const QUIET = { NO_COLOR: "1", FORCE_COLOR: "0", CI: "1" };

/**
 * Starts a program that serves, and waits until it has said where.
 *
 * @param {string} program @param {string[]} args
 * @param {{ cwd: string, env?: Record<string, string>, ready?: RegExp }} options `ready` is what it says once it
 *   listens; its first group is the port.
 */
export function serveProgram(program, args, { cwd, env, ready = /https?:\/\/[\w.[\]:]*?:(\d+)/ }) {
  const all = { ...process.env, ...QUIET, ...env };
  // In a group of its own: what it started ends with it.
  const child = spawn(program, args, { cwd, env: all, stdio: ["ignore", "pipe", "pipe"], detached: true });
  let said = "";
  const stop = () => {
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  };
  process.once("exit", stop);
  return new Promise(
    (/** @type {(served: { url: string, said: () => string, stop: () => void }) => void} */ done, failed) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.on("data", (chunk) => {
          log("matrix", String(chunk));
          said += chunk;
          const port = ready.exec(said)?.[1];
          if (port) done({ url: `http://localhost:${port}`, said: () => said, stop });
        });
      }
      child.on("error", failed);
      child.on("close", (code) => failed(new Error(`${program} ended (${code}).\n${said}`)));
    },
  );
}
