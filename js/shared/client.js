/** The client: names, options and results of `@fal-ai/client`, on top of the core. */

import * as core from "./core.js";
import { enter, prepare } from "./drive.js";
import { admit, check } from "./host.js";
import { transformInput } from "./input.js";
import { callHeaders, callback, millis, retryNumbers, text, uploadHeaders } from "./options.js";
import { sourceOf } from "./storage.js";

/** @typedef {import("../types/index.d.ts").Config} Config */
/** @typedef {import("../types/index.d.ts").FalClient} FalClient */

/** @param {any} options */
const methodOf = (options) => text(options, "method") || "POST";

/**
 * Creates a client. Throws at once what is wrong with its configuration.
 *
 * @param {Config} [config]
 * @returns {FalClient}
 */
export function createFalClient(config = {}) {
  const place = enter(() => admit(config));
  const retry = enter(() => retryNumbers(config.retry));

  /**
   * Opens an operation from its options. They are all checked before anything is sent or uploaded.
   *
   * @param {any} options
   * @param {() => [job: Partial<import("./request.js").Job>, open: import("./drive.js").Open]} read
   */
  const open = (options, read) =>
    enter(() => {
      check(place, options);
      const [job, operation] = read();
      return prepare(operation, { place, retry, ...job });
    });

  /** @param {any} file @param {any} [options] @returns {Promise<string>} */
  const upload = async (file, options = {}) => {
    /** @type {any} */
    let source;
    const start = open(options, () => {
      source = sourceOf(file, options);
      const job = { file: source, headers: uploadHeaders(options.lifecycle) };
      return [job, (...given) => core.upload(...given, source.size, source.once)];
    });
    try {
      const url = await start(undefined, options.abortSignal);
      source.finish();
      return url;
    } finally {
      source.close();
    }
  };

  /** Uploads the files in an input, then sends it. @param {any} options @param {ReturnType<typeof open>} start */
  const withInput = async ({ input, abortSignal, storageSettings }, start) => {
    const ready = await transformInput(input, upload, { lifecycle: storageSettings, abortSignal });
    return start(ready, abortSignal);
  };

  /** @param {core.Question} question @returns {(endpoint: string, options?: any) => Promise<any>} */
  const ask =
    (question) =>
    async (endpoint, options = {}) => {
      const start = open(options, () => {
        const request = text(options, "requestId");
        const logs = Boolean(options.logs);
        return [{ endpoint }, (...given) => core.ask(...given, question, String(endpoint), request, logs)];
      });
      return start(undefined, options.abortSignal);
    };

  /** @type {FalClient["run"]} */
  const run = async (endpoint, options = {}) => {
    const start = open(options, () => {
      const job = { endpoint, headers: callHeaders(options, false) };
      const method = methodOf(options);
      return [job, (...given) => core.run(...given, String(endpoint), method)];
    });
    return withInput(options, start);
  };

  /** @type {FalClient["queue"]["submit"]} */
  const submit = async (endpoint, options = {}) => {
    const start = open(options, () => {
      const job = { endpoint, headers: callHeaders(options, true) };
      const [method, webhook] = [methodOf(options), text(options, "webhookUrl")];
      return [job, (...given) => core.submit(...given, String(endpoint), method, webhook)];
    });
    return withInput(options, start);
  };

  /** @type {FalClient["subscribe"]} */
  const subscribe = async (endpoint, options = {}) => {
    const start = open(options, () => {
      const [onEnqueue, onQueueUpdate] = [callback(options, "onEnqueue"), callback(options, "onQueueUpdate")];
      const job = { endpoint, headers: callHeaders(options, true), onEnqueue, onQueueUpdate };
      const [method, webhook] = [methodOf(options), text(options, "webhookUrl")];
      const [interval, timeout] = [millis(options, "pollInterval"), millis(options, "timeout")];
      const { logs, cancelOnTimeout = true, cancelOnAbort } = options;
      const [withLogs, onTimeout, onAbort] = [logs, cancelOnTimeout, cancelOnAbort].map(Boolean);
      return [
        job,
        (...given) =>
          core.subscribe(...given, String(endpoint), method, webhook, withLogs, interval, timeout, onTimeout, onAbort),
      ];
    });
    return withInput(options, start);
  };

  return {
    run,
    subscribe,
    queue: {
      submit,
      status: ask(core.Question.Status),
      result: ask(core.Question.Result),
      cancel: ask(core.Question.Cancel),
    },
    storage: {
      upload,
      transformInput: (input, options) => transformInput(input, upload, options),
    },
  };
}

/**
 * The client for programs that need only one, configured by `fal.config`. What is configured later is added to what
 * was configured before.
 *
 * @returns {FalClient & { config(config: Config): void }}
 */
export function createSingleton() {
  /** @type {Config} */
  let settings = {};
  /** @type {FalClient | undefined} */
  let client;
  const current = () => (client ??= createFalClient(settings));
  return {
    config(config) {
      const merged = { ...settings, ...config };
      client = createFalClient(merged);
      settings = merged;
    },
    run: (...args) => current().run(...args),
    subscribe: (...args) => current().subscribe(...args),
    get queue() {
      return current().queue;
    },
    get storage() {
      return current().storage;
    },
  };
}
