/** Running a model: what goes in with the input, and what comes out. */

import type { StorageSettings } from "./storage.js";

/** The answer of a model. */
export interface Result<T> {
  data: T;
  /** The id of the request at fal; empty when the answer did not name one. */
  requestId: string;
}

/** What can be said about running a model. */
export interface RunOptions<Input> {
  /**
   * The input. Blobs, files and bytes (an `ArrayBuffer`, a typed array) in it are uploaded, and their URLs take their
   * places: each once, four at a time. When one cannot be uploaded nothing is sent.
   */
  readonly input?: Input;
  /** Default `post`. With `get` the input becomes the query. */
  readonly method?: "get" | "post" | "put" | "delete" | "patch" | (string & {});
  /** Aborts the call. */
  readonly abortSignal?: AbortSignal;
  /** How long the files of the result live, and who may read them; also those of the input that are uploaded. */
  readonly storageSettings?: StorageSettings;
  /** Seconds the request may wait to start, more than 1. */
  readonly startTimeout?: number;
  /** Asks for the runner that served this hint before. */
  readonly hint?: string;
  /** Headers of your own. */
  readonly headers?: HeadersInit;
}
