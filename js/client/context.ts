/** Where calls begin: options are checked, operations opened, files uploaded. */

import { OperationKind } from "../core/wire.ts";
import { prepare } from "../driver/operation.ts";
import { callCore } from "../core/call-core.ts";
import { resolveConfig, checkCallOptions } from "#host/host.ts";
import { transformInput } from "../storage/input.ts";
import { ownHeaders, uploadHeaders } from "./headers.ts";
import { patience, retryNumbers, signal } from "./options.ts";
import { sourceOf } from "../storage/source.ts";

/**
 * What an operation is opened with: what of it stays in JavaScript, and the core's side of it.
 *
 * @typedef {[job: Partial<import("../driver/request.ts").Job>, order: import("../driver/open.ts").Order]} Operation
 */

/** @typedef {ReturnType<typeof createContext>} ClientContext */

/** Reads a configuration; throws what is wrong with it. @param {import("../types/index.d.ts").Config} config */
export function createContext(config) {
  const transport = callCore(() => resolveConfig(config));
  const retry = callCore(() => retryNumbers(config));
  const retryBudget = { spent: 0 };

  /**
   * Opens an operation from its options. They are all checked before anything is sent or uploaded.
   *
   * @param {any} options
   * @param {() => Operation} read
   */
  const open = (options, read) =>
    callCore(() => {
      checkCallOptions(transport, options, !options.tokenProvider);
      signal(options);
      const [job, order] = read();
      return prepare(order, {
        transport,
        retryBudget,
        patience: patience(retry, options),
        own: ownHeaders(options),
        ...job,
      });
    });

  /** @param {any} file @param {any} [options] @returns {Promise<string>} */
  const upload = async (file, options = {}) => {
    /** @type {any} */
    let source;
    const start = open(options, () => {
      source = sourceOf(file, options);
      const job = { file: source, headers: uploadHeaders(options.lifecycle) };
      return [job, { operation: OperationKind.Upload, size: source.size, once: source.once }];
    });
    try {
      const url = await start({}, options.abortSignal);
      source.finish();
      return url;
    } finally {
      source.close();
    }
  };

  /** The input, with its files uploaded. @param {any} options @param {AbortSignal} [abortSignal] */
  const withFiles = ({ input, storageSettings: lifecycle, headers, timeout }, abortSignal) =>
    transformInput(input, upload, { lifecycle, headers, timeout, abortSignal });

  /** Uploads the files in an input, then sends it. @param {any} options @param {ReturnType<typeof open>} start */
  const withInput = async (options, start) => {
    const { abortSignal } = options;
    return start({ input: await withFiles(options, abortSignal) }, abortSignal);
  };

  let streams = 0;
  /** Does work that may follow a status by a stream, when there is one to be had. @template T @param {(mayStream: boolean) => Promise<T>} work */
  const streaming = async (work) => {
    const mayStream = streams < transport.statusStreams;
    streams += Number(mayStream);
    try {
      return await work(mayStream);
    } finally {
      streams -= Number(mayStream);
    }
  };

  return { transport, retry: patience(retry, {}), open, upload, streaming, withFiles, withInput };
}
