/** `fal-wasm dev`: fal's emulator on this machine, and with `--app` a proxy in front of it. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

import { toNodeHandler } from "../entries/server/node.ts";
import { createFalProxy } from "../entries/server/proxy.ts";
import { UsageError, parse } from "./arguments.ts";
import { KEY, PORT } from "./emulator.ts";

const PACKAGE = "fal-emulator";
const PROXY_PATH = "/api/fal/proxy";

export const USAGE = `       fal-wasm dev [--port <n>] [--app]   fal's emulator on this machine: nothing leaves it, nothing costs money

  --port          the port, ${PORT} unless you say otherwise; 0 takes any that is free
  --app           also serves a proxy at ${PROXY_PATH}, for a page: everybody who calls it is the same visitor
  --settings      a command of /__control as JSON, which is carried out at the start: '{"queue":{"ahead":3}}'

  It is in a package of its own: npm install --save-dev ${PACKAGE}
`;

export const NAMES = ["dev"];

export const isCommand = (word: string | undefined): boolean => word === "dev";

type Route = (request: IncomingMessage, response: ServerResponse) => unknown;

/** What is used of the package. */
interface Emulator {
  startEmulator(options: {
    port: number;
    keys: { key: string }[];
    settings: object;
    log: (line: string) => void;
    routes: Record<string, Route>;
  }): Promise<{ url: string; close(): Promise<void> }>;
}

/** The package, as the project has it or where this one is. Throws how to get it. */
async function load(): Promise<Emulator> {
  for (const from of [join(process.cwd(), "package.json"), import.meta.url]) {
    let file;
    try {
      file = createRequire(from).resolve(PACKAGE);
    } catch {
      continue;
    }
    return import(pathToFileURL(file).href);
  }
  throw new UsageError(
    `The emulator is in a package of its own, which is not installed: npm install --save-dev ${PACKAGE}`,
  );
}

function portOf(text = String(PORT)): number {
  if (!/^\d{1,5}$/.test(text) || Number(text) > 65_535) throw new UsageError("--port takes a port, from 0 to 65535.");
  return Number(text);
}

function settingsOf(text = "{}"): object {
  try {
    return JSON.parse(text);
  } catch {
    throw new UsageError("--settings takes a command of /__control, as JSON.");
  }
}

/** Pages of this machine, whatever serves them. */
const LOCAL_PAGE = /^http:\/\/(?:127\.0\.0\.1|localhost)(?::\d{1,5})?$/;

/** Everything that the emulator has. */
const ENDPOINTS = ["fal-ai/**", "emulator/**", "workflows/emulator/**", "comfy/emulator/**"];

/** The proxy: for pages of this machine, each of which trusts nobody but itself. */
function proxy(): Route {
  const handlers = new Map<string, ReturnType<typeof toNodeHandler>>();
  return (request, response) => {
    const { origin = "" } = request.headers;
    const page = LOCAL_PAGE.test(origin) ? origin : "";
    const handler =
      handlers.get(page) ??
      toNodeHandler(
        createFalProxy({
          authenticate: () => ({ id: "dev" }),
          allowedEndpoints: ENDPOINTS,
          realtimeTokens: true,
          trustedOrigins: page ? [page] : [],
          credentials: KEY,
        }),
      );
    handlers.set(page, handler);
    return handler(request, response);
  };
}

/** What is said when it runs. */
const greeting = (
  url: string,
  isApp: boolean,
): string => `fal's emulator is at ${url}. Nothing leaves this machine. Stop it with Ctrl+C.

For .env.local, .dev.vars or .env of your server:

FAL_BASE_URL=${url}
FAL_KEY=${KEY}

${isApp ? `For your page: proxyUrl: "${url}${PROXY_PATH}"\n\n` : ""}Routes, each of fal's hosts in a folder of its own:

${url}/fal.run/fal-ai/flux/schnell         runs, streams, realtime
${url}/queue.fal.run/fal-ai/flux/schnell   the queue
${url}/rest.fal.ai, /v3.fal.media          uploads, tokens, files
${url}/ws.fal.run                          HTTP over WebSockets
${url}/api.fal.ai/v1                       the Platform APIs
${url}/__control                           GET: what happened; POST: time, queue and faults
${isApp ? `${url}${PROXY_PATH}                      the proxy\n` : ""}
`;

/** Resolves to the exit code when it is stopped: 0, 1 when it cannot start, 2 when the arguments are invalid. */
export async function run([, ...args]: string[]): Promise<number> {
  try {
    const given = parse(args, { port: "text", app: "flag", settings: "text" }, 0);
    const [port, settings, isApp] = [portOf(given.text("port")), settingsOf(given.text("settings")), given.has("app")];
    const { startEmulator } = await load();
    const routes: Record<string, Route> = isApp ? { [PROXY_PATH]: proxy() } : {};
    const log = (line: string): void => void process.stderr.write(`${line}\n`);
    const emulator = await startEmulator({ port, keys: [{ key: KEY }], settings, log, routes });
    // Where the proxy finds it.
    process.env.FAL_BASE_URL = emulator.url;
    process.stdout.write(greeting(emulator.url, isApp));
    await new Promise<void>((stop) => process.once("SIGINT", stop).once("SIGTERM", stop));
    await emulator.close();
    return 0;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isTaken = code === "EADDRINUSE";
    process.stderr.write(`${isTaken ? "Something else has that port: choose another one with --port." : message}\n`);
    return error instanceof UsageError ? 2 : 1;
  }
}
