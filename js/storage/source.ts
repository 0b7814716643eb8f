/**
 * Files on their way to fal's storage: where their bytes come from, what has arrived, and the receipts of it. What is
 * sent when is the core's to say (src/client/upload).
 */

import { FailureKind, PART_BYTES } from "../core/wire.ts";
import { dataUri } from "./data-uri.ts";
import { OperationError } from "../errors/errors.ts";
import { callback, invalidOption, text } from "../client/options.ts";

/** @typedef {Blob | Uint8Array<ArrayBuffer>} Bytes */
/** @typedef {ReturnType<typeof sourceOf>} Source */

/** A media type, as a header can carry it. */
const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;[ -~]*)?$/;

// Why a file could not be read.
const BROKEN = 0;
const TOO_SHORT = 1;
const TOO_LONG = 2;
const NO_BYTES = 3;

/** @param {number} reason @param {unknown} [cause] @returns {never} */
function fail(reason, cause) {
  throw new OperationError(FailureKind.FileUnreadable, cause, "", reason);
}

/** @param {unknown} cause */
const gone = (cause) => fail(BROKEN, cause);

/** Reads a byte. Of a file that is gone some browsers say so, and some give none. @param {Blob} byte */
async function probe(byte) {
  const { byteLength } = await byte.arrayBuffer().catch(gone);
  if (byteLength < byte.size) fail(BROKEN);
}

/** @param {any} value @param {string} brand */
const is = (value, brand) => Object.prototype.toString.call(value) === `[object ${brand}]`;

/**
 * Bytes in memory, not copied; undefined when it is something else. Memory that is shared with other threads is
 * something else: `fetch` does not take it.
 *
 * @param {any} value
 * @returns {Uint8Array<ArrayBuffer> | undefined}
 */
export function bytesOf(value) {
  if (is(value, "ArrayBuffer")) return new Uint8Array(value);
  if (!ArrayBuffer.isView(value) || !is(value.buffer, "ArrayBuffer")) return undefined;
  return new Uint8Array(/** @type {ArrayBuffer} */ value.buffer, value.byteOffset, value.byteLength);
}

/** Whether a value is a stream. @param {any} value */
export const isStream = (value) => typeof value?.getReader === "function";

/** @param {any} value */
const isBlob = (value) => typeof value?.size === "number" && typeof value.slice === "function";

/**
 * A file, as the hands of the core need it. Throws what is wrong with it.
 *
 * @param {any} given
 * @param {any} options
 */
export function sourceOf(given, options) {
  const file = typeof given === "string" ? dataUri(given) : given;
  const [once, bytes] = [isStream(file), bytesOf(file)];
  const content = bytes ?? file;
  if (once ? file.locked : !bytes && !isBlob(file)) invalidOption("file");
  const size = once ? options.size : (bytes?.length ?? file.size);
  if (!Number.isSafeInteger(size) || size < 0) invalidOption("size");

  const wished = text(options, "contentType");
  if (wished && !MEDIA_TYPE.test(wished)) invalidOption("contentType");
  const contentType = wished || (MEDIA_TYPE.test(file.type) ? file.type : "application/octet-stream");
  // Names end up in headers and in terminals; half a character is none.
  const own = (text(options, "fileName") || String(file.name ?? ""))
    .replace(/\p{Cc}/gu, "_")
    .replace(/\p{Cs}/gu, "\ufffd");
  // Without one it is the time, and an ending taken from the type.
  const name = own || `${Date.now()}.${/^[^/]*\/([^-; ]+)/.exec(contentType)?.[1] ?? "bin"}`;
  const onProgress = callback(options, "onProgress");

  /** Where a part begins. The whole is part 0. @param {number} part */
  const startOf = (part) => Math.max(0, part - 1) * PART_BYTES;
  /** @param {number} part */
  const endOf = (part) => (part ? Math.min(size, part * PART_BYTES) : size);
  const stream = once ? streamed(file, size) : undefined;
  /** @type {{ partNumber: number, etag: string }[]} */
  const receipts = [];
  const asked = new Set();
  let loaded = 0;

  return {
    size,
    /** Whether it can be read once only. */
    once,
    contentType,
    description: { content_type: contentType, file_name: name },
    receipts,
    /** The bytes of a part; the same ones however often they are asked for. @param {number} part @returns {Promise<Bytes>} */
    async read(part) {
      if (stream) return stream.read(part, endOf(part));
      const [start, end] = [startOf(part), endOf(part)];
      const piece = part ? (bytes?.subarray(start, end) ?? file.slice(start, end)) : content;
      // A file that was changed or removed meanwhile looks like a broken connection, which would be tried again in vain.
      if (!bytes && asked.has(part)) await probe(piece.slice(0, 1));
      asked.add(part);
      return piece;
    },
    /** A part has arrived, and is not asked for again. @param {number} part @param {string} etag */
    accept(part, etag) {
      stream?.forget(part);
      receipts[part - 1] = { partNumber: part, etag };
      loaded += endOf(part) - startOf(part);
      // The last word is said when all of it is a file.
      if (loaded < size) onProgress?.({ loaded, total: size });
    },
    /** It is a file. */
    finish: () => onProgress?.({ loaded: size, total: size }),
    /** Nothing more will be asked for. */
    close: () => stream?.close(),
  };
}

/**
 * A stream, read piece by piece as it is asked for. What was read is kept until it is forgotten, so that it can be sent
 * again: a few parts at a time, and the stream waits meanwhile.
 *
 * @param {ReadableStream<any>} stream
 * @param {number} size
 */
function streamed(stream, size) {
  /** @type {ReadableStreamDefaultReader<any> | undefined} */
  let reader;
  /** @type {Map<number, Promise<Blob>>} */
  const kept = new Map();
  /** The piece that is being read: the next one begins where it ends. @type {Promise<unknown>} */
  let turn = Promise.resolve();
  let position = 0;
  let rest = new Uint8Array(0);

  /** Has at least one byte in `rest`, unless the stream has ended. */
  const pull = async () => {
    while (rest.length === 0) {
      const { done, value } = await /** @type {typeof reader & {}} */ reader.read().catch(gone);
      if (done) return false;
      rest = bytesOf(value) ?? fail(NO_BYTES);
    }
    return true;
  };

  /** @param {number} end @returns {Promise<Blob>} */
  const advance = async (end) => {
    reader ??= stream.getReader();
    const pieces = [];
    while (position < end) {
      if (!(await pull())) fail(TOO_SHORT);
      const piece = rest.subarray(0, end - position);
      rest = rest.subarray(piece.length);
      position += piece.length;
      pieces.push(new Blob([piece]));
    }
    if (end === size && (await pull())) fail(TOO_LONG);
    // A browser keeps a Blob outside of the page's memory, and `fetch` reads it without a copy.
    return new Blob(pieces);
  };

  return {
    /** @param {number} part @param {number} end */
    read(part, end) {
      const piece = kept.get(part) ?? turn.then(() => advance(end));
      kept.set(part, piece);
      turn = piece;
      return piece;
    },
    /** @param {number} part */
    forget: (part) => kept.delete(part),
    /** A stream nothing was read of is left as it was: it can be uploaded once more. */
    close: () => reader?.cancel().catch(() => {}),
  };
}
