/** Files: uploading them, how long they live, who may read them. */

import type { CallOptions } from "../client/run.ts";

/** What one user, or everybody, may do with a file. */
export interface StorageACLRule {
  user: string;
  decision: "hide" | "forbid" | "allow";
}

/** Who may read a file. */
export interface StorageACL {
  default?: "hide" | "forbid" | "allow";
  rules?: StorageACLRule[];
}

/** How long files live, and who may read them. */
export interface StorageSettings {
  /** Seconds, or one of these. `never` leaves it to the setting of the account. */
  expiresIn?: "never" | "immediate" | "1h" | "1d" | "7d" | "30d" | "1y" | number;
  initialAcl?: StorageACL;
}

/** A file that is written into a text. */
export type DataUri = `data:${string}`;

/**
 * What can be uploaded. Bytes in memory are read while they are uploaded: do not write to them meanwhile.
 */
export type FileSource = Blob | ArrayBuffer | ArrayBufferView | DataUri;

/**
 * How far an upload is. `fetch` does not tell how much of a body has been sent: a file of up to 90 MiB counts when all of
 * it has arrived, a larger one part by part (10 MiB).
 */
export interface UploadProgress {
  /** Bytes that fal has accepted. Never falls, and is `total` once: when the file can be read at its URL. */
  loaded: number;
  /** Size of the file. */
  total: number;
}

/** Options of an upload. */
export interface UploadOptions extends CallOptions {
  /** How long the file lives, and who may read it. From a browser only when the proxy passes it on (`forwardHeaders`). */
  lifecycle?: StorageSettings;
  /** Called as the file arrives. What it throws ends the upload with that error. */
  onProgress?: (progress: UploadProgress) => void;
  /** Stops the upload at once. Nothing of the file is stored then. */
  readonly abortSignal?: AbortSignal;
  /** The media type. Default: the one of the file, else `application/octet-stream`. */
  contentType?: string;
  /** The name. Default: the one of the file, else the time. Control characters in it become `_`. */
  fileName?: string;
}

/** Options of an upload from a stream. */
export interface StreamUploadOptions extends UploadOptions {
  /** How many bytes the stream has. When it turns out to have more or fewer, nothing is stored. */
  size: number;
}

/** fal's storage. */
export interface StorageClient {
  /**
   * Uploads a file and resolves to its URL. Above 90 MiB it goes in parts of 10 MiB, four at a time; each request and each
   * part is sent again after 408, 409, 429, 5xx and broken connections (5 times, unless `retry` says otherwise).
   */
  upload(file: FileSource, options?: UploadOptions): Promise<string>;
  /**
   * Uploads what a stream gives. It is read as fast as parts are accepted, and at most four parts (40 MiB) are kept, to be
   * sent again; so it goes in parts from 10 MiB on. A failed upload needs a new stream.
   */
  upload(stream: ReadableStream<ArrayBufferView | ArrayBuffer>, options: StreamUploadOptions): Promise<string>;
  /** Uploads the files in an input; resolves to the input with their URLs in their places. */
  transformInput<Input>(input: Input, options?: Pick<UploadOptions, "lifecycle" | "abortSignal">): Promise<Input>;
}
