/** Where calls begin: options are checked, operations opened, files uploaded. */

import type { OperationJob, ReadOptions, RetryBudget, StartOperation } from "../driver/job.ts";
import type { UploadSource } from "../storage/source.ts";
import type { FileSource, StorageSettings, StreamUploadOptions } from "../storage/types.ts";
import type { Config } from "./config.ts";
import type { CallOptions } from "./run.ts";
import { OperationKind } from "../core/wire.ts";
import { prepare } from "../driver/operation.ts";
import { callCore } from "../core/call-core.ts";
import { type HostTransport, resolveConfig, checkCallOptions } from "#host/host.ts";
import { transformInput } from "../storage/input.ts";
import { ownHeaders, uploadHeaders } from "./headers.ts";
import { NAMES, type RetrySettings, onlyKnown, patience, retryNumbers, signal } from "./options.ts";
import { sourceOf } from "../storage/source.ts";

/** The options that every call is checked for. */
export interface CheckedOptions extends CallOptions {
  readonly tokenProvider?: unknown;
}

/** The options of a call with an input. */
export interface InputOptions extends CallOptions {
  readonly input?: unknown;
  readonly storageSettings?: StorageSettings;
}

/** Uploads a file and resolves to its URL. */
export type Upload = (
  file: FileSource | ReadableStream<ArrayBufferView | ArrayBuffer>,
  options?: Partial<StreamUploadOptions>,
) => Promise<string>;

/** What the parts of one client share. */
export interface ClientContext {
  transport: HostTransport;
  retry: RetrySettings;
  /** Opens an operation from its options, which have these names. They are all checked before anything is sent or uploaded. */
  open(options: CheckedOptions, names: string, read: ReadOptions): StartOperation;
  upload: Upload;
  /** Runs `work`, and tells it whether it may follow a status by a stream: only a few streams may be open at once. */
  streaming<T>(work: (mayStream: boolean) => Promise<T>): Promise<T>;
  /** The input, with its files uploaded. */
  withFiles(options: InputOptions, abortSignal?: AbortSignal): Promise<unknown>;
  /** Uploads the files in an input, then sends it. */
  withInput<Output>(options: InputOptions, start: StartOperation): Promise<Output>;
}

/** Reads a configuration; throws what is wrong with it. */
export function createContext(config: Config): ClientContext {
  const transport = callCore(() => resolveConfig(config));
  const retry = callCore(() => retryNumbers(config));
  const retryBudget: RetryBudget = { spent: 0 };

  const open: ClientContext["open"] = (options, names, read) =>
    callCore(() => {
      checkCallOptions(transport, options, !options.tokenProvider);
      onlyKnown(options, names);
      signal(options);
      const [given, operation] = read();
      const job: OperationJob = {
        transport,
        retryBudget,
        patience: patience(retry, options),
        own: ownHeaders(options),
        ...given,
      };
      return prepare(operation, job);
    });

  const upload: Upload = async (file, options = {}) => {
    let source!: UploadSource;
    const start = open(options, NAMES.upload, () => {
      source = sourceOf(file, options);
      const job = { file: source, headers: uploadHeaders(options.lifecycle) };
      return [job, { operation: OperationKind.Upload, size: source.size, once: source.once }];
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

  const withInput: ClientContext["withInput"] = async (options, start) => {
    const { abortSignal } = options;
    return start({ input: await withFiles(options, abortSignal) }, abortSignal);
  };

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

  return { transport, retry: patience(retry, {}), open, upload, streaming, withFiles, withInput };
}
