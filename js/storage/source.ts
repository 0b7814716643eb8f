/**
 * Files on their way to fal's storage: where their bytes come from, which parts have arrived, and their receipts. The
 * core decides what is sent when (src/client/upload).
 */

import type { FileBytes } from "./bytes.ts";
import type { FileSource } from "./types.ts";
import { PART_BYTES } from "../core/wire.ts";
import { dataUri } from "./data-uri.ts";
import { invalidOption } from "../client/checks.ts";
import type { Given, UPLOAD } from "../client/options.ts";
import { BROKEN, broken, bytesOf, isBlob, isStream, unreadable } from "./bytes.ts";
import { type Parts, streamParts } from "./stream-parts.ts";

/** A file, as an upload needs it. */
export interface UploadSource {
  readonly size: number;
  /** Whether it can be read only once. */
  readonly once: boolean;
  readonly contentType: string;
  readonly description: { content_type: string; file_name: string };
  /** Of the parts that have arrived. */
  readonly receipts: { partNumber: number; etag: string }[];
  /** The bytes of a part; the same ones however often they are asked for. The whole is part 0. */
  read(part: number): Promise<FileBytes>;
  /** A part has arrived, and is not asked for again. */
  accept(part: number, etag: string): unknown;
  /** All of it has arrived and can be read at its URL. */
  finish(): unknown;
  /** Nothing more will be asked for. */
  close(): void;
}

/** A media type, as a header can carry it. */
export const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+(;[ -~]*)?$/;

/** The content of a file: how large it is, and how its parts are read. */
interface Content extends Parts {
  size: number;
}

/** Reads a byte. When a file is gone, some browsers reject and some return nothing. */
async function probe(byte: Blob): Promise<void> {
  const { byteLength } = await byte.arrayBuffer().catch(broken);
  if (byteLength < byte.size) unreadable(BROKEN);
}

/** Bytes in memory. */
const memory = (bytes: Uint8Array<ArrayBuffer>): Content => ({
  size: bytes.length,
  read: async (part, start, end) => (part ? bytes.subarray(start, end) : bytes),
});

function blobParts(blob: Blob): Content {
  const asked = new Set<number>();
  return {
    size: blob.size,
    async read(part, start, end) {
      const piece = part ? blob.slice(start, end) : blob;
      // A file that was changed or removed meanwhile looks like a broken connection, which would be retried in vain.
      if (asked.has(part)) await probe(piece.slice(0, 1));
      asked.add(part);
      return piece;
    },
  };
}

/** A stream does not say how large it is: its caller does. */
function streamed(stream: ReadableStream<unknown>, size: number): Content {
  if (stream.locked) invalidOption("file");
  return { size, ...streamParts(stream, size) };
}

/** Throws when a value is not a file, or is a stream that somebody else reads. */
function contentOf(file: unknown, size = -1): Content {
  if (isStream(file)) return streamed(file, size);
  const bytes = bytesOf(file);
  if (bytes) return memory(bytes);
  return isBlob(file) ? blobParts(file) : invalidOption("file");
}

/** Throws what is wrong with a file or its options. */
export function sourceOf(
  given: FileSource | ReadableStream<unknown>,
  { contentType: wished, fileName: wishedName, onProgress, size: length }: Given<typeof UPLOAD>,
): UploadSource {
  const file = typeof given === "string" ? dataUri(given) : given;
  const { size, ...parts } = contentOf(file, length);
  if (!Number.isSafeInteger(size) || size < 0) invalidOption("size");

  // A `File` has both; anything may have something else under these names.
  const { type, name: fileName } = file as { type?: unknown; name?: unknown };
  if (wished && !MEDIA_TYPE.test(wished)) invalidOption("contentType");
  const contentType = wished || (MEDIA_TYPE.test(String(type)) ? String(type) : "application/octet-stream");
  // Names end up in headers and in terminals; a lone surrogate is not a character.
  const own = (wishedName || String(fileName ?? "")).replace(/\p{Cc}/gu, "_").replace(/\p{Cs}/gu, "\ufffd");
  // Without one it is the time, and an ending taken from the type.
  const name = own || `${Date.now()}.${/^[^/]*\/([^-; ]+)/.exec(contentType)?.[1] ?? "bin"}`;

  const startOf = (part: number) => Math.max(0, part - 1) * PART_BYTES;
  const endOf = (part: number) => (part ? Math.min(size, part * PART_BYTES) : size);
  const receipts: UploadSource["receipts"] = [];
  let loaded = 0;

  return {
    size,
    once: isStream(file),
    contentType,
    description: { content_type: contentType, file_name: name },
    receipts,
    read: (part) => parts.read(part, startOf(part), endOf(part)),
    accept(part, etag) {
      parts.forget?.(part);
      receipts[part - 1] = { partNumber: part, etag };
      loaded += endOf(part) - startOf(part);
      // The last progress is reported when the file can be read.
      return loaded < size ? onProgress?.({ loaded, total: size }) : undefined;
    },
    finish: () => onProgress?.({ loaded: size, total: size }),
    close: () => parts.close?.(),
  };
}
