/** Servers on this machine: folders of files, and programs that serve. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { basename, extname, join, normalize } from "node:path";

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

/** How long a server may take to begin. */
const PATIENCE = 60_000;

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

/** What was started and not stopped yet. @type {Set<() => void>} */
const running = new Set();
process.once("exit", () => running.forEach((stop) => stop()));

/**
 * Starts a program that serves, and waits until its port answers.
 *
 * @param {string} program @param {string[]} args @param {{ cwd: string, env?: Record<string, string>, port: string }} options
 * @returns {Promise<{ url: string, said: () => string, stop: () => void }>}
 */
export async function serveProgram(program, args, { cwd, env, port }) {
  // In a group of its own: what it started ends with it.
  const child = spawn(program, args, { cwd, env: { ...process.env, ...env }, stdio: "pipe", detached: true });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (chunk) => {
      log("matrix", String(chunk));
      said += chunk;
    });
  const stop = () => {
    running.delete(stop);
    try {
      process.kill(-(child.pid ?? 0), "SIGKILL");
    } catch {
      child.kill("SIGKILL");
    }
  };
  running.add(stop);
  /** @type {Promise<never>} */
  const ended = new Promise((_, failed) => {
    child.on("error", failed);
    child.on("close", (code) => failed(new Error(`${basename(program)} ${args.join(" ")} ended (${code}).\n${said}`)));
  });
  ended.catch(() => {});
  const url = `http://localhost:${port}`;
  const answers = async () => {
    const until = Date.now() + PATIENCE;
    while (Date.now() < until) {
      const answer = await fetch(url).catch(() => undefined);
      await answer?.body?.cancel();
      if (answer) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`${basename(program)} ${args.join(" ")} does not answer.\n${said}`);
  };
  try {
    await Promise.race([ended, answers()]);
  } catch (error) {
    stop();
    throw error;
  }
  return { url, said: () => said, stop };
}
