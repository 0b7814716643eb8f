/** What counts as a file, and why one could not be read. */

import { FailureKind } from "../core/wire.ts";
import { OperationError } from "../errors/errors.ts";

/** Bytes as `fetch` takes them. */
export type FileBytes = Blob | Uint8Array<ArrayBuffer>;

/** Why a file could not be read. */
export const BROKEN = 0;
export const TOO_SHORT = 1;
export const TOO_LONG = 2;
export const NO_BYTES = 3;

/** Throws that a file could not be read, and why. */
export function unreadable(reason: number, cause?: unknown): never {
  throw new OperationError(FailureKind.FileUnreadable, { cause, reason });
}

/** Throws what reading a file was rejected with. */
export const broken = (cause: unknown): never => unreadable(BROKEN, cause);

const hasBrand = (value: unknown, brand: string): boolean =>
  Object.prototype.toString.call(value) === `[object ${brand}]`;

/** By its brand: a buffer of another realm is not an instance of this one's class. */
const isArrayBuffer = (value: unknown): value is ArrayBuffer => hasBrand(value, "ArrayBuffer");

/**
 * Bytes in memory, copied only where their size may change; undefined for anything else. That includes memory that is shared with other threads:
 * `fetch` does not take it.
 */
export function bytesOf(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  const isView = ArrayBuffer.isView(value);
  const buffer = isView ? value.buffer : value;
  if (!isArrayBuffer(buffer)) return undefined;
  const bytes = isView ? new Uint8Array(buffer, value.byteOffset, value.byteLength) : new Uint8Array(buffer);
  // `fetch` does not take memory whose size may change.
  return (buffer as { resizable?: boolean }).resizable ? bytes.slice() : bytes;
}

export const isStream = (value: unknown): value is ReadableStream<unknown> =>
  typeof (value as Partial<ReadableStream> | null | undefined)?.getReader === "function";

export function isBlob(value: unknown): value is Blob {
  const blob = value as Partial<Blob> | null | undefined;
  return typeof blob?.size === "number" && typeof blob.slice === "function";
}
