/** The client: names, options and results of `@fal-ai/client`, on top of the core. */

import { OperationKind } from "../core/wire.ts";
import { createContext } from "./context.ts";
import { transformInput } from "../storage/input.ts";
import { callHeaders } from "./headers.ts";
import { methodOf, query, text } from "./options.ts";
import { openPlatform } from "#host/platform.ts";
import { createQueue } from "../queue/queue.ts";
import { createRealtime } from "../realtime/realtime.ts";
import { createStreaming } from "../stream/streaming.ts";
import { createWs } from "#host/ws.ts";
import type { Config } from "./config.ts";
import type { FalClient } from "./types.ts";

/** Creates a client. Throws at once when its configuration is invalid. */
export function createFalClient(config: Config = {}): FalClient {
  const context = createContext(config);
  const streaming = createStreaming(context);
  const platform = openPlatform(context, config);
  return {
    /** @param {string} endpoint @param {any} [options] */
    async run(endpoint, options = {}) {
      const start = context.open(options, () => {
        const job = { endpoint, headers: callHeaders(options, false), query: query(options) };
        return [job, { operation: OperationKind.Run, endpoint, path: text(options, "path"), method: methodOf(options) }];
      });
      return context.withInput(options, start);
    },
    ...createQueue(context),
    stream: streaming.stream,
    streaming,
    storage: {
      upload: context.upload,
      transformInput: (input, options) => transformInput(input, context.upload, options),
    },
    realtime: createRealtime(context),
    ws: createWs(context),
    get platform() {
      return platform();
    },
  };
}

/**
 * The client for programs that need only one, configured by `fal.config`. What is configured later is added to what
 * was configured before.
 *
 * @internal
 */
export function createSingleton(): FalClient & { config(config: Config): void } {
  let settings: Config = {};
  let client: FalClient | undefined;
  const current = () => (client ??= createFalClient(settings));
  return {
    config(config) {
      const merged = { ...settings, ...config };
      client = createFalClient(merged);
      settings = merged;
    },
    run: (/** @type {[any]} */ ...args) => current().run(...args),
    subscribe: (/** @type {[any]} */ ...args) => current().subscribe(...args),
    stream: (/** @type {[any]} */ ...args) => current().stream(...args),
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
