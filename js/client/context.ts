/** Where calls begin: options are checked, operations opened, files uploaded. */

import type { Operation, RetryBudget, StartOperation } from "../driver/job.ts";
import type { CoreOptions } from "../core/memory.ts";
import type { UploadSource } from "../storage/source.ts";
import type { FileSource, StorageSettings, StreamUploadOptions } from "../storage/types.ts";
import type { Config } from "./config.ts";
import type { CallOptions } from "./run.ts";
import { OperationKind } from "../core/wire.ts";
import { prepare } from "../driver/operation.ts";
import { callCore } from "../core/call-core.ts";
import { type HostTransport, resolveConfig, checkCallOptions } from "#host/host.ts";
import { transformInput } from "../storage/input.ts";
import { type HeaderOptions, callHeaders } from "./headers.ts";
import { type CALL, type Given, RETRY, UPLOAD, readOptions } from "./options.ts";
import { sourceOf } from "../storage/source.ts";

/** The options that every call is checked for. */
export interface CheckedOptions extends CallOptions {
  readonly tokenProvider?: unknown;
}

/** The options of a call with an input. */
export interface InputOptions extends CheckedOptions {
  readonly input?: unknown;
  readonly requestId?: string;
  readonly storageSettings?: StorageSettings;
}

/** Uploads a file and resolves to its URL. */
export type Upload = (
  file: FileSource | ReadableStream<ArrayBufferView | ArrayBuffer>,
  options?: Partial<StreamUploadOptions>,
) => Promise<string>;

/**
 * What is called: the operation, the endpoint, the options with the table of what they can be, and what these options, read,
 * mean for it beyond what they mean for every call.
 */
export type CallParameters<Options extends typeof CALL = any> = [
  operation: OperationKind,
  endpoint: string | undefined,
  options: InputOptions,
  table: Options,
  meaning?: (given: Given<Options>) => Partial<Operation>,
];

/** What the parts of one client share. */
export interface ClientContext {
  transport: HostTransport;
  retry: CoreOptions;
  /** Opens an operation. Its options are all checked before anything is sent or uploaded. */
  open<Options extends typeof CALL>(...call: CallParameters<Options>): StartOperation;
  /** Opens an operation, uploads the files in its input, and starts it. What is in the queue has its input already. */
  call<Output, Options extends typeof CALL>(...call: CallParameters<Options>): Promise<Output>;
  upload: Upload;
  /** Runs `work`, and tells it whether it may follow a status by a stream: only a few streams may be open at once. */
  streaming<T>(work: (mayStream: boolean) => Promise<T>): Promise<T>;
  /** The input, with its files uploaded. */
  withFiles(options: InputOptions, abortSignal?: AbortSignal): Promise<unknown>;
}

/** Reads a configuration; throws what is wrong with it. */
export function createContext(config: Config): ClientContext {
  const transport = callCore(() => resolveConfig(config));
  const retry = callCore(() => {
    const { retryableStatusCodes: status, ...retry } = readOptions(config.retry ?? {}, RETRY);
    return { ...retry, status, backupHosts: config.backupHosts };
  });
  const retryBudget: RetryBudget = { spent: 0 };

  const open: ClientContext["open"] = (operation, endpoint, options, table, meaning) =>
    callCore(() => {
      checkCallOptions(transport, options, !options.tokenProvider);
      const given: HeaderOptions & Given<typeof CALL> & Given<typeof table> = readOptions(options, table);
      return prepare({
        ...retry,
        ...given,
        transport,
        retryBudget,
        operation,
        endpoint,
        own: given.headers,
        headers: callHeaders(given),
        idle: given.timeout,
        ...meaning?.(given),
      });
    });

  const call: ClientContext["call"] = async (operation, endpoint, options, ...rest) => {
    const start = open(operation, endpoint, options, ...rest);
    const { abortSignal, requestId } = options;
    return start({ input: requestId ? undefined : await withFiles(options, abortSignal) }, abortSignal);
  };

  const upload: Upload = async (file, options = {}) => {
    let source!: UploadSource;
    const start = open(OperationKind.Upload, undefined, options, UPLOAD, (given) => {
      source = sourceOf(file, given);
      return { file: source, size: source.size, once: source.once };
    });
    try {
      const url = await start<string>({}, options.abortSignal);
      await source.finish();
      return url;
    } finally {
      source.close();
    }
  };

  const withFiles: ClientContext["withFiles"] = (
    { input, storageSettings: lifecycle, headers, timeout },
    abortSignal,
  ) => transformInput(input, upload, { lifecycle, headers, timeout, abortSignal });

  let streams = 0;
  const streaming: ClientContext["streaming"] = async (work) => {
    const mayStream = streams < transport.statusStreams;
    streams += Number(mayStream);
    try {
      return await work(mayStream);
    } finally {
      streams -= Number(mayStream);
    }
  };

  return { transport, retry, open, call, upload, streaming, withFiles };
}
