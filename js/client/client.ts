/** The client: names, options and results of `@fal-ai/client`, on top of the core. */

import type { Config } from "./config.ts";
import type { RunOptions } from "./run.ts";
import type { FalClient } from "./types.ts";
import { OperationKind } from "../core/wire.ts";
// A bundler keeps this order of modules, in which a page is 96 B (brotli) smaller than in the one it had: realtime comes first.
import { createWs } from "#host/ws.ts";
import { createRealtime } from "../realtime/realtime.ts";
import { openPlatform } from "#host/platform.ts";
import { createQueue } from "../queue/queue.ts";
import { createContext } from "./context.ts";
import { createStreaming } from "../stream/streaming.ts";
import { RUN } from "./options.ts";
import { transformInput } from "../storage/input.ts";

/** Creates a client. Throws at once what is wrong with its configuration. */
export function createFalClient(config: Config = {}): FalClient {
  const context = createContext(config);
  const streaming = createStreaming(context);
  const platform = openPlatform(context, config);
  const run = (endpoint: string, options: RunOptions<unknown> = {}) =>
    context.call<any, typeof RUN>(OperationKind.Run, endpoint, options, RUN);
  return {
    run,
    ...createQueue(context),
    stream: streaming.stream,
    streaming,
    storage: {
      upload: context.upload,
      transformInput: (input, options) => transformInput(input, context.upload, options),
    },
    realtime: createRealtime(context, run),
    ws: createWs(context),
    get platform() {
      return platform();
    },
  };
}

/**
 * The client for programs that need only one, configured by `fal.config`. What is configured later is added to what
 * was configured before.
 */
export function createSingleton(): FalClient & { config(config: Config): void } {
  let settings: Config = {};
  let client: FalClient | undefined;
  const current = () => (client ??= createFalClient(settings));
  // Passed on as they are: a wrapper with parameters of its own would keep only the last overload.
  const run = async (...args: Parameters<FalClient["run"]>) => current().run(...args);
  const stream = async (...args: Parameters<FalClient["stream"]>) => current().stream(...args);
  const subscribe = async (...args: Parameters<FalClient["subscribe"]>) => current().subscribe(...args);
  return {
    config(config) {
      const merged = { ...settings, ...config };
      client = createFalClient(merged);
      settings = merged;
    },
    run: run as FalClient["run"],
    stream: stream as FalClient["stream"],
    subscribe: subscribe as FalClient["subscribe"],
    get queue() {
      return current().queue;
    },
    get storage() {
      return current().storage;
    },
    get streaming() {
      return current().streaming;
    },
    get ws() {
      return current().ws;
    },
    get platform() {
      return current().platform;
    },
    get realtime() {
      return current().realtime;
    },
  };
}
