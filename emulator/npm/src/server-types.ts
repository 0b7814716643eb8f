/** What the server takes and gives. */

import type { IncomingMessage, ServerResponse } from "node:http";

import type { EmulatorHandle, EmulatorOptions } from "./types.d.ts";

/** Answers requests of its own path, in place of the emulator. */
export type Route = (request: IncomingMessage, response: ServerResponse) => unknown;

/** How a server is set up. */
export interface ServerOptions extends EmulatorOptions {
  /** The port on 127.0.0.1. @default 0, which is any that is free */
  port?: number;
  /** More paths that it answers, such as `"/api/fal/proxy"`. */
  routes?: Record<string, Route>;
  /** Takes one line about each request: no key, no query, no prompt. @default nobody */
  log?: (line: string) => void;
}

/** A server that runs. */
export interface EmulatorServer extends EmulatorHandle {
  /** Where it is: `http://127.0.0.1:PORT`. */
  readonly url: string;
  /** Stops it. Open requests have a moment to end. */
  close(): Promise<void>;
}
