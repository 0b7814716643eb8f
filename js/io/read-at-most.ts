/** Reading a body whole, but never more of it than a limit. */

import { cancelQuietly } from "./chunks.ts";

/** Chunks as one array. */
export function concat(chunks: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

/** All bytes of a stream, or undefined when it has more than `limit`. The rest is cancelled in that case. */
export async function readAtMost(
  stream: ReadableStream<Uint8Array> | null,
  limit: number,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const reader = stream?.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let read = await reader?.read(); reader && read && !read.done; read = await reader.read()) {
    length += read.value.byteLength;
    if (length > limit) {
      cancelQuietly(reader);
      return undefined;
    }
    chunks.push(read.value);
  }
  return concat(chunks, length);
}
