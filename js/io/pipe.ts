/** Passing bytes on at the pace at which they are taken. */

import { type ChunkReader, type StreamPair, identityPipe, readChunks } from "./chunks.ts";
import { concat } from "./read-at-most.ts";

/** Whether a request's declared length is that of its body: workerd checks it before it calls a handler. */
export const isContentLengthChecked = identityPipe !== undefined;

/** A stream that is fed by us, and how its end is known. */
export interface Piped {
  stream: ReadableStream<Uint8Array>;
  /** Resolves with whether the stream came to its end. Never rejects. */
  ended: Promise<boolean>;
}

/**
 * A stream of what `next` gives, one chunk at a time and no faster than it is taken. Cancelling it cancels `source`.
 *
 * It is a pipe and a loop, because workerd has no other kind of stream at its oldest compatibility dates.
 */
export function pipe(next: () => Promise<Uint8Array | undefined>, source: Pick<ChunkReader, "cancel">): Piped {
  const { readable, writable }: StreamPair = new (identityPipe ?? TransformStream<Uint8Array, Uint8Array>)();
  const writer = writable.getWriter();
  // When the reader leaves, the source is cancelled at once, not with its next chunk.
  writer.closed.catch(() => source.cancel());
  const pump = async () => {
    try {
      for (let chunk = await next(); chunk; chunk = await next()) await writer.write(chunk);
      await writer.close();
      return true;
    } catch (error) {
      source.cancel();
      writer.abort(error).catch(() => {});
      return false;
    }
  };
  return { stream: readable, ended: pump() };
}

/** How a body ended. */
export interface BodyEnd {
  /** How many bytes there were. */
  bytes: number;
  /** Whether it came to its end. */
  complete: boolean;
  /** All of the bytes, when the body is complete and they were to be kept. */
  kept?: Uint8Array | undefined;
}

/** A body as it is, and how it ended. Its bytes are kept when there are at most `keep`. */
export function measured(
  body: ReadableStream<Uint8Array>,
  keep: number,
): { stream: ReadableStream<Uint8Array>; ended: Promise<BodyEnd> } {
  const source = readChunks(body);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const { stream, ended } = pipe(async () => {
    const chunk = await source.next();
    bytes += chunk?.byteLength ?? 0;
    // A copy: a chunk that is passed on is no longer ours.
    if (chunk && bytes <= keep) chunks.push(chunk.slice());
    return chunk;
  }, source);
  const kept = () => (bytes <= keep ? concat(chunks, bytes) : undefined);
  return { stream, ended: ended.then((complete) => ({ bytes, complete, kept: complete ? kept() : undefined })) };
}
